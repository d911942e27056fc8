/// Says before anything is written why it cannot be sent: the library would notice in the middle of a message.
enum SizeCheck {
    /// - Parameter frame: the largest frame, in bytes, as agreed with the broker.
    /// - Returns: nil if `message` can be sent.
    static func problem(with message: AMQPMessage, maximumBody: Int, frame: Int) -> String? {
        if let name = tooLong([("exchange", message.exchange), ("routing key", message.routingKey)]) { return name }
        guard message.body.count <= maximumBody else {
            return "the body has \(message.body.count) bytes; at most \(maximumBody) are allowed"
        }
        let properties = message.properties
        let texts = [
            ("content type", properties.contentType), ("content encoding", properties.contentEncoding),
            ("correlation id", properties.correlationID), ("reply-to", properties.replyTo),
            ("expiration", properties.expiration), ("message id", properties.messageID), ("type", properties.type),
            ("user id", properties.userID), ("app id", properties.appID),
        ]
        var size = 64
        for (name, text) in texts {
            guard let text else { continue }
            if let problem = tooLong([(name, text)]) { return problem }
            size += text.utf8.count + 1
        }
        return problem(with: properties.headers, beside: size, frame: frame)
    }

    /// - Returns: nil if `request` can be sent.
    static func problem(with request: Request, frame: Int) -> String? {
        let (names, arguments) = request.parts
        if let problem = tooLong(names.map { ("name", $0) }) { return problem }
        return problem(with: arguments, beside: 64 + names.reduce(0) { $0 + $1.utf8.count + 1 }, frame: frame)
    }

    private static func tooLong(_ texts: [(String, String)]) -> String? {
        for (name, text) in texts where text.utf8.count > 255 {
            return "the \(name) has \(text.utf8.count) bytes; AMQP allows 255"
        }
        return nil
    }

    private static func problem(with table: AMQPTable, beside size: Int, frame: Int) -> String? {
        guard !table.isEmpty else { return nil }
        var total = size
        guard add(table, to: &total, depth: 0) else {
            return "a header's name has more than 255 bytes, or headers are nested more than \(depthLimit) deep"
        }
        return total <= frame ? nil : "the headers have \(total) bytes; one frame holds \(frame)"
    }

    private static let depthLimit = 32

    private static func add(_ table: AMQPTable, to total: inout Int, depth: Int) -> Bool {
        total += 4
        for (name, value) in table {
            guard name.utf8.count <= 255 else { return false }
            total += 1 + name.utf8.count
            guard add(value, to: &total, depth: depth) else { return false }
        }
        return true
    }

    private static func add(_ value: AMQPValue, to total: inout Int, depth: Int) -> Bool {
        total += 1
        switch value {
        case .void: break
        case .bool: total += 1
        case .int, .unsigned, .double, .timestamp: total += 8
        case .decimal: total += 5
        case .string(let text): total += 4 + text.utf8.count
        case .bytes(let bytes): total += 4 + bytes.count
        case .array(let values):
            guard depth < depthLimit else { return false }
            total += 4
            for value in values where !add(value, to: &total, depth: depth + 1) { return false }
        case .table(let table):
            guard depth < depthLimit else { return false }
            return add(table, to: &total, depth: depth + 1)
        }
        return true
    }
}
