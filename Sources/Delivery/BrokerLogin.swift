import AMQPBridge
import Foundation

/// How a person logs in at a broker: to publish as themselves, to hear and ask with their follow login.
public struct BrokerLogin: Sendable, Hashable {
    /// The person; the first word of their routing keys.
    public let user: String
    private let url: AMQPURL

    /// - Parameter text: the broker's URL with user and password; either login of the person will do.
    /// - Throws: `DestinationError(.malformed)`.
    public init(_ text: String) throws(DestinationError) {
        let url: AMQPURL
        do throws(AMQPError) { url = try AMQPURL(text) } catch {
            throw DestinationError(.malformed, "no broker's URL: \(error)", underlying: error)
        }
        try self.init(url)
    }

    /// - Throws: `DestinationError(.malformed)`.
    public init(_ url: AMQPURL) throws(DestinationError) {
        guard let login = url.user else {
            throw DestinationError(
                .malformed, "\(url) names no login; write amqp://NAME:PASSWORD@\(url.host), as `team add` printed it")
        }
        guard let user = BrokerNames.user(ofLogin: login) else {
            throw DestinationError(
                .malformed, "'\(login)' is no person's login: a name is of a-z, 0-9 and -, at most 32 letters")
        }
        self.user = user
        self.url = url
    }

    public var place: BrokerPlace { BrokerPlace(url) }

    /// For a connection that publishes.
    func publishing(_ name: String) -> AMQPOptions { options(user, name) }

    /// For a connection that hears and asks.
    func following(_ name: String) -> AMQPOptions { options(BrokerNames.followLogin(of: user), name) }

    private func options(_ login: String, _ name: String) -> AMQPOptions {
        var url = url
        url.user = login
        var options = AMQPOptions(url: url, connectionName: name)
        options.maximumBody = WireMessage.largest + (1 << 20)
        return options
    }
}

/// The logins a person's agent may need again after its death, in a file for its owner only. They are never in an
/// archive.
public struct BrokerLogins: Sendable {
    private let file: URL

    public init(_ file: URL) { self.file = file }

    /// The URLs, with passwords, by where they lead.
    public func read() -> [BrokerPlace: String] {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [:] }
        var logins: [BrokerPlace: String] = [:]
        for line in text.split(separator: "\n") {
            if let login = try? BrokerLogin(String(line)) { logins[login.place] = String(line) }
        }
        return logins
    }

    /// Keeps the URL instead of the one that led to the same place before.
    ///
    /// - Throws: `NodeError(.files)` if the file cannot be written.
    public func keep(_ url: String, for place: BrokerPlace) throws {
        var logins = read()
        guard logins[place] != url else { return }
        logins[place] = url
        let text = logins.values.sorted().map { $0 + "\n" }.joined()
        try PrivateFile.write(Data(text.utf8), file.path)
    }
}
