import Capture
import EventSchema
import Foundation
import TestSupport
import Testing

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

extension SeededGenerator {
    /// From `PLAYHEAD_SEED`, else new each time; printed, so that a failure can be repeated.
    static func make(_ name: String) -> SeededGenerator {
        let seed =
            ProcessInfo.processInfo.environment["PLAYHEAD_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...999_999)
        print("\(name): seed \(seed)")
        return SeededGenerator(seed: seed)
    }
}
