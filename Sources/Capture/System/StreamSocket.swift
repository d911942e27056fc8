import EventSchema
import Glibc

/// One end of a connected unix-domain stream. Reading and writing block and may happen on two threads at once.
public final class StreamSocket: Sendable {
    private let descriptor: Descriptor

    init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    /// Connects to the listener at `path`.
    ///
    /// - Parameter patience: a listener that is stopped and has its queue full lets one wait at most this long; nil: for ever.
    public static func connect(to path: String, patience: Duration? = nil) throws(SystemError) -> StreamSocket {
        StreamSocket(try UnixSocket.connect(path, patience: patience))
    }

    /// What is there, at most `count` bytes; waits for the first. Empty at the end of the stream.
    public func read(upTo count: Int = 1 << 16) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        while true {
            let got = recv(descriptor.number, &buffer, count, 0)
            if got >= 0 {
                buffer.removeLast(count - got)
                return buffer
            }
            if errno == ECONNRESET { return [] }
            if errno != EINTR { throw .last("read from a socket") }
        }
    }

    /// Writes all of `bytes`; waits while the other side does not read.
    public func write(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty { rest = rest.dropFirst(try UnixSocket.send(rest, to: descriptor)) }
    }

    /// Lets a `read` wait at most this long; then it fails with `wouldBlock`.
    public func limitReads(to limit: Duration) {
        UnixSocket.setLimit(of: descriptor, SO_RCVTIMEO, to: max(limit, .microseconds(1)))
    }

    /// Ends the stream both ways; a blocked `read` returns.
    public func shutdown() { UnixSocket.shutDown(descriptor) }
}

/// A unix-domain socket that takes connections.
public final class SocketListener: Sendable {
    private let descriptor: Descriptor

    /// Binds `path`, for its owner only; a socket file left by a dead process is replaced.
    public init(path: String) throws(SystemError) {
        unlink(path)
        descriptor = try UnixSocket.listen(path)
    }

    /// Waits for the next connection.
    public func accept() throws(SystemError) -> StreamSocket {
        while true {
            if let accepted = try UnixSocket.accept(descriptor) { return StreamSocket(accepted) }
        }
    }

    /// Ends a blocked `accept`.
    public func shutdown() { UnixSocket.shutDown(descriptor) }
}
