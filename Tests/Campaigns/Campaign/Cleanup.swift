import Dispatch
import Foundation
import Synchronization

/// What must be undone when a campaign ends, however it ends.
enum Cleanup {
    private static let pending = Mutex<(next: Int, actions: [(id: Int, action: @Sendable () -> Void)])>((0, []))
    /// Written once, before any thread is started.
    private nonisolated(unsafe) static var signals: [any DispatchSourceSignal] = []

    /// Undone at the end unless `cancel` comes before.
    static func add(_ action: @escaping @Sendable () -> Void) -> Int {
        pending.withLock { pending in
            pending.next += 1
            pending.actions.append((pending.next, action))
            return pending.next
        }
    }

    /// Held while something is undone: nobody leaves the program in the middle of it.
    private static let undoing = NSRecursiveLock()

    /// Does one of them now, and not again.
    static func now(_ id: Int) {
        undoing.lock()
        defer { undoing.unlock() }
        let action = pending.withLock { pending in
            pending.actions.firstIndex { $0.id == id }.map { pending.actions.remove(at: $0).action }
        }
        action?()
    }

    /// Does all that is left, the newest first.
    static func now() {
        undoing.lock()
        defer { undoing.unlock() }
        while let id = pending.withLock({ $0.actions.last?.id }) { now(id) }
    }

    /// An interrupted campaign leaves nothing behind either.
    static func onSignals() {
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                now()
                exit(128 + number)
            }
            source.resume()
            signals.append(source)
        }
    }
}
