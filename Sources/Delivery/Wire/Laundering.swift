import AMQPBridge

/// Headers of a message that came another way than straight. The broker checks a publisher's key, but not those a
/// message is copied to, nor the one a dead-letter exchange gives it.
enum Laundering {
    static func isHeader(_ name: String) -> Bool {
        switch name {
        case "CC", "BCC", "x-death": true
        default: false
        }
    }

    /// - Throws: `MessageRefusal(.laundered)`.
    static func refuse(_ message: AMQPMessage) throws(MessageRefusal) {
        guard let name = message.properties.headers.keys.first(where: isHeader) else { return }
        throw MessageRefusal(.laundered, "it has a header \(name)")
    }

    static func isIn(_ message: AMQPMessage) -> Bool { message.properties.headers.keys.contains(where: isHeader) }
}
