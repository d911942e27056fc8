import AMQPBridge
import Foundation
import Synchronization
import Testing

/// Hears everything of a session and lets a test wait for it.
final class Probe: AMQPHandler {
    struct Heard: Sendable {
        var states: [AMQPState] = []
        var deliveries: [AMQPDelivery] = []
        var settlements: [AMQPSettlement] = []
        var batches = 0

        func tokens(_ result: AMQPSettlement.Result) -> [UInt64] {
            settlements.filter { $0.result == result }.map(\.token)
        }

        /// How often it was open.
        var openings: Int {
            states.reduce(0) { if case .open = $1 { $0 + 1 } else { $0 } }
        }

        var errors: [AMQPError] {
            states.compactMap { if case .waiting(_, let error, _) = $0 { error } else { nil } }
        }

        var isBlocked: Bool { if case .blocked = states.last { true } else { false } }
        var isOpen: Bool { if case .open = states.last { true } else { false } }
    }

    private let state = Mutex(Heard())
    private let acknowledges: Bool
    private let onDelivery: (@Sendable ([AMQPDelivery], AMQPSession) -> Void)?

    init(acknowledges: Bool = true, onDelivery: (@Sendable ([AMQPDelivery], AMQPSession) -> Void)? = nil) {
        self.acknowledges = acknowledges
        self.onDelivery = onDelivery
    }

    var heard: Heard { state.withLock { $0 } }

    func delivered(_ batch: [AMQPDelivery], by session: AMQPSession) {
        state.withLock {
            $0.deliveries += batch
            $0.batches += 1
        }
        onDelivery?(batch, session)
        if acknowledges, let last = batch.last { session.acknowledge(last.tag, multiple: true) }
    }

    func settled(_ settlements: [AMQPSettlement], by session: AMQPSession) {
        state.withLock { $0.settlements += settlements }
    }

    func changed(to state: AMQPState, of session: AMQPSession) {
        self.state.withLock { $0.states.append(state) }
    }

    /// Waits until something was heard; a minute later it is a failure.
    func wait(
        for what: String, sourceLocation: SourceLocation = #_sourceLocation, until isTrue: @Sendable (Heard) -> Bool
    ) async throws {
        try await eventually(what, sourceLocation: sourceLocation) { isTrue(heard) }
    }
}

struct NeverHappened: Error, CustomStringConvertible {
    var description: String
}

/// Waits until `isTrue`; a minute later it is a failure.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isTrue: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !isTrue() {
        guard ContinuousClock.now < deadline else {
            Issue.record("never happened: \(what)", sourceLocation: sourceLocation)
            throw NeverHappened(description: what)
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// The error of `body`, which must throw one.
func failure<T>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws(AMQPError) -> T
) async throws -> AMQPError {
    do throws(AMQPError) {
        _ = try await body()
    } catch {
        return error
    }
    Issue.record("no error", sourceLocation: sourceLocation)
    throw NeverHappened(description: "an error")
}

extension AMQPOptions {
    /// For tests: quick to notice, quick to give up.
    static func test(_ url: AMQPURL, port: UInt16? = nil, heartbeat: Duration = .seconds(5)) -> AMQPOptions {
        var url = url
        if let port { url.explicitPort = port }
        var options = AMQPOptions(url: url, connectionName: "amqp-test")
        options.heartbeat = heartbeat
        return options
    }
}

extension ReconnectPolicy {
    static let quick = ReconnectPolicy(initial: .milliseconds(20), longest: .milliseconds(200))
}
