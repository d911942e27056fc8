import EventSchema
import Foundation
import Synchronization

/// What was accepted, written to a file that is safe on the disk before the recorder hears of it.
final class Witness: Sendable {
    struct Entry: Hashable {
        let source: SourceID
        let seq: UInt64
    }

    private struct State {
        /// Each batch as it was first sent.
        var sent: [Entry: CheckedBatch] = [:]
        var accepted: [SourceID: UInt64] = [:]
        var problems: [String] = []
    }

    private let file: FileHandle
    private let url: URL
    private let state = Mutex(State())

    init(_ url: URL) throws {
        self.url = url
        try Data().write(to: url)
        guard let file = FileHandle(forWritingAtPath: url.path) else {
            throw CampaignFailure("cannot write \(url.path)")
        }
        self.file = file
    }

    /// A recorder sent a batch.
    func sent(_ bytes: [UInt8]) {
        state.withLock { state in
            guard let batch = try? BatchCodec.decode(bytes) else {
                state.problems.append("a recorder sent \(bytes.count) bytes that are no batch")
                return
            }
            let entry = Entry(source: batch.source, seq: batch.seq)
            if let before = state.sent[entry], before.hash != batch.hash {
                state.problems.append("batch \(batch.seq) of source \(batch.source) was sent with two contents")
            }
            state.sent[entry] = state.sent[entry] ?? batch
        }
    }

    /// The agent accepted everything of `source` up to `seq`; returns once that is on the disk.
    func accepted(_ source: SourceID, through seq: UInt64) {
        state.withLock { state in
            let before = state.accepted[source] ?? 0
            guard seq > before else { return }
            state.accepted[source] = seq
            var lines = ""
            for number in before + 1...seq {
                guard let batch = state.sent[Entry(source: source, seq: number)] else {
                    state.problems.append("batch \(number) of source \(source) was accepted, but never sent")
                    continue
                }
                lines += "\(source) \(number) \(batch.hash)\n"
            }
            do {
                try file.write(contentsOf: Data(lines.utf8))
                try file.synchronize()
            } catch {
                state.problems.append("the witness cannot write: \(error)")
            }
        }
    }

    /// What the file says was accepted: hashes, by source and number.
    func read() throws -> [Entry: String] {
        var found: [Entry: String] = [:]
        for line in String(decoding: try Data(contentsOf: url), as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3, let source = Identifier(words[0]), let seq = UInt64(words[1]) else {
                throw CampaignFailure("the witness file has the line '\(line)'")
            }
            guard found.updateValue(words[2], forKey: Entry(source: SourceID(source), seq: seq)) == nil else {
                throw CampaignFailure("batch \(seq) of source \(source) stands twice in the witness file")
            }
        }
        return found
    }

    var problems: [String] { state.withLock { $0.problems } }
    func batch(_ entry: Entry) -> CheckedBatch? { state.withLock { $0.sent[entry] } }
    var sentSources: Set<SourceID> { state.withLock { Set($0.sent.keys.map(\.source)) } }
    /// The sources that a process opened.
    func sources(of process: Int32) -> [SourceID] {
        state.withLock { state in
            state.sent.values.filter { batch in
                guard batch.seq == 1, case .sourceOpened(let opened) = batch.batch.events.first?.body else {
                    return false
                }
                return opened.process == UInt32(process)
            }.map(\.source)
        }
    }

    var sentCount: Int { state.withLock { $0.sent.count } }
    var acceptedCount: Int { state.withLock { $0.accepted.values.reduce(0) { $0 + Int($1) } } }
    func accepted(of source: SourceID) -> UInt64 { state.withLock { $0.accepted[source] ?? 0 } }
    /// Everything that was sent is accepted.
    func sourcesBehind() -> [SourceID] {
        state.withLock { state in
            var last: [SourceID: UInt64] = [:]
            for entry in state.sent.keys { last[entry.source] = max(last[entry.source] ?? 0, entry.seq) }
            return last.filter { $0.value > state.accepted[$0.key] ?? 0 }.map(\.key)
        }
    }
}
