import EventSchema
import Foundation
import TestSupport
import Testing

@Suite struct ContentPiecesTests {
    private func pieces(of events: [Event]) -> [Piece] {
        events.compactMap { if case .piece(let piece) = $0.body { piece } else { nil } }
    }

    @Test(arguments: [0, 1, 16 * 1024, 16 * 1024 + 1, 32 * 1024, 32 * 1024 + 1, 300_000])
    func contentsComeBack(size: Int) throws {
        var values = RandomValues(seed: UInt64(size))
        let bytes = Data((0..<size).map { _ in UInt8.random(in: 0...255, using: &values.generator) })
        let (events, content) = ContentPieces.make(bytes)
        #expect(events.isEmpty == (size <= ContentPieces.inlineLimit))
        #expect(pieces(of: events).allSatisfy { $0.data.count <= BatchCodec.largestEvent })
        var assembler = ContentAssembler()
        for piece in pieces(of: events) { try assembler.add(piece) }
        #expect(try assembler.take(content) == bytes)
        #expect(assembler.pending.isEmpty)
    }

    @Test func refusesWhatDoesNotFit() throws {
        let (events, content) = ContentPieces.make(Data(repeating: 7, count: 100_000))
        var assembler = ContentAssembler()
        #expect(throws: SchemaError.self) { try assembler.take(content) }
        let all = pieces(of: events)
        #expect(throws: SchemaError.self) { try assembler.add(all[1]) }
        try assembler.add(all[0])
        #expect(throws: SchemaError.self) { try assembler.take(content) }
        #expect(throws: SchemaError.self) { try assembler.add(all[2]) }
        var altered = all[1]
        altered.data[0] ^= 1
        for piece in [all[0], altered] + all[2...] { try assembler.add(piece) }
        #expect(throws: SchemaError.self) { try assembler.take(content) }
        // Begun anew, it is whole.
        for piece in all { try assembler.add(piece) }
        #expect(try assembler.take(content).count == 100_000)
    }
}
