import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation
import Viewer

/// Merges what has been recorded into sealed blocks.
struct SealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Pack sessions into small columnar blocks now (ended sessions are packed by themselves).",
        discussion: "Examples:\n  playhead seal          everything\n  playhead seal last")

    @Argument(help: "A session; all if none is given.")
    var session: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let library = try Library(common.settings)
        let found = try session.map { try library.find($0) }
        var request: [(key: String, value: JSONValue)] = [("do", "seal")]
        if let found { request.append(("session", .string("\(found.id)"))) }
        let output = common.output
        let answer = try AgentClient(common.settings.agent).ask(.object(request)) { progress in
            output.progress("sealing \(progress["progress"]?.integer ?? 0) of \(progress["of"]?.integer ?? 0)")
        }
        output.progress("")
        let sealed = answer["sealed"]?.integer ?? 0
        if common.json {
            output.json(["sealed": .integer(sealed)])
        } else {
            output.message("sealed \(sealed) batches")
        }
    }
}

/// Fills the index again from the archive.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Delete the index and fill it again from the archive.",
        discussion:
            "Nothing is lost by it: the index holds nothing that is not in the archive.\n\nExample:  playhead rebuild")

    @OptionGroup var common: CommonOptions

    func run() throws {
        _ = try AgentClient(common.settings.agent).ask(["do": "rebuild"])
        if common.json { common.output.json(["rebuilt": true]) }
    }
}

/// Removes sessions for good.
struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove sessions for good: their bytes are overwritten on the disk.",
        discussion: "Examples:\n  playhead rm 7kq2mx\n  playhead rm last -y")

    @Argument(help: "The sessions.")
    var sessions: [String]

    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let library = try Library(common.settings)
        let found = try sessions.map { try library.find($0) }
        let client = try AgentClient(common.settings.agent)
        for session in found {
            if !yes, !confirm(session.id.short, session.title) { continue }
            _ = try client.ask(["do": "remove", "session": .string("\(session.id)")])
            if common.json {
                common.output.json(["removed": .string("\(session.id)")])
            } else {
                common.output.message("removed \(session.id.short)")
            }
        }
    }

    /// Asks on a terminal; without one, nobody can be asked and what was typed counts.
    private func confirm(_ id: String, _ title: String) -> Bool {
        guard Descriptor.standardInput.isTerminal, Descriptor.standardError.isTerminal else { return true }
        try? Descriptor.standardError.writeAll(Array("remove \(id) \(Sanitize.line(title)) for good? [y/N] ".utf8))
        return readLine()?.lowercased().hasPrefix("y") ?? false
    }
}

/// Changes what a session is called.
struct EditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a session's title and tags.",
        discussion: "Example:  playhead edit last --title \"login form\" --add-tag auth")

    @Argument(help: "The session.")
    var session: String

    @Option(name: [.short, .long], help: "The new title.")
    var title: String?

    @Option(help: "A tag to add; may be given several times.")
    var addTag: [String] = []

    @Option(help: "A tag to take away; may be given several times.")
    var removeTag: [String] = []

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard title != nil || !addTag.isEmpty || !removeTag.isEmpty else {
            throw ValidationError("Nothing to change: give --title, --add-tag or --remove-tag.")
        }
    }

    func run() throws {
        let library = try Library(common.settings)
        let found = try library.find(session)
        var edited = SessionEdited()
        if let title { edited.title = title }
        edited.addTags = addTag
        edited.removeTags = removeTag
        try AgentClient(common.settings.agent).add(Event(.sessionEdited(edited)), to: found.id)
        if common.json { common.output.json(["session": .string("\(found.id)")]) }
    }
}
