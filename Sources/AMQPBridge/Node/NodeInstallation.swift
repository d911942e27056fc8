import Foundation

/// RabbitMQ as it is installed on this machine.
public struct NodeInstallation: Hashable, Sendable {
    /// `…/rabbitmq_server-3.10.8`.
    public let directory: String
    public let erl: String
    public let epmd: String

    public init(directory: String, erl: String, epmd: String) {
        self.directory = directory
        self.erl = erl
        self.epmd = epmd
    }

    /// The newest one under `/usr/lib/rabbitmq`, where Debian's package puts it.
    ///
    /// - Parameter path: where to look for Erlang's programs, as `PATH` has it.
    /// - Throws: `NodeError(.notInstalled)`, which says how to install it.
    public static func find(
        under root: String = "/usr/lib/rabbitmq/lib",
        path: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(NodeError) -> NodeInstallation {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newest = versions.filter { $0.hasPrefix("rabbitmq_server-") }
            .max { $0.compare($1, options: .numeric) == .orderedAscending }
        let folders = path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/local/bin"]
        func program(_ name: String) -> String? {
            folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        }
        guard let newest, let erl = program("erl"), let epmd = program("epmd") else {
            throw NodeError(
                .notInstalled, "RabbitMQ is not installed here; as root: apt-get install rabbitmq-server")
        }
        return NodeInstallation(directory: "\(root)/\(newest)", erl: erl, epmd: epmd)
    }

    public var version: String { String(directory.split(separator: "-").last ?? "") }

    /// The script that Debian's wrapper in `/usr/sbin` calls. The wrapper refuses everybody but root and `rabbitmq`.
    var rabbitmqctl: String { "\(directory)/sbin/rabbitmqctl" }
    var plugins: String { "\(directory)/plugins" }
}
