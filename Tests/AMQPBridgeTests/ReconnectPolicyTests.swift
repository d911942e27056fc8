import AMQPBridge
import TestSupport
import Testing

@Suite struct ReconnectPolicyTests {
    private let lost = AMQPError(.unreachable, "nobody listens")

    @Test func waitsTwiceAsLongUpToTheLongest() {
        var policy = ReconnectPolicy(initial: .milliseconds(100), longest: .seconds(1))
        var generator = SeededGenerator(seed: 1)
        for full in [100, 200, 400, 800, 1000, 1000, 1000] {
            let retry = policy.failed(with: lost, using: &generator)
            #expect(retry.wait >= .milliseconds(full) / 2)
            #expect(retry.wait <= .milliseconds(full))
            #expect(!retry.needsAttention)
        }
    }

    @Test func startsOverAfterAConnectionThatHeld() {
        var policy = ReconnectPolicy(initial: .milliseconds(100), longest: .seconds(60), settled: .seconds(5))
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<20 { _ = policy.failed(with: lost, using: &generator) }
        #expect(policy.failed(with: lost, after: .seconds(4), using: &generator).wait > .seconds(25))
        #expect(policy.failed(with: lost, after: .seconds(5), using: &generator).wait <= .milliseconds(100))
        #expect(policy.failures == 1)
    }

    @Test func whatWaitingCannotMendIsToldAndTriedSlowly() {
        var policy = ReconnectPolicy(initial: .milliseconds(100), longest: .seconds(30))
        var generator = SeededGenerator(seed: 3)
        let retry = policy.failed(with: AMQPError(replyCode: 403, text: "ACCESS_REFUSED"), using: &generator)
        #expect(retry.needsAttention)
        #expect(retry.wait >= .seconds(15))
    }

    @Test func whatAnotherHoldsIsLookedAfterSoon() {
        var policy = ReconnectPolicy(initial: .milliseconds(100), longest: .seconds(30))
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20 {
            let retry = policy.failed(with: AMQPError(replyCode: 405, text: "RESOURCE_LOCKED"), using: &generator)
            #expect(retry.wait <= .seconds(1) && !retry.needsAttention)
        }
    }

    @Test func clientsOfOneBrokerDoNotKnockAtOnce() {
        let waits = (0..<100).map { (seed: UInt64) -> Duration in
            var policy = ReconnectPolicy(initial: .seconds(1))
            var generator = SeededGenerator(seed: seed)
            return policy.failed(with: lost, using: &generator).wait
        }
        #expect(Set(waits).count == 100)
        let spread = (waits.max() ?? .zero) - (waits.min() ?? .zero)
        #expect(spread > .milliseconds(400))
    }

    @Test func oddSpansAreHeld() {
        var policy = ReconnectPolicy(initial: .seconds(-1), longest: .zero)
        var generator = SeededGenerator(seed: 4)
        let wait = policy.failed(with: lost, using: &generator).wait
        #expect(wait > .zero && wait <= .milliseconds(1))
    }
}
