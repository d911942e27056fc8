import Foundation

/// The processes of a node, kept in its directory so that any later command finds them.
struct NodeRun: Codable, Hashable, Sendable {
    var node: NodeProcess?
    /// Erlang's epmd.
    var nameServer: NodeProcess?

    static func load(_ place: NodePlace) throws(NodeError) -> NodeRun {
        try NodeFiles.read(NodeRun.self, place.directory + "/run.json") ?? NodeRun()
    }

    func save(_ place: NodePlace) throws(NodeError) { try NodeFiles.write(self, place.directory + "/run.json") }

    var runningNode: NodeProcess? { node.flatMap { $0.hasEnded ? nil : $0 } }
    var isNameServerUp: Bool { nameServer.map { !$0.hasEnded } ?? false }

    /// Ends both processes, the node first; returns when they have ended.
    mutating func end(cleanly: Bool) {
        if let node {
            // A stopped process takes no SIGTERM.
            node.send(SIGCONT)
            node.send(cleanly ? SIGTERM : SIGKILL)
            if !node.waitForEnd(.seconds(30)) {
                node.send(SIGKILL)
                _ = node.waitForEnd(.seconds(5))
            }
        }
        if let nameServer {
            nameServer.send(SIGKILL)
            _ = nameServer.waitForEnd(.seconds(5))
        }
        self = NodeRun()
    }
}
