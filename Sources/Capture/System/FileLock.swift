import Glibc

/// A lock on a file that the system lets go of when its holder dies: flock(2).
public final class FileLock: Sendable {
    private let descriptor: Descriptor

    private init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    /// Takes the lock if nobody holds it: nil if somebody does. The file is made if it is not there (0600).
    public static func tryAcquire(_ path: String) throws(SystemError) -> FileLock? {
        let descriptor = try Descriptor.open(path, O_RDWR | O_CREAT)
        while flock(descriptor.number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            if errno != EINTR { throw .last("lock \(path)") }
        }
        return FileLock(descriptor)
    }

    /// Waits for the lock; blocks the thread.
    public static func acquire(_ path: String) throws(SystemError) -> FileLock {
        let descriptor = try Descriptor.open(path, O_RDWR | O_CREAT)
        _ = try retrying("lock \(path)") { flock(descriptor.number, LOCK_EX) }
        return FileLock(descriptor)
    }

    /// Gives the lock up now; otherwise when let go of.
    public func release() { descriptor.close() }
}
