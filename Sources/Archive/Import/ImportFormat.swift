import EventSchema

/// The formats that can be imported from bytes alone.
public enum ImportFormat: String, Sendable, CaseIterable {
    case asciicast
    case editingTrace = "editing-trace"
    /// A typescript of script(1), the output itself.
    case typescript
    /// The timing file that belongs to a typescript.
    case scriptTiming = "script-timing"

    /// The format of a file, by what is in it; the name only tells a typescript that has no first line.
    public static func detect(name: String, bytes: [UInt8]) -> ImportFormat? {
        let start = bytes.prefix(4096)
        if start.first(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }) == UInt8(ascii: "{") {
            let members = JSONOutline.members(of: bytes)
            if members["txns"] != nil { return .editingTrace }
            return members["version"] != nil ? .asciicast : nil
        }
        if ScriptImport.isTypescript(bytes) { return .typescript }
        let first = start.prefix { $0 != UInt8(ascii: "\n") }
        if ScriptTiming.isTiming(line: String(decoding: first, as: UTF8.self)) { return .scriptTiming }
        let bare = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        return bare.hasSuffix("typescript") ? .typescript : nil
    }
}

/// Reads files of other programs.
public enum Importer {
    /// The sessions in `inputs`. A typescript and a timing file given together are one session.
    ///
    /// - Parameter format: of all of them, if the person says; else each file's own is found out.
    /// - Throws: `ImportError`; nothing of any file is imported then.
    public static func read(_ inputs: [ImportInput], format: ImportFormat? = nil) throws(ImportError)
        -> [ImportedSession]
    {
        var sessions: [ImportedSession] = []
        var typescripts: [ImportInput] = []
        var timings: [ImportInput] = []
        for input in inputs {
            switch format ?? ImportFormat.detect(name: input.name, bytes: input.bytes) {
            case .asciicast: sessions.append(try AsciicastImport.read(input))
            case .editingTrace: sessions.append(try EditingTraceImport.read(input))
            case .typescript: typescripts.append(input)
            case .scriptTiming: timings.append(input)
            case nil: throw ImportError(.unsupported, file: input.name, "not a format that can be imported")
            }
        }
        // With two files, the one that is no timing is the typescript, whatever it begins with.
        for (index, timing) in timings.enumerated() {
            guard index < typescripts.count else {
                throw ImportError(.unsupported, file: timing.name, "a timing of script(1) without its typescript")
            }
            sessions.append(try ScriptImport.read(typescript: typescripts[index], timing: timing))
        }
        if typescripts.count > timings.count {
            throw ImportError(.unsupported, file: typescripts[timings.count].name, "a typescript without its timing")
        }
        return sessions
    }
}
