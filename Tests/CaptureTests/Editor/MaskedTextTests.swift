import Capture
import EventSchema
import TestSupport
import Testing

@Suite struct MaskedTextTests {
    private static let key = "AKIA" + "IOSFODNN7EXAMPLE"

    @Test("a secret typed key by key shows nothing after its mark")
    func typed() {
        var text = MaskedText(Array("a = 1\n".utf8), masking: SecretText())
        var shown: [UInt8] = []
        for (index, byte) in (#"key = "\#(Self.key)""#).utf8.enumerated() {
            for change in text.apply(offset: 6 + index, removed: 0, inserted: [byte]) ?? [] { shown += change.inserted }
        }
        #expect(String(decoding: shown, as: UTF8.self) == #"key = "AKIA****************""#)
        #expect(String(decoding: text.masked, as: UTF8.self) == "a = 1\n" + #"key = "AKIA****************""#)
    }

    @Test("a secret pasted, opened or made by an edit before it is hidden")
    func otherWays() {
        var pasted = MaskedText([], masking: SecretText())
        let changes = pasted.apply(offset: 0, removed: 0, inserted: Array("x \(Self.key)\n".utf8))
        #expect(changes?.first?.inserted == Array("x AKIA****************\n".utf8))
        #expect(
            MaskedText(Array("ghp_0123456789abcdef".utf8), masking: SecretText()).masked
                == Array("ghp_****************".utf8))
        var late = MaskedText(Array("IA1234567\n".utf8), masking: SecretText())
        _ = late.apply(offset: 0, removed: 0, inserted: Array("AK".utf8))
        #expect(late.masked == Array("AKIA*******\n".utf8))
    }

    @Test("a key block is hidden over its lines, and shown when it is none any more")
    func block() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nafter\n"
        var masked = MaskedText(Array(text.utf8), masking: SecretText())
        #expect(!String(decoding: masked.masked, as: UTF8.self).contains("MIIE"))
        #expect(String(decoding: masked.masked, as: UTF8.self).hasSuffix("after\n"))
        let changes = masked.apply(offset: 5, removed: 5, inserted: []) ?? []
        #expect(String(decoding: masked.masked, as: UTF8.self).contains("MIIE"))
        let onlyCorrections = changes.dropFirst().allSatisfy { $0.isCorrection }
        #expect(onlyCorrections)
    }

    @Test("random edits: equal lengths, and the changes give the masked text, which the raw text alone decides")
    func random() {
        var generator = SeededGenerator.make("masked text")
        let words = [
            "AKIA", "ABCD1234", "token", " = \"", "\"", "\n", "é🎉", "ghp_", " ", "-----BEGIN RSA PRIVATE KEY-----\n",
            "-----END", "x",
        ]
        for _ in 0..<40 {
            var text = MaskedText(Array("token = \"abc\"\nAKIA12\n".utf8), masking: SecretText())
            var replayed = text.masked
            for _ in 0..<60 {
                let offset = Int.random(in: 0...text.raw.count, using: &generator)
                let removed = Int.random(in: 0...min(6, text.raw.count - offset), using: &generator)
                let inserted = Array((words.randomElement(using: &generator) ?? "").utf8)
                let changes = text.apply(offset: offset, removed: removed, inserted: inserted) ?? []
                for change in changes {
                    replayed.replaceSubrange(change.offset..<change.offset + change.removed, with: change.inserted)
                }
                #expect(text.raw.count == text.masked.count)
                #expect(replayed == text.masked)
                #expect(text.masked == MaskedText(text.raw, masking: SecretText()).masked)
            }
        }
    }

    @Test("an edit beyond the text changes nothing")
    func beyond() {
        var text = MaskedText([65], masking: NoMasking())
        #expect(text.apply(offset: 2, removed: 0, inserted: []) == nil)
        #expect(text.apply(offset: 1, removed: Int.max, inserted: []) == nil)
        #expect(text.apply(offset: -1, removed: 0, inserted: []) == nil)
        #expect(text.raw == [65])
    }
}
