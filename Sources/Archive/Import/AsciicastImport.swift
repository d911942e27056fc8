import EventSchema
import Foundation

/// Makes a session of an asciicast of version 1, 2 or 3: one terminal with its output, resizes, input and markers.
enum AsciicastImport {
    /// - Throws: `ImportError` with the line of what is wrong.
    static func read(_ input: ImportInput) throws(ImportError) -> ImportedSession {
        let isWhole = JSONOutline.members(of: input.bytes)["version"] == .some(1)
        return isWhole ? try readWhole(input) : try readLines(input)
    }

    // ---- version 1: one object

    private static func readWhole(_ input: ImportInput) throws(ImportError) -> ImportedSession {
        let json: JSONValue
        do {
            json = try JSONReader.read(input.bytes)
        } catch {
            throw EditingTrace.error(error, in: input)
        }
        let header = try header(json, of: input.bytes, input, line: 1)
        guard let output = json["stdout"]?.array else {
            throw ImportError(file: input.name, line: 1, "no array \"stdout\"")
        }
        var cast = AsciicastEvents(header)
        for (number, value) in output.enumerated() {
            let fault: String?
            if value.array?.count == 2, let delay = value[0], let data = value[1] {
                fault = cast.add(time: delay, code: "o", data: data)
            } else {
                fault = "not [delay, \"output\"]"
            }
            if let fault {
                let line = JSONOutline.line(of: [.member("stdout"), .element(number)], in: input.bytes)
                throw ImportError(file: input.name, line: line, fault)
            }
        }
        return session(header, cast, input)
    }

    // ---- versions 2 and 3: a header line, then a line per event

    private static func readLines(_ input: ImportInput) throws(ImportError) -> ImportedSession {
        let lines = input.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, !first.isEmpty else { throw ImportError(file: input.name, line: 1, "no header") }
        let header = try header(value(of: first, input, line: 1), of: Array(first), input, line: 1)
        guard header.version > 1 else {
            throw ImportError(file: input.name, line: 1, "a header of version 1 in one line")
        }
        var cast = AsciicastEvents(header)
        for (index, line) in lines.enumerated().dropFirst() {
            guard let start = line.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
            if header.version == 3, start == UInt8(ascii: "#") { continue }
            let value = try value(of: line, input, line: index + 1)
            let fault: String?
            if value.array?.count == 3, let time = value[0], let code = value[1], let data = value[2] {
                fault = cast.add(time: time, code: code, data: data)
            } else {
                fault = "not [time, \"code\", \"data\"]"
            }
            if let fault { throw ImportError(file: input.name, line: index + 1, fault) }
        }
        return session(header, cast, input)
    }

    private static func value(
        of line: ArraySlice<UInt8>, _ input: ImportInput, line number: Int
    ) throws(ImportError) -> JSONValue {
        do {
            return try JSONReader.read(line)
        } catch {
            throw ImportError(file: input.name, line: number, "not JSON: \(error.message)")
        }
    }

    private static func header(
        _ json: JSONValue, of bytes: [UInt8], _ input: ImportInput, line: Int
    ) throws(ImportError) -> AsciicastHeader {
        do {
            return try AsciicastHeader(json)
        } catch {
            let line = line + JSONOutline.line(of: error.path, in: bytes) - 1
            throw ImportError(error.code, file: input.name, line: line, error.reason)
        }
    }

    private static func session(
        _ header: AsciicastHeader, _ cast: AsciicastEvents, _ input: ImportInput
    ) -> ImportedSession {
        var warnings = cast.warnings
        if header.started == nil {
            warnings.append("the cast does not say when it was recorded; it begins at 2000-01-01")
        }
        var opened = SessionOpened()
        if let limit = header.idleLimit { opened.idleLimitUs = limit.wholeMicroseconds }
        let title = header.title.flatMap { $0.isEmpty ? nil : $0 } ?? input.title
        var environment: [Event] = []
        if !header.environment.isEmpty {
            var captured = EnvironmentCaptured()
            captured.variables = header.environment.map { name, value in
                var variable = Variable()
                variable.name = name
                variable.value = Data(value.utf8)
                return variable
            }
            captured.why = "start"
            environment.append(Event(.environmentCaptured(captured)))
        }
        return ImportedSession(
            title: title, started: cast.started, ended: cast.time,
            content: [Array("asciicast".utf8), Array(title.utf8), input.bytes],
            opened: opened, more: environment, warnings: warnings,
            sources: [(.terminal, "asciicast v\(header.version)", cast.events)])
    }
}
