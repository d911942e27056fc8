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
        let bridge = EditorBridge(
            input: STDIN_FILENO, output: STDOUT_FILENO, clock: directory.clock, masking: SecretText(),
            report: { Output.error("playhead editor: \($0)") }
        ) { path in directory.target(of: path) }
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

    init(_ settings: Settings) throws {
        self.settings = settings
        // No recording, no agent: an editor outside every session must not start one.
        let now = (try? AgentClient(settings.agent, starting: false).ask(["do": "status"]))?["clock"]?.integer
        clock = RecordClock(anchor: RecordTime(microseconds: now ?? Machine.wallMicroseconds))
        link = AgentLink(settings.agent, clock: clock, startsAgent: now != nil) { _ in }
    }

    /// Where a file's events go; nil if no session that is open holds it.
    func target(of path: String) -> EditorTarget? {
        var request: [(key: String, value: JSONValue)] = [("do", "find"), ("path", .string(path))]
        if let current = settings.currentSession { request.append(("session", .string(current))) }
        guard let answer = try? AgentClient(settings.agent, starting: false).ask(.object(request)),
            let session = answer["session"]?.string.flatMap(Identifier.init).map(SessionID.init),
            let workspace = answer["workspace"]?.string
        else { return nil }
        let source = sources[session] ?? open(session)
        guard path == workspace || path.hasPrefix(workspace.hasSuffix("/") ? workspace : workspace + "/") else {
            return EditorTarget(session: "\(session)", sink: source, privateBecause: "outside the workspace")
        }
        let rules = rules[workspace] ?? IgnoreRules(root: workspace)
        self.rules[workspace] = rules
        return EditorTarget(session: "\(session)", sink: source, privateBecause: rules.isPrivate(path))
    }

    func close(reason: String) {
        for source in sources.values { _ = source.close(reason: reason) }
        link.finish()
    }

    private func open(_ session: SessionID) -> LinkedSource {
        var opened = SourceOpened()
        opened.kind = .editor
        opened.program = settings.environment["PLAYHEAD_EDITOR"] ?? "editor"
        opened.user = settings.user
        opened.host = Machine.hostName
        opened.boot = Data(Machine.boot)
        opened.process = UInt32(clamping: Machine.processID)
        let source = link.source(in: session, opened: opened)
        sources[session] = source
        return source
    }
}
