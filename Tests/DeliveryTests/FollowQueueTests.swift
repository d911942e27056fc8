import Archive
import Delivery
import EventSchema
import Foundation
import Model
import SwiftProtobuf
import TestSupport
import Testing

/// A follower's decisions against a broker, an archive and publishers that lose, repeat, lag and vanish at random.
@Suite struct FollowQueueTests {
    @Test(arguments: 0..<40) func everyBatchIsToldOnceAndInOrderWhateverHappens(round: Int) throws {
        let seed = UInt64.random(in: 0...UInt64(Int64.max))
        var scene = FollowScene(seed: seed)
        for _ in 0..<300 { try scene.step() }
        try scene.settle()
        let faults = scene.check()
        #expect(faults.isEmpty, "seed \(seed): \(faults.prefix(3))")
    }

    @Test func aSourceThatBeginsNowNeedsNoArchive() throws {
        var scene = FollowScene(seed: 1, sources: 1)
        scene.queue.connect(&scene)
        scene.hear(0, seq: 1)
        scene.hear(0, seq: 2)
        #expect(scene.told[scene.chains[0][0].source]?.map(\.seq).uniqued == [1, 2])
    }

    @Test func anotherPersonsSourceUnderTheSameNameIsNotBelieved() throws {
        var scene = FollowScene(seed: 2, sources: 1)
        scene.queue.connect(&scene)
        scene.hear(0, seq: 1)
        let before = scene.told
        scene.perform(
            scene.queue.queue.heard(scene.chains[0][1], user: "mallory", kind: .editor, now: scene.now))
        #expect(scene.told.mapValues(\.count) == before.mapValues(\.count), "whom nobody follows nobody hears")
    }

    @Test func withoutAnArchiveThePublisherIsAsked() throws {
        var scene = FollowScene(seed: 3, sources: 1)
        scene.archiveAnswers = false
        scene.published[0] = 5
        scene.queue.connect(&scene)
        scene.hear(0, seq: 6)
        #expect(scene.told.isEmpty)
        #expect(!scene.askedPublisher)
        scene.pass(.seconds(6))
        #expect(scene.askedPublisher && scene.condition.isArchiveAway)
        scene.publisherAnswers(0)
        #expect(scene.condition.missing == 0)
        #expect(scene.condition.joining == 0)
    }

    @Test func aHoleIsAskedForAndFilled() throws {
        var scene = FollowScene(seed: 4, sources: 1)
        scene.queue.connect(&scene)
        scene.answerAll()
        for seq in [1, 2, 3, 7, 8] as [UInt64] { scene.hear(0, seq: seq) }
        #expect(scene.condition.missing == 5)
        scene.archived[0] = 8
        scene.pass(.milliseconds(100))
        scene.answerAll()
        #expect(scene.told[scene.chains[0][0].source]?.map(\.seq).uniqued == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(scene.condition.isLive)
    }

    /// A session that ended while there was no connection is not among the open ones any more.
    @Test func whatEndedMeanwhileIsStillFollowedToItsEnd() throws {
        var scene = FollowScene(seed: 6, sources: 1)
        scene.queue.connect(&scene)
        scene.answerAll()
        for seq in [1, 2, 3] as [UInt64] { scene.hear(0, seq: seq) }
        scene.perform(scene.queue.queue.disconnected("cut", now: scene.now))
        scene.archived[0] = 8
        scene.ended = [0]
        scene.queue.connect(&scene)
        scene.answerAll()
        #expect(scene.told[scene.chains[0][0].source]?.map(\.seq).uniqued == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(scene.condition.isLive)
    }

    @Test func whatBeganAndEndedMeanwhileIsHeardOf() throws {
        var scene = FollowScene(seed: 8, sources: 1)
        scene.queue.connect(&scene)
        scene.answerAll()
        scene.perform(scene.queue.queue.disconnected("cut", now: scene.now))
        (scene.archived[0], scene.ended) = (8, [0])
        scene.queue.connect(&scene)
        scene.answerAll()
        #expect(scene.told[scene.chains[0][0].source]?.map(\.seq).uniqued == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    /// It is told from its first batch, so it has no history, although a keyframe stepped over all there was.
    @Test func whatAKeyframeSteppedOverInANewSourceIsToldOnce() throws {
        var scene = FollowScene(seed: 7, sources: 1)
        scene.queue.connect(&scene)
        scene.answerAll()
        scene.archiveAnswers = false
        scene.published[0] = 2
        scene.hear(0, seq: 3)
        scene.pass(.seconds(6))
        scene.publisherAnswers(0)
        #expect(scene.condition.missing == 0)
        #expect(scene.condition.late == 3)
        scene.archiveAnswers = true
        scene.archived[0] = 3
        scene.pass(.seconds(6))
        scene.answerAll()
        #expect(scene.condition.late == 0)
        #expect(scene.told[scene.chains[0][0].source]?.map(\.seq).uniqued == [1, 2, 3])
        #expect(scene.queue.queue.histories.map(\.last) == [0])
    }

    /// The archive is further than what came first by the time it answers.
    @Test func whatCameLiveIsToldNotSteppedOver() throws {
        var scene = FollowScene(seed: 5, sources: 1)
        scene.archived[0] = 3
        for seq in [4, 5] as [UInt64] { scene.hear(0, seq: seq) }
        scene.queue.connect(&scene)
        scene.archived[0] = 5
        scene.answerAll()
        #expect(scene.told[scene.chains[0][0].source]?.map(\.seq).uniqued == [4, 5])
        #expect(scene.condition.isLive)
    }
}

extension Array where Element: Equatable {
    fileprivate var uniqued: [Element] { reduce(into: []) { if $0.last != $1 { $0.append($1) } } }
}

/// The queue under test; a wrapper so that a scene can drive it.
struct FollowedQueue {
    var queue: FollowQueue

