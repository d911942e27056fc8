import AMQPBridge
import TestSupport
import Testing

@Suite struct ConfirmTrackerTests {
    private func tracker(_ messages: String...) -> ConfirmTracker<String> {
        var tracker = ConfirmTracker<String>(window: 10)
        for message in messages { tracker.published(message) }
        return tracker
    }

    @Test func tagsCountFromOneAndTheWindowFills() {
        var tracker = ConfirmTracker<String>(window: 2)
        #expect(tracker.published("a") == 1)
        #expect(tracker.hasRoom)
        #expect(tracker.published("b") == 2)
        #expect(!tracker.hasRoom)
    }

    @Test func singleAndMultipleInAnyOrder() throws {
        var tracker = tracker("a", "b", "c", "d")
        #expect(try tracker.acknowledged(3) == [.confirmed("c")])
        #expect(try tracker.acknowledged(2, multiple: true) == [.confirmed("a"), .confirmed("b")])
        #expect(try tracker.refused(4) == [.refused("d")])
        #expect(tracker.inFlight == 0)
        #expect(tracker.published("e") == 5)
    }

    @Test func multipleSkipsWhatIsAnsweredAndZeroMeansAll() throws {
        var tracker = tracker("a", "b", "c")
        _ = try tracker.refused(2)
        #expect(try tracker.acknowledged(0, multiple: true) == [.confirmed("a"), .confirmed("c")])
        #expect(try tracker.acknowledged(0, multiple: true).isEmpty)
        #expect(try tracker.acknowledged(1, multiple: true).isEmpty)
    }

    @Test func aReturnedMessageIsUnroutableWhenConfirmed() throws {
        var tracker = tracker("a", "b", "b")
        try tracker.returned("b")
        #expect(
            try tracker.acknowledged(3, multiple: true) == [.confirmed("a"), .unroutable("b"), .confirmed("b")])
    }

    @Test func whatTheBrokerMustNotSayIsAViolation() throws {
        var tracker = tracker("a", "b")
        _ = try tracker.acknowledged(1)
        for attempt in [(1, false), (3, false), (3, true), (0, false), (UInt64.max, true)] as [(UInt64, Bool)] {
            let error = #expect(throws: AMQPError.self) { try tracker.acknowledged(attempt.0, multiple: attempt.1) }
            #expect(error?.code == .violation)
        }
        #expect(throws: AMQPError.self) { try tracker.returned("a") }
        #expect(tracker.inFlight == 1)
    }

    @Test func aLostChannelGivesBackWhatIsUnanswered() throws {
        var tracker = tracker("a", "b", "c")
        try tracker.returned("a")
        _ = try tracker.acknowledged(2)
        #expect(tracker.disconnected() == ["a", "c"])
        #expect(tracker.inFlight == 0)
        #expect(tracker.published("a") == 1)
    }

    /// Against the plainest bookkeeping there is: a list of the unanswered.
    @Test func everyMessageIsAnsweredForExactlyOnce() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            var tracker = ConfirmTracker<Int>(window: 300)
            var open: [(tag: UInt64, message: Int, returned: Bool)] = []
            var next = 0
            for _ in 0..<2000 {
                switch Int.random(in: 0..<8, using: &generator) {
                case 0..<4 where tracker.hasRoom:
                    open.append((tracker.published(next), next, false))
                    next += 1
                case 4:
                    guard let index = open.indices.randomElement(using: &generator), !open[index].returned else {
                        continue
                    }
                    try tracker.returned(open[index].message)
                    open[index].returned = true
                case let action:
                    guard let chosen = open.randomElement(using: &generator)?.tag else { continue }
                    let multiple = action == 5 && Int.random(in: 0..<10, using: &generator) == 0
                    let answered = open.filter { multiple ? $0.tag <= chosen : $0.tag == chosen }
                    open.removeAll { multiple ? $0.tag <= chosen : $0.tag == chosen }
                    if action == 6 {
                        let outcomes = try tracker.refused(chosen, multiple: multiple)
                        #expect(outcomes == answered.map { .refused($0.message) })
                    } else {
                        let outcomes = try tracker.acknowledged(chosen, multiple: multiple)
                        #expect(
                            outcomes == answered.map { $0.returned ? .unroutable($0.message) : .confirmed($0.message) })
                    }
                }
                #expect(tracker.inFlight == open.count)
            }
            #expect(tracker.disconnected() == open.map(\.message))
        }
    }
}
