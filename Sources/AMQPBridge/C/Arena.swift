import CRabbitMQ

/// Memory for what one call into the library points at: texts and tables, copied, all freed together.
final class Arena {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        init_amqp_pool(pool, 16384)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    /// Everything handed out is invalid from here on.
    func reset() { recycle_amqp_pool(pool) }

    /// No memory is an empty text: the caller cannot do anything about it either.
    func bytes(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard let from = source.baseAddress, !source.isEmpty, let copy = amqp_pool_alloc(pool, source.count) else {
            return amqp_empty_bytes
        }
        copy.copyMemory(from: from, byteCount: source.count)
        return amqp_bytes_t(len: source.count, bytes: copy)
    }

    func text(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { bytes(UnsafeRawBufferPointer($0)) }
    }

    func table(_ table: AMQPTable) -> amqp_table_t {
        guard !table.isEmpty,
            let memory = amqp_pool_alloc(pool, table.count * MemoryLayout<amqp_table_entry_t>.stride)
        else { return amqp_empty_table }
        let entries = memory.bindMemory(to: amqp_table_entry_t.self, capacity: table.count)
        for (index, (name, value)) in table.enumerated() {
            entries[index] = amqp_table_entry_t(key: text(name), value: field(value))
        }
        return amqp_table_t(num_entries: Int32(clamping: table.count), entries: entries)
    }

    private func array(_ values: [AMQPValue]) -> amqp_array_t {
        guard !values.isEmpty,
            let memory = amqp_pool_alloc(pool, values.count * MemoryLayout<amqp_field_value_t>.stride)
        else { return amqp_empty_array }
        let entries = memory.bindMemory(to: amqp_field_value_t.self, capacity: values.count)
        for (index, value) in values.enumerated() { entries[index] = field(value) }
        return amqp_array_t(num_entries: Int32(clamping: values.count), entries: entries)
    }

    private func field(_ value: AMQPValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .void:
            field.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
        case .bool(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            field.value.boolean = value ? 1 : 0
        case .int(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            field.value.i64 = value
        case .unsigned(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_U64.rawValue)
            field.value.u64 = value
        case .double(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_F64.rawValue)
            field.value.f64 = value
        case .decimal(let scale, let value):
            field.kind = UInt8(AMQP_FIELD_KIND_DECIMAL.rawValue)
            field.value.decimal = amqp_decimal_t(decimals: scale, value: value)
        case .string(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = text(value)
        case .bytes(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_BYTES.rawValue)
            field.value.bytes = value.withUnsafeBytes { bytes($0) }
        case .timestamp(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_TIMESTAMP.rawValue)
            field.value.u64 = value
        case .array(let values):
            field.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
            field.value.array = array(values)
        case .table(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            field.value.table = table(value)
        }
        return field
    }

    func properties(_ properties: AMQPProperties) -> amqp_basic_properties_t {
        var result = amqp_basic_properties_t()
        func set(_ value: String?, _ flag: Int32, _ field: inout amqp_bytes_t, _ flags: inout amqp_flags_t) {
            guard let value else { return }
            flags |= amqp_flags_t(flag)
            field = text(value)
        }
        var flags: amqp_flags_t = 0
        if !properties.headers.isEmpty {
            flags |= amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
            result.headers = table(properties.headers)
        }
        if let mode = properties.deliveryMode {
            flags |= amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG)
            result.delivery_mode = mode
        }
        if let priority = properties.priority {
            flags |= amqp_flags_t(AMQP_BASIC_PRIORITY_FLAG)
            result.priority = priority
        }
        if let timestamp = properties.timestamp {
            flags |= amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG)
            result.timestamp = timestamp
        }
        set(properties.contentType, AMQP_BASIC_CONTENT_TYPE_FLAG, &result.content_type, &flags)
        set(properties.contentEncoding, AMQP_BASIC_CONTENT_ENCODING_FLAG, &result.content_encoding, &flags)
        set(properties.correlationID, AMQP_BASIC_CORRELATION_ID_FLAG, &result.correlation_id, &flags)
        set(properties.replyTo, AMQP_BASIC_REPLY_TO_FLAG, &result.reply_to, &flags)
        set(properties.expiration, AMQP_BASIC_EXPIRATION_FLAG, &result.expiration, &flags)
        set(properties.messageID, AMQP_BASIC_MESSAGE_ID_FLAG, &result.message_id, &flags)
        set(properties.type, AMQP_BASIC_TYPE_FLAG, &result.type, &flags)
        set(properties.userID, AMQP_BASIC_USER_ID_FLAG, &result.user_id, &flags)
        set(properties.appID, AMQP_BASIC_APP_ID_FLAG, &result.app_id, &flags)
        result._flags = flags
        return result
    }
}
