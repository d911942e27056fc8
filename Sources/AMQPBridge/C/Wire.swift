import CRabbitMQ
import Glibc

/// One connection of librabbitmq. For one thread only; after an error only `deinit` may follow.
///
/// Nothing here waits for the broker but `open`. Everything else sends a frame or takes one that is there; answers are
/// frames like any other, so that nothing overtakes anything and the library never queues.
final class Wire {
    let state: amqp_connection_state_t
    let arena = Arena()
    private let watch: Watched
    private let options: AMQPOptions
    private var reader: FrameReader
    /// The library's reason for refusing a certificate, written by OpenSSL.
    private let tlsReason: UnsafeMutablePointer<Int32>
    private(set) var descriptor: Int32 = -1
    /// Whole seconds, as agreed; 0 is none.
    private(set) var heartbeat = 0
    /// The largest frame, in bytes, as agreed.
    private(set) var frameSize = 0

    init(_ options: AMQPOptions, watch: Watched) throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw AMQPError(.broker, "there is no memory left here") }
        self.state = state
        self.watch = watch
        self.options = options
        reader = FrameReader(maximumHeaders: options.maximumHeaders, maximumDepth: options.maximumHeaderDepth)
        tlsReason = .allocate(capacity: 1)
        tlsReason.initialize(to: 0)
    }

    deinit {
        watch.forget()
        amqp_destroy_connection(state)
        tlsReason.deallocate()
    }

    // MARK: Opening

    /// TCP, TLS, login, virtual host. Blocks up to the sum of both timeouts.
    func open() throws(AMQPError) {
        let url = options.url
        let texts = [url.host, url.user ?? "", url.password ?? "", url.virtualHost]
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw AMQPError(.url, "the URL holds a zero byte (%00)")
        }
        guard let socket = url.usesTLS ? try tlsSocket() : amqp_tcp_socket_new(state) else {
            throw AMQPError(.broker, "there is no memory left here")
        }
        let connected = rmq_open(socket, url.host, Int32(url.port), Self.milliseconds(options.connectTimeout))
        guard connected == AMQP_STATUS_OK.rawValue else { throw connectError(connected) }
        descriptor = amqp_get_sockfd(state)
        watch.watch(descriptor)
        watch.enter(limit: options.connectTimeout + options.handshakeTimeout + .seconds(2))
        defer { watch.leave() }
        try login()
        heartbeat = Int(amqp_get_heartbeat(state))
        frameSize = Int(amqp_get_frame_max(state))
        // Unacknowledged bytes end the connection too when a heartbeat cannot even be sent. The kernel's own limit is minutes.
        if heartbeat > 0 { _ = rmq_set_user_timeout(descriptor, UInt32(clamping: heartbeat * 2000)) }
    }

    private func tlsSocket() throws(AMQPError) -> OpaquePointer? {
        let tls = options.tls
        guard let socket = rmq_tls_socket(state) else { return nil }
        let name = tls.serverName ?? options.url.host
        for file in [tls.authorityFile, tls.certificateFile, tls.keyFile] {
            if let file, access(file, R_OK) != 0 {
                throw AMQPError(.tls, "cannot read '\(file)': \(String(cString: strerror(errno)))")
            }
        }
        let prepared = rmq_tls_prepare(
            socket, tls.authorityFile, tls.verifies ? name : nil, Self.isAddress(name) ? 1 : 0, tlsReason)
        guard prepared == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(
                .tls,
                "no certificates could be read from '\(tls.authorityFile ?? "the system's store")': is it a PEM file?")
        }
        switch (tls.certificateFile, tls.keyFile) {
        case (nil, nil): break
        case (let certificate?, let key?):
            guard amqp_ssl_socket_set_key(socket, certificate, key) == AMQP_STATUS_OK.rawValue else {
                throw AMQPError(.tls, "'\(certificate)' and '\(key)' are not a certificate and its key in PEM form")
            }
        default: throw AMQPError(.tls, "a client certificate needs both certfile and keyfile")
        }
        return socket
    }

    private static func isAddress(_ name: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1
    }

    private func login() throws(AMQPError) {
        let url = options.url
        // The broker sends consumer cancels and blocked notices only to those who say that they understand them.
        var properties = arena.table([
            "product": "AMQPBridge", "platform": "Swift", "connection_name": .string(options.connectionName),
            "capabilities": .table([
                "authentication_failure_close": true, "basic.nack": true, "connection.blocked": true,
                "consumer_cancel_notify": true, "exchange_exchange_bindings": true, "publisher_confirms": true,
            ]),
        ])
        defer { arena.reset() }
        let user = url.user ?? (options.loginByCertificate ? "certificate" : "guest")
        let password = options.loginByCertificate ? nil : url.password ?? (url.user == nil ? "guest" : "")
        let seconds = Int32(clamping: max(options.heartbeat.components.seconds, options.heartbeat > .zero ? 1 : 0))
        var reply = rmq_login(
            state, url.virtualHost, AMQP_DEFAULT_FRAME_SIZE, min(seconds, Int32(UInt16.max)),
            Self.milliseconds(options.handshakeTimeout), &properties, user, password)
        guard reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        var text = amqp_bytes_t()
        let code = rmq_close_reply(&reply, &text)
        if code != 0 {
            let words = String(
                decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.bytes == nil ? 0 : text.len),
                as: UTF8.self)
            throw Advice.login(code: UInt16(clamping: code), text: words, options: options)
        }
        throw statusError(reply.library_error, doing: "logging in")
    }

    // MARK: Receiving

    /// The next frame that is there, or nil. Sends the heartbeat when it is due.
    func next(wantsBody: Bool) throws(AMQPError) -> Frame? {
        let frame = rmq_next(state)
        if frame.status == AMQP_STATUS_OK.rawValue { return reader.read(frame, wantsBody: wantsBody) }
        if frame.status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
        throw statusError(frame.status, doing: "receiving")
    }

    /// Whether something was received that was not taken yet. Under TLS some may be where nobody can see it.
    var mayHaveMore: Bool {
        options.url.usesTLS || amqp_data_in_buffer(state) != 0 || amqp_frames_enqueued(state) != 0
    }

    /// Gives back the memory of frames taken so far.
    func release() { amqp_maybe_release_buffers(state) }

    // MARK: Errors

    func check(_ status: Int32, doing what: String) throws(AMQPError) {
        guard status == AMQP_STATUS_OK.rawValue else { throw statusError(status, doing: what) }
    }

    private func connectError(_ status: Int32) -> AMQPError {
        let place = "\(options.url.withoutCredentials)"
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
            return AMQPError(.unreachable, "no such host: '\(options.url.host)'; check the URL")
        case AMQP_STATUS_TIMEOUT:
            return AMQPError(
                .timeout, "\(place) did not answer within \(options.connectTimeout); is a firewall in between?")
        case AMQP_STATUS_SOCKET_ERROR, AMQP_STATUS_TCP_ERROR:
            return AMQPError(
                .unreachable, "nobody answers at \(place) (port \(options.url.port)); is the broker running?")
        default: return statusError(status, doing: "connecting")
        }
    }

    private func statusError(_ status: Int32, doing what: String) -> AMQPError {
        if watch.fired {
            return AMQPError(.timeout, "the broker took nothing while \(what); the connection was given up")
        }
        let place = "\(options.url.withoutCredentials)"
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_TIMEOUT:
            return AMQPError(.timeout, "\(place) did not answer in time while \(what)")
        case AMQP_STATUS_HEARTBEAT_TIMEOUT:
            return AMQPError(.timeout, "\(place) has been silent for \(heartbeat * 2) s")
        case AMQP_STATUS_CONNECTION_CLOSED, AMQP_STATUS_SOCKET_CLOSED, AMQP_STATUS_SOCKET_ERROR, AMQP_STATUS_TCP_ERROR:
            return broken(doing: what)
        case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
            return AMQPError(
                .refused,
                options.loginByCertificate
                    ? "\(place) offers no login by certificate; enable its plug-in rabbitmq_auth_mechanism_ssl"
                    : "\(place) offers no login by password (PLAIN)")
        case AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, AMQP_STATUS_SSL_PEER_VERIFY_FAILED,
            AMQP_STATUS_SSL_CONNECTION_FAILED:
            let failure = rmq_tls_failure().map { String(cString: $0) }
            if tlsReason.pointee == 0, failure == nil { return broken(doing: what) }
            return Advice.tls(
                reason: Int(tlsReason.pointee),
                words: failure ?? "", certificate: String(cString: rmq_tls_reason(tlsReason.pointee)),
                afterHandshake: descriptor >= 0, options: options)
        case AMQP_STATUS_NO_MEMORY:
            return AMQPError(.broker, "there is no memory left here")
        default:
            return AMQPError(
                .violation,
                "\(place) does not speak AMQP 0-9-1 as it should (\(String(cString: amqp_error_string2(status)))); is it a RabbitMQ, and the right port?"
            )
        }
    }

    /// A broker that wants a certificate may hang up before its reason has come through.
    private func broken(doing what: String) -> AMQPError {
        let isUnproven = options.url.usesTLS && options.tls.certificateFile == nil && frameSize == 0
        let hint = isUnproven ? "; it may want a client certificate (certfile=…&keyfile=…)" : ""
        return AMQPError(
            .unreachable, "the connection to \(options.url.withoutCredentials) broke while \(what)\(hint)")
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(clamping: max(1, min(seconds, 86400) * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}
