import Glibc

/// One end of a connected unix-domain stream. Reading and writing block and may happen on two threads at once.
public final class StreamSocket: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Connects to the listener at `path`.
    public static func connect(to path: String) throws(SystemError) -> StreamSocket {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        let made = StreamSocket(descriptor: descriptor)
        var address = try UnixAddress.make(path)
        let result = UnixAddress.withPointer(&address) { Glibc.connect(descriptor, $0, $1) }
        guard result == 0 else { throw SystemError("connect", about: path) }
        return made
    }

    /// What is there, at most `count` bytes; waits for the first. Empty at the end of the stream.
    public func read(upTo count: Int = 1 << 16) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        while true {
            let got = recv(descriptor, &buffer, count, 0)
            if got >= 0 {
                buffer.removeLast(count - got)
                return buffer
            }
            if errno == ECONNRESET { return [] }
            guard errno == EINTR else { throw SystemError("recv") }
        }
    }

    /// Writes all of `bytes`; waits while the other side does not read.
    public func write(_ bytes: [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let sent = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            if sent >= 0 {
                done += sent
            } else if errno != EINTR {
                throw SystemError("send")
            }
        }
    }

    /// Ends the stream both ways; a blocked `read` returns.
    public func shutdown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// A unix-domain socket that takes connections.
public final class SocketListener: Sendable {
    private let descriptor: Int32

    /// Binds `path`, for its owner only; a socket file left by a dead process is replaced.
    public init(path: String) throws(SystemError) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        unlink(path)
        var address = try UnixAddress.make(path)
        let descriptor = self.descriptor
        let mask = umask(0o177)
        let result = UnixAddress.withPointer(&address) { bind(descriptor, $0, $1) }
        umask(mask)
        guard result == 0 else { throw SystemError("bind", about: path) }
        guard listen(descriptor, 64) == 0 else { throw SystemError("listen", about: path) }
    }

    deinit { close(descriptor) }

    /// Waits for the next connection.
    public func accept() throws(SystemError) -> StreamSocket {
        while true {
            let accepted = Glibc.accept(descriptor, nil, nil)
            if accepted >= 0 {
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                return StreamSocket(descriptor: accepted)
            }
            guard errno == EINTR || errno == ECONNABORTED else { throw SystemError("accept") }
        }
    }

    /// Ends a blocked `accept`.
    public func shutdown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
}

private enum UnixAddress {
    static func make(_ path: String) throws(SystemError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError("bind", number: ENAMETOOLONG, about: path)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    static func withPointer<R>(_ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
