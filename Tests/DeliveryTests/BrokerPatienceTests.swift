import AMQPBridge
import Delivery
import Testing

@Suite struct BrokerPatienceTests {
    private let start = ContinuousClock.now
    private let refused = AMQPState.waiting(
        until: .now, error: AMQPError(replyCode: 403, text: "ACCESS_REFUSED"), needsAttention: true)
    private let gone = AMQPState.waiting(until: .now, error: AMQPError(.unreachable, "nobody"), needsAttention: false)

    @Test func whatNeverWorkedEndsAtOnce() {
        var patience = BrokerPatience()
        #expect(patience.heard(.connecting, now: start) == nil)
        #expect(patience.heard(gone, now: start) == nil)
        #expect(patience.heard(refused, now: start)?.code == .refused)
    }

    /// Let in and thrown out is not working.
    @Test func aConnectionThatDoesNotHoldHasNotWorked() {
        var patience = BrokerPatience()
        #expect(patience.heard(.open, now: start) == nil)
        #expect(patience.heard(refused, now: start + .seconds(1)) != nil)
    }

    @Test func whatHasWorkedIsTriedAgain() {
        var patience = BrokerPatience()
        var now = start
        for _ in 0..<5 {
            #expect(patience.heard(.open, now: now) == nil)
            #expect(patience.heard(.blocked(reason: "low on memory"), now: now + .seconds(9)) == nil)
            #expect(patience.heard(.open, now: now + .seconds(10)) == nil)
            now += .seconds(20)
            #expect(patience.heard(refused, now: now) == nil)
            #expect(patience.heard(gone, now: now) == nil)
            #expect(patience.heard(refused, now: now + .seconds(1)) == nil)
        }
        #expect(patience.heard(.open, now: now) == nil)
        #expect(patience.heard(refused, now: now + .seconds(1)) != nil, "the third in a row")
    }

    @Test func whatWaitingMendsNeverEndsIt() {
        var patience = BrokerPatience()
        for second in 0..<1000 { #expect(patience.heard(gone, now: start + .seconds(second)) == nil) }
    }
}
