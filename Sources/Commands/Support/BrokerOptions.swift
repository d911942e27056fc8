import ArgumentParser
import Delivery

/// Whose archive is asked: one's own, or a team's.
struct BrokerOptions: ParsableArguments {
    @Option(
        name: .customLong("broker"),
        help: ArgumentHelp(
            "Ask the team's archive at this broker instead of your own.", valueName: "amqp://NAME:PASSWORD@HOST/VHOST"))
    var url: String?

    /// - Throws: `DestinationError`.
    var login: BrokerLogin? { get throws { try url.map { try BrokerLogin($0) } } }
}
