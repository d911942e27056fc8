import AMQPBridge

/// A broker and a virtual host on it, without anybody's credentials: what is stored with a session and shown.
public struct BrokerPlace: Hashable, Sendable, CustomStringConvertible {
    private let url: AMQPURL

    /// Where `url` points; equal for equal places, however they are written.
    public init(_ url: AMQPURL) {
        self.url = AMQPURL(
            host: url.host.lowercased(),
            port: url.port == AMQPURL(host: "", usesTLS: url.usesTLS).port ? nil : url.port,
            usesTLS: url.usesTLS, virtualHost: url.virtualHost == "/" ? nil : url.virtualHost)
    }

    /// The place a session's first event names.
    ///
    /// - Throws: `DestinationError(.malformed)`.
    public init(_ address: String, virtualHost: String) throws(DestinationError) {
        var url = try Self.read(address)
        url.explicitVirtualHost = virtualHost
        self.init(url)
    }

    /// - Throws: `DestinationError(.malformed)`.
    public init(url: String) throws(DestinationError) { self.init(try Self.read(url)) }

    /// The broker without the virtual host: `amqps://HOST[:PORT]`.
    public var address: String {
        AMQPURL(host: url.host, port: url.explicitPort, usesTLS: url.usesTLS).description
    }

    public var virtualHost: String { url.virtualHost }

    public var description: String { url.description }

    private static func read(_ text: String) throws(DestinationError) -> AMQPURL {
        do throws(AMQPError) {
            return try AMQPURL(text)
        } catch {
            throw DestinationError(.malformed, "no broker's URL: \(error)", underlying: error)
        }
    }
}
