/// Errors in words that say what to do.
enum Advice {
    /// `connection.close` in answer to a login.
    static func login(code: UInt16, text: String, options: AMQPOptions) -> AMQPError {
        let url = options.url
        let user = url.user ?? "guest"
        if code == 403 {
            if options.loginByCertificate {
                return AMQPError(
                    .login, "the broker knows no user by this certificate's name (403): add it, or give another one")
            }
            return AMQPError(
                .login,
                "user '\(user)' or the password is wrong, or the user may not log in from here (403): check the URL")
        }
        if code == 530 {
            if text.contains("not found") {
                return AMQPError(
                    .missing,
                    "the broker has no virtual host '\(url.virtualHost)': check the URL, or [rabbitmqctl add_vhost \(url.virtualHost)]"
                )
            }
            return AMQPError(
                .refused,
                "user '\(user)' may not use virtual host '\(url.virtualHost)' (530): give permission [rabbitmqctl set_permissions -p \(url.virtualHost) \(user) …]"
            )
        }
        return AMQPError(replyCode: code, text: text)
    }

    /// `channel.close` or `connection.close` while `what` was being done.
    static func closed(code: UInt16, text: String, doing what: String?) -> AMQPError {
        var error = AMQPError(replyCode: code, text: text)
        if let what { error.message = "\(what): \(error.message)" }
        switch code {
        case 320:
            error.message += "; an operator closed it, or the broker stops"
        case 403:
            error.message += "; the user needs this permission [rabbitmqctl set_permissions]"
        case 404:
            error.message += "; declare it first, or check the name"
        case 405:
            error.message += "; another connection holds it"
        case 406 where text.contains("inequivalent"):
            error.message += "; it exists with other properties: delete it, or declare it as it is"
        default: break
        }
        return error
    }

    /// A TLS connection that did not come about.
    ///
    /// - Parameter reason: OpenSSL's for the certificate (`X509_V_ERR_…`, x509_vfy.h); 0 if there is none.
    static func tls(
        reason: Int, words: String, certificate: String, afterHandshake: Bool, options: AMQPOptions
    ) -> AMQPError {
        let name = options.tls.serverName ?? options.url.host
        switch reason {
        case 0 where afterHandshake:
            return AMQPError(
                .tls,
                "the broker ended TLS (\(words)); it may want a client certificate it trusts (certfile=…&keyfile=…)")
        case 0:
            return AMQPError(
                .tls,
                "no TLS with port \(options.url.port) of \(options.url.host) (\(words)); is it the broker's TLS port (5671), and does it speak TLS 1.2 or later?"
            )
        case 9:
            return AMQPError(.tls, "the broker's certificate is not valid yet: compare the clocks")
        case 10:
            return AMQPError(.tls, "the broker's certificate has expired: its operator must renew it")
        case 62, 64:
            return AMQPError(
                .tls,
                "the broker's certificate is not for '\(name)': connect by the name it is for, or give that name (server_name_indication=…)"
            )
        case 2, 18, 19, 20, 21:
            return AMQPError(
                .tls,
                "the broker's certificate is not from an authority trusted here (\(certificate)): give its file (cacertfile=…)"
            )
        default:
            return AMQPError(.tls, "the broker's certificate is refused: \(certificate)")
        }
    }
}
