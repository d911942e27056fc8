import CRabbitMQ
import Glibc

/// Copies frames out of the library's buffers. Bounded: tables by entries and depth.
struct FrameReader {
    let maximumHeaders: Int
    let maximumDepth: Int
    /// These are mostly the ones of the message before.
    private var consumer = ""
    private var exchange = ""
    private var contentType = ""
    private var type = ""
    private var userID = ""
    private var appID = ""
    /// Routing keys, each at the place that its last letters say: a broker mixes those of all who publish.
    private var routingKeys = [String](repeating: "", count: 256)

    init(maximumHeaders: Int, maximumDepth: Int) {
        self.maximumHeaders = maximumHeaders
        self.maximumDepth = maximumDepth
    }

    mutating func read(_ frame: rmq_frame, wantsBody: Bool) -> Frame {
        switch frame.type {
        case AMQP_FRAME_METHOD:
            return Frame(channel: frame.channel, payload: .method(method(frame)))
        case AMQP_FRAME_HEADER:
            var budget = maximumHeaders
            let properties = frame.properties.map { self.properties($0.pointee, budget: &budget) }
            return Frame(
                channel: frame.channel,
                payload: .header(bodySize: frame.number, properties: properties, omitsHeaders: budget < 0))
        case AMQP_FRAME_BODY:
            return Frame(
                channel: frame.channel,
                payload: .body(bytes: wantsBody ? bytes(frame.body) : [], count: frame.body.len))
        default:
            return Frame(channel: frame.channel, payload: .other(type: Int(frame.type)))
        }
    }

    private mutating func method(_ frame: rmq_frame) -> BrokerMethod {
        switch frame.method {
        case AMQP_BASIC_DELIVER_METHOD:
            return .deliver(
                consumer: Self.text(frame.tag, cached: &consumer), number: frame.number, redelivered: frame.flag != 0,
                exchange: Self.text(frame.exchange, cached: &exchange), routingKey: key(frame.key))
        case AMQP_BASIC_RETURN_METHOD:
            return .returned(
                code: frame.code, text: text(frame.text), exchange: text(frame.exchange), routingKey: text(frame.key))
        case AMQP_BASIC_ACK_METHOD: return .acknowledged(frame.number, multiple: frame.flag != 0)
        case AMQP_BASIC_NACK_METHOD: return .refused(frame.number, multiple: frame.flag != 0)
        case AMQP_BASIC_CANCEL_METHOD: return .cancelled(consumer: text(frame.tag))
        case AMQP_CHANNEL_FLOW_METHOD: return .flow(active: frame.flag != 0)
        case AMQP_CHANNEL_CLOSE_METHOD: return .channelClosed(code: frame.code, text: text(frame.text), by: frame.cause)
        case AMQP_CONNECTION_CLOSE_METHOD:
            return .connectionClosed(code: frame.code, text: text(frame.text), by: frame.cause)
        case AMQP_CONNECTION_CLOSE_OK_METHOD: return .connectionCloseOK
        case AMQP_CONNECTION_BLOCKED_METHOD: return .blocked(reason: text(frame.text))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return .unblocked
        default:
            guard let kind = Self.answers[frame.method] else { return .other(frame.method) }
            return .answer(
                Answer(kind: kind, name: text(frame.tag), messages: frame.number, consumers: frame.consumers))
        }
    }

    private static let answers: [UInt32: Answer.Kind] = [
        AMQP_CHANNEL_OPEN_OK_METHOD: .channelOpen, AMQP_CONFIRM_SELECT_OK_METHOD: .confirmSelect,
        AMQP_EXCHANGE_DECLARE_OK_METHOD: .exchangeDeclare, AMQP_EXCHANGE_DELETE_OK_METHOD: .exchangeDelete,
        AMQP_EXCHANGE_BIND_OK_METHOD: .exchangeBind, AMQP_EXCHANGE_UNBIND_OK_METHOD: .exchangeUnbind,
        AMQP_QUEUE_DECLARE_OK_METHOD: .queueDeclare, AMQP_QUEUE_BIND_OK_METHOD: .queueBind,
        AMQP_QUEUE_UNBIND_OK_METHOD: .queueUnbind, AMQP_QUEUE_DELETE_OK_METHOD: .queueDelete,
        AMQP_QUEUE_PURGE_OK_METHOD: .queuePurge, AMQP_BASIC_QOS_OK_METHOD: .qos,
        AMQP_BASIC_CONSUME_OK_METHOD: .consume, AMQP_BASIC_CANCEL_OK_METHOD: .cancel,
    ]

    // MARK: Values

