import Dispatch
import Foundation
import Synchronization

/// The one thread on which an archiver seals: what that takes of memory comes from one of malloc's arenas, and is there
/// again the next time.
final class SealingThread: Sendable {
    private let wakeups = DispatchSemaphore(value: 0)
    private let timer = DispatchQueue(label: "playhead.team.seal")
    private let isEnded = Mutex(false)
    private let running = DispatchGroup()

    /// - Parameter body: called whenever it is woken, one call at a time.
    func start(_ body: @escaping @Sendable () -> Void) {
        running.enter()
        let thread = Thread { [self] in
            while true {
                wakeups.wait()
                if isEnded.withLock({ $0 }) { break }
                body()
            }
            running.leave()
        }
        thread.name = "seal"
        thread.start()
    }

    /// Wakes it once, later.
    func wake(after delay: DispatchTimeInterval) {
        timer.asyncAfter(deadline: .now() + delay) { [wakeups] in wakeups.signal() }
    }

    /// It ends after what it is doing; nobody waits for that.
    func end() {
        isEnded.withLock { $0 = true }
        wakeups.signal()
    }

    /// Ends it, and comes back when it has ended. Not to be called from it.
    func stop() {
        end()
        running.wait()
    }
}
