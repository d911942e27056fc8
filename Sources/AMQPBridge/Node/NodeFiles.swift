import Foundation

/// What a node keeps in its directory.
enum NodeFiles {
    /// - Returns: nil if there is no such file.
    static func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws(NodeError) -> Value? {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            if FileManager.default.fileExists(atPath: path) {
                throw NodeError(.files, "cannot read \(path): it belongs to another account")
            }
            return nil
        }
        do {
            return try JSONDecoder().decode(type, from: bytes)
        } catch {
            throw NodeError(.files, "\(path) is damaged; move it away", underlying: error)
        }
    }

    static func write(_ value: some Encodable, _ path: String) throws(NodeError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: Data
        do {
            bytes = try encoder.encode(value)
        } catch {
            throw NodeError(.files, "cannot write \(path)", underlying: error)
        }
        try PrivateFile.write(bytes, path)
    }

    static func write(_ text: String, _ path: String, mode: Int = 0o600) throws(NodeError) {
        try PrivateFile.write(Data(text.utf8), path, mode: mode)
    }

    static func makeDirectory(_ path: String) throws(NodeError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw NodeError(
                .files, "cannot make the directory \(path): \(error.localizedDescription)", underlying: error)
        }
    }

    /// What a node's log says of a start that failed: the lines before Erlang's long obituary, else the last ones.
    static func failure(_ path: String) -> String {
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy { " #=".contains($0) } }
        guard let end = lines.firstIndex(where: { $0.contains("BOOT FAILED") }) else {
            return lines.suffix(12).joined(separator: "\n")
        }
        let reason = lines[end...].first { $0.hasPrefix("Error during startup:") }
        return (lines[..<end].suffix(6) + (reason.map { [$0] } ?? [])).joined(separator: "\n")
    }
}
