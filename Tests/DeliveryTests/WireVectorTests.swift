import AMQPBridge
import Archive
import Delivery
import EventSchema
import Foundation
import Testing

/// Messages with the verdict that a receiver in any language must come to: `Tests/Vectors/wire.json`.
///
/// With `PLAYHEAD_WRITE_VECTORS` set the file is written; without, it must be what this code would write.
@Suite struct WireVectorTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors/wire.json")

    private struct Vector: Codable, Equatable {
        var name: String
        var routingKey: String
        var userID: String?
        var type: String?
        var headers: [String: Field]
        var body: Data
        /// Nil: it must be accepted.
        var refused: String?

        enum CodingKeys: String, CodingKey {
            case name, type, headers, body, refused
            case routingKey = "routing_key"
            case userID = "user_id"
        }
    }

    private enum Field: Codable, Equatable {
        case number(Int64)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    @Test func receiversAgreeOnEveryVector() throws {
        let made = try Self.vectors()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        if ProcessInfo.processInfo.environment["PLAYHEAD_WRITE_VECTORS"] != nil {
            try FileManager.default.createDirectory(
                at: Self.file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try encoder.encode(made).write(to: Self.file)
        }
        let stored = try JSONDecoder().decode([Vector].self, from: try Data(contentsOf: Self.file))
        #expect(stored.count == made.count)
        for (vector, fresh) in zip(stored, made) {
            #expect(vector == fresh, "\(vector.name) is not what this code writes")
            #expect(try Self.verdict(on: vector) == vector.refused, "\(vector.name)")
        }
    }

    private static func verdict(on vector: Vector) throws -> String? {
        var headers: AMQPTable = [:]
        for (name, field) in vector.headers {
            switch field {
            case .number(let number): headers[name] = .int(number)
            case .text(let text): headers[name] = .string(text)
            }
        }
        let message = AMQPMessage(
            exchange: BrokerNames.events, routingKey: vector.routingKey,
            properties: AMQPProperties(headers: headers, type: vector.type, userID: vector.userID),
            body: Array(vector.body))
        let check = try MessageCheck()
        do throws(MessageRefusal) {
            _ = try check.check(message)
            return nil
        } catch {
            return error.code.description
        }
    }

    // MARK: -

    private static let source = SourceID(Identifier(high: 0x0199_7C3E_0000_7001, low: 0x8000_0000_0000_0001))
    private static let session = SessionID(Identifier(high: 0x0199_7C3E_0000_7000, low: 0x8000_0000_0000_0002))
    private static let start = RecordTime(milliseconds: 1_790_000_000_000)

    private static func batches() -> [CheckedBatch] {
        var opened = SourceOpened()
        opened.kind = .editor
        opened.program = "example"
        opened.user = "alice"
        var made: [CheckedBatch] = []
        for seq in 1...40 {
            var edit = Edit()
            edit.document = 1
            edit.offset = UInt64(seq)
            edit.inserted = Data("é".utf8)
            made.append(
                BatchCodec.encode(
                    source: source, session: session, seq: UInt64(seq), previous: made.last?.hash,
                    events: [(start + .milliseconds(seq * 100), Event(seq == 1 ? .sourceOpened(opened) : .edit(edit)))])
            )
        }
        return made
    }

    private static func vectors() throws -> [Vector] {
        let batches = batches()
        let range = LostRange(source: source, session: session, seqs: 3...9, lastHash: batches[8].hash)
        let first = WireMessage(user: "alice", kind: .editor, content: .batch(batches[0]))
        let second = WireMessage(user: "alice", kind: .editor, content: .batch(batches[1]))
        let lost = WireMessage(user: "alice", kind: .editor, content: .lost(range, reason: "damaged"))
        var vectors = [
            vector("the first batch of a source", first), vector("a later batch", second),
            vector("a lost range", lost),
        ]
        func add(_ name: String, _ refused: String?, _ change: (inout Vector) -> Void) {
            var changed = vector(name, second)
            change(&changed)
            changed.refused = refused
            vectors.append(changed)
        }
        add("a kind of source that is not known", nil) {
            $0.routingKey = $0.routingKey.replacing("editor", with: "telescope")
        }
        add("three words", "key") { $0.routingKey = "alice.\(session).editor" }
        add("upper case", "key") { $0.routingKey = $0.routingKey.uppercased() }
        add("a name that is none", "key") { $0.routingKey = $0.routingKey.replacing("alice", with: "al_ice") }
        add("a follow login as a person", "key") {
            $0.routingKey = $0.routingKey.replacing("alice", with: "f-alice")
            $0.userID = "f-alice"
        }
        add("nobody vouched for", "user") { $0.userID = nil }
        add("somebody else vouched for", "user") { $0.userID = "bob" }
        add("copied to other keys", "laundered") { $0.headers["CC"] = .text("bob.x") }
        add("through a dead-letter exchange", "laundered") { $0.headers["x-death"] = .text("") }
        add("a version to come", "version") { $0.headers["v"] = .number(2) }
        add("no version", "version") { $0.headers["v"] = nil }
        add("a type that is not known", "headers") { $0.type = "batches" }
        add("a truncated body", "body") { $0.body = $0.body.dropLast(3) }
        add("no body", "body") { $0.body = Data() }
        add("another session in the key", "place") {
            $0.routingKey = "alice.\(source).editor.\(source)"
        }
        add("another source in the key", "place") {
            $0.routingKey = "alice.\(session).editor.\(session)"
        }
        add("another seq in the headers", "headers") { $0.headers["seq"] = .number(3) }
        add("another hash in the headers", "headers") { $0.headers["hash"] = .text(batches[0].hash.description) }
        add("a block that is none", "body") { $0.type = "block" }
        return vectors
    }

    private static func vector(_ name: String, _ message: WireMessage) -> Vector {
        let published = message.published()
        var headers: [String: Field] = [:]
        for (name, value) in published.properties.headers {
            if let number = value.int { headers[name] = .number(number) }
            if let text = value.string { headers[name] = .text(text) }
        }
        return Vector(
            name: name, routingKey: published.routingKey, userID: published.properties.userID,
            type: published.properties.type, headers: headers, body: Data(published.body), refused: nil)
    }
}
