import Glibc

/// Lets one command at a time start or stop a node: flock(2) on a file of its directory.
struct NodeLock {
    private let file: Int32

    /// Waits for whoever is starting or stopping it now.
    init(_ directory: String) throws(NodeError) {
        file = open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw NodeError(.files, "cannot write in \(directory): \(String(cString: strerror(errno)))")
        }
        while flock(file, LOCK_EX) != 0, errno == EINTR {}
    }

    func release() { close(file) }
}
