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
    private let sinks = EditorSinks()
    private var rules: [String: IgnoreRules] = [:]
    /// What was found last for each path: it still holds while the agent does not answer.
    private var found: [String: EditorTarget?] = [:]
    private var client: AgentClient?
    private var silentUntil: ContinuousClock.Instant?
    private var always: AlwaysRecorded
    /// Warnings that were said.
    private var told: Set<String> = []

    init(_ settings: Settings) throws {
        self.settings = settings
        always = AlwaysRecorded(file: settings.configuration) { Self.say($0) }
        // No recording, no agent: an editor outside every session must not start one.
        let now = (try? AgentClient(settings.agent, starting: false, patience: .seconds(2)).ask(["do": "status"]))?[
            "clock"]?.integer
        clock = RecordClock(anchor: RecordTime(microseconds: now ?? Machine.wallMicroseconds))
        link = AgentLink(settings.agent, clock: clock, startsAgent: now != nil) { Self.tell($0) }
        let (sinks, clock) = (sinks, clock)
        link.whenPaused { isPaused in sinks.set(paused: isPaused, at: clock.now) }
        link.whenShared { session in sinks.repeatTexts(of: session) }
    }

    /// Lets the plug-in show it to the person.
    private static func tell(_ notice: AgentLink.Notice) { say(notice.text(goesOn: "the editor")) }

    private static func say(_ text: String) {
        let order: JSONValue = ["do": "say", "text": .string(text)]
        // One write of a short line: it cannot fall between the parts of another.
        try? FileHandle.standardOutput.write(contentsOf: Data((order.encoded + "\n").utf8))
    }

    /// Where a file's events go; nil if no session that is open holds it.
    func target(of path: String, editor: String) -> EditorTarget? {
        closeUnused()
        var request: [(key: String, value: JSONValue)] = [("do", "find"), ("path", .string(path))]
        if let current = settings.currentSession { request.append(("session", .string(current))) }
        guard silentUntil.map({ $0 < .now }) ?? true else { return found[path] ?? nil }
        let answer = ask(.object(request))
        // An answer may be older than what the link was told since: it ends no pause that something could leak out of.
        if let answer, answer["paused"]?.bool == true || sources.isEmpty { link.take(pauseOf: answer) }
        // In a pause no file belongs anywhere; its text is given again after it.
        if link.isPaused { return nil }
        if answer == nil, let before = found[path] ?? nil { return before }
        let open = answer.flatMap { target(of: path, $0, editor: editor) } ?? openAlwaysOn(path, editor: editor)
        if answer != nil || open != nil { found[path] = open }
        return open
    }

    /// In a workspace that is always recorded, the first file that is not private begins a session.
    private func openAlwaysOn(_ path: String, editor: String) -> EditorTarget? {
        guard let workspace = always.workspace(of: path) else { return nil }
        let rules = rules[workspace] ?? IgnoreRules(root: workspace)
        self.rules[workspace] = rules
        guard rules.isPrivate(path) == nil else { return nil }
        let sharing = SharingSettings(settings, workspace: workspace)
        for warning in sharing.warnings where told.insert(warning).inserted { Self.say(warning) }
        let request: [(key: String, value: JSONValue)] =
            [("do", "open"), ("workspace", .string(workspace)), ("always", true)] + sharing.request
        guard let answer = try? AgentClient(settings.agent, patience: .seconds(5)).ask(.object(request)) else {
            return nil
        }
        return target(of: path, answer, editor: editor)
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
                guard error.code == .timedOut else { continue }
                // A stopped agent would cost every file its patience.
                silentUntil = .now + .seconds(10)
                return nil
            }
        }
        return nil
    }

    private func target(of path: String, _ answer: JSONValue, editor: String) -> EditorTarget? {
        guard let session = answer["session"]?.string.flatMap(Identifier.init).map(SessionID.init),
            let workspace = answer["workspace"]?.string
        else { return nil }
        let source = sources[session] ?? open(session, editor: editor)
        let sink = sinks.sink(of: session, over: source)
        let inside = path == workspace || path.hasPrefix(workspace.hasSuffix("/") ? workspace : workspace + "/")
        let rules = rules[workspace] ?? IgnoreRules(root: workspace)
        self.rules[workspace] = rules
        return EditorTarget(
            session: "\(session)", sink: sink,
            privateBecause: inside ? rules.isPrivate(path) : "outside the workspace",
            dropped: { source.droppedEvents + sink.withheld })
    }

    /// Sessions that have ended since the last question: what the bridge said of their end has been recorded.
    private func closeUnused() {
        let used = Set(found.values.compactMap { $0?.session })
        for (session, source) in sources where !used.contains("\(session)") {
            _ = source.close(reason: "the session ended", patience: .seconds(1))
            sources[session] = nil
            sinks.forget(session)
        }
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

/// What an editor's sources write to, one for each session, paused together.
final class EditorSinks: Sendable {
    private let sinks = Mutex<[SessionID: WithholdingSink]>([:])

    func sink(of session: SessionID, over source: LinkedSource) -> WithholdingSink {
        sinks.withLock { sinks in
            let sink = sinks[session] ?? WithholdingSink(source)
            sinks[session] = sink
            return sink
        }
    }

    func forget(_ session: SessionID) { sinks.withLock { $0[session] = nil } }

    func repeatTexts(of session: SessionID) { sinks.withLock { $0[session] }?.repeatTexts() }

    func set(paused: Bool, at time: RecordTime) {
        for sink in sinks.withLock({ Array($0.values) }) { sink.set(paused: paused, at: time) }
    }
}

/// The workspaces that are always recorded, as the configuration says now: it is read anew when its file has changed.
struct AlwaysRecorded {
    private let file: String
    private let report: (String) -> Void
    private var workspaces: RecordedWorkspaces?
    private var readAt: FileStamp?

    /// - Parameter report: told once of each mistake in the file; nothing is always recorded then.
    init(file: String, report: @escaping (String) -> Void) {
        self.file = file
        self.report = report
    }

    /// The workspace that is on and encloses a path.
    mutating func workspace(of path: String) -> String? {
        let stamp = FileStamp(of: file)
        if stamp != readAt {
            readAt = stamp
            do throws(ConfigError) {
                workspaces = stamp == nil ? nil : try RecordedWorkspaces(file: file)
            } catch {
                workspaces = nil
                report("\(file), \(error)")
            }
        }
        return workspaces?.enclosing(WorkspaceRoot.realPath(path))
    }
}
