import EventSchema
import SwiftProtobuf

extension Event {
    /// The field numbers in the encoded body, read from the bytes themselves.
    func wireFieldsOfBody() throws -> Set<Int> {
        var reader = WireReader(try serializedBytes() as [UInt8])
        while let (_, value) = reader.field() {
            guard let body = value else { continue }
            var inner = WireReader(body)
            var numbers: Set<Int> = []
            while let (number, _) = inner.field() { numbers.insert(number) }
            return numbers
        }
        return []
    }
}

/// Just enough of protobuf's wire format: varints and lengths.
private struct WireReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    private mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = bytes.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        return value
    }

    /// The next field's number, and its bytes if it has a length.
    mutating func field() -> (Int, [UInt8]?)? {
        guard !bytes.isEmpty else { return nil }
        let key = varint()
        if key & 7 == 2 {
            let count = Int(varint())
            defer { bytes = bytes.dropFirst(count) }
            return (Int(key >> 3), Array(bytes.prefix(count)))
        }
        _ = varint()
        return (Int(key >> 3), nil)
    }
}
