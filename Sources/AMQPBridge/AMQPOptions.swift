/// How to reach a broker, and what to take from it.
public struct AMQPOptions: Sendable {
    /// Who to trust on `amqps`, and who to be.
    public struct TLS: Hashable, Sendable {
        /// A PEM file with the authorities to trust; nil: the system's.
        public var authorityFile: String?
        /// PEM files with the client's certificate (and its chain) and its key; both or neither. The key has no password.
        public var certificateFile: String?
        public var keyFile: String?
        /// The name or address that the certificate must be for; nil: the URL's host.
        public var serverName: String?
        /// False takes any certificate: only for a test.
        public var verifies = true

        public init() {}
    }

    /// Where and as whom. Its parameters are already in the other fields.
    public var url: AMQPURL
    /// What the broker's tools show for this connection.
    public var connectionName: String
    /// Silence of twice this long ends the connection; the broker may ask for less. Whole seconds, at least 1; zero
    /// switches it off, and with it the notice of a peer that is gone.
    public var heartbeat: Duration
    public var tls: TLS
    /// Log in by the client's certificate (SASL EXTERNAL) instead of user and password.
    public var loginByCertificate: Bool
    /// Until a TCP connection stands, with TLS. A name server that does not answer has its own.
    public var connectTimeout: Duration
    /// From there until the broker has opened the virtual host.
    public var handshakeTimeout: Duration
    /// For an answer to one request.
    public var requestTimeout: Duration
    /// For the next confirm, while the broker is not blocked. A broker that lives and confirms nothing is left and tried
    /// again: RabbitMQ hangs a channel that publishes to a quorum queue without a leader.
    public var confirmTimeout: Duration
    /// Bytes; a larger body is not received (`AMQPDelivery.Omission`) and not sent.
    public var maximumBody: Int
    /// Entries of a message's headers, those of nested tables and arrays included, and levels of nesting.
    public var maximumHeaders: Int
    public var maximumHeaderDepth: Int
    /// Bytes of messages that may wait here while the broker takes none; further ones are settled as lost.
    public var maximumWaiting: Int

    /// - Parameter url: its parameters (`heartbeat`, `cacertfile` …) fill the fields here; no user in it means guest.
    public init(url: AMQPURL, connectionName: String = "swift") {
        self.url = url
        self.connectionName = connectionName
        heartbeat = url.parameters.heartbeat ?? .seconds(10)
        tls = TLS()
        tls.authorityFile = url.parameters.authorityFile
        tls.certificateFile = url.parameters.certificateFile
        tls.keyFile = url.parameters.keyFile
        tls.serverName = url.parameters.serverName
        tls.verifies = url.parameters.verifiesPeer ?? true
        loginByCertificate = url.parameters.mechanisms.first?.lowercased() == "external"
        connectTimeout = url.parameters.connectionTimeout ?? .seconds(10)
        handshakeTimeout = .seconds(10)
        requestTimeout = .seconds(10)
        confirmTimeout = .seconds(10)
        maximumBody = 16 << 20
        maximumHeaders = 256
        maximumHeaderDepth = 8
        maximumWaiting = 64 << 20
    }
}
