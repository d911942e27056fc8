import EventSchema
import Synchronization
import TestSupport

/// Reads what publishers send to a broker, as a proxy between them hears it: how far each source has come out whole.
///
/// Only messages to one exchange count; they say in their message id (`SOURCE:SEQ`) how far they reach.
final class PublishedTap: Sendable {
    private struct State {
        var streams: [Int: PublishedStream] = [:]
        var sent: [SourceID: UInt64] = [:]
    }

    private let exchange: String
    private let state = Mutex(State())

    init(exchange: String) { self.exchange = exchange }

    func take(_ connection: Int, _ bytes: ArraySlice<UInt8>) {
        state.withLock { state in
            var stream = state.streams.removeValue(forKey: connection) ?? PublishedStream(exchange: exchange)
            for id in stream.take(bytes) {
                let words = id.split(separator: ":").map(String.init)
                guard words.count == 2, let source = Identifier(words[0]).map(SourceID.init), let seq = UInt64(words[1])
                else { continue }
                state.sent[source] = max(state.sent[source] ?? 0, seq)
            }
            state.streams[connection] = stream
        }
    }

    /// The last batch of each source that ever came.
    var sent: [SourceID: UInt64] { state.withLock { $0.sent } }
}

/// One connection's bytes to the broker, cut into AMQP frames (AMQP 0-9-1, 2.3.5).
struct PublishedStream {
    private enum Frame {
        static let (method, header, body): (UInt8, UInt8, UInt8) = (1, 2, 3)
    }

    private let exchange: String
    private var bytes: [UInt8] = []
    private var hasBegun = false
    /// Whether the message under way goes to the exchange.
    private var counts = false
    private var id = ""
    /// Bytes of its body that have not come.
    private var missing: UInt64 = 0

    init(exchange: String) { self.exchange = exchange }

    /// - Returns: the ids of messages that are whole now.
    mutating func take(_ more: ArraySlice<UInt8>) -> [String] {
        bytes += more
        var whole: [String] = []
        var next = 0
        if !hasBegun {
            // "AMQP" and the version.
            guard bytes.count >= 8 else { return [] }
            (hasBegun, next) = (true, 8)
        }
        while bytes.count - next >= 8 {
            let size = Int(number(at: next + 3, 4))
            guard bytes.count - next >= size + 8 else { break }
            if let id = frame(bytes[next], next + 7..<next + 7 + size) { whole.append(id) }
            next += size + 8
        }
        bytes.removeFirst(next)
        return whole
    }

    private mutating func frame(_ kind: UInt8, _ payload: Range<Int>) -> String? {
        switch kind {
        case Frame.method:
            // basic.publish: class 60, method 40, two reserved bytes, the exchange's name.
            guard payload.count > 7, number(at: payload.lowerBound, 4) == 60 << 16 | 40 else { return nil }
            counts = text(at: payload.lowerBound + 6) == exchange
        case Frame.header where counts:
            guard payload.count >= 14 else { return nil }
            missing = number(at: payload.lowerBound + 4, 8)
            id = messageID(in: payload)
            if missing == 0 { return finished() }
        case Frame.body where counts:
            missing -= min(missing, UInt64(payload.count))
            if missing == 0 { return finished() }
        default: break
        }
        return nil
    }

    private mutating func finished() -> String {
        counts = false
        return id
    }

    /// The property `message-id`; those before it are passed over.
    private func messageID(in payload: Range<Int>) -> String {
        let flags = number(at: payload.lowerBound + 12, 2)
        var place = payload.lowerBound + 14
        for bit in stride(from: 15, through: 7, by: -1) where flags & 1 << UInt64(bit) != 0 {
            guard place < payload.upperBound else { return "" }
            switch bit {
            case 13: place += 4 + Int(number(at: place, 4))
            case 12, 11: place += 1
            case 7: return text(at: place)
            default: place += 1 + Int(bytes[place])
            }
        }
        return ""
    }

    private func number(at place: Int, _ count: Int) -> UInt64 {
        bytes[min(place, bytes.count)..<min(place + count, bytes.count)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func text(at place: Int) -> String {
        guard place < bytes.count else { return "" }
        return String(decoding: bytes[(place + 1)...].prefix(Int(bytes[place])), as: UTF8.self)
    }
}
