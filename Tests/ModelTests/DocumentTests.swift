import EventSchema
import Model
import TestSupport
import Testing

@Suite struct DocumentTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func randomEditsEqualThoseOfAnArray(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var plain = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        var document = Document(plain)
        for _ in 0..<1_500 {
            let offset = Int.random(in: 0...plain.count, using: &generator)
            let removed = Int.random(in: 0...min(plain.count - offset, 40), using: &generator)
            let length = Int.random(in: 0...5, using: &generator) == 0 ? 60 : 3
            let text = (0..<Int.random(in: 0...length, using: &generator)).map { _ in
                Bool.random(using: &generator) ? 10 : UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) {
                try document.replace(offset: offset, removed: removed, with: text)
            } else {
                let column = [1, 2, 3] + text + [4]
                try document.replace(offset: offset, removed: removed, from: column, in: 3..<(3 + text.count))
            }
            plain.replaceSubrange(offset..<(offset + removed), with: text)
            #expect(document.count == plain.count)
            let (a, b) = (
                Int.random(in: 0...plain.count, using: &generator), Int.random(in: 0...plain.count, using: &generator)
            )
            #expect(document[min(a, b)..<max(a, b)] == Array(plain[min(a, b)..<max(a, b)]))
            #expect(document.line(of: a) == plain[..<a].count { $0 == 10 })
        }
        #expect(document.bytes == plain)
        #expect(document == Document(plain))
        #expect(document.hash == ContentHash(of: plain))
    }

    @Test func editsOutsideTheTextAreErrorsAndChangeNothing() {
        var document = Document(Array("abc".utf8))
        let wrong: [(Int, Int)] = [(4, 0), (-1, 0), (0, 4), (3, 1), (0, -1), (.max, .max), (2, .max), (.min, 0)]
        for (offset, removed) in wrong {
            #expect(throws: ModelError.self) { try document.replace(offset: offset, removed: removed, with: [120]) }
        }
        #expect(throws: ModelError.self) { try document.replace(offset: 0, removed: 0, from: [1], in: 0..<2) }
        #expect(document.bytes == Array("abc".utf8))
    }

    @Test func linesAreCountedWhereverTheGapIs() throws {
        let text = "one\ntwo\n\nfour"
        for gap in 0...text.utf8.count {
            var document = Document(Array(text.utf8))
            try document.replace(offset: gap, removed: 0, with: [0])
            try document.replace(offset: gap, removed: 1, with: [])
            #expect(document.lineCount == 4)
            #expect((0..<5).map { document.offset(ofLine: $0) } == [0, 4, 8, 9, nil])
            #expect(
                (0..<4).map { document.text(ofLine: $0).map { String(decoding: $0, as: UTF8.self) } } == [
                    "one", "two", "", "four",
                ])
            #expect([0, 3, 4, 8, 9, 13, 99, -5].map { document.line(of: $0) } == [0, 0, 1, 2, 3, 3, 3, 0])
            #expect(document.text(ofLine: -1) == nil)
            #expect(document[-4..<99] == Array(text.utf8))
        }
    }

    @Test(arguments: EditingTrace.names)
    func recordedTracesReachTheirEnd(name: String) throws {
        let trace = try EditingTrace(name)
        var document = Document(trace.start)
        for patch in trace.patches {
            try document.replace(offset: patch.offset, removed: patch.removed, with: patch.inserted)
        }
        #expect(document.bytes == trace.end)
    }
}
