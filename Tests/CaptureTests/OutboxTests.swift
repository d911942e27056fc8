import Capture
import EventSchema
import Testing

@Suite struct OutboxTests {
    private func outbox() -> Outbox {
        Outbox(source: .make(at: .epoch), session: .make(at: .epoch))
    }

    private func output(_ count: Int) -> Event {
        var output = TerminalOutput()
        output.data.append(contentsOf: [UInt8](repeating: 0x78, count: count))
        return Event(.terminalOutput(output))
    }

    private func sent(_ actions: [Outbox.Action]) -> [CheckedBatch] {
        actions.map { action in
            switch action {
            case .send(let batch): batch
            }
        }
    }

    @Test func firstEventGoesAtOnceAndLaterOnesGather() {
        var box = outbox()
        _ = box.connected(head: 0)
        let first = sent(box.record(output(1), at: .init(microseconds: 10)))
        #expect(first.map(\.seq) == [1])
        let meanwhile =
            box.record(output(2), at: .init(microseconds: 20)) + box.record(output(3), at: .init(microseconds: 15))
        #expect(meanwhile.isEmpty)
        let second = sent(box.accepted(through: 1))
        #expect(second.map(\.seq) == [2])
        #expect(second.first?.timedEvents.map(\.time.microseconds) == [20, 20], "a time that goes back is held")
        #expect(second.first?.previous == first.first?.hash)
        let afterAll = box.accepted(through: 2)
        #expect(afterAll.isEmpty)
        #expect(box.isEmpty)
    }

    @Test func anotherAgentGetsJustWhatItLacks() {
        var box = outbox()
        _ = box.connected(head: 0)
        var batches: [CheckedBatch] = []
        for count in 1...4 { batches += sent(box.record(output(60_000 / 2 * count % 30_000 + 1), at: .epoch)) }
        box.disconnected()
        let alone = box.record(output(5), at: .epoch)
        #expect(alone.isEmpty)
        let again = sent(box.connected(head: 1))
        #expect(again.first?.seq == 2)
        let rest = box.connected(head: again.last?.seq ?? 0)
        #expect(rest.isEmpty)
        #expect(box.isEmpty)
    }

    @Test func aFullOutboxDropsAndSaysHowMuch() throws {
        var box = outbox()
        for _ in 0..<200 { _ = box.record(output(30_000), at: .epoch) }
        #expect(box.droppedEvents > 0)
        #expect(box.waitingBytes <= Outbox.keepBytes)
        let dropped = box.droppedEvents
        var batches = sent(box.connected(head: 0))
        while !box.isEmpty { batches += sent(box.accepted(through: try #require(batches.last).seq)) }
        batches += sent(box.record(output(1), at: .epoch))
        let gaps = batches.flatMap(\.timedEvents).compactMap {
            if case .gap(let gap) = $0.event.body { gap } else { nil }
        }
        #expect(gaps.map(\.reason) == [.dropped])
        #expect(gaps.first?.bytes == UInt64(dropped * 30_024))
        #expect(zip(batches, batches.dropFirst()).allSatisfy { $1.seq == $0.seq + 1 && $1.previous == $0.hash })
    }

    @Test func framesArriveWholeInAnySlices() throws {
        let source = SourceID.make(at: .epoch)
        let frames: [Frame] = [
            .message(["do": "hello", "n": 1]), .batch([1, 2, 3]), .accepted(source, seq: 0x0102_0304_0506), .batch([]),
        ]
        let bytes = frames.flatMap(\.encoded)
        for size in 1...bytes.count {
            var reader = FrameReader()
            var got: [Frame] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.add(bytes[start..<min(bytes.count, start + size)])
                while let frame = try reader.next() { got.append(frame) }
            }
            #expect(got == frames)
        }
    }

    @Test(
        arguments: [[0, 0, 0, 0, 1], [0xFF, 0, 0, 0, 1], [0, 0, 0, 2, 0x7A, 1], [0, 0, 0, 2, 0x6D, 0x7B]] as [[UInt8]])
    func badFramesAreErrors(bytes: [UInt8]) {
        var reader = FrameReader()
        reader.add(bytes)
        #expect(throws: SchemaError.self) { try reader.next() }
    }

    @Test func aSocketPathNeverGetsTooLong() {
        let deep = "/tmp/" + String(repeating: "d", count: 90)
        let address = AgentAddress(home: deep, environment: ["XDG_RUNTIME_DIR": deep])
        #expect(address.socketPath.utf8.count <= 107)
        #expect(
            AgentAddress(home: deep, environment: ["XDG_RUNTIME_DIR": "/run/user/7"]).socketPath.hasPrefix(
                "/run/user/7/playhead/"))
        #expect(
            AgentAddress(home: "/a", environment: [:]).socketPath
                != AgentAddress(home: "/b", environment: [:]).socketPath)
    }
}
