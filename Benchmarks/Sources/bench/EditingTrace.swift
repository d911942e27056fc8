import EventSchema

/// A recorded editing session as columns of byte edits.
struct EditingTrace {
    var offsets: [Int] = []
    var removed: [Int] = []
    /// Where each edit's text ends in `texts`.
    var ends: [Int] = []
    var texts: [UInt8] = []
    var endContent: [UInt8] = []

    var count: Int { offsets.count }

    /// From the editing-traces format, whose positions count Unicode scalars; here, texts of ASCII only.
    init(json: [UInt8]) throws {
        let trace = try JSONReader.read(json)
        guard trace["startContent"]?.string == "", let end = trace["endContent"]?.string else {
            throw NotMeasured(reason: "not a sequential trace")
        }
        endContent = Array(end.utf8)
        for transaction in trace["txns"]?.array ?? [] {
            for patch in transaction["patches"]?.array ?? [] {
                guard let offset = patch[0]?.integer, let removed = patch[1]?.integer, let text = patch[2]?.string,
                    text.utf8.allSatisfy({ $0 < 0x80 })
                else { throw NotMeasured(reason: "not a trace of ASCII text") }
                append(Int(offset), Int(removed), Array(text.utf8))
            }
        }
    }

    /// Traces one behind the other in one text, over and over.
    init(joining traces: [EditingTrace], upTo most: Int) {
        while count < most, !traces.isEmpty {
            for trace in traces where count < most {
                let base = endContent.count
                for index in 0..<trace.count {
                    let text = trace.texts[(index == 0 ? 0 : trace.ends[index - 1])..<trace.ends[index]]
                    append(base + trace.offsets[index], trace.removed[index], Array(text))
                }
                endContent += trace.endContent
            }
        }
    }

    /// Made-up typing: lines, with a step back now and then.
    init(keystrokes: Int) {
        var cursor = 0
        for number in 0..<keystrokes {
            if number % 97 == 96, cursor > 40 { cursor -= 40 }
            if number % 13 == 12, cursor > 0 {
                cursor -= 1
                endContent.remove(at: cursor)
                append(cursor, 1, [])
            } else {
                let byte = number % 40 == 39 ? UInt8(ascii: "\n") : UInt8(ascii: "a") + UInt8(number % 26)
                endContent.insert(byte, at: cursor)
                append(cursor, 0, [byte])
                cursor += 1
            }
        }
    }

    private mutating func append(_ offset: Int, _ removed: Int, _ text: [UInt8]) {
        offsets.append(offset)
        self.removed.append(removed)
        texts += text
        ends.append(texts.count)
    }

    /// The same in the editing-traces format, for peers.
    var json: [UInt8] {
        var patches: [JSONValue] = []
        for index in 0..<count {
            let text = String(decoding: texts[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self)
            let patch: JSONValue = .array([
                .integer(Int64(offsets[index])), .integer(Int64(removed[index])), .string(text),
            ])
            patches.append(["time": "2026-01-01T00:00:00Z", "patches": .array([patch])])
        }
        let end = String(decoding: endContent, as: UTF8.self)
        return Array(
            (["startContent": "", "endContent": .string(end), "txns": .array(patches)] as JSONValue).encoded.utf8)
    }
}
