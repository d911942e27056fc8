/// The formats of other programs that can be imported.
public enum ImportFormat: String, Sendable, CaseIterable {
    /// asciinema's recordings, versions 1 to 3.
    case asciicast
    /// Timed patches of one text, plain or concurrent (github.com/josephg/editing-traces).
    case editingTrace = "editing-trace"
    /// What script(1) writes: a typescript and its timing, two files.
    case script

    /// The format of a file, by what is in it; the name only tells a typescript that has no first line.
    public static func detect(name: String, bytes: [UInt8]) -> ImportFormat? {
        let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        if first == UInt8(ascii: "{") {
            let members = JSONOutline.members(of: bytes)
            if members["txns"] != nil { return .editingTrace }
            return members["version"] != nil ? .asciicast : nil
        }
        if ScriptImport.isTypescript(bytes) || ScriptTiming.isTiming(bytes) { return .script }
        let bare = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        return bare.hasSuffix("typescript") ? .script : nil
    }
}
