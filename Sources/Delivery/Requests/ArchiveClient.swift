import AMQPBridge
import Archive
import EventSchema
import Foundation
import SwiftProtobuf

/// Asks a team's archive over the broker, with the follow login of whoever asks.
public struct ArchiveClient: Sendable {
    private let connection: AMQPConnection
    private let login: BrokerLogin
    private let patience: Duration

    /// - Parameter patience: how long an answer may take.
    /// - Throws: `AMQPError` if the broker lets nobody in.
    public init(_ login: BrokerLogin, patience: Duration = .seconds(10)) async throws(AMQPError) {
        self.login = login
        self.patience = patience
        connection = try await AMQPConnection.open(login.following("playhead reader"))
    }

    public func close() async { await connection.close() }

    /// The answer to a request.
    ///
    /// - Throws: `AMQPError`, `.timeout` where no archiver answers; `ArchiveError` for what the archive refuses.
    public func ask(_ request: ArchiveRequest) async throws -> ArchiveReply {
        var request = request
        request.version = UInt32(WireMessage.version)
        let message = try await send(request.message(from: login.user))
        guard message.properties.userID == BrokerNames.archiver,
            let reply = try? ArchiveReply(serializedBytes: message.body),
            reply.version == UInt32(WireMessage.version)
        else { throw ArchiveError(.damaged, "the archive's answer cannot be read; is it of another version?") }
        guard reply.error.isEmpty else { throw ArchiveError(.init(name: reply.code), reply.error) }
        return reply
    }

    private func send(_ message: AMQPMessage) async throws(AMQPError) -> AMQPMessage {
        do {
            return try await connection.request(message, timeout: patience)
        } catch {
            guard error.code == .timeout else { throw error }
            throw AMQPError(
                .timeout, "no archiver answers at \(login.place); is `playhead serve` running there?",
                underlying: error)
        }
    }

    /// Every session that may be seen, oldest first.
    public func sessions() async throws -> [CatalogueSession] {
        var request = ArchiveRequest()
        request.catalogue = CatalogueRequest()
        var found: [CatalogueSession] = []
        var isComplete = false
        while !isComplete {
            let reply = try await ask(request)
            found += reply.catalogue.sessions
            request.catalogue.after = reply.next
            isComplete = reply.next.isEmpty
        }
        return found
    }

    /// Copies a session into an archive: every source from its first batch on.
    public func fetch(_ session: CatalogueSession, into writer: ArchiveWriter) async throws {
        for source in session.sources { try await fetch(source, of: session, into: writer) }
    }

    private func fetch(_ source: HeadOfSource, of session: CatalogueSession, into writer: ArchiveWriter) async throws {
        guard let id = SourceID(bytes: source.source) else { throw ArchiveError(.damaged, "a source without an id") }
        var next = try writer.head(of: id).seq + 1
        while next <= source.seq {
            let reply = try await range(of: source, from: next)
            var copy = SourceCopy(user: session.user, kind: source.kind, next: next)
            for block in reply.blocks { try copy.add(Array(block)) }
            _ = try writer.store(copy.arrivals, now: RecordTime(microseconds: source.endUs))
            next = reply.nextSeq > next ? reply.nextSeq : UInt64.max
        }
    }

    private func range(of source: HeadOfSource, from seq: UInt64) async throws -> RangeReply {
        var request = ArchiveRequest()
        request.range.source = source.source
        request.range.firstSeq = seq
        return try await ask(request).range
    }
}

/// Rows of another archive as arrivals in this one, the holes among them declared.
private struct SourceCopy {
    let user: String
    let kind: SourceKind
    var next: UInt64
    var arrivals: [Arrival] = []

    mutating func add(_ stored: [UInt8]) throws(ArchiveError) {
        let body = try StoredRow.body(of: stored)
        if body.seqs.lowerBound > next, let hash = body.previousHash {
            let range = LostRange(
                source: body.source, session: body.session, seqs: next...(body.seqs.lowerBound - 1), lastHash: hash)
            arrivals.append(.lost(range, kind: kind, user: user))
        }
        switch body {
        case .batch(let batch): arrivals.append(.batch(batch, kind: kind, user: user))
        case .sealed(let block): arrivals.append(.block(stored, block, kind: kind, user: user))
        }
        next = body.seqs.upperBound + 1
    }
}
