import Capture
import Dispatch
import EventSchema
import Foundation
import SwiftProtobuf
import Synchronization

/// Passes a terminal's events on, and captures the environment at the start and after commands that change it. The
/// probes run on a queue of their own: they start programs, and the terminal must not wait for them.
final class EnvironmentWatcher: EventSink {
    private let queue = DispatchQueue(label: "playhead.environment", qos: .utility)
    private let probe: EnvironmentProbe
    private let clock: RecordClock
    private let sink: any EventSink
    private let last = Mutex<EnvironmentCaptured?>(nil)
    /// Texts of the commands that run, until they finish.
    private let running = Mutex<[UInt32: String]>([:])

    init(directory: String, environment: [String: String], clock: RecordClock, sink: any EventSink) {
        probe = EnvironmentProbe(directory: directory, environment: environment) { bytes in
            SecretMask.masked(bytes)
        }
        self.clock = clock
        self.sink = sink
    }

    func record(_ body: Event.OneOf_Body, at time: RecordTime) {
        sink.record(body, at: time)
        switch body {
        case .commandStarted(let started):
            running.withLock { $0[started.command] = String(decoding: started.text, as: UTF8.self) }
        case .commandFinished(let finished):
            if let text = running.withLock({ $0.removeValue(forKey: finished.command) }),
                EnvironmentTrigger.isDue(after: text)
            {
                captureSoon(why: text)
            }
        default: break
        }
    }

    func captureSoon(why: String) {
        queue.async { [self] in
            let now = Self.fitting(probe.capture(why: why))
            let before = last.withLock { last in
                defer { last = now }
                return last
            }
            if let before {
                if let changed = EnvironmentDiff.between(before, now) {
                    sink.record(.environmentChanged(changed), at: clock.now)
                }
            } else {
                sink.record(.environmentCaptured(now), at: clock.now)
            }
        }
    }

    /// The capture without what does not fit into an event: the last changed files first, then the last packages.
    private static func fitting(_ captured: EnvironmentCaptured) -> EnvironmentCaptured {
        var captured = captured
        while let size = try? captured.serializedData().count, size > BatchCodec.largestEvent {
            if !captured.gitDirty.isEmpty {
                captured.gitDirty.removeLast((captured.gitDirty.count + 1) / 2)
            } else if !captured.packages.isEmpty {
                captured.packages.removeLast((captured.packages.count + 9) / 10)
            } else if !captured.variables.isEmpty {
                captured.variables.removeLast()
            } else {
                break
            }
        }
        return captured
    }

    /// How long the end of a recording waits for git.
    private static let longestEnd = Duration.seconds(2)

    /// Waits for captures under way, and tells how the repository was left.
    func finish() {
        queue.sync {
            guard let before = last.withLock({ $0 }) else { return }
            let now = Self.fitting(probe.capture(repositoryOf: before, why: "end", limit: Self.longestEnd))
            if let changed = EnvironmentDiff.between(before, now) {
                sink.record(.environmentChanged(changed), at: clock.now)
            }
        }
    }
}
