import AMQPBridge
import EventSchema
import Foundation

/// The broker that a team's file is applied to. All calls block the thread.
public enum TeamBroker: Sendable {
    /// A private node of one's own, through `rabbitmqctl`.
    case node(PrivateNode)
    /// Any broker, through its management plugin.
    case management(ManagementAPI)

    /// Makes users, permissions and topology as the file says, and deletes the logins of whoever was taken out.
    ///
    /// - Throws: `NodeError`.
    public func apply(_ team: TeamFile) throws(NodeError) {
        let removed = team.removed.sorted().flatMap { [$0, BrokerNames.followLogin(of: $0)] }
        switch self {
        case .node(let node):
            let file = try Self.write(team, for: node)
            try node.control(["import_definitions", file])
            for login in removed { try node.control(["delete_user", login]) }
        case .management(let api):
            let major = try api.version().split(separator: ".").first.flatMap { Int($0) } ?? 3
            try api.load(definitions: TeamDefinitions(team, brokerVersion: major).json.encoded)
            for login in removed { try api.send("DELETE", "users/\(ManagementAPI.escaped(login))") }
        }
    }

    /// Ends the connections of these logins: what a connection may do was decided when it was opened.
    ///
    /// - Throws: `NodeError`.
    public func closeConnections(of logins: [String]) throws(NodeError) {
        for login in logins {
            switch self {
            case .node(let node):
                try node.control(["close_all_user_connections", login, "the team's file has changed"])
            case .management(let api): try api.closeConnections(of: login, why: "the team's file has changed")
            }
        }
    }

    /// The definitions that a private node loads at every start; its own administrator is among them.
    ///
    /// - Returns: their file in the node's directory.
    /// - Throws: `NodeError(.files)`.
    @discardableResult
    public static func write(_ team: TeamFile, for node: PrivateNode) throws(NodeError) -> String {
        let file = definitions(of: node)
        let settings = try node.prepare().settings
        let definitions = TeamDefinitions(team, administrators: [settings.user: PasswordHash(of: settings.password)])
        do {
            try PrivateFile.write(Data(definitions.json.encoded.utf8), file)
        } catch {
            throw NodeError(
                .files, "cannot write \(file); is the directory yours, and the disk not full?", underlying: error)
        }
        return file
    }

    public static func definitions(of node: PrivateNode) -> String { node.directory + "/definitions.json" }
}
