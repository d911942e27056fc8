import AMQPBridge
import TestSupport
import Testing

extension BrokerOfItsOwnTests {
    @Suite(.serialized) struct TLSTests {
        private let certificates: Certificates
        private let broker: TestBroker
        private let host: TestVirtualHost

        init() async throws {
            certificates = try await onThread { try Certificates() }
            broker = try await TestBroker.own()
            host = try await broker.virtualHost()
        }

        /// Lets the broker listen with a certificate; the node itself knows nothing of TLS.
        private func listen(_ certificate: String, asksClient: Bool = false) async throws -> AMQPOptions {
            let port = try freePort()
            try await broker.listen(with: certificate, of: certificates, at: port, asksClient: asksClient)
            var url = host.url
            url.usesTLS = true
            url.host = "localhost"
            url.explicitPort = port
            var options = AMQPOptions.test(url)
            options.tls.authorityFile = certificates.path("ca.pem")
            return options
        }

        private func works(_ options: AMQPOptions) async throws {
            let connection = try await AMQPConnection.open(options)
            let queue = try await connection.declare(AMQPQueue("", durable: false, exclusive: true))
            // More than one TLS record, so that some sit inside OpenSSL while the socket is quiet.
            let body = [UInt8](repeating: 9, count: 300_000)
            for _ in 0..<5 {
                #expect(
                    await connection.publish(
                        AMQPMessage(exchange: "", routingKey: queue.name, body: body), mandatory: true)
                        == .confirmed)
            }
            var count = 0
            for try await delivery in try await connection.consume(AMQPConsumer(queue: queue.name, tag: "c")) {
                #expect(delivery.message.body == body)
                connection.acknowledge(delivery.tag)
                count += 1
                if count == 5 { break }
            }
            await connection.close()
        }

        private func error(_ options: AMQPOptions) async throws -> AMQPError {
            let error = try await failure { () throws(AMQPError) in try await AMQPConnection.open(options) }
            #expect(error.code == .tls, "\(error)")
            #expect(!error.isRetryable)
            return error
        }

        @Test func whoTheBrokerIs() async throws {
            try certificates.make("good", subject: "good", names: "DNS:localhost,IP:127.0.0.1")
            let good = try await listen("good")
            try await works(good)
            var options = good
            options.url.host = "127.0.0.1"
            try await works(options)
            options.tls.serverName = "elsewhere.example"
            #expect(try await error(options).message.contains("not for 'elsewhere.example'"))
            options.tls.verifies = false
            try await works(options)
            options = good
            options.tls.authorityFile = certificates.path("other.pem")
            #expect(try await error(options).message.contains("not from an authority trusted here"))
            options.tls.authorityFile = nil
            #expect(try await error(options).message.contains("cacertfile"))
            options.tls.authorityFile = certificates.path("none.pem")
            #expect(try await error(options).message.contains("cannot read"))
            options.tls.authorityFile = certificates.path("good.key")
            #expect(try await error(options).message.contains("PEM"))
            // No TLS at that port.
            options = good
            options.url.explicitPort = host.url.port
            #expect(try await error(options).message.contains("TLS port"))
            // And TLS where none is expected.
            options = good
            options.url.usesTLS = false
            let plain = try await failure { () throws(AMQPError) in try await AMQPConnection.open(options) }
            #expect([.violation, .unreachable].contains(plain.code))

            try certificates.make("wrong", subject: "localhost", names: "DNS:elsewhere.example")
            options = try await listen("wrong")
            #expect(try await error(options).message.contains("not for 'localhost'"))
            options.tls.serverName = "elsewhere.example"
            try await works(options)

            try certificates.make("old", subject: "old", names: "DNS:localhost", days: -1)
            #expect(try await error(try await listen("old")).message.contains("has expired"))
        }

        @Test func whoTheClientIs() async throws {
            try certificates.make("server", subject: "server", names: "DNS:localhost")
            try certificates.make("client", subject: "by-certificate")
            // Brings in what the plug-in's boot would.
            try await broker.ctl(
                "eval",
                """
                [Folder | _] = filelib:wildcard(code:lib_dir(rabbit) ++ "/../../plugins/rabbitmq_auth_mechanism_ssl-*/ebin") ++
                    filelib:wildcard("/usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins/rabbitmq_auth_mechanism_ssl-*/ebin"),
                true = code:add_patha(Folder),
                ok = application:load(rabbitmq_auth_mechanism_ssl),
                ok = application:set_env(rabbit, ssl_cert_login_from, common_name),
                ok = rabbit_registry:register(auth_mechanism, <<"EXTERNAL">>, rabbit_auth_mechanism_ssl),
                application:set_env(rabbit, auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']).
                """)
            _ = try await host.addUser("by-certificate")
            let without = try await listen("server", asksClient: true)
            // Its alert, or only the end of the line.
            let refusal = try await failure { () throws(AMQPError) in try await AMQPConnection.open(without) }
            #expect([.tls, .unreachable].contains(refusal.code))
            #expect(refusal.message.contains("client certificate"))
            var options = without
            options.tls.certificateFile = certificates.path("client.pem")
            #expect(try await error(options).message.contains("both"))
            options.tls.keyFile = certificates.path("ca.key")
            #expect(try await error(options).message.contains("not a certificate and its key"))
            options.tls.keyFile = certificates.path("client.key")
            try await works(options)
            options.loginByCertificate = true
            options.url.user = nil
            options.url.password = nil
            try await works(options)
            #expect(try await broker.ctl("list_connections", "user").contains("by-certificate") == false)
        }
    }
}
