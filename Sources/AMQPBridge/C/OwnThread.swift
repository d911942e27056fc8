import CRabbitMQ
import Glibc

/// A thread for blocking work.
enum OwnThread {
    private final class Work: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = String(name.prefix(15))
            self.run = run
        }
    }

    /// The library decodes nested tables recursively, and a frame holds some 26,000 levels. Only what is used takes memory.
    private static let stack = 64 << 20

    /// Runs `work` on a new thread.
    ///
    /// - Parameter name: for tools like `top -H`; 15 bytes of it are seen.
    /// - Returns: false if the system has no more threads.
    static func start(name: String, _ work: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stack)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let box = Unmanaged.passRetained(Work(name: name, work))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                rmq_name_thread(work.name)
                work.run()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            return false
        }
        return true
    }
}
