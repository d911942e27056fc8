import EventSchema
import Foundation
import Glibc

/// Where a file belongs, as the session that records its workspace says.
public struct EditorTarget: Sendable {
    /// The same for every file that goes to the same sink.
    public var session: String
    public var sink: any EventSink
    /// Why the file's content is not recorded; nil if it is.
    public var privateBecause: String?
    /// How many events the sink has dropped in all. When it grows, the texts are given again.
    public var dropped: @Sendable () -> Int

    public init(
        session: String, sink: any EventSink, privateBecause: String? = nil,
        dropped: @escaping @Sendable () -> Int = { 0 }
    ) {
        self.session = session
        self.sink = sink
        self.privateBecause = privateBecause
        self.dropped = dropped
    }
}

/// Runs an `EditorSession` between a plugin's lines and the sinks of the sessions: what `playhead editor` is.
///
/// It blocks: it belongs on a thread of its own.
public final class EditorBridge {
    /// The target of a file, by its absolute path; nil: it is in no recorded workspace. May be slow: asked once per
    /// file opened or renamed, and for every open file each `reconsiderEvery`.
    public typealias Provider = (_ path: String) -> EditorTarget?

    private let input: Int32
    private let output: Int32
    private let clock: RecordClock
    private let reconsiderEvery: Duration
    private let provider: Provider
    private let report: (String) -> Void

    private var session: EditorSession
    private var lines = EditorLineSplitter()
    private var editorClock = EditorClock()
    private var numbers: [String: Int] = [:]
    private var sinks: [any EventSink] = []
    private var drops: [(count: () -> Int, known: Int)] = []

    /// - Parameters:
    ///   - input: the plugin's lines.
    ///   - output: where replies go.
    ///   - report: what went wrong, for stderr.
    public init(
        input: Int32, output: Int32, clock: RecordClock, masking: any TextMasking,
        reconsiderEvery: Duration = .seconds(2),
        report: @escaping (String) -> Void, provider: @escaping Provider
    ) {
        self.input = input
        self.output = output
        self.clock = clock
        self.reconsiderEvery = reconsiderEvery
        self.report = report
        self.provider = provider
        session = EditorSession(masking: masking)
    }

    /// The editor's name and version, once its plugin has said hello.
    public private(set) var editor: String?

    /// Works until the plugin is gone.
    ///
    /// - Returns: whether the editor said good-bye; if not, it crashed or the pipe was cut.
    public func run() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var lastLook = ContinuousClock.now
        while true {
            var wait = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            let milliseconds = min(max(reconsiderEvery.wholeMicroseconds / 1000, 1), 60_000)
            let ready = poll(&wait, 1, Int32(milliseconds))
            if ready < 0 && errno != EINTR { break }
            if ready > 0 {
                let count = read(input, &buffer, buffer.count)
                if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { break }
                if count > 0 { for line in lines.add(buffer[..<count]) { take(line) } }
            }
            if ContinuousClock.now - lastLook >= reconsiderEvery {
                lastLook = .now
                perform(session.reconsider(at: clock.now, place: place))
                repeatWhatWasDropped()
            }
        }
        return session.saidBye
    }

    private func take(_ line: EditorLineSplitter.Line) {
        let bytes: [UInt8]
        switch line.content {
        case .whole(let whole): bytes = whole
        case .tooLong(let count): return report("line \(line.number): \(count) bytes are too many")
        }
        do throws(SchemaError) {
            let read = try EditorLine.read(bytes)
            if case .hello(let hello) = read.message {
                editorClock = EditorClock(shared: hello.sharesClock)
                editor = hello.version.isEmpty ? hello.editor : "\(hello.editor) \(hello.version)"
            }
            let age = editorClock.age(of: read.monotonic, now: Self.monotonic())
            perform(session.take(read.message, at: clock.now - age, place: place))
        } catch {
            report("line \(line.number): \(error)")
        }
    }

    private static func monotonic() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) * 1000 + Double(now.tv_nsec) / 1e6
    }

    private func place(_ path: [UInt8]) -> EditorPlacement {
        guard let target = provider(String(decoding: path, as: UTF8.self)) else { return .none }
        let number = numbers[target.session] ?? sinks.count
        if number == sinks.count {
            numbers[target.session] = number
            sinks.append(target.sink)
            drops.append((target.dropped, target.dropped()))
        }
        return target.privateBecause.map { .hidden(number, why: $0) } ?? .record(number)
    }

    private func repeatWhatWasDropped() {
        for number in drops.indices {
            let count = drops[number].count()
            guard count > drops[number].known else { continue }
            drops[number].known = count
            perform(session.repeatTexts(to: number, at: clock.now))
        }
    }

    private func perform(_ actions: [EditorAction]) {
        for action in actions {
            switch action {
            case .record(let session, let body, let time): sinks[session].record(body, at: time)
            case .reply(let value): write(value.encoded + "\n")
            case .report(let text): report(text)
            }
        }
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)
        while !rest.isEmpty {
            let count = Glibc.write(output, rest, rest.count)
            if count > 0 {
                rest.removeFirst(count)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, 1000)
            } else if errno != EINTR {
                return  // the plugin is gone; reading tells
            }
        }
    }
}
