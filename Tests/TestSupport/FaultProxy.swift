import Foundation
import Glibc
import Synchronization

/// A TCP proxy on loopback that breaks connections in every way a network can, as a test says, while they are open.
public final class FaultProxy: Sendable {
    /// Where clients connect, on 127.0.0.1.
    public let port: UInt16
    private let listener: CInt
    private let upstream: UInt16
    private let tap: Tap?
    private let state = Mutex(State())

    /// Hears what a connection brings, whatever becomes of it: the connection's number, counted from 1, and the bytes.
    public typealias Tap = @Sendable (Int, FaultDirection, ArraySlice<UInt8>) -> Void

    private struct State {
        var behaviour = FaultBehaviour()
        var links: [FaultLink] = []
        var cuts: [FaultCut] = []
        var cutsMade: [FaultCut] = []
        var accepted = 0
        var isClosed = false
    }

    /// - Parameters:
    ///   - upstream: the port on 127.0.0.1 to which connections go on.
    ///   - address: where it listens.
    public init(to upstream: UInt16, on address: String = "127.0.0.1", tap: Tap? = nil) throws {
        self.upstream = upstream
        self.tap = tap
        (listener, port) = try Loopback.listen(on: address)
        let thread = Thread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let self else {
                    _ = close(client)
                    return
                }
                take(client)
            }
        }
        thread.stackSize = 256 << 10
        thread.start()
    }

    deinit { end() }

    /// Ends every connection and takes none any more.
    public func end() {
        let links = state.withLock { state -> [FaultLink]? in
            guard !state.isClosed else { return nil }
            state.isClosed = true
            return state.links
        }
        guard let links else { return }
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
        for link in links { link.end(.reset) }
    }

    /// How bytes are treated from now on, on all connections, open ones too.
    public var behaviour: FaultBehaviour {
        get { state.withLock { $0.behaviour } }
        set { state.withLock { $0.behaviour = newValue } }
    }

    /// Breaks all open connections now.
    public func breakAll(_ how: FaultEnd) {
        for link in state.withLock({ $0.links }) { link.end(how) }
    }

    /// Breaks the next connection (and the `connections` − 1 after it) once it has carried exactly `bytes` in one
    /// direction.
    public func cutNext(
        after bytes: Int, _ direction: FaultDirection, _ how: FaultEnd = .reset, connections: Int = 1
    ) {
        let cut = FaultCut(bytes: bytes, direction: direction, how: how)
        state.withLock { $0.cuts += Array(repeating: cut, count: connections) }
    }

    /// Cuts that no connection has come for yet are forgotten.
    public func forgetCuts() { state.withLock { $0.cuts = [] } }

    /// The cuts that were carried out, in order.
    public var cutsMade: [FaultCut] { state.withLock { $0.cutsMade } }

    /// How many connections there have been.
    public var accepted: Int { state.withLock { $0.accepted } }
    /// How many are open.
    public var open: Int { links.filter { !$0.hasEnded }.count }
    /// Bytes that came in one direction, on all connections so far.
    public func carried(_ direction: FaultDirection) -> Int { links.reduce(0) { $0 + $1.carried(direction) } }

    private var links: [FaultLink] { state.withLock { $0.links } }

    private func take(_ client: CInt) {
        let (number, refuses) = state.withLock { state -> (Int, Bool) in
            state.accepted += 1
            return (state.accepted, state.behaviour.refuses || state.isClosed)
        }
        guard !refuses, let server = Loopback.connect(upstream) else {
            Loopback.reset(client)
            return
        }
        // A server that is away uses up no cut.
        let cut = state.withLock { $0.cuts.isEmpty ? nil : $0.cuts.removeFirst() }
        let link = FaultLink(client: client, server: server, cut: cut) { [weak self] in
            self?.behaviour
        } made: { [weak self] cut in
            self?.state.withLock { $0.cutsMade.append(cut) }
        } tap: { [tap] direction, bytes in
            tap?(number, direction, bytes)
        }
        state.withLock { $0.links.append(link) }
        link.start()
    }
}

/// Which way bytes go.
public enum FaultDirection: Sendable, Hashable, CaseIterable {
    case toServer, toClient
}

/// How a connection ends.
public enum FaultEnd: Sendable, Hashable, CaseIterable {
    /// RST to both sides: what was under way is lost.
    case reset
    /// FIN to both sides, after what was under way.
    case finish
}

/// What a proxy does with the bytes it carries.
public struct FaultBehaviour: Sendable, Hashable {
    /// Bytes of these directions vanish while the connection stays open. A connection that has lost bytes never
    /// carries any again in that direction. Both: the other side is gone and nobody says so.
    public var swallows: Set<FaultDirection> = []
    /// Bytes of these directions are not even taken: the sender's buffers fill up.
    public var stalls: Set<FaultDirection> = []
    /// At most so many bytes at once; 1 makes a segment of each.
    public var slice: Int?
    /// In each direction of each connection.
    public var bytesPerSecond: Int?
    /// Before each piece is passed on.
    public var latency: Duration = .zero
    /// New connections are reset.
    public var refuses = false

    public init() {}

    /// The other side has gone without a word.
    public static let halfOpen: FaultBehaviour = {
        var behaviour = FaultBehaviour()
        behaviour.swallows = [.toServer, .toClient]
        return behaviour
    }()

    /// The server hears everything and its answers are lost: confirms, for example.
    public static let dropsAnswers: FaultBehaviour = {
        var behaviour = FaultBehaviour()
        behaviour.swallows = [.toClient]
        return behaviour
    }()
}

/// The end of a connection after so many bytes in one direction.
public struct FaultCut: Sendable, Hashable {
    public var bytes: Int
    public var direction: FaultDirection
    public var how: FaultEnd
}
