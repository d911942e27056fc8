import Glibc

/// Starts programs that outlive this process.
public enum DetachedProcess {
    /// Starts a program in a session of its own, without terminal; its error output is appended to `log`.
    ///
    /// - Returns: its number, for `hasEnded`.
    @discardableResult
    public static func start(
        _ arguments: [String], environment: [String: String], log: String
    ) throws(SystemError) -> Int32 {
        guard let program = arguments.first else { throw SystemError(.init(errno: EINVAL), "start nothing") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Whoever waits for the end of a pipe of ours must not wait for this program.
        _ = addCloseFrom(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let setSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, a macro that Swift does not see
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | setSession)
        var process = pid_t()
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let result = posix_spawn(&process, program, &actions, &attributes, argv, envp)
        guard result == 0 else { throw SystemError(.init(errno: result), "start \(program)") }
        return process
    }

    /// Whether a started program has ended; asked until it has, it leaves nothing behind in the process table.
    public static func hasEnded(_ process: Int32) -> Bool {
        var status: Int32 = 0
        return waitpid(process, &status, WNOHANG) != 0
    }
}
