/// Reads files of other programs.
public enum Importer {
    /// The sessions in `inputs`. A typescript and a timing file given together are one session.
    ///
    /// - Parameter format: of all of them, if the person says; else each file's own is found out.
    /// - Throws: `ImportError`; nothing of any file is imported then.
    public static func read(
        _ inputs: [ImportInput], format: ImportFormat? = nil
    ) throws(ImportError) -> [ImportedSession] {
        var sessions: [ImportedSession] = []
        var typescripts: [ImportInput] = []
        var timings: [ImportInput] = []
        var unknown: [ImportInput] = []
        for input in inputs {
            switch format ?? ImportFormat.detect(name: input.name, bytes: input.bytes) {
            case .asciicast: sessions.append(try AsciicastImport.read(input))
            case .editingTrace: sessions.append(try EditingTraceImport.read(input))
            case .script where ScriptTiming.isTiming(input.bytes): timings.append(input)
            case .script: typescripts.append(input)
            case nil: unknown.append(input)
            }
        }
        // Beside a timing file, one file of any content is its typescript.
        if typescripts.isEmpty, timings.count == 1, unknown.count == 1 { swap(&typescripts, &unknown) }
        if let unknown = unknown.first {
            throw ImportError(.unsupported, file: unknown.name, "not a format that can be imported")
        }
        if timings.count > typescripts.count {
            throw ImportError(
                .unsupported, file: timings[typescripts.count].name, "a timing of script(1) without its typescript")
        }
        if typescripts.count > timings.count {
            throw ImportError(.unsupported, file: typescripts[timings.count].name, "a typescript without its timing")
        }
        for (typescript, timing) in zip(typescripts, timings) {
            sessions.append(try ScriptImport.read(typescript: typescript, timing: timing))
        }
        return sessions
    }
}
