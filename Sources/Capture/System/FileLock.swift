import Glibc

/// An advisory lock on a file, held until it is let go or the process ends.
public final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; nil if another process holds it.
    public init?(path: String) throws(SystemError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open", about: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw SystemError("flock", about: path) }
            return nil
        }
    }

    deinit { close(descriptor) }
}