    func connect(_ scene: inout FollowScene) { scene.perform(scene.queue.queue.connected(now: scene.now)) }
}

/// A follower among faults, and what it told.
struct FollowScene {
    var random: SeededGenerator
    var chains: [[CheckedBatch]] = []
    /// Those whose session is closed.
    var ended: Set<Int> = []
    /// The archive's clock, which stands still.
    let endedAt: Int64 = 1_800_000_000_000_000
    /// The state of each source after each of its batches.
    private var states: [[SourceModel]] = []
    /// How far each source is at its publisher's, and in the archive.
    var published: [UInt64]
    var archived: [UInt64]
    var queue: FollowedQueue
    var now = ContinuousClock.now
    var isConnected = false
    var archiveAnswers = true
    var askedPublisher = false
    var requests: [(request: ArchiveRequest, number: UInt64)] = []
    var condition = FollowCondition()
    /// In the order told.
    var told: [SourceID: [EventAddress]] = [:]
    var models: [SourceID: SourceModel] = [:]
    var faults: [String] = []

    init(seed: UInt64, sources: Int = 3) {
        random = SeededGenerator(seed: seed)
        for number in 0..<sources {
            var chain = RandomChain(seed: seed &+ UInt64(number))
            chain.stepsBack = false
            chains.append(
                chain.batches(120) { events in
                    var opened = DocumentOpened()
                    opened.document = UInt32(1 + events.values.below(3))
                    opened.path = Data("/w/a".utf8)
                    opened.text.inline = Data(repeating: 97, count: 12_000)
                    return Event(.documentOpened(opened))
                })
            var model = SourceModel(source: chains[number][0].source)
            states.append(
                chains[number].map { batch in
                    for timed in batch.timedEvents { model.apply(timed) }
                    return model
                })
        }
        published = Array(repeating: 0, count: sources)
        archived = published
        queue = FollowedQueue(queue: FollowQueue([FollowTarget(user: "alice")]))
    }

    private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

    mutating func step() throws {
        let number = Int.random(in: chains.indices, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0...4:
            guard published[number] < UInt64(chains[number].count) else { return }
            published[number] += 1
            if !chance(4) { hear(number, seq: published[number]) }
            if chance(10) { hear(number, seq: UInt64.random(in: 1...published[number], using: &random)) }
        case 5: archived[number] = UInt64.random(in: archived[number]...published[number], using: &random)
        case 6: if isConnected, chance(2) { tellWatermark(number) }
        case 7: answer(atMost: Int.random(in: 0...3, using: &random))
        case 8: pass(.milliseconds(Int.random(in: 1...4000, using: &random)))
        case 9: if isConnected, askedPublisher { publisherAnswers(number) }
        case 10: archiveAnswers = !chance(3)
        default:
            guard chance(3) else { return }
            requests = []
            if isConnected {
                isConnected = false
                perform(queue.queue.disconnected("gone", now: now))
            } else {
                isConnected = true
                perform(queue.queue.connected(now: now))
            }
        }
    }

    /// Everything comes back; what was published gets here.
    mutating func settle() throws {
        archiveAnswers = true
        archived = published
        requests = []
        isConnected = true
        perform(queue.queue.disconnected("gone", now: now))
        perform(queue.queue.connected(now: now))
        for _ in 0..<200 where !(condition.isLive && requests.isEmpty && check(states: false).isEmpty) {
            answerAll()
            for number in chains.indices where published[number] > 0 { tellWatermark(number) }
            pass(.milliseconds(2500))
        }
    }

    /// What is not as it must be.
    func check(states compares: Bool = true) -> [String] {
        var faults = faults
        if !condition.isLive { faults.append("not live: \(condition)") }
        for (number, chain) in chains.enumerated() where published[number] > 0 {
            let source = chain[0].source
            guard let base = queue.queue.histories.first(where: { $0.source.id == source })?.last else {
                faults.append("source \(number) was never told")
                continue
            }
            let wanted = chain.filter { $0.seq > base && $0.seq <= published[number] }.flatMap(\.timedEvents).map(
                \.address)
            if (told[source] ?? []).sorted() != wanted {
                faults.append("source \(number) from \(base): \(told[source]?.count ?? 0) events, not \(wanted.count)")
            }
            if compares, models[source]?.state != states[number][Int(published[number]) - 1].state {
                faults.append("source \(number): another state")
            }
        }
        return faults
    }

