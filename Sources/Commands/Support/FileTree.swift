import EventSchema
import Foundation

/// A directory that recorded files are written to. Recorded paths are somebody's words: none leaves the directory.
struct FileTree {
    struct Place {
        /// Where it lies in the workspace, or under the directory if it lay elsewhere.
        let relative: String
        let url: URL
    }

    private let workspace: String
    private let directory: URL

    init(workspace: String, directory: String) {
        self.workspace = workspace
        self.directory = URL(fileURLWithPath: directory).standardizedFileURL
    }

    /// Where a recorded path goes.
    ///
    /// - Throws: `CommandFailure(.badData)` for a path that would leave the directory.
    func place(of path: [UInt8]) throws -> Place {
        let recorded = String(decoding: path, as: UTF8.self)
        var relative = recorded
        if !workspace.isEmpty, recorded.hasPrefix(workspace + "/") {
            relative = String(recorded.dropFirst(workspace.count + 1))
        }
        let parts = relative.split(separator: "/", omittingEmptySubsequences: true)
        guard !parts.isEmpty, !parts.contains(".."), !relative.utf8.contains(0) else {
            throw CommandFailure(
                .badData, "the recorded path '\(EventLine.printable(recorded))' is not written: it leaves the directory"
            )
        }
        let clean = parts.filter { $0 != "." }.joined(separator: "/")
        return Place(relative: clean, url: directory.appendingPathComponent(clean))
    }

    func write(_ bytes: [UInt8], to place: Place, overwriting: Bool) throws {
        let manager = FileManager.default
        try refuseLinks(on: place)
        if manager.fileExists(atPath: place.url.path), !overwriting {
            if (try? Data(contentsOf: place.url)) == Data(bytes) { return }
            throw CommandFailure(.cannotWrite, "\(place.url.path) is there already; --overwrite writes over it")
        }
        do {
            try manager.createDirectory(at: place.url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: place.url, options: .atomic)
        } catch {
            throw CommandFailure(.cannotWrite, "cannot write \(place.url.path): \(error.localizedDescription)")
        }
    }

    /// A symbolic link below the directory could lead out of it.
    private func refuseLinks(on place: Place) throws {
        var url = place.url
        while url.path.count > directory.path.count {
            let type = try? FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
            if type == .typeSymbolicLink {
                throw CommandFailure(.cannotWrite, "\(url.path) is a symbolic link; nothing is written through it")
            }
            url = url.deletingLastPathComponent()
        }
    }
}

extension EventLine {
    /// Text from a recording without control characters.
    static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
    }
}
