import EventSchema
import Foundation

/// The events of a cast as ours, taken one by one.
struct AsciicastEvents {
    private(set) var events: [(time: RecordTime, event: Event)] = []
    /// Of the newest event.
    private(set) var time: RecordTime
    let started: RecordTime
    /// Letters that are no code of the format, and how often each came.
    private var unknown: [(code: String, count: Int)] = []
    private var backward = 0

    private let isRelative: Bool
    /// Since the start, as the file counts.
    private var elapsed: Int64 = 0
    private var effective = EffectiveTime()

    /// No cast is longer: 1,000 years.
    private static let longest: Int64 = 31_557_600_000_000_000

    init(_ header: AsciicastHeader) {
        // Version 2 gives times since the start, the others since the event before.
        isRelative = header.version != 2
        started = effective.repair(header.started ?? EffectiveTime.earliest)
        time = started
        var opened = TerminalOpened()
        opened.terminal = 1
        opened.columns = header.columns
        opened.rows = header.rows
        opened.term = header.term
        opened.shell = header.shell
        opened.title = header.title ?? ""
        if let command = header.command { opened.command = [Data(command.utf8)] }
        events.append((time: started, event: Event(.terminalOpened(opened))))
    }

    var warnings: [String] {
        var warnings = unknown.map { "\($0.count) events of the unknown code \"\($0.code)\" are left out" }
        if backward > 0 { warnings.append("\(backward) times went back, and are repaired") }
        return warnings
    }

    /// Takes an event; says what is wrong with it, if something is.
    mutating func add(time: JSONValue, code: JSONValue, data: JSONValue) -> String? {
        guard let seconds = time.double, seconds >= 0, seconds * 1e6 < Double(Self.longest) else {
            return "\(time.encoded) is no time"
        }
        guard let code = code.string, code.unicodeScalars.count == 1 else { return "the code is no letter" }
        guard let text = data.string else { return "the data is no text" }
        let micros = Int64((seconds * 1e6).rounded())
        elapsed = isRelative ? elapsed + micros : micros
        guard elapsed < Self.longest else { return "a time more than 1,000 years after the start" }
        let bodies: [Event.OneOf_Body]
        switch code {
        case "o": bodies = Self.output(text)
        case "i":
            bodies = Self.cut(text).map { data in
                var input = TerminalInput()
                input.terminal = 1
                input.data = data
                return .terminalInput(input)
            }
        case "r":
            guard let size = Self.size(text) else { return "\"\(text.prefix(20))\" is no size of a terminal" }
            bodies = [.terminalResized(size)]
        case "m":
            var marker = Marker()
            marker.name = text.clipped(to: 2048)
            bodies = [.marker(marker)]
        case "x":
            guard let exited = Self.exit(text) else { return "\"\(text.prefix(20))\" is no exit status" }
            bodies = [.terminalExited(exited)]
        default:
            if let index = unknown.firstIndex(where: { $0.code == code }) {
                unknown[index].count += 1
            } else {
                unknown.append((code: code, count: 1))
            }
            return nil
        }
        append(bodies)
        return nil
    }

    private mutating func append(_ bodies: [Event.OneOf_Body]) {
        let stamp = started.advanced(by: elapsed)
        time = effective.repair(stamp)
        if stamp != time { backward += 1 }
        for body in bodies {
            var event = Event(body)
            if stamp != time { event.originalUs = stamp.microseconds }
            events.append((time: time, event: event))
        }
    }

    private static func output(_ text: String) -> [Event.OneOf_Body] {
        cut(text).map { data in
            var output = TerminalOutput()
            output.terminal = 1
            output.data = data
            return .terminalOutput(output)
        }
    }

    /// The text in parts no larger than an event may carry.
    private static func cut(_ text: String) -> [Data] {
        let bytes = Data(text.utf8)
        return stride(from: 0, to: bytes.count, by: BatchCodec.largestEvent).map {
            Data(bytes.dropFirst($0).prefix(BatchCodec.largestEvent))
        }
    }

    /// `80x24`.
    private static func size(_ text: String) -> TerminalResized? {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let columns = UInt16(parts[0]), let rows = UInt16(parts[1]), columns > 0, rows > 0
        else {
            return nil
        }
        var resized = TerminalResized()
        resized.terminal = 1
        resized.columns = UInt32(columns)
        resized.rows = UInt32(rows)
        return resized
    }

    private static func exit(_ text: String) -> TerminalExited? {
        guard let status = Int32(text) else { return nil }
        var exited = TerminalExited()
        exited.terminal = 1
        exited.status = UInt32(bitPattern: status)
        return exited
    }
}
