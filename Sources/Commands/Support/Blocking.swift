import Dispatch
import Synchronization

/// Runs something asynchronous to its end. For the thread of a verb, which has nothing else to do; never on the pool.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let outcome = Outcome<Value>()
    Task.detached {
        do {
            let value = try await body()
            outcome.set(.success(value))
        } catch {
            outcome.set(.failure(error))
        }
    }
    return try outcome.wait().get()
}

private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    func set(_ value: Result<Value, any Error>) {
        result.withLock { $0 = value }
        done.signal()
    }

    func wait() throws -> Result<Value, any Error> {
        done.wait()
        guard let result = result.withLock({ $0 }) else { throw CommandFailure(.failed, "it came to nothing") }
        return result
    }
}
