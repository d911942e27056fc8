import Foundation

/// Small files for their owner only, replaced as a whole: whoever reads sees the old one or the new one.
public enum PrivateFile {
    /// Never open to others, not for a moment.
    ///
    /// - Throws: `NodeError(.files)`.
    public static func write(_ bytes: Data, _ path: String, mode: Int = 0o600) throws(NodeError) {
        let fresh = "\(path).\(RandomText.make(6))"
        do {
            // The mode comes with the file, not after it.
            let number = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
            guard number >= 0 else { throw CocoaError(.fileWriteNoPermission) }
            let file = FileHandle(fileDescriptor: number, closeOnDealloc: true)
            try file.write(contentsOf: bytes)
            try file.synchronize()
            try file.close()
            guard rename(fresh, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            unlink(fresh)
            throw NodeError(
                .files, "cannot write \(path); is the directory yours, and the disk not full?", underlying: error)
        }
    }
}
