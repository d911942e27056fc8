import Archive
import Dispatch
import EventSchema
import Foundation
import Synchronization

/// What a batch costs until it is sealed: bytes, and time while the archive is busy otherwise.
struct LiveAppend: Row {
    let name = "append"
    let title = "append while sealing and projecting"
    let goal = "p99 ≤ 1 ms"

    func measure(_ lab: Lab) throws -> [Line] {
        let count = lab.smoke ? 500 : 20_000
        let bed = try Bed(lab.scraps.appending(path: "append"))
        let empty = try bed.size()
        let past = TypedSource(EditingTrace(keystrokes: count), number: 1)
        try bed.append(past.batches, atOnce: 1)
        let withLog = Double(try bed.size() - empty) / Double(past.batches.count)
        try bed.write { try $0.compact() }
        let settled = Double(try bed.size() - empty) / Double(past.batches.count)

        let now = TypedSource(EditingTrace(keystrokes: count / 4), number: 2)
        let failure = Mutex<String?>(nil)
        let stopped = Atomic(false)
        let work = DispatchGroup()
        func meanwhile(_ body: @escaping @Sendable () throws -> Void) {
            DispatchQueue.global(qos: .background).async(group: work) {
                do {
                    repeat { try body() } while !stopped.load(ordering: .relaxed)
                } catch { failure.withLock { $0 = "\(error)" } }
            }
        }
        meanwhile { _ = try bed.seal(past.source) }
        let index = try UnsafeProjector(IndexProjector(home: bed.home))
        meanwhile { try index.rebuild() }
        var times = Times()
        for batch in now.batches { try times.measure { try bed.append([batch]) } }
        stopped.store(true, ordering: .relaxed)
        work.wait()
        if let failure = failure.withLock({ $0 }) { throw NotMeasured(reason: failure) }
        return [
            Line(
                what: "a live batch of one edit in archive.db (\(Figure.short(withLog)) B before the log is folded in)",
                ours: Figure(value: settled, unit: "B"), peers: [], moreIsBetter: false, goal: "≤ 400 B",
                reached: lab.smoke ? nil : settled <= 400),
            Line(
                what: "append of a batch while another source is sealed and the index rebuilt, p99 "
                    + "(p50 \(Figure.short(times.p50)) ms)",
                ours: Figure(value: times.p99, unit: "ms"), peers: [], moreIsBetter: false, goal: goal,
                reached: lab.smoke ? nil : times.p99 <= 1),
        ]
    }
}

/// A projector that one thread uses after another has made it.
private final class UnsafeProjector: Sendable {
    private nonisolated(unsafe) let projector: IndexProjector

    init(_ projector: IndexProjector) { self.projector = projector }

    func rebuild() throws { try projector.rebuild() }
}
