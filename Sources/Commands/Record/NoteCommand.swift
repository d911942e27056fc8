import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation

/// Leaves a note in a session.
struct NoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Leave a note in the session: now, or at an old moment.",
        discussion: """
            Examples:
              playhead note "expired tokens still return 200" --next
              playhead note "rotate the key in CI" --todo
              playhead note "here it went wrong" -S last --at end-10m
            """)

    @Argument(help: "The note.")
    var text: String

    @Flag(help: "What to do first when coming back; the recap begins with it.")
    var next = false

    @Flag(help: "Something to do.")
    var todo = false

    @Option(help: "A tag; may be given several times.")
    var tag: [String] = []

    @Option(help: "The moment it is about: +42s, end-10m, 14:05, mark:NAME …")
    var at: String?

    @Option(help: "What it is about: PATH or PATH:LINE.")
    var file: String?

    @Option(name: [.customShort("S"), .long], help: "The session: an id, last, current or a title.")
    var session: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = common.settings
        let client = try AgentClient(settings.agent)
        var note = Note()
        note.id = UUID().uuidString.lowercased()
        note.text = String(decoding: SecretMask.masked(Array(text.utf8)), as: UTF8.self)
        note.next = next
        note.todo = todo
        note.tags = tag
        if let file { (note.path, note.line) = Self.anchor(file, in: settings.workingDirectory) }
        let id: SessionID
        if session == nil, at == nil, let open = try openSession(client, settings) {
            id = open
        } else {
            let library = try Library(settings)
            let found = try library.find(session ?? "last")
            id = found.id
            if let at { note.atUs = try MomentOption.time(at, in: found, library: library).microseconds }
        }
        try client.add(Event(.note(note)), to: id)
        if common.json {
            common.output.json(["note": .string(note.id), "session": .string("\(id)")])
        } else {
            common.output.message("noted in \(id.short)")
        }
    }

    /// The session that is being recorded here, if one is.
    private func openSession(_ client: AgentClient, _ settings: Settings) throws -> SessionID? {
        var request: JSONValue = ["do": "find", "path": .string(settings.workingDirectory)]
        if let current = settings.currentSession, case .object(let members) = request {
            request = .object(members + [(key: "session", value: .string(current))])
        }
        return try client.ask(request)["session"]?.string.flatMap(Identifier.init).map(SessionID.init)
    }

    private static func anchor(_ text: String, in directory: String) -> (path: Data, line: UInt32) {
        var path = text
        var line: UInt32 = 0
        if let colon = text.lastIndex(of: ":"), let number = UInt32(text[text.index(after: colon)...]) {
            path = String(text[..<colon])
            line = number
        }
        let absolute = path.hasPrefix("/") ? path : "\(directory)/\(path)"
        return (Data(URL(fileURLWithPath: absolute).standardizedFileURL.path.utf8), line)
    }
}
