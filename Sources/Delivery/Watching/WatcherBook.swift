import AMQPBridge
import EventSchema

/// Who watches whom, by what the broker says of bindings and queues: the decisions, as a value.
///
/// What is counted are bindings of followers' queues to `playhead.live`. The same one with other arguments is another
/// one: whoever takes one of two back still watches.
public struct WatcherBook: Sendable {
    private struct Binding: Hashable, Sendable {
        var queue: String
        var key: String
        var arguments: AMQPValue
    }

    let virtualHost: String
    private var bindings: Set<Binding> = []

    /// - Parameter virtualHost: what happens on others does not count.
    public init(virtualHost: String) { self.virtualHost = virtualHost }

    /// Whoever follows `user` now, by name, in order.
    public func viewers(of user: String) -> [String] {
        Set(bindings.filter { Self.watched($0.key) == user }.compactMap { Self.viewer(ofQueue: $0.queue) }).sorted()
    }

    /// The broker told something.
    ///
    /// - Returns: whose viewers may be others now.
    public mutating func take(_ event: AMQPMessage) -> Set<String> {
        let fields = event.properties.headers
        guard fields["vhost"]?.string == virtualHost else { return [] }
        switch event.routingKey {
        case "binding.created", "binding.deleted":
            guard fields["source_name"]?.string == BrokerNames.live,
                let queue = fields["destination_name"]?.string, Self.viewer(ofQueue: queue) != nil,
                let key = fields["routing_key"]?.string, let user = Self.watched(key)
            else { return [] }
            let binding = Binding(queue: queue, key: key, arguments: fields["arguments"] ?? .void)
            if event.routingKey == "binding.created" {
                bindings.insert(binding)
            } else {
                bindings.remove(binding)
            }
            return [user]
        case "queue.deleted":
            guard let queue = fields["name"]?.string else { return [] }
            let gone = bindings.filter { $0.queue == queue }
            bindings.subtract(gone)
            return Set(gone.compactMap { Self.watched($0.key) })
        default: return []
        }
    }

    /// The person whose queue it is: only the follow login of that name may make it.
    private static func viewer(ofQueue queue: String) -> String? {
        guard let login = queue.split(separator: ".").first.map(String.init),
            let user = BrokerNames.user(ofLogin: login), BrokerNames.followLogin(of: user) == login
        else { return nil }
        return user
    }

    private static func watched(_ key: String) -> String? {
        key.split(separator: ".").first.map(String.init).flatMap { BrokerNames.isUserName($0) ? $0 : nil }
    }
}
