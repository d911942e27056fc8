import Foundation
import Glibc
import Synchronization

/// A server that says what a test tells it to, to every client, then listens until the client leaves.
///
/// It understands one thing: how many frames the client has sent, so that it can answer in time.
final class FakeServer: Sendable {
    let port: UInt16
    private let listener: CInt
    private let open = Mutex<Set<CInt>>([])
    private let isEnded = Mutex(false)

    struct Line {
        /// Frames that the client must have sent before, heartbeats not counted.
        var after: Int
        var bytes: [UInt8]
    }

    /// - Parameter script: what to say on the connection of this number; nil hangs up.
    init(_ script: @escaping @Sendable (Int) -> [Line]?) throws {
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = listener
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 16) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [weak self] in
            var number = 0
            while true {
                let client = accept(socket, nil, nil)
                guard client >= 0, let self else { return }
                serve(client, script(number))
                number += 1
            }
        }
        thread.start()
    }

    deinit { end() }

    func end() {
        guard
            !isEnded.withLock({ isEnded in
                defer { isEnded = true }
                return isEnded
            })
        else { return }
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
        open.withLock { for client in $0 { shutdown(client, CInt(SHUT_RDWR)) } }
    }

    private func serve(_ client: CInt, _ script: [Line]?) {
        open.withLock { _ = $0.insert(client) }
        let thread = Thread { [self] in
            var heard = Heard()
            for line in script ?? [] {
                while heard.frames < line.after, heard.listen(client) {}
                guard heard.frames >= line.after, Self.say(line.bytes, client) else { break }
            }
            if script != nil { while heard.listen(client) {} }
            open.withLock { _ = $0.remove(client) }
            close(client)
        }
        thread.start()
    }

    private static func say(_ bytes: [UInt8], _ client: CInt) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(client, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private struct Heard {
        var frames = -1
        private var bytes: [UInt8] = []

        /// False: the client has left.
        mutating func listen(_ client: CInt) -> Bool {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            bytes += buffer.prefix(count)
            // The protocol's header, then frames: type, channel, length, payload, end.
            if frames < 0, bytes.count >= 8 {
                bytes.removeFirst(8)
                frames = 0
            }
            while frames >= 0, bytes.count >= 7 {
                let length = bytes[3..<7].reduce(0) { $0 << 8 | Int($1) } + 8
                guard bytes.count >= length else { break }
                if bytes[0] != 8 { frames += 1 }
                bytes.removeFirst(length)
            }
            return true
        }
    }
}
