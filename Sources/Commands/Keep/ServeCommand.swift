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
            Keeps `team.db` in PLAYHEAD_HOME, until SIGTERM; what is under way is finished first. A second one stands by \
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
        ArchiverMemory.settle()
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
        let grants = TeamGrants(file: team.place(common.settings).file, logger: logger)
        let reason = Mutex<AMQPError?>(nil)
        let archiver = try Archiver(
            of: archive, logger: logger, now: { RecordTime(microseconds: Machine.wallMicroseconds) },
            mayRead: grants.mayRead,
            givesUp: { error in
                reason.withLock { $0 = error }
                stop.ask()
            })
        let place = BrokerPlace(options.url)
        common.output.message("archiving \(place) into \(archive.home.archive.path)")
        archiver.start(options)
        report(archiver, until: stop)
        try blocking { await archiver.stop() }
        archive.stop()
        tell(archiver)
        common.output.progress("")
        if let reason = reason.withLock({ $0 }) { throw CommandFailure(archiving: reason, at: place) }
        common.output.message("stopped; what had arrived is archived")
    }

    private func report(_ archiver: Archiver, until stop: Stop) {
        var told: JSONValue?
        while !stop.isAsked {
            stop.wait(1)
            let line = Self.line(archiver)
            guard line != told else { continue }
            told = line
            tell(archiver)
        }
    }

    private static func line(_ archiver: Archiver) -> JSONValue {
        .object((archiver.statistics.json.members ?? []) + [(key: "state", value: .string(archiver.state))])
    }

    private func tell(_ archiver: Archiver) {
        let line = Self.line(archiver)
        if common.json {
            common.output.json(line)
        } else {
            let numbers = archiver.statistics
            common.output.progress(
                "\(line["state"]?.string ?? ""), \(numbers.batches) batches archived, \(numbers.duplicates) duplicates, "
                    + "\(numbers.quarantined) quarantined, \(numbers.requests) requests")
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
