import AMQPBridge
import Archive
import ArgumentParser
import Capture
import Delivery
import EventSchema
import Foundation
import Logging
import Synchronization

/// Archives what a team shares.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Archive what a team shares, and answer what is asked of the archive.",
        discussion: """
            Keeps `team.db` in PLAYHEAD_HOME, until SIGTERM; what is under way is finished first. A second one stands by
            and takes over.

            Examples:
              playhead serve --broker "$(playhead broker url --as archiver)"
              playhead serve --broker amqps://archiver:…@mq.example/playhead --json
            """)

    @Option(
        help: ArgumentHelp(
            "The broker, with the archiver's login; PLAYHEAD_BROKER if not given.",
            valueName: "amqp://archiver:PASSWORD@HOST/VHOST"))
    var broker: String?

    @OptionGroup var team: TeamOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = common.settings
        guard let text = broker ?? settings.broker else {
            throw CommandFailure(
                .usage, "which broker? give --broker, as `playhead broker url --as archiver` prints it")
        }
        let url = try AMQPURL(text)
        guard url.user == BrokerNames.archiver else {
            throw CommandFailure(
                .usage, "archive with the login '\(BrokerNames.archiver)', not '\(url.user ?? "guest")'")
        }
        let home = ArchiveHome(settings.home.directory, of: .team)
        try home.create()
        let stop = Stop()
        guard let lock = try waitForLock(home, stop) else { return }
        defer { lock.release() }
        let logger = Logger(label: "playhead.serve") { [common] label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = common.verbose ? .debug : common.quiet ? .error : .notice
            return handler
        }
        try serve(
            TeamArchive(home: home, logger: logger), AMQPOptions(url: url, connectionName: "playhead archiver"), stop,
            logger)
    }

    /// Waits while another archiver of this home works.
    private func waitForLock(_ home: ArchiveHome, _ stop: Stop) throws -> FileLock? {
        var isTold = false
        while !stop.isAsked {
            if let lock = try FileLock.tryAcquire(home.lock.path) { return lock }
            if !isTold { common.output.message("another archiver serves \(home.archive.path); this one stands by") }
            isTold = true
            stop.wait(0.1)
        }
        return nil
    }

    private func serve(_ archive: TeamArchive, _ options: AMQPOptions, _ stop: Stop, _ logger: Logger) throws {
        let now: @Sendable () -> RecordTime = { RecordTime(microseconds: Machine.wallMicroseconds) }
        let grants = TeamGrants(file: team.place(common.settings).file, logger: logger)
        let voices = Mutex<ArchiveVoice?>(nil)
        let intake = try Intake(into: archive, logger: logger, now: now) { heads in
            voices.withLock { $0 }?.tell(heads)
        }
        let voice = ArchiveVoice(of: archive, logger: logger, now: now, mayRead: grants.mayRead) { intake.isBusy }
        voices.withLock { $0 = voice }
        var receiving = options
        receiving.maximumBody = WireMessage.largest
        voice.start(options)
        intake.start(receiving)
        common.output.message("archiving \(BrokerPlace(options.url)) into \(archive.home.archive.path)")
        report(intake, voice, until: stop)
        try blocking {
            await intake.stop()
            await voice.stop()
        }
        archive.stop()
        tell(intake, voice)
        common.output.progress("")
        common.output.message("stopped; what had arrived is archived")
    }

    private func report(_ intake: Intake, _ voice: ArchiveVoice, until stop: Stop) {
        var told: JSONValue?
        while !stop.isAsked {
            stop.wait(1)
            let line = Self.line(intake, voice)
            guard line != told else { continue }
            told = line
            tell(intake, voice)
        }
    }

    private static func line(_ intake: Intake, _ voice: ArchiveVoice) -> JSONValue {
        var statistics = intake.statistics
        statistics.requests = voice.requests
        let state: String
        switch intake.state {
        case .connecting: state = "connecting"
        case .open: state = "open"
        case .blocked(let reason): state = "blocked: \(reason)"
        case .waiting(_, let error, _): state = "waiting: \(error.message)"
        case .closed: state = "closed"
        }
        return .object((statistics.json.members ?? []) + [(key: "state", value: .string(state))])
    }

    private func tell(_ intake: Intake, _ voice: ArchiveVoice) {
        let line = Self.line(intake, voice)
        if common.json {
            common.output.json(line)
        } else {
            let numbers = intake.statistics
            common.output.progress(
                "\(line["state"]?.string ?? ""), \(numbers.batches) batches archived, \(numbers.duplicates) duplicates, "
                    + "\(numbers.quarantined) quarantined, \(voice.requests) requests")
        }
    }
}

/// Who may see what, as the team's file says now.
final class TeamGrants: Sendable {
    private let file: String
    private let logger: Logger
    private let known = Mutex<(changed: Date?, team: TeamFile?)>((nil, nil))

    init(file: String, logger: Logger) {
        self.file = file
        self.logger = logger
    }

    /// Whether `reader` may see a session of `owner`. Without a file everybody sees only their own.
    func mayRead(_ reader: String, _ owner: String, _ session: SessionID) -> Bool {
        let changed = try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
        return known.withLock { known in
            if known.changed != changed {
                do { known.team = changed == nil ? nil : try TeamFile(path: file) } catch {
                    logger.error("the team's file cannot be read, nobody sees more than their own: \(error)")
                    known.team = nil
                }
                known.changed = changed
            }
            return known.team?.mayFollow(reader, owner, session: session) ?? false
        }
    }
}
