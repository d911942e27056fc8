import Glibc
import Synchronization

/// Signals as bytes to read: each signal that comes is one byte, its number.
///
/// Several pipes may listen to one signal; each gets it. The handler stays for the rest of the process; once nobody
/// listens to it, a signal does nothing.
public final class SignalPipe: Sendable {
    /// Becomes readable when a signal came; never blocks.
    public let descriptor: Descriptor
    private let writeEnd: Descriptor
    private let slots: [Int]

    /// Listens to the signals (`SIGWINCH`, `SIGTERM` …) from now on.
    public init(_ signals: [CInt]) throws(SystemError) {
        let (read, write) = try Descriptor.pipe(nonBlocking: true)
        descriptor = read
        writeEnd = write
        var slots: [Int] = []
        // Whoever started the program may have had them blocked, and that is inherited.
        var heard = sigset_t()
        sigemptyset(&heard)
        for signal in signals { sigaddset(&heard, signal) }
        defer { pthread_sigmask(SIG_UNBLOCK, &heard, nil) }
        for signal in signals {
            guard let slot = SignalTable.claim(signal, write.number) else {
                slots.forEach(SignalTable.release)
                throw SystemError(.init(errno: ENFILE), "listen to signal \(signal)")
            }
            slots.append(slot)
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { SignalTable.deliver($0) }
            action.sa_flags = CInt(SA_RESTART)
            sigemptyset(&action.sa_mask)
            _ = sigaction(signal, &action, nil)
        }
        self.slots = slots
    }

    deinit { slots.forEach(SignalTable.release) }

    /// The signals that came since the last call, each once, in the order of their first coming.
    public func take() throws(SystemError) -> [CInt] {
        var buffer = [UInt8](repeating: 0, count: 256)
        var signals: [CInt] = []
        while case .bytes(let count) = try descriptor.read(into: &buffer) {
            for byte in buffer[..<count] where !signals.contains(CInt(byte)) { signals.append(CInt(byte)) }
        }
        return signals
    }

    /// Ends writing to a closed pipe or socket with an error instead of the process; for programs, once at their start.
    public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}

/// Who listens to what, in a form a signal handler may read: one atomic word per listener, the signal in the upper
/// half, the descriptor plus one in the lower; 0 is free.
private enum SignalTable {
    static let size = 64
    static let words: [Slot] = (0..<size).map { _ in Slot() }

    final class Slot: Sendable { let word = Atomic<UInt64>(0) }

    static func claim(_ signal: CInt, _ descriptor: CInt) -> Int? {
        let word = UInt64(UInt32(bitPattern: signal)) << 32 | UInt64(UInt32(bitPattern: descriptor &+ 1))
        return words.firstIndex {
            $0.word.compareExchange(expected: 0, desired: word, ordering: .acquiringAndReleasing).exchanged
        }
    }

    static func release(_ slot: Int) {
        if words.indices.contains(slot) { words[slot].word.store(0, ordering: .releasing) }
    }

    static func deliver(_ signal: CInt) {
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: signal)
        for slot in words {
            let word = slot.word.load(ordering: .acquiring)
            guard word != 0, UInt32(word >> 32) == UInt32(bitPattern: signal) else { continue }
            _ = write(CInt(bitPattern: UInt32(truncatingIfNeeded: word)) &- 1, &byte, 1)
        }
        errno = saved
    }
}
