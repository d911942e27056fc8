import EventSchema
import TestSupport
import Testing

@Suite struct JSONReaderTests {
    private func value(_ values: inout RandomValues, depth: Int = 0) -> JSONValue {
        switch values.below(depth > 4 ? 5 : 7) {
        case 0: .null
        case 1: .bool(values.flag())
        case 2: .integer(values.signed64())
        case 3: .number(Double(values.signed64()) / 1024 + 0.5)
        case 4: .string(values.text())
        case 5: .array(values.list { value(&$0, depth: depth + 1) })
        default: .object(values.list { (key: $0.text(), value: value(&$0, depth: depth + 1)) })
        }
    }

    @Test func valuesComeBack() throws {
        var values = RandomValues(seed: 31)
        for _ in 0..<2000 {
            let value = value(&values)
            let read = try JSONReader.read(value.encoded.utf8)
            #expect(read.encoded == value.encoded)
        }
    }

    @Test func damageIsAnErrorOrAValue() {
        var values = RandomValues(seed: 32)
        for _ in 0..<1000 {
            let text = Array(value(&values).encoded.utf8)
            for _ in 0..<10 {
                var damaged = text
                if values.flag() { damaged = Array(damaged.prefix(values.below(text.count + 1))) }
                if !damaged.isEmpty {
                    damaged[values.below(damaged.count)] = UInt8.random(in: 0...255, using: &values.generator)
                }
                if let read = try? JSONReader.read(damaged) {
                    #expect(throws: Never.self) { try JSONReader.read(read.encoded.utf8) }
                }
            }
        }
    }

    @Test func noiseIsAnErrorOrAValue() {
        var values = RandomValues(seed: 33)
        let pieces = [
            "{", "}", "[", "]", "\"", "\\", "\\u", "d83d", "\\ude00", ":", ",", "-", "0", "1e9", ".", "true", "nul",
            " ", "\u{1}",
        ]
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<values.below(14) { text += pieces[values.below(pieces.count)] }
            _ = try? JSONReader.read(text.utf8)
        }
    }

    @Test(arguments: [
        "", "[", "{\"a\"}", "[1,]", "01", "-", "1.", "1e", "\"\u{1}\"", "\"\\x\"", "\"\\u12\"", "nul", "[1] 2",
        "{\"a\":1,}", "+1",
        "1e999", "\"", "'a'",
    ])
    func refuses(text: String) {
        #expect { try JSONReader.read(text.utf8) } throws: { ($0 as? SchemaError)?.place.hasPrefix("byte ") == true }
    }

    @Test func refusesDepthAndBadUTF8() {
        #expect(throws: SchemaError.self) { try JSONReader.read(String(repeating: "[", count: 100_000).utf8) }
        #expect(throws: SchemaError.self) { try JSONReader.read([UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")]) }
    }

    @Test func noControlIsWrittenAsItIs() throws {
        let text = String(String.UnicodeScalarView((0...0xA0).compactMap(Unicode.Scalar.init)))
        let written = JSONValue.string(text).encoded
        #expect(written.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0 ~= $0.value) })
        #expect(try JSONReader.read(written.utf8).string == text)
    }

    @Test func readsEscapes() throws {
        #expect(try JSONReader.read(#""\ud83d\ude42\u00e9\n\/""#.utf8) == .string("🙂é\n/"))
        #expect(try JSONReader.read(#""\ud83dx""#.utf8) == .string("\u{FFFD}x"))
        #expect(try JSONReader.read("9223372036854775807".utf8) == .integer(.max))
    }
}
