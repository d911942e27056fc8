import Delivery
import EventSchema
import TestSupport
import Testing

/// A relay's decisions against a broker and an archive that lose, refuse, repeat and forget at random.
@Suite struct RelayQueueTests {
    private static let session = SessionID(Identifier(high: 1, low: 1))
    private static let archive = Identifier(high: 9, low: 9)

    private func source(_ number: UInt64) -> SourceID { SourceID(Identifier(high: 2, low: number)) }

    private func queue(heads: [UInt64], window: RelayQueue.Window = .init()) -> RelayQueue {
        var queue = RelayQueue(window: window)
        queue.share(Self.session)
        for (number, head) in heads.enumerated() {
            queue.grew(source(UInt64(number)), of: Self.session, kind: .editor, to: head, now: .now)
        }
        return queue
    }

    /// Sends one order whole, batch by batch.
    private func carryOut(_ queue: inout RelayQueue, _ order: RelayQueue.Order, head: UInt64) -> [UInt64: UInt64] {
        var sent: [UInt64: UInt64] = [:]
        for seq in (order.after + 1)...max(order.after + 1, head)
        where seq <= head && sent.count < order.messages {
            sent[queue.sent(order.source, seq...seq, bytes: 100)] = seq
        }
        queue.done(with: order)
        return sent
    }

    @Test func nothingGoesBeforeAConnectionAndItsAnswer() {
        var queue = queue(heads: [3])
        let now = ContinuousClock.now
        let said1 = queue.next(now: now)
        #expect(said1 == nil)
        queue.connected(now: now)
        let said2 = queue.next(now: now)
        #expect(said2 == nil, "the archive is asked first")
        let said3 = queue.next(now: now + .seconds(6))
        #expect(said3?.after == 0, "and without an answer everything goes")
    }

