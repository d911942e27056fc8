import AMQPBridge
import TestSupport
import Testing

@Suite struct AMQPURLTests {
    /// The table of RabbitMQ's URI specification, appendix A.
    @Test(
        arguments: [
            ("amqp://user:pass@host:10000/vhost", "user", "pass", "host", 10000, "vhost"),
            ("amqp://user%61:%61pass@ho%61st:10000/v%2fhost", "usera", "apass", "hoast", 10000, "v/host"),
            ("amqp://", nil, nil, "localhost", nil, nil),
            ("amqp://:@/", "", "", "localhost", nil, ""),
            ("amqp://user@", "user", nil, "localhost", nil, nil),
            ("amqp://user:pass@", "user", "pass", "localhost", nil, nil),
            ("amqp://host", nil, nil, "host", nil, nil),
            ("amqp://:10000", nil, nil, "localhost", 10000, nil),
            ("amqp:///vhost", nil, nil, "localhost", nil, "vhost"),
            ("amqp://host/", nil, nil, "host", nil, ""),
            ("amqp://host/%2f", nil, nil, "host", nil, "/"),
            ("amqp://[::1]", nil, nil, "::1", nil, nil),
            ("AMQPS://[2001:db8::7]:5671/a", nil, nil, "2001:db8::7", 5671, "a"),
            ("amqp://u:p:q@h", "u", "p:q", "h", nil, nil),
            ("amqp://h:/v", nil, nil, "h", nil, "v"),
        ] as [(String, String?, String?, String, UInt16?, String?)])
    func reads(text: String, user: String?, password: String?, host: String, port: UInt16?, vhost: String?) throws {
        let url = try AMQPURL(text)
        #expect(url.user == user)
        #expect(url.password == password)
        #expect(url.host == host)
        #expect(url.explicitPort == port)
        #expect(url.explicitVirtualHost == vhost)
    }

    @Test func defaultsOfTheSchemes() throws {
        #expect(try AMQPURL("amqp://h").port == 5672)
        #expect(try AMQPURL("amqps://h").port == 5671)
        #expect(try AMQPURL("amqp://h").virtualHost == "/")
        #expect(try AMQPURL("amqp://h/").virtualHost == "")
    }

    @Test func readsParameters() throws {
        let url = try AMQPURL(
            "amqps://h/v?cacertfile=/a%20b/ca.pem&certfile=c&keyfile=k&verify=verify_none&server_name_indication=n"
                + "&auth_mechanism=external&auth_mechanism=plain&heartbeat=15&connection_timeout=2500&channel_max=7&depth=3"
        )
        var expected = AMQPURL.Parameters()
        expected.authorityFile = "/a b/ca.pem"
        expected.certificateFile = "c"
        expected.keyFile = "k"
        expected.verifiesPeer = false
        expected.serverName = "n"
        expected.mechanisms = ["external", "plain"]
        expected.heartbeat = .seconds(15)
        expected.connectionTimeout = .milliseconds(2500)
        expected.channelMax = 7
        expected.unknown = ["depth"]
        #expect(url.parameters == expected)
    }

    @Test(arguments: [
        ("http://h", 1), ("amqp:/h", 1), ("", 1), ("amqp://h/a/b", 11), ("amqp://h:99999", 10), ("amqp://h:0", 10),
        ("amqp://h:5x", 11), ("amqp://[::1", 8), ("amqp://[::1]x", 13), ("amqp://[1:2]", 9), ("amqp://%zz", 8),
        ("amqp://h/%4", 10), ("amqp://h/%ff", 10), ("amqp://h/%00", 10), ("amqp://u:se@cret@h", 17),
        ("amqp://h?heartbeat=soon", 10), ("amqp://h?verify=maybe", 10), ("amqp://h h", 9), ("amqp://h/#x", 10),
        ("amqp://hé", 9), ("amqp://[1::2::3]", 9), ("amqp://[1:2:3:4:5:6:7:8:9]", 9), ("amqp://[::1.2.3.999]", 9),
        ("amqp://a[b", 8),
    ])
    func refusesWithPlace(text: String, character: Int) {
        let error = #expect(throws: AMQPError.self) { try AMQPURL(text) }
        #expect(error?.code == .url)
        #expect(error?.place == "character \(character)")
        #expect(error?.description.contains("cret") == false)
    }

    @Test func neverShowsThePassword() throws {
        let url = try AMQPURL("amqps://al%40ice:s3cr3t@h:1/v%2F1?keyfile=k")
        #expect(url.description == "amqps://al%40ice@h:1/v%2F1")
        var dumped = ""
        dump(url, to: &dumped)
        for text in [url.description, url.debugDescription, "\(url)", String(reflecting: url), dumped] {
            #expect(!text.contains("s3cr3t"))
        }
        #expect(url.withoutCredentials.user == nil)
        #expect(url.withoutCredentials.password == nil)
    }

    @Test func writtenAndReadAgainIsTheSamePlace() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let characters = Array("abcXYZ019-._~/?#[]@!$&'()*+,;=:% \"<>\\^`{|}éß漢🙂")
        func text(_ most: Int) -> String {
            String(
                (0..<Int.random(in: 0...most, using: &generator)).compactMap { _ in
                    characters.randomElement(using: &generator)
                })
        }
        for _ in 0..<2000 {
            let hosts = ["h", "a.b-c.example", "::1", "2001:db8::ff00:42:8329", "127.0.0.1", "büro"]
            let url = AMQPURL(
                host: try #require(hosts.randomElement(using: &generator)),
                port: Bool.random(using: &generator) ? UInt16.random(in: 1 ... .max, using: &generator) : nil,
                usesTLS: Bool.random(using: &generator), user: Bool.random(using: &generator) ? text(8) : nil,
                virtualHost: Bool.random(using: &generator) ? text(12) : nil)
            #expect(try AMQPURL(url.description) == url)
        }
    }

    @Test func anyBytesAreAnURLOrAnError() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let start = Array("amqps://us%65r:pw@[2001:db8::1.2.3.4]:5671/v%2Fh?heartbeat=10&verify=verify_peer".utf8)
        let bytes = Array("%:@/?#[]=&aZ09.\u{0}\u{7F}é".utf8)
        for _ in 0..<20_000 {
            var changed = start
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<changed.count, using: &generator)
                let byte = try #require(bytes.randomElement(using: &generator))
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: changed[index] = byte
                case 1: changed.remove(at: index)
                default: changed.insert(byte, at: index)
                }
            }
            do throws(AMQPError) {
                let url = try AMQPURL(String(decoding: changed, as: UTF8.self))
                #expect(url.port > 0)
            } catch {
                #expect(error.code == .url && !error.place.isEmpty)
            }
        }
    }
}
