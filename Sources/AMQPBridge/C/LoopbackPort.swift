import Glibc

/// A TCP port of 127.0.0.1.
enum LoopbackPort {
    /// A port that nobody listens on now, below those the system gives to outgoing connections.
    static func free(except taken: Set<UInt16> = []) -> UInt16? {
        for _ in 0..<200 {
            let port = UInt16.random(in: 12_000...31_000)
            if !taken.contains(port), isFree(port) { return port }
        }
        return nil
    }

    /// Whether one could listen on `port` now.
    static func isFree(_ port: UInt16) -> Bool {
        withSocket { socket in
            var on: Int32 = 1
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            return withAddress(port) { bind(socket, $0, $1) } == 0 && listen(socket, 1) == 0
        }
    }

    /// Whether somebody listens on `port`.
    static func connects(_ port: UInt16) -> Bool {
        withSocket { socket in withAddress(port) { connect(socket, $0, $1) } == 0 }
    }

    /// Whether an AMQP broker answers: it sends Connection.Start (a method frame, so its first byte is 1) to whoever
    /// opens with the protocol's header. The cheapest proof, and what a client needs.
    static func answersAMQP(_ port: UInt16, patience: Duration = .seconds(2)) -> Bool {
        withSocket { socket in
            let (seconds, attoseconds) = patience.components
            var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            let header = Array("AMQP".utf8) + [0, 0, 9, 1]
            var answer: [UInt8] = [0]
            return withAddress(port) { connect(socket, $0, $1) } == 0
                && send(socket, header, header.count, Int32(MSG_NOSIGNAL)) == header.count
                && recv(socket, &answer, 1, 0) == 1 && answer[0] == 1
        }
    }

    private static func withSocket(_ body: (Int32) -> Bool) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return body(descriptor)
    }

    private static func withAddress(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
