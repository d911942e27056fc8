import Glibc
import Synchronization

/// Owns an open file, pipe, socket or terminal, and closes it when nobody holds it any more.
///
/// Closed in children. Calls after `close` fail with `SystemError.Code.closed`.
public final class Descriptor: Sendable {
    private let value: Atomic<CInt>
    private let owned: Bool

    /// Takes over an open descriptor.
    public init(owning number: CInt) {
        value = Atomic(number)
        owned = true
    }

    private init(borrowed number: CInt) {
        value = Atomic(number)
        owned = false
    }

    deinit { close() }

    public static let standardInput = Descriptor(borrowed: STDIN_FILENO)
    public static let standardOutput = Descriptor(borrowed: STDOUT_FILENO)
    public static let standardError = Descriptor(borrowed: STDERR_FILENO)

    /// The number the system knows it by; −1 once closed.
    public var number: CInt { value.load(ordering: .acquiring) }
    public var isTerminal: Bool { isatty(number) == 1 }

    /// Closes it now. A standard stream is only let go of.
    public func close() {
        let number = value.exchange(-1, ordering: .acquiringAndReleasing)
        if owned, number >= 0 { _ = Glibc.close(number) }
    }

    /// Opens a file; `flags` as for open(2), always with `O_CLOEXEC`.
    public static func open(
        _ path: String, _ flags: CInt = O_RDONLY, mode: mode_t = 0o600
    ) throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try retrying("open \(path)") { Glibc.open(path, flags | O_CLOEXEC, mode) })
    }

    /// A pipe: what is written to the second end is read from the first.
    public static func pipe(nonBlocking: Bool = false) throws(SystemError) -> (read: Descriptor, write: Descriptor) {
        var ends: [CInt] = [-1, -1]
        _ = try retrying("make a pipe") { pipe2(&ends, O_CLOEXEC | (nonBlocking ? O_NONBLOCK : 0)) }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// Whether reads and writes return at once instead of waiting. The setting belongs to the open file, which other
    /// processes may share: leave a person's own terminal alone.
    public func setNonBlocking(_ on: Bool) throws(SystemError) {
        let flags = try retrying("read the flags of a descriptor") { fcntl(number, F_GETFL) }
        _ = try retrying("set the flags of a descriptor") {
            fcntl(number, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK)
        }
    }

    /// What a read brought.
    public enum Read: Sendable, Equatable {
        /// So many bytes are at the start of the buffer; more than 0.
        case bytes(Int)
        case end
        /// Nothing now; only of a descriptor that does not block.
        case nothingYet
    }

    /// Reads what is there, at most the buffer's length.
    public func read(into buffer: inout [UInt8]) throws(SystemError) -> Read {
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(number, $0.baseAddress, $0.count) }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EAGAIN { return .nothingYet }
            if errno != EINTR { throw .last("read") }
        }
    }

    /// Writes as much as goes at once: the number of bytes taken, 0 if it would block.
    public func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        if bytes.isEmpty { return 0 }
        while true {
            let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            if errno == EAGAIN { return 0 }
            if errno != EINTR { throw .last("write") }
        }
    }

    /// Writes all, waiting where the other side is slow.
    ///
    /// - Throws: `timedOut` if not all was taken within `timeout` (nil: waits for ever).
    public func writeAll(_ bytes: ArraySlice<UInt8>, timeout: Duration? = nil) throws(SystemError) {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var rest = bytes
        while !rest.isEmpty {
            let count = try write(rest)
            rest = rest.dropFirst(count)
            if count > 0 || rest.isEmpty { continue }
            let left = deadline.map { $0 - ContinuousClock.now }
            if let left, left <= .zero { throw SystemError(.timedOut, "write") }
            _ = try Poller.wait(for: [.init(self, .writable)], timeout: left)
        }
    }

    public func writeAll(_ bytes: [UInt8], timeout: Duration? = nil) throws(SystemError) {
        try writeAll(bytes[...], timeout: timeout)
    }
}
