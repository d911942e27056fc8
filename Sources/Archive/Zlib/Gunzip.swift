import CZlib

/// Unpacks gzip (RFC 1952). The only file that hands pointers to zlib.
enum Gunzip {
    /// Why bytes are not gzip that we unpack.
    enum Failure: Error, Equatable {
        /// The bytes end in the middle of a member.
        case incomplete
        /// Not gzip, or its check sum is wrong.
        case damaged
        /// More than the limit comes out of it.
        case tooLarge
    }

    /// Whether the bytes begin as every gzip file does.
    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// All members of `packed`, one after the other.
    static func unpack(_ packed: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var unpacked: [UInt8] = []
        var position = 0
        repeat {
            let (bytes, used) = try member(packed[position...], limit: limit - unpacked.count)
            unpacked += bytes
            position += used
            // Tapes and some tools fill up with zeros behind the last member.
            if packed[position...].allSatisfy({ $0 == 0 }) { break }
        } while position < packed.count
        return unpacked
    }

    /// The content of the first member, and how many bytes it took.
    private static func member(_ packed: ArraySlice<UInt8>, limit: Int) throws(Failure) -> (bytes: [UInt8], used: Int) {
        var stream = z_stream()
        // 15 bits of window, and 16 for "with a gzip header".
        guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .damaged
        }
        defer { inflateEnd(&stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        var used = 0
        while true {
            let step = packed.dropFirst(used).prefix(1 << 20)
            let (status, left, made) = inflateStep(&stream, step, into: &chunk)
            used += step.count - left
            bytes += chunk[..<made]
            guard bytes.count <= limit else { throw .tooLarge }
            switch status {
            case Z_STREAM_END: return (bytes, used)
            case Z_OK: if step.isEmpty, made == 0 { throw .incomplete }
            case Z_BUF_ERROR: if step.count == left, made == 0 { throw .incomplete }
            default: throw .damaged
            }
        }
    }

    private static func inflateStep(
        _ stream: inout z_stream, _ input: ArraySlice<UInt8>, into chunk: inout [UInt8]
    ) -> (status: Int32, left: Int, made: Int) {
        input.withUnsafeBufferPointer { input in
            chunk.withUnsafeMutableBufferPointer { output in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let status = inflate(&stream, Z_NO_FLUSH)
                return (status, Int(stream.avail_in), output.count - Int(stream.avail_out))
            }
        }
    }
}
