import Glibc

/// Wakes a thread that waits in `Poller`: readable from `wake` until `take`.
public final class WakePipe: Sendable {
    public let descriptor: Descriptor
    private let writeEnd: Descriptor

    public init() throws(SystemError) { (descriptor, writeEnd) = try Descriptor.pipe(nonBlocking: true) }

    /// May be called from any thread; never waits.
    public func wake() {
        // A full pipe is readable already.
        _ = try? writeEnd.write([1])
    }

    public func take() {
        var buffer = [UInt8](repeating: 0, count: 256)
        while case .bytes? = try? descriptor.read(into: &buffer) {}
    }
}
