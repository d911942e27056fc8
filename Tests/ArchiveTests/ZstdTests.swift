import Archive
import TestSupport
import Testing

@Suite struct ZstdTests {
    private func random(_ count: Int, seed: UInt64, of letters: UInt8 = 20) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0..<letters, using: &generator) }
    }

    @Test func bytesComeBack() throws {
        let (packer, unpacker) = (try ZstdCompressor(), try ZstdDecompressor())
        for (index, count) in [0, 1, 100, 70_000, 3, 0].enumerated() {
            let bytes = random(count, seed: UInt64(index))
            for level in [1, 6, 19] {
                let frame = try packer.compress(bytes, level: level)
                #expect(try unpacker.decompress(frame[...], atMost: count) == bytes)
            }
        }
    }

    @Test func aPrefixCountsForOneFrameOnly() throws {
        let (packer, unpacker) = (try ZstdCompressor(), try ZstdDecompressor())
        let before = random(300_000, seed: 1, of: 255)
        var after = before
        after.replaceSubrange(1_000..<1_010, with: [1, 2, 3])
        let plain = try packer.compress(after, level: 19)
        for _ in 0..<3 {
            let frame = try packer.compress(after, level: 19, prefix: before)
            #expect(frame.count < 200)
            #expect(try unpacker.decompress(frame[...], atMost: after.count, prefix: before) == after)
            #expect(throws: ZstdError.self) { try unpacker.decompress(frame[...], atMost: after.count) }
            #expect(throws: ZstdError.self) { try unpacker.decompress(frame[...], atMost: after.count, prefix: after) }
            #expect(try packer.compress(after, level: 19) == plain)
            #expect(try unpacker.decompress(plain[...], atMost: after.count) == after)
        }
    }

    @Test func damageAndExcessAreErrors() throws {
        let (packer, unpacker) = (try ZstdCompressor(), try ZstdDecompressor())
        let bytes = random(2_000, seed: 3)
        let frame = try packer.compress(bytes, level: 6)
        #expect { try unpacker.decompress(frame[...], atMost: 1_999) } throws: { ($0 as? ZstdError)?.code == .tooLarge }
        #expect { try unpacker.decompress((frame + [0])[...], atMost: 9_999) } throws: {
            ($0 as? ZstdError)?.code == .damaged
        }
        for length in 0..<frame.count {
            #expect(throws: ZstdError.self) { try unpacker.decompress(frame[..<length], atMost: 9_999) }
        }
        for place in frame.indices {
            var flipped = frame
            flipped[place] ^= 0x10
            // A flip the checksum does not see (a reserved bit) gives the right bytes; nothing else may come out.
            if let result = try? unpacker.decompress(flipped[...], atMost: 9_999) { #expect(result == bytes) }
        }
        #expect(try unpacker.decompress(frame[...], atMost: 2_000) == bytes)
    }
}
