import EventSchema
import Foundation

/// What a body in `blocks` holds: one batch as it came, or a sealed block of many.
enum StoredBlock {
    /// The events of a body, in order.
    static func events(in body: Data) throws(SchemaError) -> [TimedEvent] {
        try BatchCodec.decode(Array(body)).timedEvents
    }
}
