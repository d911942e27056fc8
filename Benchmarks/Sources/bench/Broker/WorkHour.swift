import Archive
import EventSchema
import Foundation

/// One person's hour of work, made of recordings with their real times: an editor in which a recorded trace goes on,
/// and a terminal in which recordings follow each other without a break. So nobody here is ever away for more than
/// a minute, which is more than anybody works.
struct WorkHour {
    static let length = Duration.seconds(3600)
    /// A pause in a trace that is longer (a night, a weekend) counts as this.
    static let longestPause = Duration.seconds(60)
    /// What happens within this time after the first event of a batch goes with it, as while a commit is under way.
    static let gathering = Duration.milliseconds(1)
    static let largestBatch = 48 << 10

    /// An event of one of the hour's sources, with the time since its beginning.
    typealias Moment = (at: Duration, event: Event)

    let editor: [Moment]
    let terminal: [Moment]

    /// The number says which trace, and from where in it.
    init(_ recordings: Recordings, number: Int) {
        let trace = recordings.traces[number % recordings.traces.count]
        let part = Double(number / recordings.traces.count % 7) / 7
        editor = Self.editing(trace, from: Int(Double(trace.count) * part))
        terminal = Self.output(recordings.casts, first: number)
    }

    private static func editing(_ trace: [(time: RecordTime, event: Event)], from start: Int) -> [Moment] {
        var text: [UInt8] = []
        var moments: [Moment] = []
        var at = Duration.zero
        var last: RecordTime?
        for (number, item) in trace.enumerated() {
            guard case .edit(let edit) = item.event.body else { continue }
            if number < start {
                let from = min(Int(edit.offset), text.count)
                text.replaceSubrange(from..<min(from + Int(edit.removed), text.count), with: edit.inserted)
                continue
            }
            if moments.isEmpty { moments = opening(text) }
            if let last { at += min(max(item.time - last, .zero), longestPause) }
            last = item.time
            guard at < length else { break }
            moments.append((at, item.event))
        }
        return moments
    }

    private static func opening(_ text: [UInt8]) -> [Moment] {
        let (pieces, content) = ContentPieces.make(Data(text))
        var opened = DocumentOpened()
        opened.document = 1
        opened.path = Data("/w/text".utf8)
        opened.text = content
        opened.hash = Data(ContentHash(of: text).bytes)
        return (pieces + [Event(.documentOpened(opened))]).map { (.zero, $0) }
    }

    private static func output(_ casts: [[(time: RecordTime, event: Event)]], first: Int) -> [Moment] {
        var moments: [Moment] = []
        var start = Duration.zero
        var number = first
        while start < length, !casts.isEmpty {
            let cast = casts[number % casts.count]
            guard let begin = cast.first?.time, let end = cast.last?.time else { break }
            for item in cast where start + (item.time - begin) < length {
                // One terminal is opened, once.
                if case .terminalOpened = item.event.body, !moments.isEmpty { continue }
                if case .terminalExited = item.event.body { continue }
                moments.append((start + (item.time - begin), item.event))
            }
            start += end - begin + .seconds(1)
            number += 1
        }
        return moments
    }

    /// How many messages and bytes of batches each second of the hour has.
    func load() -> [(messages: Int, bytes: Int)] {
        var seconds = [(messages: Int, bytes: Int)](repeating: (0, 0), count: 3600)
        for (moments, number) in [(editor, UInt64(1)), (terminal, 2)] {
            for batch in WorkSource(moments, kind: .editor, user: "u", number: number).batches {
                let second = min(Int(batch.at.components.seconds), seconds.count - 1)
                seconds[second].messages += 1
                seconds[second].bytes += batch.batch.encoded.count
            }
        }
        return seconds
    }
}

/// The open recordings that hours are made of.
struct Recordings {
    var traces: [[(time: RecordTime, event: Event)]]
    var casts: [[(time: RecordTime, event: Event)]]

    /// In a small run without the recordings: made-up typing and a made-up log.
    init(_ lab: Lab) throws {
        if lab.smoke {
            traces = [Self.typing()]
            casts = [Self.log()]
            return
        }
        traces = try ["sveltecomponent", "rustcode", "clownschool_flat", "json-crdt-blog-post"].map {
            try Self.events(lab, "editing/\($0).json.gz", .editor)
        }
        casts = try ["welcome-2025", "ipython-a", "htop-a", "colors"].map {
            try Self.events(lab, "terminal/\($0).v2.cast.gz", .terminal)
        }
    }

    private static func events(
        _ lab: Lab, _ path: String, _ kind: SourceKind
    ) throws -> [(time: RecordTime, event: Event)] {
        let bytes = try Array(Data(contentsOf: URL(filePath: lab.path(of: path))))
        let sessions = try Importer.read([ImportInput(name: path, bytes: bytes)])
        return sessions.flatMap(\.sources).first { $0.kind == kind }?.events ?? []
    }

    private static func typing() -> [(time: RecordTime, event: Event)] {
        let trace = EditingTrace(keystrokes: 20_000)
        return (0..<trace.count).map { index in
            var edit = Edit()
            edit.document = 1
            edit.offset = UInt64(trace.offsets[index])
            edit.removed = UInt64(trace.removed[index])
            edit.inserted = Data(trace.texts[(index == 0 ? 0 : trace.ends[index - 1])..<trace.ends[index]])
            return (RecordTime(milliseconds: Int64(index) * 180), Event(.edit(edit)))
        }
    }

    private static func log() -> [(time: RecordTime, event: Event)] {
        var opened = TerminalOpened()
        opened.terminal = 1
        (opened.columns, opened.rows) = (80, 24)
        return [(.epoch, Event(.terminalOpened(opened)))]
            + (0..<600).map { index in
                var output = TerminalOutput()
                output.terminal = 1
                output.data = Data("line \(index)\r\n".utf8)
                return (RecordTime(milliseconds: Int64(index) * 100), Event(.terminalOutput(output)))
            }
    }
}