    private static func buffer(_ bytes: amqp_bytes_t) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.bytes == nil ? 0 : bytes.len)
    }

    private func bytes(_ bytes: amqp_bytes_t) -> [UInt8] { [UInt8](Self.buffer(bytes)) }

    private func text(_ bytes: amqp_bytes_t) -> String { Self.text(bytes) }

    private static func text(_ bytes: amqp_bytes_t) -> String { String(decoding: buffer(bytes), as: UTF8.self) }

    private mutating func key(_ bytes: amqp_bytes_t) -> String {
        var place: UInt32 = 0
        for letter in Self.buffer(bytes).suffix(4) { place = place << 5 ^ UInt32(letter) }
        return Self.text(bytes, cached: &routingKeys[Int(place) % routingKeys.count])
    }

    private static func text(_ bytes: amqp_bytes_t, cached: inout String) -> String {
        let buffer = buffer(bytes)
        let same =
            cached.utf8.withContiguousStorageIfAvailable { known in
                guard known.count == buffer.count, let mine = known.baseAddress, let other = buffer.baseAddress else {
                    return false
                }
                return memcmp(mine, other, buffer.count) == 0
            } ?? false
        if !same { cached = String(decoding: buffer, as: UTF8.self) }
        return cached
    }

    private mutating func properties(_ source: amqp_basic_properties_t, budget: inout Int) -> Boxed<AMQPProperties> {
        var result = AMQPProperties()
        func has(_ flag: Int32) -> Bool { source._flags & amqp_flags_t(flag) != 0 }
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String? { has(flag) ? Self.text(bytes) : nil }
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) {
            result.contentType = Self.text(source.content_type, cached: &contentType)
        }
        result.contentEncoding = text(AMQP_BASIC_CONTENT_ENCODING_FLAG, source.content_encoding)
        if has(AMQP_BASIC_HEADERS_FLAG) { result.headers = table(source.headers, depth: 1, budget: &budget) }
        if has(AMQP_BASIC_DELIVERY_MODE_FLAG) { result.deliveryMode = source.delivery_mode }
        if has(AMQP_BASIC_PRIORITY_FLAG) { result.priority = source.priority }
        result.correlationID = text(AMQP_BASIC_CORRELATION_ID_FLAG, source.correlation_id)
        result.replyTo = text(AMQP_BASIC_REPLY_TO_FLAG, source.reply_to)
        result.expiration = text(AMQP_BASIC_EXPIRATION_FLAG, source.expiration)
        result.messageID = text(AMQP_BASIC_MESSAGE_ID_FLAG, source.message_id)
        if has(AMQP_BASIC_TIMESTAMP_FLAG) { result.timestamp = source.timestamp }
        if has(AMQP_BASIC_TYPE_FLAG) { result.type = Self.text(source.type, cached: &type) }
        if has(AMQP_BASIC_USER_ID_FLAG) { result.userID = Self.text(source.user_id, cached: &userID) }
        if has(AMQP_BASIC_APP_ID_FLAG) { result.appID = Self.text(source.app_id, cached: &appID) }
        return Boxed(result)
    }

    /// - Parameter budget: how many entries may still come; negative once something was left out.
    private func table(_ source: amqp_table_t, depth: Int, budget: inout Int) -> AMQPTable {
        let entries = UnsafeBufferPointer(
            start: source.entries, count: source.entries == nil ? 0 : Int(source.num_entries))
        var result = AMQPTable(minimumCapacity: max(0, min(entries.count, budget)))
        for entry in entries {
            guard let value = value(entry.value, depth: depth, budget: &budget) else { break }
            let name = text(entry.key)
            if let first = result.updateValue(value, forKey: name) { result[name] = first }
        }
        return result
    }

    private func value(_ source: amqp_field_value_t, depth: Int, budget: inout Int) -> AMQPValue? {
        guard budget > 0 else {
            budget = -1
            return nil
        }
        budget -= 1
        let value = source.value
        switch amqp_field_value_kind_t(rawValue: UInt32(source.kind)) {
        case AMQP_FIELD_KIND_BOOLEAN: return .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: return .int(Int64(value.i8))
        case AMQP_FIELD_KIND_U8: return .int(Int64(value.u8))
        case AMQP_FIELD_KIND_I16: return .int(Int64(value.i16))
        case AMQP_FIELD_KIND_U16: return .int(Int64(value.u16))
        case AMQP_FIELD_KIND_I32: return .int(Int64(value.i32))
        case AMQP_FIELD_KIND_U32: return .int(Int64(value.u32))
        case AMQP_FIELD_KIND_I64: return .int(value.i64)
        case AMQP_FIELD_KIND_U64: return Int64(exactly: value.u64).map { .int($0) } ?? .unsigned(value.u64)
        case AMQP_FIELD_KIND_F32: return .double(Double(value.f32))
        case AMQP_FIELD_KIND_F64: return .double(value.f64)
        case AMQP_FIELD_KIND_DECIMAL: return .decimal(scale: value.decimal.decimals, value: value.decimal.value)
        case AMQP_FIELD_KIND_TIMESTAMP: return .timestamp(value.u64)
        case AMQP_FIELD_KIND_BYTES: return .bytes(bytes(value.bytes))
        case AMQP_FIELD_KIND_UTF8:
            return String(validating: Self.buffer(value.bytes), as: UTF8.self).map { .string($0) }
                ?? .bytes(bytes(value.bytes))
        case AMQP_FIELD_KIND_VOID: return .void
        case AMQP_FIELD_KIND_TABLE:
            guard depth < maximumDepth else { break }
            return .table(table(value.table, depth: depth + 1, budget: &budget))
        case AMQP_FIELD_KIND_ARRAY:
            guard depth < maximumDepth else { break }
            let array = value.array
            let entries = UnsafeBufferPointer(
                start: array.entries, count: array.entries == nil ? 0 : Int(array.num_entries))
            var values: [AMQPValue] = []
            for entry in entries {
                guard let value = self.value(entry, depth: depth + 1, budget: &budget) else { break }
                values.append(value)
            }
            return .array(values)
        default: break
        }
        budget = -1
        return nil
    }
}
