import EventSchema
import Foundation
import Glibc

/// The packages of a conda environment, from the `conda-meta` directory of its prefix.
///
/// One JSON file per package; conda and rattler write different members, so each may be missing.
enum CondaState {
    static let mostPackages = 5000
    static let largestRecord = 16 << 20

    static func packages(prefix: String) -> [Package] {
        let directory = prefix + "/conda-meta"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return [] }
        return names.filter { $0.hasSuffix(".json") }.sorted().prefix(mostPackages)
            .compactMap { package(file: "\(directory)/\($0)", name: $0) }
            .sorted { $0.name < $1.name }
    }

    private static func package(file: String, name: String) -> Package? {
        var status = stat()  // no fifo or device may hold the probe up
        guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largestRecord,
            let data = FileManager.default.contents(atPath: file), let record = try? JSONReader.read(data)
        else { return nil }
        return package(record: record, file: name)
    }

    /// - Parameter file: `NAME-VERSION-BUILD.json`, which tells what the record does not.
    static func package(record: JSONValue, file: String) -> Package? {
        guard record.members != nil else { return nil }
        let parts = file.dropLast(5).split(separator: "-")
        let fallback =
            parts.count >= 3
            ? (parts.dropLast(2).joined(separator: "-"), parts[parts.count - 2], parts[parts.count - 1]) : nil
        func cut(_ text: String?) -> String { String((text ?? "").prefix(200)) }
        var package = Package()
        package.name = PackageName.normalized(cut(record["name"]?.string ?? fallback?.0))
        package.version = cut(record["version"]?.string ?? fallback.map { String($0.1) })
        package.build = cut(record["build"]?.string ?? fallback.map { String($0.2) })
        package.channel = channel(cut(record["channel"]?.string))
        package.manager = "conda"
        return package.name.isEmpty ? nil : package
    }

    /// A channel without the names and tokens in its address: before `@`, and in `anaconda.org/t/TOKEN/…`.
    private static func channel(_ text: String) -> String {
        var text = text
        if let scheme = text.range(of: "://"), let at = text[scheme.upperBound...].firstIndex(of: "@") {
            text.removeSubrange(scheme.upperBound...at)
        }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if let token = parts.firstIndex(of: "t"), token + 1 < parts.count { parts[token + 1] = "*" }
        return parts.joined(separator: "/")
    }
}
