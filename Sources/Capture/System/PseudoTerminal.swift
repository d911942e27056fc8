import Glibc

/// A terminal made of software: what is written to the master is the keyboard, what is read is the screen.
public final class PseudoTerminal: Sendable {
    /// Does not block.
    public let master: Descriptor
    /// The device the programs inside have: `/dev/pts/3`.
    public let path: String

    public init(size: WindowSize) throws(SystemError) {
        master = try Descriptor.open("/dev/ptmx", O_RDWR | O_NOCTTY)
        let number = master.number
        // unlockpt(3) and ptsname(3), which Swift does not import: their two requests to the kernel.
        var locked: CInt = 0
        _ = try retrying("unlock a pseudo-terminal") { ioctl(number, setPseudoTerminalLock, &locked) }
        var slave: CUnsignedInt = 0
        _ = try retrying("name a pseudo-terminal") { ioctl(number, getPseudoTerminalNumber, &slave) }
        path = "/dev/pts/\(slave)"
        try size.apply(to: master)
        try master.setNonBlocking(true)
    }

    /// Reads what the programs inside wrote. The end comes when none of them has the terminal open; one may open it
    /// again later, so it is final only after the last one has ended.
    public func read(into buffer: inout [UInt8]) throws(SystemError) -> Descriptor.Read {
        do {
            return try master.read(into: &buffer)
        } catch  where error.code == .inputOutput {
            return .end
        }
    }

    /// How many bytes typed so far no program has read; in a mode that edits lines, of whole lines only.
    public func unreadInput() throws(SystemError) -> Int {
        let slave = try Descriptor.open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK)
        var count: CInt = 0
        _ = try retrying("count the typed bytes") { ioctl(slave.number, UInt(FIONREAD), &count) }
        return Int(count)
    }

    /// Sends a signal to the programs in the foreground, as the terminal does for Control-C.
    public func signalForeground(_ signal: CInt) {
        _ = ioctl(master.number, signalPseudoTerminal, signal)
    }

    /// Starts a program in a session of its own with this as its controlling terminal and standard streams, all
    /// signals at their defaults.
    public func spawn(_ launch: Launch) throws(SystemError) -> ChildProcess {
        guard let program = launch.arguments.first else {
            throw SystemError(.init(errno: EINVAL), "start a program without a name")
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // The first terminal a session leader opens becomes its controlling terminal.
        posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        // Whoever waits for the end of a pipe of ours must not wait for this program.
        _ = addCloseFrom(&actions, 3)
        if let directory = launch.directory {
            _ = addDirectoryChange(&actions, directory)
        }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigemptyset(&all)
        for signal in 1...31 where signal != SIGKILL && signal != SIGSTOP { sigaddset(&all, CInt(signal)) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = spawnInNewSession | CInt(POSIX_SPAWN_SETSIGMASK) | CInt(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, CShort(flags))

        var arguments = launch.arguments
        if let name = launch.name { arguments[0] = name }
        var identifier: pid_t = 0
        let failure = withCStrings(arguments) { arguments in
            withCStrings(launch.environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawnp(&identifier, program, &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else { throw SystemError(.init(errno: failure), "start \(program)") }
        return try ChildProcess(identifier: identifier)
    }

    private func withCStrings<R>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(&pointers)
    }
}
