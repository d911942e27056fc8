import EventSchema

/// What an asciicast says before its events; versions 1 to 3 have the same in other places.
///
/// Formats: docs.asciinema.org/manual/asciicast. Fields that are there must have the form the format gives them.
struct AsciicastHeader {
    var version: Int
    var columns: UInt32
    var rows: UInt32
    var term = ""
    var title: String?
    var command: String?
    var idleLimit: Duration?
    /// When the recording began, if the file says so in a way that can be true.
    var started: RecordTime?
    var environment: [(name: String, value: String)] = []

    /// Bytes of a title or a command; the rest is cut off.
    private static let longestText = 2048
    /// Bytes of all variables; what is more is left out.
    private static let largestEnvironment = 8192

    struct Fault: Error {
        var reason: String
        /// The member it is about.
        var path: [JSONOutline.Step]
        var code = ImportError.Code.malformed
    }

    init(_ json: JSONValue) throws(Fault) {
        guard json.members != nil, let version = json["version"]?.integer else {
            throw Fault(reason: "not an asciicast header: no \"version\"", path: [])
        }
        guard (1...3).contains(version) else {
            throw Fault(
                reason: "asciicast version \(version) is not supported", path: [.member("version")], code: .unsupported)
        }
        self.version = Int(version)
        let terminal = version == 3 ? json["term"] : json
        let names = version == 3 ? (columns: "cols", rows: "rows") : (columns: "width", rows: "height")
        let base: [JSONOutline.Step] = version == 3 ? [.member("term")] : []
        guard let terminal, terminal.members != nil else { throw Fault(reason: "no object \"term\"", path: []) }
        columns = try Self.size(names.columns, of: terminal, base)
        rows = try Self.size(names.rows, of: terminal, base)
        title = try Self.text("title", of: json)
        command = try Self.text("command", of: json)
        if version == 3 { term = try Self.text("type", of: terminal, base) ?? "" }
        try readEnvironment(json)
        if term.isEmpty { term = environment.first { $0.name == "TERM" }?.value ?? "" }
        guard version > 1 else { return }
        try readTimes(json)
        try Self.checkTheme(terminal["theme"], base + [.member("theme")])
    }

    var shell: String { environment.first { $0.name == "SHELL" }?.value ?? "" }

    private mutating func readEnvironment(_ json: JSONValue) throws(Fault) {
        guard let env = json["env"], env != .null else { return }
        guard let members = env.members else { throw Fault(reason: "\"env\" is no object", path: [.member("env")]) }
        var room = Self.largestEnvironment
        for (name, value) in members where value != .null {
            guard let value = value.string else {
                throw Fault(reason: "the variable \(name) is no text", path: [.member("env"), .member(name)])
            }
            guard room >= name.utf8.count + value.utf8.count else { continue }
            room -= name.utf8.count + value.utf8.count
            environment.append((name: name, value: value))
        }
    }

    private mutating func readTimes(_ json: JSONValue) throws(Fault) {
        if let limit = json["idle_time_limit"], limit != .null {
            guard let seconds = limit.double, seconds >= 0, seconds < 1e9 else {
                throw Fault(reason: "\"idle_time_limit\" is no number of seconds", path: [.member("idle_time_limit")])
            }
            idleLimit = .microseconds(Int64((seconds * 1e6).rounded()))
        }
        if let timestamp = json["timestamp"], timestamp != .null {
            guard let seconds = timestamp.double, seconds.magnitude < 1e11 else {
                throw Fault(reason: "\"timestamp\" is no time", path: [.member("timestamp")])
            }
            let time = RecordTime(microseconds: Int64((seconds * 1e6).rounded()))
            if time >= EffectiveTime.earliest { started = time }
        }
    }

    private static func size(_ name: String, of json: JSONValue, _ base: [JSONOutline.Step]) throws(Fault) -> UInt32 {
        guard let value = json[name] else { throw Fault(reason: "no \"\(name)\"", path: base) }
        guard let size = value.integer, (1...Int64(UInt16.max)).contains(size) else {
            throw Fault(reason: "\"\(name)\" is no size of a terminal", path: base + [.member(name)])
        }
        return UInt32(size)
    }

    private static func text(
        _ name: String, of json: JSONValue, _ base: [JSONOutline.Step] = []
    ) throws(Fault) -> String? {
        guard let value = json[name], value != .null else { return nil }
        guard let text = value.string else {
            throw Fault(reason: "\"\(name)\" is no text", path: base + [.member(name)])
        }
        return text.clipped(to: longestText)
    }

    /// Colours are not recorded; but a theme that is given must be one (an empty object is none).
    private static func checkTheme(_ theme: JSONValue?, _ path: [JSONOutline.Step]) throws(Fault) {
        guard let theme, theme != .null else { return }
        guard let members = theme.members else { throw Fault(reason: "\"theme\" is no object", path: path) }
        guard !members.isEmpty else { return }
        for name in ["fg", "bg"] where !isColour(theme[name]?.string) {
            throw Fault(reason: "\"\(name)\" of the theme is no colour #rrggbb", path: path + [.member(name)])
        }
        let palette =
            theme["palette"]?.string?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
        guard palette.count == 8 || palette.count == 16, palette.allSatisfy({ isColour($0) }) else {
            throw Fault(reason: "\"palette\" of the theme is not 8 or 16 colours", path: path + [.member("palette")])
        }
    }

    private static func isColour(_ text: String?) -> Bool {
        guard let text, text.utf8.count == 7, text.hasPrefix("#") else { return false }
        return text.dropFirst().allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}
