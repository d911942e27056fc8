import Foundation
import Glibc
import Synchronization

/// A child process of a campaign, known by its own end and not by that of what it started.
final class Child: Sendable {
    let id: pid_t
    private let ended = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - input: a descriptor it reads; /dev/null if nil.
    ///   - log: output and error output are appended here.
    init(_ arguments: [String], environment: [String: String], directory: String, input: Int32? = nil, log: String)
        throws
    {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        for number in Int32(3)..<256 where fcntl(number, F_GETFD) == 0 { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let argv = (["env", "-C", directory] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process = pid_t()
        let result = posix_spawnp(&process, "env", &actions, &attributes, argv, envp)
        guard result == 0 else {
            throw CampaignFailure("cannot start \(arguments[0]): \(String(cString: strerror(result)))")
        }
        id = process
    }

    /// How it ended, as a shell says it; nil while it runs.
    var status: Int32? {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            guard waitpid(id, &status, WNOHANG) == id else { return nil }
            ended = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
            return ended
        }
    }

    /// A process that has ended gets no signal: its number may be another's.
    func send(_ signal: Int32) { if status == nil { kill(id, signal) } }
}