    @Test func onEveryConnectEverythingAboveTheWatermarkGoesAgain() throws {
        var queue = queue(heads: [10])
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 4], archive: Self.archive, isBusy: false, now: now)
        let next4 = queue.next(now: now)
        let order = try #require(next4)
        #expect(order.after == 4)
        for number in carryOut(&queue, order, head: 10).keys { queue.confirmed(number) }
        let said5 = queue.next(now: now)
        #expect(said5 == nil)
        #expect(queue.unsent == 6, "confirmed is not archived")
        queue.disconnected()
        queue.connected(now: now)
        queue.heads([source(0): 4], archive: Self.archive, isBusy: false, now: now)
        let said6 = queue.next(now: now)
        #expect(said6?.after == 4)
    }

    @Test func theWindowHoldsInMessagesAndBytes() throws {
        var queue = queue(heads: [100], window: .init(messages: 8, bytes: 500))
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: now)
        let next7 = queue.next(now: now)
        let order = try #require(next7)
        #expect(order.messages == 8)
        let first = (1...5).map { queue.sent(order.source, UInt64($0)...UInt64($0), bytes: 100) }
        queue.done(with: order)
        let said8 = queue.next(now: now)
        #expect(said8 == nil, "500 bytes are under way")
        queue.confirmed(first[0])
        let said9 = queue.next(now: now)
        #expect(said9?.after == 5)
    }

    @Test func aRefusalWaitsAndGoesBack() throws {
        var queue = queue(heads: [6])
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: now)
        let next10 = queue.next(now: now)
        let order = try #require(next10)
        let sent = carryOut(&queue, order, head: 6)
        for (number, seq) in sent { if seq >= 3 { queue.refused(number, now: now) } else { queue.confirmed(number) } }
        let said11 = queue.next(now: now)
        #expect(said11 == nil)
        let said12 = queue.next(now: now + .milliseconds(101))
        #expect(said12?.after == 2)
    }

    @Test func anUnroutableMessageIsVisibleAndTriedSlowly() throws {
        var queue = queue(heads: [1])
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: now)
        let next13 = queue.next(now: now)
        let order = try #require(next13)
        for number in carryOut(&queue, order, head: 1).keys { queue.returned(number, now: now) }
        #expect(queue.unroutable)
        let said14 = queue.next(now: now + .seconds(1))
        #expect(said14 == nil)
        let said15 = queue.next(now: now + .seconds(3))
        #expect(said15 != nil)
    }

    @Test func aFullQueueIsAskedWithOneMessage() throws {
        var queue = queue(heads: [9])
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: now)
        let first = queue.next(now: now)
        for number in carryOut(&queue, try #require(first), head: 9).keys { queue.refused(number, now: now) }
        #expect(queue.isFull)
        let later = now + .seconds(6)
        let second = queue.next(now: later)
        let probe = try #require(second)
        #expect(probe.messages == 1)
        let number = queue.sent(probe.source, 1...1, bytes: 100)
        queue.done(with: probe)
        let none = queue.next(now: later)
        #expect(none == nil, "one is under way")
        queue.confirmed(number)
        #expect(!queue.isFull)
        let third = queue.next(now: later)
        #expect(third?.messages == queue.window.messages)
    }

    @Test func anArchiverThatAnswersEndsTheWaitForItsQueue() throws {
        var queue = queue(heads: [1])
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: now)
        let first = queue.next(now: now)
        for number in carryOut(&queue, try #require(first), head: 1).keys { queue.returned(number, now: now) }
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: now)
        let second = queue.next(now: now)
        #expect(second?.after == 0)
    }

    /// What no broker takes is declared, and what is behind it goes.
    @Test func whatCanNeverBeSentIsDeclared() throws {
        var queue = queue(heads: [6])
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: now)
        let first = queue.next(now: now)
        let order = try #require(first)
        let one = queue.sent(order.source, 1...2, bytes: 100)
        let large = queue.sent(order.source, 3...5, bytes: 100)
        let last = queue.sent(order.source, 6...6, bytes: 100)
        queue.done(with: order)
        queue.impossible(large)
        for number in [one, last] { queue.confirmed(number) }
        let second = queue.next(now: now)
        let declared = try #require(second)
        #expect(declared.withheld == 3...5 && declared.why == .unsendable && declared.after == 5)
        queue.confirmed(queue.sent(declared.source, 3...5, bytes: 10))
        queue.confirmed(queue.sent(declared.source, 6...6, bytes: 100))
        queue.done(with: declared)
        let marked = queue.watermark(source(0), 6, archive: Self.archive, now: now)
        #expect(!marked)
        #expect(queue.unsent == 0)
        // Nor is it tried on the next connection, from wherever the archive is.
        queue.connected(now: now)
        queue.heads([source(0): 3], archive: Self.archive, isBusy: false, now: now)
        let third = queue.next(now: now)
        #expect(third?.withheld == 4...5)
    }

    @Test func aRestoredArchiveIsFilledAgain() throws {
        var queue = queue(heads: [10])
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 10], archive: Self.archive, isBusy: false, now: now)
        #expect(queue.unsent == 0)
        let said16 = queue.watermark(source(0), 3, archive: Self.archive, now: now)
        #expect(!said16)
        let said17 = queue.next(now: now)
        #expect(said17?.after == 3)
        let said18 = queue.watermark(source(0), 0, archive: Identifier(high: 8, low: 8), now: now)
        #expect(said18, "another archive")
    }

    @Test func whatTheArchiveIsSilentAboutIsAskedAfterAndSentAgain() throws {
        var queue = queue(heads: [5])
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: now)
        let next19 = queue.next(now: now)
        for number in carryOut(&queue, try #require(next19), head: 5).keys { queue.confirmed(number) }
        #expect(queue.overdue(now: now + .seconds(10)).isEmpty)
        let later = now + .seconds(31)
        #expect(queue.overdue(now: later) == [source(0)])
        queue.heads([source(0): 0], archive: Self.archive, isBusy: true, now: later)
        let said20 = queue.next(now: later)
        #expect(said20 == nil, "a busy archive gets nothing twice")
        let muchLater = later + .seconds(61)
        #expect(queue.overdue(now: muchLater) == [source(0)])
        queue.heads([source(0): 0], archive: Self.archive, isBusy: false, now: muchLater)
        let said21 = queue.next(now: muchLater)
        #expect(said21?.after == 0)
    }

    @Test func whatIsNotSharedIsNeverKnown() throws {
        var queue = RelayQueue()
        let now = ContinuousClock.now
        queue.connected(now: now)
        queue.grew(source(1), of: Self.session, kind: .editor, to: 5, now: now)
        #expect(queue.sourceIDs.isEmpty)
        queue.share(Self.session, from: [source(1): 3])
        queue.grew(source(1), of: Self.session, kind: .editor, to: 5, now: now)
        let next22 = queue.next(now: now + .seconds(6))
        let order = try #require(next22)
        #expect(order.withheld == 1...3)
        #expect(order.after == 3)
        queue.done(with: order)
        queue.unshare(Self.session)
        let said23 = queue.next(now: now + .seconds(7))
        #expect(said23 == nil)
        queue.grew(source(1), of: Self.session, kind: .editor, to: 6, now: now)
        let said24 = queue.next(now: now + .seconds(7))
        #expect(said24 == nil)
    }

    /// Whatever happens, in the end the archive has everything once in order, and nothing that is not shared.
    @Test func anyHistoryEndsWithEverythingArchived() {
        let seed = UInt64.random(in: 0...UInt64.max)
        for round in 0..<60 {
            history(seed: seed &+ UInt64(round))
        }
    }

    private func history(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var now = ContinuousClock.now
        var queue = queue(heads: [0, 0, 0], window: .init(messages: 16, bytes: 2000))
        let secret = SessionID(Identifier(high: 7, low: 7))
        var heads: [SourceID: UInt64] = [source(0): 0, source(1): 0, source(2): 0]
        // What the archive has, and what is on the way to it.
        var stored: [SourceID: UInt64] = [:]
        var broker: [(SourceID, UInt64)] = []
        var flights: [(number: UInt64, source: SourceID, seq: UInt64)] = []
        func store() {
            for (source, seq) in broker where seq == (stored[source] ?? 0) + 1 { stored[source] = seq }
            broker = []
        }
        for step in 0..<400 {
            now += .milliseconds(Int.random(in: 1...400, using: &random))
            let isEnd = step > 300
            switch Int.random(in: 0..<(isEnd ? 7 : 14), using: &random) {
            case 0...3:
                guard let order = queue.next(now: now) else { break }
                #expect(order.session != secret, "seed \(seed)")
                let end = min(heads[order.source] ?? 0, order.after + UInt64(order.messages))
                for seq in (order.after + 1)..<(max(order.after, end) + 1) {
                    flights.append((queue.sent(order.source, seq...seq, bytes: 100), order.source, seq))
                }
                queue.done(with: order)
            case 4, 5:
                guard !flights.isEmpty else { break }
                let flight = flights.remove(at: Int.random(in: 0..<flights.count, using: &random))
                broker.append((flight.source, flight.seq))
                queue.confirmed(flight.number)
            case 6:
                broker.sort { $0.1 < $1.1 }
                store()
                for (source, seq) in stored { _ = queue.watermark(source, seq, archive: Self.archive, now: now) }
            case 7:
                guard !flights.isEmpty else { break }
                let number = flights.removeFirst().number
                if Bool.random(using: &random) { queue.refused(number, now: now) } else { queue.lost(number, now: now) }
            case 8:
                queue.disconnected()
                // What was under way may have arrived, or not.
                for flight in flights where Bool.random(using: &random) { broker.append((flight.source, flight.seq)) }
                flights = []
            case 9:
                flights = []
                queue.connected(now: now)
            case 10:
                for (source, seq) in stored { stored[source] = UInt64.random(in: 0...seq, using: &random) }
            case 11: broker = []
            case 12:
                let source = source(UInt64.random(in: 0..<3, using: &random))
                heads[source, default: 0] += UInt64.random(in: 1...5, using: &random)
                queue.grew(source, of: Self.session, kind: .editor, to: heads[source] ?? 0, now: now)
                queue.grew(self.source(99), of: secret, kind: .editor, to: 10, now: now)
            default: queue.blocked(Bool.random(using: &random))
            }
        }
        // From here on nothing fails.
        queue.connected(now: now)
        flights = []
        for _ in 0..<2000 where stored != heads.filter({ $0.value > 0 }) {
            now += .seconds(1)
            queue.heads(
                heads.mapValues { _ in 0 }.merging(stored) { $1 }, archive: Self.archive, isBusy: false, now: now)
            while let order = queue.next(now: now) {
                let end = min(heads[order.source] ?? 0, order.after + UInt64(order.messages))
                for seq in (order.after + 1)..<(max(order.after, end) + 1) {
                    let number = queue.sent(order.source, seq...seq, bytes: 100)
                    broker.append((order.source, seq))
                    queue.confirmed(number)
                }
                queue.done(with: order)
            }
            broker.sort { $0.1 < $1.1 }
            store()
        }
        #expect(stored == heads.filter { $0.value > 0 }, "seed \(seed)")
        queue.heads(stored, archive: Self.archive, isBusy: false, now: now)
        #expect(queue.unsent == 0, "seed \(seed)")
    }
}
