import Foundation

/// Certificates of an authority of its own, made by openssl into a folder that goes away with it.
public final class Certificates: Sendable {
    public let folder: String

    public init() throws {
        folder = NSTemporaryDirectory() + "amqp-certificates-\(UInt64.random(in: 0...(.max)))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem")
        try openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other-authority -keyout other.key -out other.pem")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    public func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// - Parameters:
    ///   - names: as in a subjectAltName: `DNS:localhost,IP:127.0.0.1`.
    ///   - days: -1 has expired.
    public func make(_ file: String, subject: String, names: String = "", days: Int = 2) throws {
        try openssl("req -newkey rsa:2048 -nodes -subj /CN=\(subject) -keyout \(file).key -out \(file).csr")
        // `openssl ca` alone takes dates in the past.
        let config = """
            [ca]
            default_ca = own
            [own]
            database = \(path(file)).index
            new_certs_dir = \(folder)
            rand_serial = yes
            default_md = sha256
            policy = any
            email_in_dn = no
            [any]
            commonName = supplied
            [extensions]
            \(names.isEmpty ? "extendedKeyUsage = clientAuth" : "subjectAltName = \(names)")
            """
        try config.write(toFile: path("\(file).cnf"), atomically: true, encoding: .utf8)
        try "".write(toFile: path("\(file).index"), atomically: true, encoding: .utf8)
        let format = DateFormatter()
        format.dateFormat = "yyyyMMddHHmmss'Z'"
        format.timeZone = TimeZone(identifier: "UTC")
        format.locale = Locale(identifier: "en_US_POSIX")
        let start = format.string(from: Date(timeIntervalSinceNow: -10 * 86400))
        let end = format.string(from: Date(timeIntervalSinceNow: Double(days) * 86400))
        try openssl(
            "ca -batch -config \(file).cnf -extensions extensions -cert ca.pem -keyfile ca.key -startdate \(start) "
                + "-enddate \(end) -in \(file).csr -out \(file).pem -notext")
    }

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "openssl \(arguments): \(said)") }
    }

    private struct Failure: Error, CustomStringConvertible { var description: String }
}

extension TestBroker {
    /// Lets the broker listen with a certificate; the node itself knows nothing of TLS.
    ///
    /// - Parameter port: free until now, on loopback.
    public func listen(
        with certificate: String, of certificates: Certificates, at port: UInt16, asksClient: Bool = false
    ) async throws {
        let files = [("cacertfile", "ca.pem"), ("certfile", "\(certificate).pem"), ("keyfile", "\(certificate).key")]
            .map { "{\($0), \"\(certificates.path($1))\"}" }.joined(separator: ", ")
        let asks = asksClient ? ", {verify, verify_peer}, {fail_if_no_peer_cert, true}" : ""
        try await ctl(
            "eval",
            """
            Options = [\(files), {versions, ['tlsv1.3', 'tlsv1.2']}\(asks)],
            ok = application:set_env(rabbit, ssl_options, Options),
            ok = rabbit_networking:start_ssl_listener({"127.0.0.1", \(port)}, Options, 1).
            """)
    }
}
