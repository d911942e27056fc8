/// Reads an AMQP URL byte by byte, so that every error has its place.
struct AMQPURLReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func read() throws(AMQPError) -> AMQPURL {
        for (index, byte) in bytes.enumerated() where byte <= 0x20 || byte >= 0x7F {
            throw error("a character that must be percent-encoded", at: index)
        }
        if let hash = bytes.firstIndex(of: UInt8(ascii: "#")) {
            throw error("an AMQP URL has no fragment; write '#' as %23", at: hash)
        }
        var url = AMQPURL(host: "", usesTLS: try scheme())
        let end = bytes[position...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? bytes.count
        try authority(position..<end, into: &url)
        position = end
        if take("/") {
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
            if let slash = bytes[position..<end].firstIndex(of: UInt8(ascii: "/")) {
                throw error("a virtual host is one segment; write '/' in its name as %2F", at: slash)
            }
            let name = try decoded(position..<end, what: "virtual host")
            guard name.utf8.count <= 255 else {
                throw error("a virtual host's name has at most 255 bytes", at: position)
            }
            url.explicitVirtualHost = name
            position = end
        }
        if take("?") { try parameters(into: &url.parameters) }
        return url
    }

    private func error(_ message: String, at index: Int) -> AMQPError {
        AMQPError(.url, message, at: "character \(index + 1)")
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func scheme() throws(AMQPError) -> Bool {
        for (name, usesTLS) in [("amqps://", true), ("amqp://", false)] {
            let head = bytes.prefix(name.utf8.count).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            if head.elementsEqual(name.utf8) {
                position = name.utf8.count
                return usesTLS
            }
        }
        throw error("a broker's URL begins with amqp:// or amqps://", at: 0)
    }

    private func authority(_ range: Range<Int>, into url: inout AMQPURL) throws(AMQPError) {
        var place = range
        if let at = bytes[range].firstIndex(of: UInt8(ascii: "@")) {
            let userEnd = bytes[range.lowerBound..<at].firstIndex(of: UInt8(ascii: ":")) ?? at
            url.user = try decoded(range.lowerBound..<userEnd, what: "user")
            if userEnd < at { url.password = try decoded(userEnd + 1..<at, what: "password") }
            place = at + 1..<range.upperBound
        }
        if let second = bytes[place].firstIndex(of: UInt8(ascii: "@")) {
            throw error("a second '@'; write it in a user or password as %40", at: second)
        }
        let hostEnd = try hostEnd(place, into: &url)
        guard hostEnd < place.upperBound else { return }
        guard bytes[hostEnd] == UInt8(ascii: ":") else { throw error("more after the address", at: hostEnd) }
        url.explicitPort = try port(hostEnd + 1..<place.upperBound)
    }

    private func hostEnd(_ range: Range<Int>, into url: inout AMQPURL) throws(AMQPError) -> Int {
        if bytes[range].first == UInt8(ascii: "[") {
            guard let close = bytes[range].firstIndex(of: UInt8(ascii: "]")) else {
                throw error("'[' without ']'", at: range.lowerBound)
            }
            let address = bytes[range.lowerBound + 1..<close]
            guard IPv6Text.isAddress(address) else { throw error("no IPv6 address", at: range.lowerBound + 1) }
            url.host = String(decoding: address, as: UTF8.self)
            return close + 1
        }
        let end = bytes[range].firstIndex(of: UInt8(ascii: ":")) ?? range.upperBound
        let host = try decoded(range.lowerBound..<end, what: "host")
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !"/?#@[]:\\<>^`{|}%\"".utf8.contains($0) }) else {
            throw error("no host name", at: range.lowerBound)
        }
        url.host = host.isEmpty ? "localhost" : host
        return end
    }

    private func port(_ range: Range<Int>) throws(AMQPError) -> UInt16? {
        if range.isEmpty { return nil }
        var value = 0
        for index in range {
            guard (0x30...0x39).contains(bytes[index]) else { throw error("a port is a number", at: index) }
            value = value * 10 + Int(bytes[index] - 0x30)
            guard value <= 65535 else { throw error("a port is at most 65535", at: range.lowerBound) }
        }
        guard value > 0 else { throw error("no port 0", at: range.lowerBound) }
        return UInt16(value)
    }

    private mutating func parameters(into parameters: inout AMQPURL.Parameters) throws(AMQPError) {
        while position < bytes.count {
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
            let equals = bytes[position..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
            if position < end {
                let name = try decoded(position..<equals, what: "parameter")
                let value = try decoded(min(equals + 1, end)..<end, what: "parameter's value")
                if let problem = parameters.set(name, to: value) { throw error(problem, at: position) }
            }
            position = min(end + 1, bytes.count)
        }
    }

    private func decoded(_ range: Range<Int>, what: String) throws(AMQPError) -> String {
        var result: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            var byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < range.upperBound, let high = Self.hexDigit(bytes[index + 1]),
                    let low = Self.hexDigit(bytes[index + 2])
                else { throw error("'%' without two hexadecimal digits", at: index) }
                byte = high << 4 | low
                guard byte != 0 else { throw error("a \(what) holds no zero byte", at: index) }
                index += 2
            }
            result.append(byte)
            index += 1
        }
        guard let text = String(validating: result, as: UTF8.self) else {
            throw error("a \(what) that is not UTF-8", at: range.lowerBound)
        }
        return text
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

extension AMQPURL.Parameters {
    /// Takes one `name=value`; says what is wrong with it, or nil.
    fileprivate mutating func set(_ name: String, to value: String) -> String? {
        switch name {
        case "cacertfile": authorityFile = value
        case "certfile": certificateFile = value
        case "keyfile": keyFile = value
        case "server_name_indication": serverName = value
        case "auth_mechanism": mechanisms.append(value)
        case "verify":
            guard value == "verify_peer" || value == "verify_none" else {
                return "verify is verify_peer or verify_none"
            }
            verifiesPeer = value == "verify_peer"
        case "heartbeat":
            guard let seconds = UInt16(value) else { return "heartbeat is whole seconds, at most 65535" }
            heartbeat = .seconds(Int(seconds))
        case "connection_timeout":
            guard let milliseconds = UInt32(value) else { return "connection_timeout is whole milliseconds" }
            connectionTimeout = .milliseconds(Int64(milliseconds))
        case "channel_max":
            guard let most = UInt16(value) else { return "channel_max is a number, at most 65535" }
            channelMax = most
        default: unknown.append(name)
        }
        return nil
    }
}
