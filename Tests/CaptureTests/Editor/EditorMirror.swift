import Capture
import EventSchema
import Foundation
import Synchronization
import Testing

/// Keeps what was recorded.
final class CollectingSink: EventSink {
    private let kept = Mutex<[(Event.OneOf_Body, RecordTime)]>([])
    func record(_ body: Event.OneOf_Body, at time: RecordTime) { kept.withLock { $0.append((body, time)) } }
    var bodies: [Event.OneOf_Body] { kept.withLock { $0.map(\.0) } }
}

/// Replays recorded events as a reader would, and checks every hash on the way.
struct EditorMirror {
    var texts: [UInt32: [UInt8]] = [:]
    var paths: [UInt32: String] = [:]
    var assembler = ContentAssembler()
    var resyncs = 0
    var edits = 0
    var hashes = 0
    var forms: [UInt32: DocumentOpened] = [:]

    mutating func apply(_ body: Event.OneOf_Body) throws {
        switch body {
        case .piece(let piece): try assembler.add(piece)
        case .documentOpened(let opened):
            texts[opened.document] = Array(try assembler.take(opened.text))
            paths[opened.document] = String(decoding: opened.path, as: UTF8.self)
            forms[opened.document] = opened
            check(opened.hash, opened.document)
        case .edit(let edit):
            edits += 1
            let inserted = edit.hasLongInserted ? try assembler.take(edit.longInserted) : edit.inserted
            var text = try #require(texts[edit.document])
            let start = try #require(Int(exactly: edit.offset))
            let end = start + Int(edit.removed)
            try #require(end <= text.count)
            text.replaceSubrange(start..<end, with: inserted)
            texts[edit.document] = text
        case .documentResynced(let resynced):
            resyncs += 1
            texts[resynced.document] = Array(try assembler.take(resynced.text))
            check(resynced.hash, resynced.document)
        case .documentSaved(let saved): check(saved.hash, saved.document)
        case .documentClosed(let closed): check(closed.hash, closed.document)
        case .documentRenamed(let renamed): paths[renamed.document] = String(decoding: renamed.path, as: UTF8.self)
        default: break
        }
    }

    private mutating func check(_ hash: Data, _ document: UInt32) {
        guard !hash.isEmpty else { return }
        hashes += 1
        #expect(hash == Data(ContentHash(of: texts[document] ?? []).bytes), "the hash of document \(document)")
    }
}

/// A seeded generator (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From `PLAYHEAD_SEED`, else new each time; printed, so that a failure can be repeated.
    static func make(_ name: String) -> SeededGenerator {
        let seed =
            ProcessInfo.processInfo.environment["PLAYHEAD_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...999_999)
        print("\(name): seed \(seed)")
        return SeededGenerator(state: seed)
    }
}
