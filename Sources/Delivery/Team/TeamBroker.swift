import AMQPBridge
import EventSchema
import Foundation

/// The broker that a team's file is applied to. All calls block the thread.
public enum TeamBroker: Sendable {
    /// A private node of one's own, through `rabbitmqctl`.
    case node(PrivateNode)
    /// Any broker, through its management plugin.
    case management(ManagementAPI)

    /// Makes users, permissions and topology as the file says, deletes the logins of whoever was taken out, and ends
    /// the connections of `logins`: what a connection may do was decided when it was opened.
    ///
    /// - Throws: `NodeError`.
    public func apply(_ team: TeamFile, cuttingOff logins: [String] = []) throws(NodeError) {
        let removed = team.removed.sorted().flatMap { [$0, BrokerNames.followLogin(of: $0)] }
        let why = "the team's file has changed"
        switch self {
        case .node(let node):
            // In one call: each starts an Erlang of its own, and whoever is revoked is to be out within a second.
            try node.control([
                "eval",
                """
                {ok, Definitions} = file:read_file(<<"\(Self.erlang(try Self.write(team, for: node)))"/utf8>>),
                ok = rabbit_definitions:import_raw(Definitions),
                [rabbit_auth_backend_internal:delete_user(Login, <<"playhead">>) || Login <- \(Self.list(removed))],
                [rabbit_networking:close_all_user_connections(Login, <<"\(why)">>) || Login <- \(Self.list(logins))],
                ok.
                """,
            ])
        case .management(let api):
            let major = try api.version().split(separator: ".").first.flatMap { Int($0) } ?? 3
            try api.load(definitions: TeamDefinitions(team, brokerVersion: major).json.encoded)
            for login in removed { try api.send("DELETE", "users/\(ManagementAPI.escaped(login))") }
            for login in logins { try api.closeConnections(of: login) }
        }
    }

    /// Names of letters that need no quoting.
    private static func list(_ names: [String]) -> String {
        "[\(names.map { "<<\"\($0)\">>" }.joined(separator: ", "))]"
    }

    private static func erlang(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
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
        try PrivateFile.write(Data(definitions.json.encoded.utf8), file)
        return file
    }

    public static func definitions(of node: PrivateNode) -> String { node.directory + "/definitions.json" }
}
