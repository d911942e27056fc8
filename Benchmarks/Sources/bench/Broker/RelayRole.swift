import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import Synchronization

/// A person's side: their archive, and the relay that carries it to the broker.
final class RelayRole: Sendable {
    private let home: ArchiveHome
    private let login: BrokerLogin

    private struct Counts {
        var began: ContinuousClock.Instant?
        var ended = ContinuousClock.now
        var cpuBefore = 0.0
        var confirmed = 0
    }
    private let counts = Mutex(Counts())

    init(home: String, login: String) throws {
        self.home = ArchiveHome(URL(filePath: home))
        self.login = try BrokerLogin(login)
    }

    /// The relay's lines to the broker, with an eye on the one with confirms.
    private func lines(count: Int, _ done: DispatchSemaphore) -> Relay.Lines {
        let lines = Relay.Lines(to: login)
        return Relay.Lines(
            events: { [self] tell in
                let line = lines.events { [self] event in
                    if case .confirmed(let numbers) = event {
                        let all = counts.withLock { counts in
                            counts.confirmed += numbers.count
                            counts.ended = .now
                            return counts.confirmed >= count
                        }
                        if all { done.signal() }
                    }
                    tell(event)
                }
                return WatchedLine(line) { [self] in
                    counts.withLock { if $0.began == nil { ($0.began, $0.cpuBefore) = (.now, Usage.cpu) } }
                }
            }, live: lines.live, control: lines.control)
    }

    /// Sends what the archive holds, and says how long it took from the first message to the last confirm. Somebody
    /// must answer for the team's archive, or the relay waits for its word first.
    func drain(count: Int) throws {
        let relay = Relay(to: login.place, user: login.user, home: home, logger: Role.logger)
        let done = DispatchSemaphore(value: 0)
        relay.start(lines(count: count, done))
        for session in Set(try ArchiveReader(home: home).sources().map(\.session)) {
            relay.share(session, isLive: false)
        }
        done.wait()
        let (seconds, cpu) = counts.withLock { (($0.ended - ($0.began ?? $0.ended)).seconds, Usage.cpu - $0.cpuBefore) }
        Role.say(["seconds": .number(seconds), "cpu": .number(cpu)])
        Role.waitForEnd()
        relay.close()
    }

    /// Appends and sends batches at a rate, as an agent does with those of its recorders; each call's time goes into
    /// `appended`, eight bytes of nanoseconds a batch. The archive's own index follows too.
    ///
    /// - Parameter isLive: one person whom somebody follows; else ten who only work.
    func publish(rate: Double, count: Int, isLive: Bool) throws {
        let writer = Owned(try ArchiveWriter(home: home))
        let index = try IndexService(home: home, logger: Role.logger)
        let relay = Relay(
            to: login.place, user: login.user, home: home, logger: Role.logger,
            reports: Relay.Reports(watermarks: { marks, archive in
                try? writer.perform { try $0.setWatermarks(marks, archive: archive) }
            }))
        let done = DispatchSemaphore(value: 0)
        relay.start(lines(count: count, done))
        var typing = Typing(people: isLive ? 1 : 10, user: login.user)
        for session in typing.sessions { relay.share(session, isLive: isLive) }
        Role.say(["ready": 1])
        guard readLine() != nil else { return }
        // Not in a long run, whose memory is watched.
        let keepsTimes = count <= 100_000
        var times: [UInt64] = []
        let start = ContinuousClock.now
        for number in 0..<count {
            let due = start + .seconds(Double(number) / rate)
            if due > .now { Thread.sleep(forTimeInterval: (due - .now).seconds) }
            let batch = typing.next()
            if keepsTimes { times.append(monotonicNanoseconds()) }
            _ = try writer.perform { try $0.append([batch], user: login.user, now: Role.now()) }
            relay.committed([batch])
            index.follow()
        }
        let late = (ContinuousClock.now - start).seconds - Double(count) / rate
        done.wait()
        try times.withUnsafeBytes { try Data($0).write(to: home.directory.appending(path: "appended")) }
        Role.say(["late": .number(late), "cpu": .number(Usage.cpu)])
        Role.waitForEnd()
        relay.close()
    }
}

/// Nanoseconds of a clock of the system's.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// A line of which is known when something is sent.
private final class WatchedLine: RelayLine {
    private let line: any RelayLine
    private let sends: @Sendable () -> Void

    init(_ line: any RelayLine, sends: @escaping @Sendable () -> Void) {
        self.line = line
        self.sends = sends
    }

    func publish(_ publications: [AMQPPublication]) {
        if !publications.isEmpty { sends() }
        line.publish(publications)
    }

    func close(dropping: Bool) { line.close(dropping: dropping) }
}

/// A writer that threads take turns with.
private final class Owned: Sendable {
    private let lock = NSLock()
    /// Only ever touched with `lock` held.
    private nonisolated(unsafe) let writer: ArchiveWriter

    init(_ writer: ArchiveWriter) { self.writer = writer }

    func perform<R: Sendable>(_ body: (ArchiveWriter) throws -> R) throws -> R {
        lock.lock()
        defer { lock.unlock() }
        return try body(writer)
    }
}

/// People who type one key after the other, in turn, for ever.
private struct Typing {
    private var last: [CheckedBatch]
    private var turn = 0
    private var opened = 0
    let sessions: [SessionID]

    init(people: Int, user: String) {
        let start = Role.now()
        let sessions = (0..<people).map { _ in SessionID.make(at: start) }
        self.sessions = sessions
        last = sessions.map { session in
            var opened = SourceOpened()
            opened.kind = .editor
            opened.user = user
            var document = DocumentOpened()
            document.document = 1
            document.path = Data("/w/text".utf8)
            return BatchCodec.encode(
                source: .make(at: start), session: session, seq: 1, previous: nil,
                events: [(start, Event(.sourceOpened(opened))), (start, Event(.documentOpened(document)))])
        }
    }

    mutating func next() -> CheckedBatch {
        if opened < last.count {
            opened += 1
            return last[opened - 1]
        }
        let before = last[turn]
        var edit = Edit()
        edit.document = 1
        edit.offset = before.seq - 1
        edit.inserted = Data([UInt8(ascii: "a") + UInt8(before.seq % 26)])
        let batch = BatchCodec.encode(
            source: before.source, session: before.session, seq: before.seq + 1, previous: before.hash,
            events: [(Role.now(), Event(.edit(edit)))])
        last[turn] = batch
        turn = (turn + 1) % last.count
        return batch
    }
}
