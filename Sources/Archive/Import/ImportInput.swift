/// A file to import: its name and its bytes, unpacked if they were gzip.
public struct ImportInput: Sendable {
    /// No file may be larger, unpacked.
    public static let largest = 1 << 30

    /// The name as the person gave it, for errors.
    public let name: String
    public let bytes: [UInt8]

    /// - Throws: `ImportError` if the bytes are damaged gzip or more than `limit` bytes.
    public init(name: String, bytes: [UInt8], limit: Int = largest) throws(ImportError) {
        self.name = name
        guard Gunzip.isGzip(bytes) else {
            guard bytes.count <= limit else { throw ImportError(.limit, file: name, "more than \(limit) bytes") }
            self.bytes = bytes
            return
        }
        do {
            self.bytes = try Gunzip.unpack(bytes, limit: limit)
        } catch {
            switch error {
            case .incomplete: throw ImportError(file: name, "a gzip file that ends too early")
            case .damaged: throw ImportError(file: name, "a damaged gzip file")
            case .tooLarge: throw ImportError(.limit, file: name, "more than \(limit) bytes, unpacked")
            }
        }
    }

    /// The name without folders, `.gz` and the endings of the formats: `sveltecomponent` of `d/sveltecomponent.json.gz`.
    public var title: String {
        var title = Substring(name.split(separator: "/").last ?? Substring(name))
        for ending in [".gz", ".json", ".cast", ".typescript", ".timing"]
        where title.hasSuffix(ending) && title != ending {
            title = title.dropLast(ending.count)
        }
        return String(title)
    }
}
