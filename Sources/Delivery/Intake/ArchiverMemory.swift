/// How an archiver's process treats memory it does not need for a moment.
public enum ArchiverMemory {
    /// Keeps what was freed, up to 128 MB: what sealing takes for some seconds twice a minute would, given back to the
    /// system each time, only be fetched again, page by page, while messages wait. To be called at the start of a process
    /// that archives for long.
    public static func settle() {
        // Where one fails memory is given back as before.
        _ = mallopt(MallocOption.trimThreshold, 128 << 20)
        _ = mallopt(MallocOption.mmapThreshold, 32 << 20)
        // One for the connections' threads and one for the rest: each keeps what its threads once needed.
        _ = mallopt(MallocOption.arenaMax, 2)
    }
}

/// Numbers of glibc's malloc.h, which its Swift module does not have.
private enum MallocOption {
    static let trimThreshold: CInt = -1
    static let mmapThreshold: CInt = -3
    static let arenaMax: CInt = -8
}

@_silgen_name("mallopt")
private func mallopt(_ option: CInt, _ value: CInt) -> CInt
