import EventSchema
import Foundation

/// Reads the bodies of `blocks`.
enum StoredBlock {
    /// The events of a body, in order.
    static func events(in body: Data) throws -> [TimedEvent] { try read(body).timedEvents }

    static func read(_ body: Data) throws -> BlockBody {
        try BlockBody(stored: Array(body), with: try ZstdDecompressor())
    }
}
