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

    /// A file that waits.
    public struct Waiting: Sendable {
        public let file: URL
        /// What can be read of it, in order.
        public let batches: [CheckedBatch]
        /// Whether that is all of it.
        public let isWhole: Bool
    }

    /// The files that wait in a home; those that cannot be opened now are left for later.
    public static func waiting(in home: URL) -> [Waiting] {
        let directory = home.appendingPathComponent("unsent", isDirectory: true)
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "batches" }.sorted { $0.path < $1.path }.compactMap { file in
            guard let data = try? Data(contentsOf: file), !data.isEmpty else { return nil }
            var reader = FrameReader()
            reader.add(data)
            var batches: [CheckedBatch] = []
            var readBytes = 0
            while case .batch(let bytes)? = try? reader.next(), let batch = try? BatchCodec.decode(bytes) {
                batches.append(batch)
                readBytes += Frame.batch(bytes).encoded.count
            }
            return Waiting(file: file, batches: batches, isWhole: readBytes == data.count)
        }
    }
}
