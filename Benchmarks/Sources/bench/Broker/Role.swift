import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import Logging
import Synchronization

/// `bench --role NAME …`: a part that is measured in a process of its own. It says its figures as JSON, a line each, and
/// ends with its input.
enum Role {
    static func run(_ words: [String]) throws {
        switch words.first {
        case "archiver" where words.count == 4:
            ArchiverMemory.settle()
            try archiver(home: words[1], url: words[2], count: Int(words[3]) ?? 0)
        case "relay" where words.count == 4:
            try RelayRole(home: words[1], login: words[2]).drain(count: Int(words[3]) ?? 0)
        case "publisher" where words.count == 5:
            try RelayRole(home: words[1], login: words[2]).publish(
                rate: Double(words[3]) ?? 1, count: Int(words[4]) ?? 0, isLive: false)
        case "leader" where words.count == 5:
            try RelayRole(home: words[1], login: words[2]).publish(
                rate: Double(words[3]) ?? 1, count: Int(words[4]) ?? 0, isLive: true)
        case "followers" where words.count == 5:
            try FollowersRole(logins: words[1], leader: "ada", edits: Int(words[2]) ?? 1, followers: Int(words[3]) ?? 1)
                .follow(timesInto: URL(filePath: words[4]))
        default: throw NotMeasured(reason: "no role \(words)")
        }
    }

    static func say(_ line: JSONValue) {
        print(line.encoded)
        fflush(nil)
    }

    static func waitForEnd() { while readLine() != nil {} }

    static let logger: Logger = {
        var logger = Logger(label: "bench") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }()

    static let now: @Sendable () -> RecordTime = { RecordTime(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }

    /// The archiver as `playhead serve` puts it together. Says when it has stored `count` messages, and when the index
    /// has them too.
    private static func archiver(home: String, url: String, count: Int) throws {
        let archive = try TeamArchive(home: ArchiveHome(URL(filePath: home), of: .team), logger: logger)
        let voices = Mutex<ArchiveVoice?>(nil)
        let stored = Mutex(0)
        let done = DispatchSemaphore(value: 0)
        let intakes = Mutex<Intake?>(nil)
        let finished = Mutex<(time: ContinuousClock.Instant, cpu: Double)?>(nil)
        let intake = try Intake(into: archive, logger: logger, now: now) { heads in
            voices.withLock { $0 }?.tell(heads)
            guard let messages = intakes.withLock({ $0 })?.statistics.messages else { return }
            stored.withLock { $0 = messages }
            if count > 0, messages >= count {
                finished.withLock { if $0 == nil { $0 = (.now, Usage.cpu) } }
                done.signal()
            }
        }
        intakes.withLock { $0 = intake }
        let voice = ArchiveVoice(
            of: archive, logger: logger, now: now, mayRead: { $0 == $1 && $2 == $2 },
            isBusy: { intake.isBusy })
        voices.withLock { $0 = voice }
        let options = AMQPOptions(url: try AMQPURL(url), connectionName: "bench archiver")
        var receiving = options
        receiving.maximumBody = WireMessage.largest
        voice.start(options)
        let start = ContinuousClock.now
        let cpu = Usage.cpu
        intake.start(receiving)
        if count > 0 {
            done.wait()
            if let finished = finished.withLock({ $0 }) {
                say(["seconds": .number((finished.time - start).seconds), "cpu": .number(finished.cpu - cpu)])
            }
            try archive.catchUp()
            say([
                "seconds": .number((ContinuousClock.now - start).seconds), "cpu": .number(Usage.cpu - cpu),
                "batches": .integer(Int64(intake.statistics.batches)),
                "refused": .integer(Int64(intake.statistics.quarantined + intake.statistics.conflicts)),
                "commits": .integer(Int64(intake.statistics.commits)),
            ])
        } else {
            say(["ready": 1])
        }
        waitForEnd()
        try blocking {
            await intake.stop()
            await voice.stop()
        }
        archive.stop()
    }
}
