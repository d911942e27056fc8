import Foundation

/// The recorded data the tests read: the folder `PLAYHEAD_DATA` names, else `../shared/data` beside the package.
public enum OpenData {
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where `path` of the data lies.
    ///
    /// - Throws: `Missing` if it is nowhere: a test without its data fails, it does not skip.
    public static func url(_ path: String) throws -> URL {
        for folder in folders {
            let url = folder.appendingPathComponent(path)
            if FileManager.default.fileExists(atPath: url.path) { return url }
        }
        throw Missing(description: "no \(path) in PLAYHEAD_DATA or any shared/data beside the package")
    }

    /// The bytes of `path`, unpacked where it is a gzip file.
    public static func bytes(_ path: String) throws -> Data {
        let url = try url(path)
        guard url.pathExtension == "gz" else { return try Data(contentsOf: url) }
        let gzip = Process()
        let output = Pipe()
        gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        gzip.arguments = ["-dc", url.path]
        gzip.standardOutput = output
        try gzip.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        gzip.waitUntilExit()
        guard gzip.terminationStatus == 0 else { throw Missing(description: "\(path) cannot be unpacked") }
        return bytes
    }

    private static var folders: [URL] {
        if let named = ProcessInfo.processInfo.environment["PLAYHEAD_DATA"] {
            return [URL(fileURLWithPath: named, isDirectory: true)]
        }
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        var folders: [URL] = []
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            folders.append(folder.appendingPathComponent("shared/data", isDirectory: true))
        }
        return folders
    }
}
