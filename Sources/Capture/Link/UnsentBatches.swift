import EventSchema
import Foundation

/// Batches that a recorder could not hand over before it ended, in files of the home; the next agent takes them.
public enum UnsentBatches {
    /// Writes batches of one source; true if they are safe on the disk.
    public static func keep(_ batches: [CheckedBatch], in home: URL) -> Bool {
        guard let first = batches.first else { return true }
        let directory = home.appendingPathComponent("unsent", isDirectory: true)
        let bytes = batches.flatMap { Frame.batch($0.encoded).encoded }
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let file = directory.appendingPathComponent("\(first.source).batches")
            try Data(bytes).write(to: file, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            return true
        } catch {
            return false
        }
    }

    /// The files that wait in a home, each with its batches. One that cannot be read to its end gives what came before.
    public static func waiting(in home: URL) -> [(file: URL, batches: [CheckedBatch])] {
        let directory = home.appendingPathComponent("unsent", isDirectory: true)
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "batches" }.sorted { $0.path < $1.path }.map { file in
            var reader = FrameReader()
            if let data = try? Data(contentsOf: file) { reader.add(data) }
            var batches: [CheckedBatch] = []
            while case .batch(let bytes)? = try? reader.next(), let batch = try? BatchCodec.decode(bytes) { batches.append(batch) }
            return (file, batches)
        }
    }
}
