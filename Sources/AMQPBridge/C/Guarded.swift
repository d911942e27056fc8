import CRabbitMQ
import Glibc

/// A value that one thread at a time may touch. `Synchronization.Mutex` does the same, but ThreadSanitizer does not see
/// that one, so that it could check nothing that is handed over between threads here.
package final class Guarded<Value: Sendable>: @unchecked Sendable {  // `value` is touched under the lock only
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
