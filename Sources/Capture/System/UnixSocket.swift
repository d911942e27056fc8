import EventSchema
import Glibc

/// Stream sockets in the file system, between processes of one machine.
public enum UnixSocket {
    /// Connects to the socket at `path`.
    ///
    /// - Throws: `noSuchFile` or `refused` where nobody listens, `tooLong` for a path over 107 bytes.
    /// - Parameter patience: how long to wait where the listener's queue is full; nil: for ever.
    public static func connect(_ path: String, patience: Duration? = nil) throws(SystemError) -> Descriptor {
        let socket = try make()
        if let patience { setLimit(of: socket, SO_SNDTIMEO, to: patience) }
        defer { if patience != nil { setLimit(of: socket, SO_SNDTIMEO, to: .zero) } }
        _ = try withAddress(path) { (address, length) throws(SystemError) in
            try retrying("connect to \(path)") { Glibc.connect(socket.number, address, length) }
        }
        return socket
    }

    /// Sets SO_SNDTIMEO or SO_RCVTIMEO; zero takes the limit away.
    static func setLimit(of socket: Descriptor, _ option: CInt, to limit: Duration) {
        let micros = limit.wholeMicroseconds
        var time = timeval(tv_sec: Int(micros / 1_000_000), tv_usec: Int(micros % 1_000_000))
        setsockopt(socket.number, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Listens at `path`, for the owner only (0600). A socket left over there must be removed before, under a lock.
    public static func listen(_ path: String, backlog: CInt = 64) throws(SystemError) -> Descriptor {
        let socket = try make()
        _ = try withAddress(path) { (address, length) throws(SystemError) in
            try retrying("bind to \(path)") { Glibc.bind(socket.number, address, length) }
        }
        _ = try retrying("protect \(path)") { chmod(path, 0o600) }
        _ = try retrying("listen at \(path)") { Glibc.listen(socket.number, backlog) }
        return socket
    }

    /// The next connection; waits for it, or nil if the listener does not block and there is none.
    public static func accept(_ listener: Descriptor) throws(SystemError) -> Descriptor? {
        while true {
            let number = accept4(listener.number, nil, nil, CInt(SOCK_CLOEXEC.rawValue))
            if number >= 0 { return Descriptor(owning: number) }
            if errno == EAGAIN { return nil }
            if errno != EINTR && errno != ECONNABORTED { throw .last("accept a connection") }
        }
    }

    /// Two connected sockets.
    public static func pair() throws(SystemError) -> (Descriptor, Descriptor) {
        var ends: [CInt] = [-1, -1]
        _ = try retrying("make a socket pair") { socketpair(AF_UNIX, streamType, 0, &ends) }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// The account at the other end of a connection.
    public static func peerUser(_ socket: Descriptor) throws(SystemError) -> uid_t {
        var credentials = PeerCredentials()
        var length = socklen_t(MemoryLayout<PeerCredentials>.size)
        _ = try retrying("ask who is at the other end") {
            getsockopt(socket.number, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        }
        return credentials.user
    }

    /// Ends both directions: a thread that waits in a read of it sees the end.
    public static func shutDown(_ socket: Descriptor) { _ = shutdown(socket.number, CInt(SHUT_RDWR)) }

    /// Writes without the signal a broken connection would send; as `Descriptor.write` otherwise.
    public static func send(_ bytes: ArraySlice<UInt8>, to socket: Descriptor) throws(SystemError) -> Int {
        if bytes.isEmpty { return 0 }
        while true {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket.number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 { return count }
            if errno == EAGAIN { return 0 }
            if errno != EINTR { throw .last("send") }
        }
    }

    private static let streamType = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)

    private static func make() throws(SystemError) -> Descriptor {
        Descriptor(owning: try retrying("make a socket") { socket(AF_UNIX, streamType, 0) })
    }

    private static func withAddress<R>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // The last byte stays 0.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError(.tooLong, "use the socket path \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result: Result<R, SystemError> = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Result { () throws(SystemError) in try body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
        }
        return try result.get()
    }
}
