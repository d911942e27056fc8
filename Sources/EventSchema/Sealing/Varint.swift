// Base-128 varints as Protocol Buffers has them, over columns of bytes.

extension [UInt8] {
    mutating func append(varint value: UInt64) {
        var value = value
        while value >= 0x80 {
            append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        append(UInt8(truncatingIfNeeded: value))
    }
}

extension UInt64 {
    /// Small for small values of either sign: 0, -1, 1, -2 become 0, 1, 2, 3.
    init(zigzag value: Int64) { self = UInt64(bitPattern: (value << 1) ^ (value >> 63)) }
    var fromZigzag: Int64 { Int64(bitPattern: self >> 1) ^ -Int64(bitPattern: self & 1) }
}

/// Reads the varints of one column in order.
struct VarintReader {
    let bytes: [UInt8]
    private(set) var position = 0
    /// Names the column in errors.
    let name: StaticString

    init(_ bytes: [UInt8], _ name: StaticString) {
        self.bytes = bytes
        self.name = name
    }

    var isAtEnd: Bool { position == bytes.count }

    @inline(__always)
    mutating func next() throws(SchemaError) -> UInt64 {
        guard position < bytes.count else { throw ended() }
        let first = bytes[position]
        guard first >= 0x80 else {
            position &+= 1
            return UInt64(first)
        }
        return try long()
    }

    private mutating func long() throws(SchemaError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < bytes.count else { throw ended() }
            let byte = bytes[position]
            position &+= 1
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw SchemaError(.malformed, "a number of more than 64 bits", at: "\(name), byte \(position)")
    }

    /// The next `count` bytes, as they are.
    mutating func bytes(_ count: UInt64) throws(SchemaError) -> ArraySlice<UInt8> {
        guard count <= UInt64(bytes.count - position) else { throw ended() }
        let start = position
        position += Int(count)
        return bytes[start..<position]
    }

    private func ended() -> SchemaError {
        SchemaError(.malformed, "a column of a sealed block is too short", at: "\(name), byte \(bytes.count)")
    }

    func end() throws(SchemaError) {
        guard isAtEnd else {
            throw SchemaError(.malformed, "a column of a sealed block is too long", at: "\(name), byte \(position)")
        }
    }
}
