import Archive
import Delivery
import EventSchema
import Foundation
import Model
import TestSupport
import Testing

/// A follower whom archive and publishers tell whatever they like: nothing traps, and it keeps no more than it may.
@Suite struct FollowQueueFuzzTests {
    @Test(arguments: 0..<10) func nonsenseIsSurvived(round: Int) {
        let seed = UInt64.random(in: 0...UInt64(Int64.max))
        print("follow queue: seed \(seed)")
        var nonsense = FollowNonsense(seed: seed)
        for _ in 0..<600 { nonsense.step() }
        #expect(nonsense.queue.heldBytes <= FollowQueue.mostHeldBytes)
        // What it says is still said: it goes on as any other.
        #expect(nonsense.conditions > 0, "seed \(seed)")
        #expect(nonsense.isInOrder, "seed \(seed)")
    }

    @Test func whatWaitsIsBoundedOverAllSources() {
        var queue = FollowQueue([FollowTarget(user: "alice")])
        _ = queue.connected(now: .now)
        var chain = RandomChain(seed: 1)
        for _ in 0..<8 {
            let batches = chain.batches(30, firstSeq: 3) { _ in
                var output = TerminalOutput()
                output.terminal = 1
                output.data = Data(repeating: 97, count: 700_000)
                return Event(.terminalOutput(output))
            }
            for batch in batches { _ = queue.heard(batch, user: "alice", kind: .terminal, now: .now) }
        }
        #expect(queue.heldBytes > FollowQueue.mostHeldBytes / 4)
        #expect(queue.heldBytes <= FollowQueue.mostHeldBytes)
    }

    @Test func moreSourcesThanOneCanFollowAreSaidToBeTooMany() {
        var queue = FollowQueue([FollowTarget(user: "alice")])
        _ = queue.connected(now: .now)
        let session = SessionID(.random())
        var condition = FollowCondition()
        var sources = 0
        while sources <= FollowQueue.mostSources {
            var heads: [SourceID: SourceHead] = [:]
            for _ in 0..<1000 { heads[SourceID(.random())] = SourceHead(seq: .max, hash: nil) }
            sources += heads.count
            let message = WatermarkMessage(
                archive: Identifier(high: 1, low: 1), user: "alice", session: session, heads: heads)
            for case .tell(.condition(let now)) in queue.heard(message, now: .now) { condition = now }
        }
        #expect(condition.hasTooMany && !condition.isLive)
    }
}

/// Random calls of a follower's decisions, with extreme numbers and parts of real recordings.
private struct FollowNonsense {
    var queue = FollowQueue([FollowTarget(user: "alice"), FollowTarget(user: "bob")])
    var conditions = 0
    var isInOrder = true
    private var values: RandomValues
    private var chains: [[CheckedBatch]] = []
    private var now = ContinuousClock.now
    private var last: [SourceID: UInt64] = [:]
    private var numbers: [UInt64] = []

    init(seed: UInt64) {
        values = RandomValues(seed: seed)
        for number in 0..<4 {
            var chain = RandomChain(seed: seed &+ UInt64(number))
            chains.append(chain.batches(40))
        }
    }

    private mutating func batch() -> CheckedBatch { chains[values.below(chains.count)][values.below(40)] }
    private mutating func user() -> String { ["alice", "bob", "mallory"][values.below(3)] }
    private mutating func kind() -> SourceKind { values.flag() ? .editor : .terminal }

    private mutating func model() -> SourceModel {
        let chain = chains[values.below(chains.count)]
        var model = SourceModel(source: chain[0].source)
        for batch in chain.prefix(values.below(40)) { for timed in batch.timedEvents { model.apply(timed) } }
        return model
    }

    mutating func step() {
        switch values.below(8) {
        case 0, 1: take(queue.heard(batch(), user: user(), kind: kind(), now: now))
        case 2:
            let model = model()
            let source = FollowedSource(
                id: model.source, session: batch().session, user: user(), kind: kind())
            take(
                queue.heard(
                    PublishedKeyframe(
                        source: source, head: SourceHead(seq: 1 + values.count64() / 3, hash: nil), model: model),
                    now: now))
        case 3:
            let about = batch()
            var heads = [batch().source: SourceHead(seq: .max, hash: nil)]
            heads[about.source] = SourceHead(seq: values.count64(), hash: nil)
            let message = WatermarkMessage(
                archive: Identifier(high: 1, low: 1), user: user(), session: about.session, heads: heads)
            take(queue.heard(message, now: now))
        case 4:
            now += .milliseconds(values.below(6000))
            take(queue.wake(now: now))
        case 5: take(values.chance(3) ? queue.disconnected("cut", now: now) : queue.connected(now: now))
        default:
            let number = values.chance(4) || numbers.isEmpty ? values.count64() : numbers.removeFirst()
            take(queue.answered(number, reply(), now: now))
        }
    }

    private mutating func take(_ actions: [FollowQueue.Action]) {
        for action in actions {
            switch action {
            case .ask(_, let number): numbers.append(number)
            case .askPublisher: break
            case .tell(.condition): conditions += 1
            case .tell(.events(let source, let events)):
                for seq in events.map(\.address.seq) {
                    if seq < last[source] ?? 0 { isInOrder = false }
                    last[source] = seq
                }
            // It may stand where it was before: another history.
            case .tell(.state(let model)): last[model.source] = nil
            case .tell: break
            }
        }
    }

    private mutating func reply() -> ArchiveReply {
        var reply = ArchiveReply()
        if values.chance(5) { reply.next = values.bytes() }
        switch values.below(5) {
        case 0:
            reply.catalogue.nowUs = values.signed64()
            for _ in 0..<values.below(3) {
                let about = batch()
                var session = CatalogueSession()
                session.session = values.chance(5) ? values.bytes() : Data(about.session.bytes)
                session.user = user()
                session.lastUs = values.signed64()
                if values.flag() { session.closedUs = values.signed64() }
                var head = HeadOfSource()
                head.source = values.chance(5) ? values.bytes() : Data(about.source.bytes)
                head.seq = values.count64()
                session.sources = [head]
                reply.catalogue.sessions.append(session)
            }
        case 1:
            let model = model()
            reply.keyframe.seq = values.flag() ? model.seq : values.count64()
            reply.keyframe.state = values.chance(4) ? values.bytes() : (try? Data(model.encodedState())) ?? Data()
            reply.keyframe.hash = values.bytes()
        case 2, 3:
            for _ in 0..<values.below(4) {
                reply.range.blocks.append(values.chance(6) ? values.bytes() : Data(BlockBody.stored(batch())))
            }
        default: reply.code = "missing"
        }
        return reply
    }
}
