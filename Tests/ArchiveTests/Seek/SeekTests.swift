import Archive
import EventSchema
import Foundation
import Model
import TestSupport
import Testing

/// A seek gives what applying every event gives, however the source is stored.
@Suite struct SeekTests {
    private let home: TemporaryHome
    private let archive: ArchiveHome
    private let writer: ArchiveWriter
    private let reader: ArchiveReader

    init() throws {
        home = try TemporaryHome()
        archive = ArchiveHome(home.file("archive"))
        writer = try ArchiveWriter(home: archive)
        reader = try ArchiveReader(home: archive)
    }

    private func store(_ batches: some Sequence<CheckedBatch>) throws {
        _ = try writer.append(Array(batches), user: "tester", now: RecordTime(milliseconds: 1_770_000_000_000))
    }

    private func seal(_ source: SourceID) throws {
        _ = try SealJob(reader: reader).seal(source, isComplete: true) { (id, block) throws(ArchiveError) in
            try writer.swapIn(block, of: id)
        }
    }

    @discardableResult
    private func makeKeyframes(_ source: SourceID, edits: Int = 500, output: Int = 4096) throws -> Int {
        let job = try KeyframeJob(reader: reader, policy: KeyframePolicy(edits: edits, outputBytes: output))
        return try job.extend(source) { (id, keyframe) throws(ArchiveError) in
            #expect(try writer.store(keyframe, of: id))
        }
    }

    /// Compares at random times, asked of the reader with its memory and now and then of one without.
    private func compare(
        _ source: SourceID, lanes: SourceModel.Lanes = .keyframe, times: Int, _ generator: inout SeededGenerator
    ) throws {
        let events = try reader.events(of: source)
        let first = try #require(events.first).time
        var moments = try (0..<times).map { _ in
            try #require(events.randomElement(using: &generator)).time.advanced(
                by: Int64.random(in: -1...1, using: &generator))
        }
        moments += [.distantPast, first, try #require(events.last).time, .distantFuture]
        var states: [(time: RecordTime, state: SourceState)] = []
        var model = SourceModel(source: source, lanes: lanes)
        var next = 0
        for moment in moments.sorted() {
            while next < events.count, events[next].time <= moment {
                model.apply(events[next])
                next += 1
            }
            states.append((moment, model.state))
        }
        for (number, (time, state)) in states.shuffled(using: &generator).enumerated() {
            #expect(try reader.state(of: source, at: time, lanes: lanes).state == state)
            guard number % 4 == 0 else { continue }
            #expect(try ArchiveReader(home: archive).state(of: source, at: time, lanes: lanes).state == state)
        }
    }

    @Test(arguments: EditingTrace.names, ["live", "sealed", "mixed"])
    func everyMomentOfARecordedTrace(name: String, form: String) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let trace = try EditingTrace(name)
        let session = try #require(
            try Importer.read([ImportInput(openData: "open/editing/\(name).json.gz")]).first)
        let imported = try #require(session.sources.max { $0.events.count < $1.events.count })
        let batches = imported.batches(session: session.id, user: "tester")
        if form == "mixed" {
            try store(batches.prefix(batches.count / 2))
            try seal(imported.id)
            try makeKeyframes(imported.id)
            try store(batches.dropFirst(batches.count / 2))
        } else {
            try store(batches)
            if form == "sealed" {
                try seal(imported.id)
                try makeKeyframes(imported.id)
            }
        }
        try compare(imported.id, times: 8, &generator)
        #expect(try reader.state(of: imported.id, at: .distantFuture).documents.values.first?.text.bytes == trace.end)
        #expect(try Verification(of: reader).findings.isEmpty)
    }

    /// Times that go back inside the source, pieces, gaps, terminals: any event that can be.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func everyMomentOfRandomEvents(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var chain = RandomChain(seed: seed)
        let batches = chain.batches(900)
        let source = batches[0].source
        try store(batches.prefix(600))
        try compare(source, times: 8, &generator)
        try seal(source)
        let made = try makeKeyframes(source, edits: 1)
        #expect(made > 0)
        try store(batches.dropFirst(600))
        // The reader still knows states inside what is one block now.
        for lanes in [.keyframe, .documents, .all] as [SourceModel.Lanes] {
            try compare(source, lanes: lanes, times: 8, &generator)
        }
        #expect(try Verification(of: reader).findings.allSatisfy { !$0.reason.contains("keyframe") })
    }

    @Test func keyframesFollowOutputAndAreMadeOnce() throws {
        let (source, batches) = terminal(lines: 10_000)
        try store(batches)
        try seal(source)
        #expect(try makeKeyframes(source, output: 200 << 10) > 1)
        #expect(try makeKeyframes(source, output: 200 << 10) == 0)
        #expect(try Verification(of: reader).findings.isEmpty)
        var generator = SeededGenerator(seed: 7)
        try compare(source, times: 10, &generator)
    }

    @Test func aKeyframeOfAnotherStateIsFoundAndADamagedOnePassedOver() throws {
        let (source, batches) = terminal(lines: 3000)
        try store(batches)
        try seal(source)
        let block = try #require(try reader.sources().first { $0.id == source })
        let state = try SourceModel(source: source).encodedState()
        let forged = try KeyframeCodec().encode(state: state)
        #expect(try !writer.store(StoredKeyframe(seq: 2, time: block.end, body: forged), of: source))
        #expect(try writer.store(StoredKeyframe(seq: block.head.seq, time: block.end, body: forged), of: source))
        let findings = try Verification(of: reader).findings
        #expect(findings.map(\.reason) == ["its keyframe is not the state of its events"])
        try writer.remove(block.session)
        try store(batches)
        try seal(source)
        #expect(try writer.store(StoredKeyframe(seq: block.head.seq, time: block.end, body: [0, 1, 2]), of: source))
        #expect(try Verification(of: reader).findings.map(\.seq) == [block.head.seq])
        var generator = SeededGenerator(seed: 8)
        try compare(source, times: 3, &generator)
        #expect(throws: ArchiveError.self) { try reader.state(of: SourceID(Identifier(high: 9, low: 9)), at: .epoch) }
    }

    private func terminal(lines: Int) -> (SourceID, [CheckedBatch]) {
        let (source, session) = (SourceID(Identifier(high: 1, low: 5)), SessionID(Identifier(high: 1, low: 6)))
        var time = RecordTime(milliseconds: 1_760_000_000_000)
        var opened = TerminalOpened()
        opened.terminal = 1
        opened.columns = 80
        opened.rows = 24
        var batches = [
            BatchCodec.encode(
                source: source, session: session, seq: 1, previous: nil,
                events: [(time, Event(.terminalOpened(opened)))])
        ]
        for line in 1...lines {
            var output = TerminalOutput()
            output.terminal = 1
            output.data = Data(
                "\u{1B}[3\(line % 8)m\(line)\u{1B}[0m \(line &* 7919) a line of output that is as wide as some\r\n".utf8
            )
            time = time.advanced(by: 1500)
            batches.append(
                BatchCodec.encode(
                    source: source, session: session, seq: UInt64(line + 1), previous: batches[line - 1].hash,
                    events: [(time, Event(.terminalOutput(output)))]))
        }
        return (source, batches)
    }
}
