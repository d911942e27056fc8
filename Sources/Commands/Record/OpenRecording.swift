import Archive
import Capture
import EventSchema
import Foundation
import Synchronization

/// A recording under way: the session the agent opened, the link to it, and the terminal source.
final class OpenRecording {
    let session: SessionID
    let joined: Bool
    /// `local`, `team URL` or `live URL`.
    let destination: String
    private(set) var isKept = true
    var isPaused: Bool { link.isPaused }
    private let settings: Settings
    private let workspace: String
    private let link: AgentLink
    private let headless: Bool

    init(
        settings: Settings, workspace: String, title: String, tags: [String], isNew: Bool, headless: Bool,
        broker: String? = nil
    ) throws {
        self.settings = settings
        self.workspace = workspace
        self.headless = headless
        var request: [(key: String, value: JSONValue)] = [
            ("do", "open"), ("workspace", .string(workspace)),
            ("title", .string(String(decoding: SecretMask.masked(Array(title.utf8)), as: UTF8.self))),
            ("new", .bool(isNew)),
            ("tags", .array(tags.map(JSONValue.string))),
        ]
        if let broker {
            request.append(("broker", .string(broker)))
        } else {
            let sharing = SharingSettings(settings, workspace: workspace)
            for warning in sharing.warnings { Output.error("playhead: \(warning)") }
            request += sharing.request
        }
        if let current = settings.currentSession { request.append(("session", .string(current))) }
        let answer = try Self.ask(.object(request), settings.agent)
        guard let identifier = answer["session"]?.string.flatMap(Identifier.init), let now = answer["clock"]?.integer
        else {
            throw CommandFailure(.failed, "the agent opened no session")
        }
        session = SessionID(identifier)
        joined = answer["joined"]?.bool ?? false
        destination = answer["destination"]?.string ?? "local"
        let clock = RecordClock(anchor: RecordTime(microseconds: now))
        link = AgentLink(settings.agent, clock: clock) { notice in Self.tell(notice) }
        link.take(pauseOf: answer)
    }

    /// How the broker of this session's team is, as the agent sees it.
    struct Reach {
        let state: String
        let unsent: Int64
        /// One sentence.
        let text: String
        let reason: String

        var json: JSONValue {
            ["state": .string(state), "unsent": .integer(unsent), "reason": .string(reason), "text": .string(text)]
        }
        /// Connected, or known why not.
        var isKnown: Bool { state != "waiting" || !reason.isEmpty }
    }

    /// Asks the agent until `isSettled` or `time` is over; nil for a session that goes nowhere, or without an answer.
    func broker(within time: Duration = .seconds(1), until isSettled: (Reach) -> Bool) -> Reach? {
        guard let place = destination.split(separator: " ").dropFirst().first.map(String.init) else { return nil }
        let deadline = ContinuousClock.now + time
        var last: Reach?
        repeat {
            let status = try? AgentClient(settings.agent, starting: false, patience: .seconds(2)).ask(["do": "status"])
            let relay = status?["relays"]?.array?.first { $0["broker"]?.string == place }
            guard let relay else { return last }
            let reach = Reach(
                state: relay["state"]?.string ?? "", unsent: relay["unsent"]?.integer ?? 0,
                text: relay["text"]?.string ?? "", reason: relay["reason"]?.string ?? "")
            if isSettled(reach) { return reach }
            last = reach
            usleep(20_000)
        } while ContinuousClock.now < deadline
        return last
    }

    /// Where it goes, in words.
    var reach: String { destination == "local" ? "local only" : destination }

    /// Asks again when the agent died over the question: the next one is started for it.
    private static func ask(_ request: JSONValue, _ agent: AgentAddress) throws(LinkError) -> JSONValue {
        for _ in 0..<4 {
            do {
                return try AgentClient(agent, patience: .seconds(10)).ask(request)
            } catch {
                guard error.code == .unreachable else { throw error }
            }
        }
        return try AgentClient(agent, patience: .seconds(10)).ask(request)
    }

    /// Runs the recorded program to its end and hands everything over.
    func run(options: (_ environment: [String: String], _ directory: String) throws -> RecorderOptions) throws
        -> ProcessStatus
    {
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        var environment = settings.environment
        environment["PLAYHEAD_SESSION"] = "\(session)"
        environment["PLAYHEAD_HOME"] = settings.home.directory.path
        environment["PLAYHEAD_BIN"] = Machine.executablePath
        // What the prompt says in its brackets.
        let word = destination.split(separator: " ").first.map(String.init) ?? "local"
        environment["PLAYHEAD_MARK"] = word == "local" ? "rec" : "rec \(word)"
        let options = try options(environment, directory.path)
        var opened = SourceOpened()
        opened.kind = .terminal
        opened.program = String((options.shell.isEmpty ? (options.command ?? "") : options.shell).prefix(1000))
        opened.user = settings.user
        opened.host = Machine.hostName
        opened.boot = Data(Machine.boot)
        opened.process = UInt32(clamping: Machine.processID)
        let source = link.source(in: session, opened: opened)
        let watcher = EnvironmentWatcher(
            directory: workspace, environment: settings.environment, clock: link.clock, sink: source)
        if !link.isPaused { watcher.captureSoon(why: "start") }
        let recorder = try TerminalRecorder(options, sink: watcher, clock: link.clock)
        link.whenShared { [session = source.session] shared in if shared == session { recorder.repeatState() } }
        link.whenPaused { $0 ? recorder.pause(reason: "asked") : recorder.resume() }
        let signals = StopSignals { recorder.stop() }
        defer { signals.end() }
        let status = try recorder.run()
        watcher.finish()
        let end = source.close(reason: "ended")
        link.finish()
        isKept = end == .accepted
        switch end {
        case .accepted: break
        case .leftForNextAgent:
            let place = settings.home.unsent.path
            Output.error("playhead: the agent did not take the end of the recording; the next one will (\(place))")
        case .lost:
            let home = settings.home.directory.path
            Output.error("playhead: the end of the recording is lost: neither the agent nor \(home) takes it")
        }
        return status
    }

    private static func tell(_ notice: AgentLink.Notice) {
        Output.error("\r\n[playhead: \(notice.text(goesOn: "the shell"))]\r")
    }
}

/// A directory for this recording's files, for its owner only.
struct PrivateDirectory {
    let path: String

    init() throws {
        let base = FileManager.default.temporaryDirectory.path
        path = "\(base)/playhead-rec-\(Machine.processID)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Ends the recording in order when the process is asked to go: the terminal is hung up, what it wrote is kept.
final class StopSignals {
    private var sources: [any DispatchSourceSignal] = []

    init(_ stop: @escaping @Sendable () -> Void) {
        for number in [SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: stop)
            source.resume()
            sources.append(source)
        }
    }

    func end() { for source in sources { source.cancel() } }
}
