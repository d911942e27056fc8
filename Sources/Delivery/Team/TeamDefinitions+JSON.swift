import AMQPBridge
import EventSchema
import Foundation

extension TeamDefinitions {
    /// The definitions as RabbitMQ loads them, from a file at its start or later. Loading them again changes nothing.
    public var json: JSONValue {
        let host = JSONValue.string(team.virtualHost)
        var users: [JSONValue] = []
        var permissions: [JSONValue] = []
        var administrators = administrators
        if let password = team.administratorPassword, administrators[BrokerNames.administrator] == nil {
            administrators[BrokerNames.administrator] = password
        }
        for (name, password) in administrators.sorted(by: { $0.key < $1.key }) {
            users.append(Self.user(name, password, tags: "administrator"))
            for vhost in ["/", host] { permissions.append(Self.permission(name, vhost, ".*", ".*", ".*")) }
        }
        for login in logins {
            users.append(Self.user(login.name, login.password, tags: ""))
            permissions.append(Self.permission(login.name, host, login.configure, login.write, login.read))
        }
        let topics = logins.flatMap { login in
            Self.topicExchanges.map { exchange -> JSONValue in
                let keys = login.topics[exchange] ?? ("", "")
                return [
                    "user": .string(login.name), "vhost": host, "exchange": .string(exchange),
                    "write": .string(keys.write), "read": .string(keys.read),
                ]
            }
        }
        return [
            "vhosts": .array((administrators.isEmpty ? [host] : ["/", host]).map { ["name": $0] }),
            "users": .array(users), "permissions": .array(permissions), "topic_permissions": .array(topics),
            "exchanges": .array(BrokerTopology.team.exchanges.map { Self.definition($0, host) }),
            "queues": .array(BrokerTopology.team.queues.map { Self.definition($0, host) }),
            "bindings": .array(BrokerTopology.team.bindings.map { Self.definition($0, host) }),
            "policies": .array(policies(host)),
        ]
    }

    /// Replaces the file at `path`; it holds hashes, no passwords.
    ///
    /// - Throws: `TeamError(.unreadable)`.
    public func write(to path: String) throws(TeamError) {
        do {
            // In place: a file that is mounted into a container stays the same file.
            try Data((json.encoded + "\n").utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            throw TeamError(
                .unreadable, "cannot write \(path); is the directory yours, and the disk not full?", underlying: error)
        }
    }

    /// The team's own, and the one that every virtual host has.
    private static let topicExchanges = [BrokerNames.events, BrokerNames.live, BrokerNames.control, "amq.topic"]

    private static func user(_ name: String, _ password: PasswordHash?, tags: String) -> JSONValue {
        [
            "name": .string(name), "password_hash": .string(password?.description ?? ""),
            "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": .string(tags),
        ]
    }

    private static func permission(
        _ user: String, _ vhost: JSONValue, _ configure: String, _ write: String, _ read: String
    ) -> JSONValue {
        [
            "user": .string(user), "vhost": vhost, "configure": .string(configure),
            "write": .string(write), "read": .string(read),
        ]
    }

    /// From version 4 on, a message that came back twenty times would be dropped: an archiver that crashes twenty
    /// times would lose what it was given. Before, there is no limit, and this value is refused.
    private func policies(_ host: JSONValue) -> [JSONValue] {
        guard brokerVersion >= 4 else { return [] }
        return [
            [
                "vhost": host, "name": "playhead-archive", "pattern": "^playhead\\.archive$", "apply-to": "queues",
                "priority": 10, "definition": ["delivery-limit": -1],
            ]
        ]
    }

    private static func definition(_ exchange: AMQPExchange, _ host: JSONValue) -> JSONValue {
        [
            "name": .string(exchange.name), "vhost": host, "type": .string(exchange.kind.name),
            "durable": .bool(exchange.durable), "auto_delete": .bool(exchange.autoDelete),
            "internal": .bool(exchange.internal), "arguments": arguments(exchange.arguments),
        ]
    }

    private static func definition(_ queue: AMQPQueue, _ host: JSONValue) -> JSONValue {
        [
            "name": .string(queue.name), "vhost": host, "durable": .bool(queue.durable),
            "auto_delete": .bool(queue.autoDelete), "arguments": arguments(queue.arguments),
        ]
    }

    private static func definition(_ binding: AMQPBinding, _ host: JSONValue) -> JSONValue {
        let (kind, name) =
            switch binding.target {
            case .queue(let name): ("queue", name)
            case .exchange(let name): ("exchange", name)
            }
        return [
            "source": .string(binding.source), "vhost": host, "destination": .string(name),
            "destination_type": .string(kind), "routing_key": .string(binding.routingKey),
            "arguments": arguments(binding.arguments),
        ]
    }

    /// Of the kinds that the topology has.
    private static func arguments(_ table: AMQPTable) -> JSONValue {
        .object(
            table.sorted { $0.key < $1.key }.map { name, value in
                (
                    key: name,
                    value: value.string.map { .string($0) } ?? value.bool.map { .bool($0) }
                        ?? value.int.map { .integer($0) } ?? .null
                )
            })
    }
}
