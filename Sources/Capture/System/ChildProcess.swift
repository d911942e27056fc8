import Foundation
import Glibc
import Synchronization

/// How a process ended.
public enum ProcessStatus: Sendable, Hashable {
    case exited(UInt8)
    case signalled(CInt)

    /// From what waitpid(2) gives.
    init(wait status: CInt) {
        self = status & 0x7f == 0 ? .exited(UInt8(truncatingIfNeeded: status >> 8)) : .signalled(status & 0x7f)
    }

    /// The status a shell would show: 128 + signal for a death by signal.
    public var shellStatus: CInt {
        switch self {
        case .exited(let status): CInt(status)
        case .signalled(let signal): 128 + signal
        }
    }
}

/// A process of ours, reaped by a thread of its own.
public final class ChildProcess: Sendable {
    public let identifier: pid_t
    /// Becomes readable (hung up) once the process has ended.
    public let ended: Descriptor
    private let state = Mutex<ProcessStatus?>(nil)

    init(identifier: pid_t) throws(SystemError) {
        self.identifier = identifier
        let (read, write) = try Descriptor.pipe()
        ended = read
        let thread = Thread { [self] in
            var status: CInt = 0
            // Left as a zombie until the status is stored: no signal can reach a process that has its number anew.
            var info = siginfo_t()
            while waitid(P_PID, id_t(identifier), &info, CInt(WEXITED | WNOWAIT)) < 0, errno == EINTR {}
            state.withLock { state in
                while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
                state = ProcessStatus(wait: status)
            }
            write.close()
        }
        thread.stackSize = 64 * 1024
        thread.start()
    }

    /// nil while it runs.
    public var status: ProcessStatus? { state.withLock { $0 } }

    /// Waits for its end; blocks the thread.
    public func wait() throws(SystemError) -> ProcessStatus {
        while true {
            if let status { return status }
            _ = try Poller.wait(for: [.init(ended, .readable)], timeout: nil)
        }
    }

    /// Sends a signal to it; nothing happens if it has ended.
    public func send(_ signal: CInt) {
        state.withLock { if $0 == nil { kill(identifier, signal) } }
    }
}

/// What to start: the program, its arguments, environment and working directory.
public struct Launch: Sendable, Hashable {
    /// The program (looked up in this process's PATH if it has no slash) and its arguments; never empty.
    public var arguments: [String]
    public var environment: [String: String]
    /// nil: this process's.
    public var directory: String?
    /// The first argument the program sees, if not its name: `-zsh` makes a login shell.
    public var name: String?

    public init(
        _ arguments: [String], environment: [String: String] = ProcessInfo.processInfo.environment,
        directory: String? = nil, name: String? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.name = name
    }
}
