import EventSchema
import Foundation

/// Makes a session of what script(1) wrote: a typescript and its timing.
enum ScriptImport {
    private static let startMark = Array("Script started on ".utf8)
    private static let endMark = Array("\nScript done on ".utf8)

    static func isTypescript(_ bytes: [UInt8]) -> Bool { bytes.starts(with: startMark) }

    /// - Throws: `ImportError` with the line of what is wrong in the timing file.
    static func read(typescript: ImportInput, timing: ImportInput) throws(ImportError) -> ImportedSession {
        let script = try ScriptTiming(timing)
        var warnings: [String] = []
        var rest = typescript.bytes[...]
        var head = ""
        if isTypescript(typescript.bytes) {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            head = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[end...]
        }
        let started = started(head, script)
        if started == nil { warnings.append("the recording does not say when it was made; it begins at 2000-01-01") }
        let start = started ?? EffectiveTime.earliest

        var opened = TerminalOpened()
        opened.terminal = 1
        let size = (columns: number("COLUMNS", head, script), rows: number("LINES", head, script))
        if size.columns == nil || size.rows == nil {
            warnings.append("the recording does not say the terminal's size; 80x24 is taken")
        }
        opened.columns = size.columns ?? 80
        opened.rows = size.rows ?? 24
        opened.term = text("TERM", head, script) ?? ""
        opened.shell = text("SHELL", head, script) ?? ""
        if let command = text("COMMAND", head, script) { opened.command = [Data(command.utf8)] }
        var events = [(time: start, event: Event(.terminalOpened(opened)))]

        // Input stands in the same file only where both were logged together.
        let hasInput = script.header("INPUT_LOG") != nil && script.header("INPUT_LOG") == script.header("OUTPUT_LOG")
        var missing = 0
        var leftOut = 0
        func take(_ count: Int) -> [Data] {
            let bytes = rest.prefix(count)
            missing += count - bytes.count
            rest = rest.dropFirst(bytes.count)
            return stride(from: 0, to: bytes.count, by: BatchCodec.largestEvent).map {
                Data(bytes.dropFirst($0).prefix(BatchCodec.largestEvent))
            }
        }
        for (micros, entry) in script.entries {
            let time = start.advanced(by: micros)
            switch entry {
            case .output(let count):
                for data in take(count) {
                    var output = TerminalOutput()
                    output.terminal = 1
                    output.data = data
                    events.append((time: time, event: Event(.terminalOutput(output))))
                }
            case .input(let count):
                guard hasInput else {
                    leftOut += 1
                    continue
                }
                for data in take(count) {
                    var input = TerminalInput()
                    input.terminal = 1
                    input.data = data
                    events.append((time: time, event: Event(.terminalInput(input))))
                }
            case .signal(let signal):
                if let resized = resized(signal) {
                    events.append((time: time, event: Event(.terminalResized(resized))))
                }
            case .header: break
            }
        }
        let end = events.last?.time ?? start
        if rest.starts(with: endMark), let exited = exited(String(decoding: rest, as: UTF8.self), script) {
            events.append((time: end, event: Event(.terminalExited(exited))))
        } else if !rest.isEmpty, !rest.starts(with: endMark) {
            warnings.append("\(rest.count) bytes of \(typescript.name) are behind the last one timed, and left out")
        }
        if missing > 0 { warnings.append("\(typescript.name) ends \(missing) bytes before its timing") }
        if leftOut > 0 { warnings.append("\(leftOut) inputs are in a file of their own, and left out") }
        return ImportedSession(
            title: typescript.title, started: start, ended: end,
            content: [Array("script".utf8), Array(typescript.title.utf8), typescript.bytes, timing.bytes],
            opened: SessionOpened(), warnings: warnings, sources: [(.terminal, "script", events)])
    }

    // ---- what the first lines say

    /// A value from the timing's header lines, else from the typescript's first line: `[TERM="xterm" COLUMNS="80"]`.
    private static func text(_ name: String, _ head: String, _ script: ScriptTiming) -> String? {
        if let value = script.header(name) { return value.clipped(to: 2048) }
        let parts = head.components(separatedBy: name + "=\"")
        return parts.count > 1
            ? parts[1].split(separator: "\"", omittingEmptySubsequences: false).first.map {
                String($0).clipped(to: 2048)
            } : nil
    }

    private static func number(_ name: String, _ head: String, _ script: ScriptTiming) -> UInt32? {
        text(name, head, script).flatMap { UInt16($0) }.flatMap { $0 > 0 ? UInt32($0) : nil }
    }

    /// The start as newer versions write it, `2021-03-01 11:22:33+01:00`; older ones follow the locale.
    private static func started(_ head: String, _ script: ScriptTiming) -> RecordTime? {
        let texts = [script.header("START_TIME"), String(head.dropFirst(startMark.count).prefix(25))]
        return texts.compactMap { $0.flatMap { RecordTime(rfc3339: $0) } }.first { $0 >= EffectiveTime.earliest }
    }

    private static func resized(_ signal: String) -> TerminalResized? {
        let words = signal.split(separator: " ")
        guard words.first == "SIGWINCH" else { return nil }
        func value(_ name: String) -> UInt32? {
            words.first { $0.hasPrefix(name + "=") }.flatMap { UInt16($0.dropFirst(name.count + 1)) }.map(UInt32.init)
        }
        guard let rows = value("ROWS"), let columns = value("COLS"), rows > 0, columns > 0 else { return nil }
        var resized = TerminalResized()
        resized.terminal = 1
        resized.rows = rows
        resized.columns = columns
        return resized
    }

    private static func exited(_ foot: String, _ script: ScriptTiming) -> TerminalExited? {
        let parts = foot.components(separatedBy: "COMMAND_EXIT_CODE=\"")
        let text = parts.count > 1 ? String(parts[1].prefix { $0.isNumber }) : script.header("EXIT_CODE") ?? ""
        guard let status = UInt32(text) else { return nil }
        var exited = TerminalExited()
        exited.terminal = 1
        exited.status = status
        return exited
    }
}
