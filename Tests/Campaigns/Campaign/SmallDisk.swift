import Foundation
import Glibc

/// A file system of a few MB in memory, with a file in it that takes room until it is removed.
final class SmallDisk {
    let folder: URL
    private var cleanup = 0
    private var filler: URL { folder.appendingPathComponent("filler") }

    /// - Throws: `CampaignFailure` where nothing may be mounted.
    init(bytes: Int) throws {
        folder = URL(fileURLWithPath: "/tmp/playhead-disk-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.path
        cleanup = Cleanup.add {
            umount2(path, Int32(MNT_DETACH))
            rmdir(path)
        }
        guard mount("playhead-campaign", path, "tmpfs", 0, "size=\(bytes),mode=700") == 0 else {
            throw CampaignFailure(
                "a small disk cannot be mounted at \(path): \(String(cString: strerror(errno))); this campaign needs root"
            )
        }
    }

    deinit { Cleanup.now(cleanup) }

    var freeBytes: Int {
        var figures = statvfs()
        guard statvfs(folder.path, &figures) == 0 else { return 0 }
        return Int(figures.f_bavail) * Int(figures.f_frsize)
    }

    /// Leaves this much room.
    func fill(leaving bytes: Int) throws {
        try Data(count: max(0, freeBytes - bytes)).write(to: filler)
    }

    func makeRoom() throws { try FileManager.default.removeItem(at: filler) }
}
