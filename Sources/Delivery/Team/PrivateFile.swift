import Foundation

/// Small files for their owner only, replaced as a whole.
enum PrivateFile {
    static func write(_ bytes: Data, _ path: String) throws {
        let fresh = "\(path).\(UInt32.random(in: .min ... .max))"
        guard FileManager.default.createFile(atPath: fresh, contents: bytes, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        guard rename(fresh, path) == 0 else {
            try? FileManager.default.removeItem(atPath: fresh)
            throw CocoaError(.fileWriteUnknown)
        }
    }
}
