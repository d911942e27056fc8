import Dispatch
import Foundation
import Synchronization

/// Whether the process has been asked to go, by SIGTERM or SIGINT.
final class Stop: Sendable {
    private let asked = Asked()
    /// Kept only so that they live; never touched after the start.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init() {
        sources = [SIGTERM, SIGINT].map { [asked] number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { asked.set() }
            source.resume()
            return source
        }
    }

    var isAsked: Bool { asked.isSet }

    /// Asks it to go, as a signal does.
    func ask() { asked.set() }

    /// Waits until it is asked, at most so many seconds.
    func wait(_ seconds: Double) { asked.wait(seconds) }

    private final class Asked: Sendable {
        private let value = Mutex(false)
        private let semaphore = DispatchSemaphore(value: 0)

        var isSet: Bool { value.withLock { $0 } }

        func set() {
            value.withLock { $0 = true }
            semaphore.signal()
        }

        func wait(_ seconds: Double) { _ = semaphore.wait(timeout: .now() + seconds) }
    }
}
