import Foundation
import Glibc
import Synchronization

@testable import TestSupport

/// Sends back what it gets.
final class EchoServer: Sendable {
    let port: UInt16
    private let listener: CInt
    private let count: ByteCount

    init() throws {
        (listener, port) = try Loopback.listen()
        let count = ByteCount()
        self.count = count
        onNewThread { [listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                onNewThread {
                    var buffer = [UInt8](repeating: 0, count: 64 << 10)
                    while true {
                        let got = recv(client, &buffer, buffer.count, 0)
                        guard got > 0 else { break }
                        count.total.withLock { $0 += got }
                        if send(client, buffer, got, CInt(MSG_NOSIGNAL)) != got { break }
                    }
                    close(client)
                }
            }
        }
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
    }

    /// Bytes, over all connections.
    var received: Int { count.total.withLock { $0 } }

    private final class ByteCount: Sendable {
        let total = Mutex(0)
    }
}

private func onNewThread(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.stackSize = 256 << 10
    thread.start()
}

/// A plain TCP client; blocks.
final class Client {
    private let descriptor: CInt

    init(_ port: UInt16) throws {
        guard let descriptor = Loopback.connect(port) else { throw Loopback.Failure(description: "no connection") }
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Writes on a thread of its own: the other side may want to be read first.
    func write(_ bytes: [UInt8]) {
        let descriptor = descriptor
        onNewThread { _ = send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) }
    }

    func endWriting() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// `count` bytes; fewer at the end.
    func read(_ count: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &buffer, count, CInt(MSG_WAITALL))
        return Array(buffer.prefix(max(0, got)))
    }

    /// 0: the end; else what is wrong; −1 if a byte came.
    func readError() -> CInt {
        var byte: UInt8 = 0
        let got = recv(descriptor, &byte, 1, 0)
        return got == 0 ? 0 : got < 0 ? errno : -1
    }

    /// What is there; nil if nothing is.
    func readNow() -> UInt8? {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, CInt(MSG_DONTWAIT)) == 1 ? byte : nil
    }

    /// How many bytes are taken before the sender would have to wait.
    func writeUntilFull() -> Int {
        let piece = [UInt8](repeating: 5, count: 64 << 10)
        var total = 0
        var quiet = 0
        while quiet < 20, total < 64 << 20 {
            let sent = send(descriptor, piece, piece.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            if sent > 0 {
                (total, quiet) = (total + sent, 0)
            } else {
                quiet += 1
                usleep(10_000)
            }
        }
        return total
    }
}
