import Archive
import Dispatch
import EventSchema
import Foundation

/// An archive to measure in, with one writer on a queue of its own, as in the agent.
final class Bed: Sendable {
    let home: ArchiveHome
    let reader: ArchiveReader
    private let queue = DispatchQueue(label: "bench.archive", qos: .userInitiated)
    /// Only ever touched on the queue.
    private nonisolated(unsafe) let writer: ArchiveWriter

    init(_ folder: URL) throws {
        home = ArchiveHome(folder)
        writer = try ArchiveWriter(home: home)
        reader = try ArchiveReader(home: home)
    }

    func write<R: Sendable>(_ body: @Sendable (ArchiveWriter) throws -> R) throws -> R {
        try queue.sync { try body(writer) }
    }

    func append(_ batches: [CheckedBatch], atOnce: Int = 1000) throws {
        for start in stride(from: 0, to: batches.count, by: atOnce) {
            let some = Array(batches[start..<min(start + atOnce, batches.count)])
            _ = try write { try $0.append(some, user: "bench", now: .epoch) }
        }
    }

    /// Seals a source, makes its keyframes and gives the room back, step by step, as the agent does.
    ///
    /// - Returns: how many keyframes.
    func seal(_ source: SourceID) throws -> Int {
        _ = try SealJob(reader: reader).seal(source, isComplete: true) { (id, block) throws(ArchiveError) in
            do { try self.write { try $0.swapIn(block, of: id) } } catch { throw Self.said(error) }
        }
        let made = try KeyframeJob(reader: reader).extend(source) { (id, keyframe) throws(ArchiveError) in
            do { _ = try self.write { try $0.store(keyframe, of: id) } } catch { throw Self.said(error) }
        }
        while try write({ try $0.giveSomeRoomBack() }) {}
        try write { try $0.emptyLog() }
        return made
    }

    private static func said(_ error: any Error) -> ArchiveError {
        error as? ArchiveError ?? ArchiveError(.failed, "\(error)")
    }

    /// The archive's file with its write-ahead log.
    func size() throws -> Int {
        try ["", "-wal"].reduce(0) { sum, suffix in
            let path = home.archive.path + suffix
            guard FileManager.default.fileExists(atPath: path) else { return sum }
            return sum + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
        }
    }
}

/// Times of single operations.
struct Times {
    private var milliseconds: [Double] = []

    mutating func measure<R>(_ body: () throws -> R) rethrows -> R {
        let start = ContinuousClock.now
        defer { milliseconds.append((ContinuousClock.now - start).seconds * 1000) }
        return try body()
    }

    func percentile(_ part: Double) -> Double {
        let sorted = milliseconds.sorted()
        return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    var p50: Double { percentile(0.5) }
    var p99: Double { percentile(0.99) }
}

/// The same well-spread places in every run.
struct Spread {
    private var state: UInt64 = 88_172_645_463_325_252

    mutating func next(below count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(max(count, 1)))
    }
}
