import Foundation

/// RabbitMQ's management plugin over HTTP: users, permissions, definitions, connections. All calls block the thread.
///
/// It goes through curl(1), which brings TLS and the system's authorities; the login travels on its standard input, so
/// that no other account of the machine sees it.
public struct ManagementAPI: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// `http[s]://HOST:PORT`, without a path.
    public let address: String
    public let user: String
    private let password: String
    /// A PEM file with the authorities to trust instead of the system's.
    public var authorityFile: String?

    public init(_ address: String, user: String, password: String) {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.user = user
        self.password = password
    }

    /// The API at a URL that holds a login: `https://USER:PASSWORD@HOST:PORT`.
    ///
    /// - Throws: `NodeError(.refused)`; it does not quote the password.
    public init(url text: String) throws(NodeError) {
        guard var parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let user = parts.user, let password = parts.password, let host = parts.host, !host.isEmpty
        else {
            throw NodeError(
                .refused, "the management API's address has the form https://USER:PASSWORD@HOST:PORT")
        }
        parts.user = nil
        parts.password = nil
        guard let address = parts.string else { throw NodeError(.refused, "no such address") }
        self.init(address, user: user, password: password)
    }

    public var description: String { "\(address) as \(user)" }

    /// Keeps the password out of dumps too.
    public var customMirror: Mirror { Mirror(self, children: ["address": address, "user": user]) }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - path: after `/api/`; its parts already escaped, see `escaped`.
    ///   - body: JSON.
    /// - Returns: the answer's JSON; empty if it has none.
    /// - Throws: `NodeError`: `.notInstalled` (curl), `.notRunning` if nobody answers, `.refused`, `.failed`, `.timeout`.
    @discardableResult
    public func send(
        _ method: String, _ path: String, body: String? = nil, limit: Duration = .seconds(30)
    ) throws(NodeError) -> String {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/curl") else {
            throw NodeError(.notInstalled, "curl is not installed here; as root: apt-get install curl")
        }
        var lines = [
            "url = \(Self.quoted("\(address)/api/\(path)"))", "request = \(method)",
            "user = \(Self.quoted("\(user):\(password)"))", "header = \"Content-Type: application/json\"",
            "silent", "show-error", "globoff", "noproxy = \"127.0.0.1\"", #"write-out = "\n%{http_code}""#,
            "max-time = \(limit.components.seconds)",
        ]
        if let body { lines.append("data-binary = \(Self.quoted(body))") }
        if let authorityFile { lines.append("cacert = \(Self.quoted(authorityFile))") }
        // --disable: the person's own .curlrc has no say.
        let answer = try ToolRun.run(
            ["/usr/bin/curl", "--disable", "--config", "-"], environment: ["PATH": "/usr/bin:/bin"],
            input: lines.joined(separator: "\n"), limit: limit + .seconds(5))
        guard answer.status == 0 else {
            throw NodeError(
                answer.status == 28 ? .timeout : .notRunning,
                "the management API at \(address) does not answer: \(answer.error.split(separator: "\n").last ?? "")")
        }
        let end = answer.output.lastIndex(of: "\n") ?? answer.output.startIndex
        let status = Int(answer.output[end...].dropFirst()) ?? 0
        let text = String(answer.output[..<end])
        switch status {
        case 200..<300: return text
        case 401, 403: throw NodeError(.refused, "\(address) does not let '\(user)' do this: \(status) \(text)")
        default: throw NodeError(.failed, "\(address) answers \(method) \(path) with \(status) \(text)")
        }
    }

    /// Reads what `path` gives.
    public func get<Value: Decodable>(_ type: Value.Type, _ path: String) throws(NodeError) -> Value {
        let text = try send("GET", path)
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw NodeError(.failed, "\(address) gives for \(path) what is not understood", underlying: error)
        }
    }

    /// `text` as one part of a path.
    public static func escaped(_ text: String) -> String { AMQPURL.escaped(text) }

    /// As curl's configuration files have it.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "\""
    }
}

extension ManagementAPI {
    /// RabbitMQ's version: `3.10.8`.
    public func version() throws(NodeError) -> String {
        struct Overview: Decodable {
            var version: String
            enum CodingKeys: String, CodingKey { case version = "rabbitmq_version" }
        }
        return try get(Overview.self, "overview").version
    }

    /// Loads users, permissions and topology; what is not in them stays.
    public func load(definitions: String) throws(NodeError) { try send("POST", "definitions", body: definitions) }

    /// Ends every connection of a login.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public func closeConnections(of login: String) throws(NodeError) -> Int {
        struct Connection: Decodable { var name: String }
        let open = try get([Connection].self, "connections/username/\(Self.escaped(login))")
        try send("DELETE", "connections/username/\(Self.escaped(login))")
        return open.count
    }
}
