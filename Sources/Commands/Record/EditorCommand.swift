import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation
import Synchronization

/// The bridge that every editor plug-in starts.
struct EditorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "editor",
        abstract: "The bridge of editor plug-ins: JSON lines on standard input and output.",
        discussion: "The lines are described in docs/EDITOR-PROTOCOL.md.\n\nExample:  playhead editor < lines.jsonl")

    func run() throws {
        let settings = Settings()
        let directory = try EditorSessions(settings)
        var editor: () -> String? = { nil }
        let bridge = EditorBridge(
            input: STDIN_FILENO, output: STDOUT_FILENO, clock: directory.clock, masking: SecretText(),
            report: { Output.error("playhead editor: \($0)") },
            provider: { path in directory.target(of: path, editor: editor() ?? "editor") })
        editor = { [weak bridge] in bridge?.editor }
        let saidGoodBye = bridge.run()
        directory.close(reason: saidGoodBye ? "ended" : "crashed")
    }
}

/// The sessions that the files of one editor belong to; one source in each.
final class EditorSessions {
    let clock: RecordClock
    private let settings: Settings
    private let link: AgentLink
    private var sources: [SessionID: LinkedSource] = [:]
    private var rules: [String: IgnoreRules] = [:]
    /// What was found last for each path: it still holds while the agent does not answer.
    private var found: [String: EditorTarget?] = [:]
    private var client: AgentClient?

    init(_ settings: Settings) throws {
        self.settings = settings
        // No recording, no agent: an editor outside every session must not start one.
        let now = (try? AgentClient(settings.agent, starting: false, patience: .seconds(2)).ask(["do": "status"]))?[
            "clock"]?.integer
        clock = RecordClock(anchor: RecordTime(microseconds: now ?? Machine.wallMicroseconds))
        link = AgentLink(settings.agent, clock: clock, startsAgent: now != nil) { Self.tell($0) }
    }

    /// Lets the plug-in show it to the person.
    private static func tell(_ notice: AgentLink.Notice) {
        let order: JSONValue = ["do": "say", "text": .string(notice.text(goesOn: "the editor"))]
        // One write of a short line: it cannot fall between the parts of another.
        try? FileHandle.standardOutput.write(contentsOf: Data((order.encoded + "\n").utf8))
    }

    /// Where a file's events go; nil if no session that is open holds it.
    func target(of path: String, editor: String) -> EditorTarget? {
        var request: [(key: String, value: JSONValue)] = [("do", "find"), ("path", .string(path))]
        if let current = settings.currentSession { request.append(("session", .string(current))) }
        guard let answer = ask(.object(request)) else { return found[path] ?? nil }
        let target = target(of: path, answer, editor: editor)
        // A session stays open while this editor feeds it: an agent that does not know it has just begun.
        if target == nil, let before = found[path] ?? nil { return before }
        found[path] = target
        return target
    }

    /// Asks over one lasting connection; a new one after it broke, nil while there is no answer.
    private func ask(_ request: JSONValue) -> JSONValue? {
        for _ in 0..<2 {
            if client == nil { client = try? AgentClient(settings.agent, starting: false, patience: .seconds(2)) }
            guard let client else { return nil }
            do {
                return try client.ask(request)
            } catch {
                self.client = nil
                if error.code == .timedOut { return nil }
            }
        }
        return nil
    }

    private func target(of path: String, _ answer: JSONValue, editor: String) -> EditorTarget? {
        guard let session = answer["session"]?.string.flatMap(Identifier.init).map(SessionID.init),
            let workspace = answer["workspace"]?.string
        else { return nil }
        let source = sources[session] ?? open(session, editor: editor)
        let inside = path == workspace || path.hasPrefix(workspace.hasSuffix("/") ? workspace : workspace + "/")
        let rules = rules[workspace] ?? IgnoreRules(root: workspace)
        self.rules[workspace] = rules
        return EditorTarget(
            session: "\(session)", sink: source,
            privateBecause: inside ? rules.isPrivate(path) : "outside the workspace",
            dropped: { source.droppedEvents })
    }

    func close(reason: String) {
        for source in sources.values { _ = source.close(reason: reason) }
        link.finish()
    }

    private func open(_ session: SessionID, editor: String) -> LinkedSource {
        var opened = SourceOpened()
        opened.kind = .editor
        opened.program = editor
        opened.user = settings.user
        opened.host = Machine.hostName
        opened.boot = Data(Machine.boot)
        opened.process = UInt32(clamping: Machine.processID)
        let source = link.source(in: session, opened: opened)
        sources[session] = source
        return source
    }
}
