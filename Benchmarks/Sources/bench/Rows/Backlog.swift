import Delivery
import EventSchema
import Foundation

/// An hour of a team's work waits in the queue: until it is archived and can be searched.
struct Backlog: Row {
    let name = "backlog"
    let title = "an hour of ten people, archived and in the index"
    let goal = "≤ 30 s"

    func measure(_ lab: Lab) throws -> [Line] {
        let people = (0..<10).map { "person-\($0)" }
        var work = TeamWork(try Recordings(lab), users: people)
        if lab.smoke { work = work.first(2_000) }
        let stage = try BrokerStage(lab, users: people)
        defer { stage.end() }
        try stage.fill(work)
        let home = lab.scraps.appending(path: "backlog")
        let child = try Child(
            role: "archiver", [home.path(), stage.text(BrokerNames.archiver), "\(work.batches.count)"])
        defer { child.end() }
        let stored = try child.next("seconds")
        let said = try child.next()
        guard let indexed = said["seconds"]?.double, said["batches"]?.integer == Int64(work.batches.count),
            said["refused"]?.integer == 0
        else { throw NotMeasured(reason: "the archiver said \(said.encoded)") }
        return [
            Line(
                what: "\(title): \(work.batches.count) batches of \(work.averageSize) B (archived after "
                    + "\(Figure.short(stored)) s)",
                ours: Figure(value: indexed, unit: "s"), peers: [], moreIsBetter: false, goal: goal,
                reached: lab.smoke ? nil : indexed <= 30)
        ]
    }
}
