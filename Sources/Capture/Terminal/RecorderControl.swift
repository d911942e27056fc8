import Synchronization

/// What others ask of a running recorder, from any thread.
final class RecorderControl: Sendable {
    enum Request: Sendable, Hashable {
        case pause(String)
        case resume, stop
        /// Whoever gets it from now on knows nothing of what came before.
        case repeatState
    }

    /// Readable when there are requests.
    let descriptor: Descriptor
    private let wake: Descriptor
    private let requests = Mutex<[Request]>([])

    init() throws(SystemError) { (descriptor, wake) = try Descriptor.pipe(nonBlocking: true) }

    func ask(_ request: Request) {
        requests.withLock { $0.append(request) }
        _ = try? wake.write([0])
    }

    func take() -> [Request] {
        var buffer = [UInt8](repeating: 0, count: 64)
        while case .bytes? = try? descriptor.read(into: &buffer) {}
        return requests.withLock { requests in
            defer { requests = [] }
            return requests
        }
    }
}
