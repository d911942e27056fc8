import Foundation
import Glibc
import Synchronization
import Testing

@testable import TestSupport

/// What a client and an echoing server see of each other through the proxy.
@Suite struct FaultProxyTests {
    @Test func passesBytesBothWaysAndEnds() throws {
        let (echo, proxy) = try Self.pair()
        let client = try Client(proxy.port)
        client.write(Array("hello".utf8))
        #expect(client.read(5) == Array("hello".utf8))
        #expect(Self.comesTrue { proxy.carried(.toServer) == 5 })
        client.endWriting()
        #expect(client.read(1) == [], "the server's end comes back")
        #expect(proxy.accepted == 1)
        withExtendedLifetime(echo) {}
    }

    @Test func resetsAndFinishes() throws {
        let (echo, proxy) = try Self.pair()
        for how in FaultEnd.allCases {
            let client = try Client(proxy.port)
            client.write([1])
            #expect(client.read(1) == [1])
            proxy.breakAll(how)
            let end = client.readError()
            #expect(end == (how == .reset ? ECONNRESET : 0), "\(how)")
        }
        withExtendedLifetime(echo) {}
    }

    @Test(arguments: [0, 1, 7, 1000, 65_537])
    func cutsAfterExactlySoManyBytes(bytes: Int) throws {
        let (echo, proxy) = try Self.pair()
        proxy.cutNext(after: bytes, .toServer, .finish)
        let client = try Client(proxy.port)
        client.write([UInt8](repeating: 9, count: 100_000))
        while !client.read(4096).isEmpty {}
        #expect(Self.comesTrue { echo.received == bytes })
        let second = try Client(proxy.port)
        second.write([1])
        #expect(second.read(1) == [1], "only the next connection is cut")
        #expect(proxy.cutsMade == [FaultCut(bytes: bytes, direction: .toServer, how: .finish)])
    }

    @Test func theTapHearsWhatIsSwallowedToo() throws {
        let echo = try EchoServer()
        let heard = Mutex<[FaultDirection: [UInt8]]>([:])
        let proxy = try FaultProxy(to: echo.port) { number, direction, bytes in
            heard.withLock { $0[direction, default: []] += bytes + [UInt8(number)] }
        }
        let client = try Client(proxy.port)
        client.write([7])
        #expect(client.read(1) == [7])
        #expect(heard.withLock { $0 } == [.toServer: [7, 1], .toClient: [7, 1]])
        proxy.behaviour = .halfOpen
        client.write([8])
        #expect(Self.comesTrue { heard.withLock { $0[.toServer] } == [7, 1, 8, 1] })
    }

    @Test func swallowsSilently() throws {
        let (echo, proxy) = try Self.pair()
        let client = try Client(proxy.port)
        proxy.behaviour = .dropsAnswers
        client.write([1, 2])
        #expect(Self.comesTrue { proxy.carried(.toClient) == 2 }, "the server heard and answered")
        #expect(client.readNow() == nil)
        proxy.behaviour = .halfOpen
        client.write([3])
        #expect(Self.comesTrue { proxy.carried(.toServer) == 3 })
        proxy.behaviour = FaultBehaviour()
        client.write([4])
        #expect(Self.comesTrue { proxy.carried(.toServer) == 4 })
        #expect(echo.received == 2, "what has lost bytes never carries any again")
        #expect(proxy.open == 1)
    }

    @Test func slicesThrottlesAndDelaysWithoutLoss() throws {
        let (echo, proxy) = try Self.pair()
        var behaviour = FaultBehaviour()
        behaviour.slice = 1
        behaviour.bytesPerSecond = 100_000
        behaviour.latency = .milliseconds(2)
        proxy.behaviour = behaviour
        let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0) }
        let client = try Client(proxy.port)
        client.write(bytes)
        #expect(client.read(3000) == bytes)
        withExtendedLifetime(echo) {}
    }

    @Test func aStalledDirectionFillsTheSender() throws {
        let (echo, proxy) = try Self.pair()
        let client = try Client(proxy.port)
        client.write([1])
        #expect(client.read(1) == [1])
        proxy.behaviour.stalls = [.toServer]
        usleep(50_000)
        #expect(client.writeUntilFull() < 64 << 20)
        #expect(echo.received <= 1 + 65_536)
        proxy.behaviour.stalls = []
        #expect(client.read(1).count == 1)
    }

    @Test func refusesNewConnections() throws {
        let (echo, proxy) = try Self.pair()
        proxy.behaviour.refuses = true
        #expect(try Client(proxy.port).readError() == ECONNRESET)
        proxy.behaviour.refuses = false
        let many = try (0..<40).map { _ in try Client(proxy.port) }
        for (index, client) in many.enumerated() { client.write([UInt8(index)]) }
        for (index, client) in many.enumerated() { #expect(client.read(1) == [UInt8(index)]) }
        withExtendedLifetime(echo) {}
    }

    private static func pair() throws -> (EchoServer, FaultProxy) {
        let echo = try EchoServer()
        return (echo, try FaultProxy(to: echo.port))
    }

    private static func comesTrue(_ condition: () -> Bool) -> Bool {
        for _ in 0..<2000 {
            if condition() { return true }
            usleep(5000)
        }
        return false
    }
}
