/// Where a broker is and how to log in, as RabbitMQ's URI specification and its query parameters say:
/// `amqp[s]://[USER[:PASSWORD]@]HOST[:PORT][/VHOST][?name=value&…]`.
public struct AMQPURL: Hashable, Sendable {
    /// `amqps`.
    public var usesTLS: Bool
    /// A name or an address; an IPv6 address without its brackets.
    public var host: String
    /// Nil: the one of the scheme.
    public var explicitPort: UInt16?
    /// Nil: the client's own.
    public var user: String?
    public var password: String?
    /// Nil where the URL has no path; `amqp://h/` names the virtual host that is called "".
    public var explicitVirtualHost: String?
    public var parameters: Parameters

    /// What stands after `?`.
    public struct Parameters: Hashable, Sendable {
        /// `cacertfile`: a PEM file with the authorities to trust.
        public var authorityFile: String?
        /// `certfile`: a PEM file with the client's certificate.
        public var certificateFile: String?
        /// `keyfile`: a PEM file with the client's key.
        public var keyFile: String?
        /// `verify=verify_peer|verify_none`; nil: verify.
        public var verifiesPeer: Bool?
        /// `server_name_indication`: the name to ask for and to verify.
        public var serverName: String?
        /// `auth_mechanism=plain|external|…`, in the order given.
        public var mechanisms: [String] = []
        /// `heartbeat`, whole seconds; 0 switches it off.
        public var heartbeat: Duration?
        /// `connection_timeout`, whole milliseconds.
        public var connectionTimeout: Duration?
        /// `channel_max`.
        public var channelMax: UInt16?
        /// Names this program does not know; they have no effect.
        public var unknown: [String] = []

        public init() {}
    }

    public init(
        host: String, port: UInt16? = nil, usesTLS: Bool = false, user: String? = nil, password: String? = nil,
        virtualHost: String? = nil, parameters: Parameters = Parameters()
    ) {
        self.usesTLS = usesTLS
        self.host = host
        explicitPort = port
        self.user = user
        self.password = password
        explicitVirtualHost = virtualHost
        self.parameters = parameters
    }

    /// The URL that `text` is.
    ///
    /// - Throws: `AMQPError(.url)` with the character, counted from 1, as its place. Neither quotes the password.
    public init(_ text: String) throws(AMQPError) {
        var reader = AMQPURLReader(text)
        self = try reader.read()
    }

    public var port: UInt16 { explicitPort ?? (usesTLS ? 5671 : 5672) }
    public var virtualHost: String { explicitVirtualHost ?? "/" }

    /// The same place without user and password: what may be stored and shown.
    public var withoutCredentials: AMQPURL {
        AMQPURL(host: host, port: explicitPort, usesTLS: usesTLS, virtualHost: explicitVirtualHost)
    }
}

extension AMQPURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without its password and parameters; reading it again gives the same place.
    public var description: String {
        var text = usesTLS ? "amqps://" : "amqp://"
        if let user { text += Self.escaped(user) + "@" }
        text += host.contains(":") ? "[\(host)]" : Self.escaped(host)
        if let explicitPort { text += ":\(explicitPort)" }
        if let explicitVirtualHost { text += "/" + Self.escaped(explicitVirtualHost) }
        return text
    }

    public var debugDescription: String { description }

    /// Keeps the password out of dumps too.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }

    /// `text` with every byte but the unreserved ones (RFC 3986, 2.3) percent-encoded.
    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                scalar.properties.isAlphabetic || (48...57).contains(byte) || "-._~".unicodeScalars.contains(scalar)
            {
                result.unicodeScalars.append(scalar)
            } else {
                result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
