import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation

/// A batch of work, and when in the hour it is handed over.
struct WorkBatch {
    var at: Duration
    var batch: CheckedBatch
    var kind: SourceKind
    var user: String

    /// As a relay publishes it.
    var message: AMQPMessage {
        WireMessage(user: user, kind: kind, content: .batch(batch)).published()
    }
}

/// One source of somebody's hour, in batches as a client hands them over.
struct WorkSource {
    static let start = RecordTime(milliseconds: 1_780_000_000_000)
    let batches: [WorkBatch]

    init(_ moments: [WorkHour.Moment], kind: SourceKind, user: String, number: UInt64) {
        let source = SourceID(Identifier(high: Self.high, low: 1 << 63 | number << 1))
        // Two sources, an editor and a terminal, are a session.
        let session = SessionID(Identifier(high: Self.high, low: 1 << 63 | (number / 2) << 1 | 1))
        var opened = SourceOpened()
        opened.kind = kind
        opened.program = "bench"
        opened.user = user
        var batches: [WorkBatch] = []
        var gathered: [WorkHour.Moment] = [(.zero, Event(.sourceOpened(opened)))]
        var bytes = 0
        func cut() {
            guard let first = gathered.first else { return }
            let batch = BatchCodec.encode(
                source: source, session: session, seq: UInt64(batches.count) + 1, previous: batches.last?.batch.hash,
                events: gathered.map { (Self.start + $0.at, $0.event) })
            batches.append(WorkBatch(at: first.at, batch: batch, kind: kind, user: user))
            gathered.removeAll(keepingCapacity: true)
            bytes = 0
        }
        for moment in moments {
            if let first = gathered.first,
                moment.at - first.at > WorkHour.gathering || bytes > WorkHour.largestBatch
            {
                cut()
            }
            gathered.append(moment)
            if case .terminalOutput(let output) = moment.event.body { bytes += output.data.count }
            if case .edit(let edit) = moment.event.body { bytes += edit.inserted.count }
            if case .piece(let piece) = moment.event.body { bytes += piece.data.count }
        }
        cut()
        self.batches = batches
    }

    /// A UUIDv7 of the work's start.
    private static let high = UInt64(bitPattern: start.microseconds / 1000) << 16 | 0x7000
}

/// The work of some people in one hour, in the order in which it happens.
struct TeamWork {
    let batches: [WorkBatch]

    /// - Parameter users: of each person; the same login may stand for several.
    init(_ recordings: Recordings, users: [String]) {
        var all: [WorkBatch] = []
        for (number, user) in users.enumerated() {
            let hour = WorkHour(recordings, number: number)
            for (moments, kind, source) in [(hour.editor, SourceKind.editor, 0), (hour.terminal, .terminal, 1)] {
                all += WorkSource(moments, kind: kind, user: user, number: UInt64(2 * number + source)).batches
            }
        }
        let order = all.indices.sorted { (all[$0].at, $0) < (all[$1].at, $1) }
        batches = order.map { all[$0] }
    }

    private init(_ batches: [WorkBatch]) { self.batches = batches }

    /// The first ones, as long as there are.
    func first(_ count: Int) -> TeamWork { TeamWork(Array(batches.prefix(count))) }

    var averageSize: Int { batches.isEmpty ? 0 : batches.reduce(0) { $0 + $1.batch.encoded.count } / batches.count }

    /// At least `count` batches of one login, in the sizes and the mixture of a team's hours.
    static func under(_ user: String, count: Int, _ recordings: Recordings) throws -> TeamWork {
        var people = 4
        while true {
            let work = TeamWork(recordings, users: Array(repeating: user, count: people))
            if work.batches.count >= count { return work.first(count) }
            guard !work.batches.isEmpty, people < 1000 else { throw NotMeasured(reason: "the recordings are empty") }
            people = people * count / work.batches.count + 1
        }
    }

    /// The messages for peers in other languages: of each its key, its message's id, its headers `hash` and `seq`, its
    /// body; every text with its length before it, numbers little-endian.
    func write(to file: URL) throws {
        var bytes: [UInt8] = []
        func number(_ value: UInt64, _ width: UInt64) {
            for shift in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * shift))) }
        }
        func add(_ text: some Collection<UInt8>) {
            number(UInt64(text.count), 4)
            bytes += text
        }
        number(UInt64(batches.count), 4)
        for batch in batches {
            let message = batch.message
            add(Array(message.routingKey.utf8))
            add(Array((message.properties.messageID ?? "").utf8))
            add(Array(batch.batch.hash.description.utf8))
            number(batch.batch.seq, 8)
            add(message.body)
        }
        try Data(bytes).write(to: file)
    }
}
