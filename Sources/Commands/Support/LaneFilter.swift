import EventSchema
import Replay

/// The events that an `--only` option lets through.
struct LaneFilter {
    private var shown: Set<Int>?

    init(_ lane: String?, recording: Recording) {
        guard let lane else { return }
        shown = Set(Activity(of: recording, lanes: [Lane(lane)]).entries.map(\.index))
    }

    func shows(_ index: Int) -> Bool { shown?.contains(index) ?? true }
}
