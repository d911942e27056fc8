import Foundation
import SwiftProtobuf

/// Puts the edits of one document into columns.
struct EditRunWriter {
    /// Larger numbers do not go into columns, so that sums of them stay far from overflow.
    static let largestNumber: UInt64 = 1 << 40

    let document: UInt32
    private let start: Int64
    private var lastTime: Int64
    private var lastEnd: Int64 = 0
    private var deltas: [Int64] = []
    private var unit: UInt64 = 0
    private var moves: [UInt8] = []
    private var removed: [UInt8] = []
    private var inserted: [UInt8] = []
    private var text: [UInt8] = []
    private var origins: [(origin: Origin, count: UInt64)] = []
    private var originals: [UInt8] = []
    private var sinceOriginal: UInt64 = 0

    /// - Parameter start: the time of the block.
    init(document: UInt32, start: Int64) {
        self.document = document
        self.start = start
        lastTime = start
    }

    /// The edit of an event that columns can hold whole; nil for any other.
    static func edit(of event: Event) -> Edit? {
        guard case .edit(let edit) = event.body, event.unknownFields.data.isEmpty, edit.unknownFields.data.isEmpty,
            !edit.hasLongInserted, edit.offset <= largestNumber, edit.removed <= largestNumber
        else { return nil }
        return edit
    }

    mutating func append(_ edit: Edit, of event: Event, at time: Int64) {
        let delta = time &- lastTime
        deltas.append(delta)
        unit = Self.commonDivisor(unit, delta.magnitude)
        lastTime = time
        moves.append(varint: UInt64(zigzag: Int64(clamping: edit.offset) &- lastEnd))
        lastEnd = Int64(clamping: edit.offset) &+ Int64(edit.inserted.count)
        removed.append(varint: edit.removed)
        inserted.append(varint: UInt64(edit.inserted.count))
        text.append(contentsOf: edit.inserted)
        if origins.last?.origin == edit.origin {
            origins[origins.count - 1].count += 1
        } else {
            origins.append((edit.origin, 1))
        }
        if event.hasOriginalUs {
            originals.append(varint: sinceOriginal)
            originals.append(varint: UInt64(zigzag: event.originalUs &- time))
            sinceOriginal = 0
        } else {
            sinceOriginal += 1
        }
    }

    var run: EditRun {
        let unit = max(unit, 1)
        var times: [UInt8] = []
        times.reserveCapacity(deltas.count)
        for delta in deltas {
            let units = Int64(bitPattern: delta.magnitude / unit)
            times.append(varint: UInt64(bitPattern: delta < 0 ? 0 &- units : units))
        }
        var run = EditRun()
        run.document = document
        run.count = UInt32(deltas.count)
        run.unitUs = unit
        run.times = Data(times)
        run.moves = Data(moves)
        run.removed = Data(removed)
        run.inserted = Data(inserted)
        run.text = Data(text)
        if origins.contains(where: { $0.origin != .typed }) {
            var column: [UInt8] = []
            for stretch in origins {
                column.append(varint: UInt64(UInt32(bitPattern: Int32(truncatingIfNeeded: stretch.origin.rawValue))))
                column.append(varint: stretch.count)
            }
            run.origins = Data(column)
        }
        run.originals = Data(originals)
        return run
    }

    private static func commonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
