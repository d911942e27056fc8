import Glibc

/// A program that was started detached and outlives whoever started it; known by its number and by when it began, so
/// that no other process with the same number is ever taken for it.
struct NodeProcess: Codable, Hashable, Sendable {
    var number: Int32
    /// Clock ticks since the boot: field 22 of proc(5)'s stat.
    var began: UInt64

    /// Starts a program in a session of its own with exactly these variables; what it says goes to the end of `log`.
    static func start(
        _ arguments: [String], environment: [String: String], directory: String, log: String
    ) throws(NodeError) -> NodeProcess {
        let number = try spawn(
            arguments, environment: environment, directory: directory, input: "/dev/null", output: log, error: log)
        return NodeProcess(number: number, began: began(number) ?? 0)
    }

    /// Runs a program to its end; its streams are files, so that no pipe can fill up. Blocks the thread.
    ///
    /// - Returns: its exit status; 128 + signal for a death by signal.
    static func run(
        _ arguments: [String], environment: [String: String], directory: String, input: String, output: String,
        error: String, limit: Duration
    ) throws(NodeError) -> Int32 {
        let number = try spawn(
            arguments, environment: environment, directory: directory, input: input, output: output, error: error)
        let deadline = ContinuousClock.now + limit
        var status: Int32 = 0
        while waitpid(number, &status, WNOHANG) == 0 {
            if ContinuousClock.now > deadline {
                kill(number, SIGKILL)
                waitpid(number, &status, 0)
                throw NodeError(.timeout, "\(arguments.first ?? "") did not end within \(limit)")
            }
            usleep(2000)
        }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
    }

    /// Whether it has ended, with its last thread; a zombie has.
    var hasEnded: Bool {
        if reap() { return true }
        guard Self.began(number) != began else { return false }
        // It may have ended between the two looks; a zombie left behind would be there as long as its parent.
        _ = reap()
        return true
    }

    private func reap() -> Bool {
        var status: Int32 = 0
        return waitpid(number, &status, WNOHANG) == number
    }

    func send(_ signal: Int32) {
        if !hasEnded { kill(number, signal) }
    }

    /// Waits for its end; blocks the thread. False if it still runs after `limit`.
    func waitForEnd(_ limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while !hasEnded {
            if ContinuousClock.now > deadline { return false }
            usleep(5000)
        }
        return true
    }

    /// When a process began; nil if there is none or only its zombie.
    private static func began(_ number: Int32) -> UInt64? {
        let file = open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = read(file, &buffer, buffer.count)
        // The name in parentheses may hold anything; the fields are counted from its end.
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ").dropFirst()
        guard let state = fields.first, fields.count > 19 else { return nil }
        // A zombie with more than one thread still holds its files and ports: field 20 counts them.
        if state == "X" || state == "Z" && fields[fields.startIndex + 17] == "1" { return nil }
        return UInt64(fields[fields.startIndex + 19])
    }

    private static func spawn(
        _ arguments: [String], environment: [String: String], directory: String, input: String, output: String,
        error: String
    ) throws(NodeError) -> Int32 {
        guard let program = arguments.first else { throw NodeError(.failed, "nothing to start") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        _ = addDirectoryChange(&actions, directory)
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
        var number = pid_t()
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let result = posix_spawn(&number, program, &actions, &attributes, argv, envp)
        guard result == 0 else {
            throw NodeError(.failed, "cannot start \(program): \(String(cString: strerror(result)))")
        }
        return number
    }
}

/// spawn.h, since glibc 2.29; beyond POSIX, so that Swift's Glibc module hides it.
@_silgen_name("posix_spawn_file_actions_addchdir_np")
private func addDirectoryChange(
    _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ path: UnsafePointer<CChar>
) -> CInt

/// spawn.h, since glibc 2.34.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func addCloseFrom(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: CInt) -> CInt