    // MARK: Whom the follower hears

    mutating func hear(_ number: Int, seq: UInt64) {
        published[number] = max(published[number], seq)
        perform(queue.queue.heard(chains[number][Int(seq) - 1], user: "alice", kind: .editor, now: now))
    }

    private mutating func tellWatermark(_ number: Int) {
        let batch = chains[number][0]
        let seq = archived[number]
        let head = SourceHead(seq: seq, hash: seq == 0 ? nil : chains[number][Int(seq) - 1].hash)
        perform(
            queue.queue.heard(
                WatermarkMessage(
                    archive: Identifier(high: 1, low: 1), user: "alice", session: batch.session,
                    heads: [batch.source: head]), now: now))
    }

    mutating func publisherAnswers(_ number: Int) {
        guard published[number] > 0 else { return }
        let batch = chains[number][Int(published[number]) - 1]
        perform(
            queue.queue.heard(
                PublishedKeyframe(
                    source: FollowedSource(id: batch.source, session: batch.session, user: "alice", kind: .editor),
                    head: SourceHead(seq: batch.seq, hash: batch.hash), model: model(number, through: batch.seq)),
                now: now))
    }

    mutating func pass(_ time: Duration) {
        now += time
        perform(queue.queue.wake(now: now))
    }

    mutating func answerAll() { for _ in 0..<50 where !requests.isEmpty { answer(atMost: requests.count) } }

    private mutating func answer(atMost count: Int) {
        for _ in 0..<min(count, requests.count) {
            let asked = requests.removeFirst()
            guard archiveAnswers else { continue }
            perform(queue.queue.answered(asked.number, reply(to: asked.request), now: now))
        }
    }

    private func model(_ number: Int, through seq: UInt64) -> SourceModel { states[number][Int(seq) - 1] }

    private func reply(to request: ArchiveRequest) -> ArchiveReply {
        var reply = ArchiveReply()
        switch request.what {
        case .catalogue(let asked):
            reply.catalogue.nowUs = endedAt
            reply.catalogue.sessions = chains.indices.filter {
                archived[$0] > 0
                    && !(asked.open && ended.contains($0) && !(asked.hasSinceUs && asked.sinceUs <= endedAt))
            }.map { number in
                var session = CatalogueSession()
                session.session = Data(chains[number][0].session.bytes)
                session.user = "alice"
                var head = HeadOfSource()
                head.source = Data(chains[number][0].source.bytes)
                head.seq = archived[number]
                session.sources = [head]
                return session
            }
        case .keyframe(let asked):
            guard let number = number(of: asked.source), archived[number] > 0 else { return missing() }
            let seq = asked.hasSeq ? min(asked.seq, archived[number]) : archived[number]
            guard seq > 0 else { return reply }
            reply.keyframe.seq = seq
            if seq == archived[number] { reply.keyframe.hash = Data(chains[number][Int(seq) - 1].hash.bytes) }
            reply.keyframe.state = (try? Data(model(number, through: seq).encodedState())) ?? Data()
        case .range(let asked):
            guard let number = number(of: asked.source), archived[number] > 0 else { return missing() }
            let last = asked.lastSeq == 0 ? archived[number] : min(asked.lastSeq, archived[number])
            reply.range = RangeReply()
            // Few at a time, as an answer that is full.
            let found = chains[number].filter { $0.seq >= asked.firstSeq && $0.seq <= last }.prefix(7)
            reply.range.blocks = found.map { Data(BlockBody.stored($0)) }
        default: break
        }
        return reply
    }

    private func missing() -> ArchiveReply {
        var reply = ArchiveReply()
        (reply.code, reply.error) = ("missing", "no such source")
        return reply
    }

    private func number(of source: Data) -> Int? { chains.firstIndex { Data($0[0].source.bytes) == source } }

    // MARK: What the follower does

    mutating func perform(_ actions: [FollowQueue.Action]) {
        for action in actions {
            switch action {
            case .ask(let request, let number): requests.append((request, number))
            case .askPublisher(let user, _):
                askedPublisher = true
                if user != "alice" { faults.append("asked \(user)") }
            case .tell(let update): take(update)
            }
        }
    }

    private mutating func take(_ update: FollowUpdate) {
        switch update {
        case .state(let model):
            models[model.source] = model
        case .events(let source, let events):
            if let last = told[source]?.last, let first = events.first?.address, first < last {
                faults.append("told \(first) after \(last)")
            }
            told[source, default: []] += events.map(\.address)
            for timed in events { models[source, default: SourceModel(source: source)].apply(timed) }
        case .late(let source, let events):
            // Their state came with the keyframe that stepped over them.
            let behind = told[source]?.firstIndex { $0.seq > (events.last?.address.seq ?? 0) }
            told[source, default: []].insert(contentsOf: events.map(\.address), at: behind ?? told[source]?.count ?? 0)
        case .lost(_, let seqs): faults.append("lost \(seqs)")
        case .condition(let now): condition = now
        case .source, .session: break
        }
    }
}
