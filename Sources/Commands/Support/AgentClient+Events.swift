import Capture
import EventSchema
import Foundation
import SwiftProtobuf

extension AgentClient {
    /// Adds an event to a session in the person's own name.
    func add(_ event: Event, to session: SessionID) throws {
        let bytes: [UInt8] = try event.serializedBytes()
        _ = try ask([
            "do": "add", "session": .string("\(session)"), "event": .string(Data(bytes).base64EncodedString()),
        ])
    }
}
