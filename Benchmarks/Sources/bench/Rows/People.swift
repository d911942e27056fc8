import Foundation

/// How far one virtual host carries: what people at work make in their busiest seconds, beside what broker and archiver
/// took at full speed on this machine, publishing and archiving at once. A simulation: everybody is given one of the
/// recorded hours at random, begun at a random second of it.
struct People: Row {
    let name = "people"
    let title = "people on one virtual host"
    let goal = ""

    func measure(_ lab: Lab) throws -> [Line] {
        let recordings = try Recordings(lab)
        let hours = (0..<(lab.smoke ? 2 : 28)).map { WorkHour(recordings, number: $0).load() }
        let most = try Drain().atOnce(lab)
        return [10, 30, 100, 300, 1000, 2000, 5000].map { people in
            let load = Self.load(of: people, hours)
            let (messages, bytes) = (load.map(\.messages).sorted(), load.map(\.bytes).sorted())
            let p99 = messages[messages.count * 99 / 100]
            return Line(
                what: "\(people) people: messages in the p99 second (mean \(messages.reduce(0, +) / messages.count)/s; "
                    + "\(Figure.short(Double(bytes[bytes.count * 99 / 100]) / 1000)) kB of batches in the p99 second)",
                ours: Figure(value: Double(p99), unit: "/s"),
                peers: [("one virtual host takes", Figure(value: most, unit: "msg/s"))], moreIsBetter: false, goal: "",
                reached: nil)
        }
    }

    private static func load(
        of people: Int, _ hours: [[(messages: Int, bytes: Int)]]
    ) -> [(messages: Int, bytes: Int)] {
        var sum = [(messages: Int, bytes: Int)](repeating: (0, 0), count: 3600)
        var spread = Spread()
        for _ in 0..<people {
            let hour = hours[spread.next(below: hours.count)]
            let start = spread.next(below: 3600)
            for second in 0..<3600 {
                let load = hour[(second + start) % 3600]
                sum[second].messages += load.messages
                sum[second].bytes += load.bytes
            }
        }
        return sum
    }
}
