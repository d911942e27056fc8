import EventSchema

/// The record time of one scene, up to the next one, as a row of gaps between human events.
struct ScenePiece: Sendable {
    /// Seconds. A gap beyond the idle limit is a pause, and no longer than the limit.
    struct Gap: Sendable {
        var end: RecordTime
        var length: Double
        var isPause: Bool { length > TimeMap.idleLimit.seconds }
        var active: Double { isPause ? 0 : length }
        var pause: Double { isPause ? TimeMap.idleLimit.seconds : 0 }
    }

    var start: RecordTime
    var gaps: [Gap]
    var effort: Double
    var isNotable: Bool
    /// It is of the last ten minutes of work.
    var isLast: Bool
    let active: Double
    let pauses: Double

    /// How long it takes at real time with pauses of 2 s, in seconds.
    var longest: Double { active + pauses }
    /// How long it must be shown, if at all.
    var shortest: Double { min(isNotable ? Fit.shortest : Fit.glimpse, longest) }

    init(start: RecordTime, gaps: [Gap], scene: Scene, isLast: Bool) {
        self.start = start
        self.gaps = gaps
        effort = max(scene.effort, 1)
        isNotable = scene.isNotable
        self.isLast = isLast
        active = gaps.reduce(0) { $0 + $1.active }
        pauses = gaps.reduce(0) { $0 + $1.pause }
    }

    /// The scenes of a recording; together they cover its whole time.
    static func pieces(of activity: Activity, scenes: Scenes) -> [ScenePiece] {
        guard let span = activity.span else { return [] }
        let times = activity.humanTimes
        let lastWork = (times.last ?? span.upperBound) - Fit.lastStretch
        var next = 0
        return scenes.all.enumerated().map { index, scene in
            let start = index == 0 ? span.lowerBound : scene.start
            let end = index + 1 < scenes.all.count ? scenes.all[index + 1].start : span.upperBound
            var last = start
            var gaps: [Gap] = []
            func add(_ time: RecordTime) {
                if time > last { gaps.append(Gap(end: time, length: (time - last).seconds)) }
                last = max(last, time)
            }
            while next < times.count, times[next] < end {
                add(times[next])
                next += 1
            }
            add(end)
            return ScenePiece(start: start, gaps: gaps, scene: scene, isLast: scene.end >= lastWork)
        }
    }

    /// Adds the scene to a map, `length` seconds long; nil: left out.
    func extend(_ map: inout TimeMap, by length: Double?) {
        guard let end = gaps.last?.end else { return }
        guard let length else {
            map.extend(to: end, length: .zero, kind: .skipped, joining: true)
            return
        }
        let room = min(length, longest)
        let shownPauses = max(min(pauses, room * Fit.pauseShare), room - active)
        let activeScale = active > 0 ? (room - shownPauses) / active : 0
        let pauseScale = pauses > 0 ? shownPauses / pauses : 0
        var (shown, written) = (0.0, Int64(0))
        var joins = false
        for gap in gaps {
            shown += gap.active * activeScale + gap.pause * pauseScale
            let upTo = Int64((shown * 1e6).rounded())
            let isActive = !gap.isPause
            let kind: TimeMap.Kind = isActive ? .condensed : gap.length > TimeMap.sessionBreak.seconds ? .cut : .capped
            map.extend(
                to: gap.end, length: .microseconds(max(upTo - written, 0)), kind: kind, joining: isActive && joins)
            written = max(upTo, written)
            joins = isActive
        }
    }
}
