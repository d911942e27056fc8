import Archive
import EventSchema
import Foundation
import Model
import SwiftProtobuf

/// Answers what is asked of a team's archive, with what the one who asks may see.
public final class ArchiveResponder {
    /// Whether a person may see a session of another.
    public typealias Grant = @Sendable (_ reader: String, _ owner: String, _ session: SessionID) -> Bool

    /// About the most bytes of an answer; one block is sent in any case.
    public static let mostBytes = 1 << 20
    static let mostState = 6 << 20

    private let home: ArchiveHome
    private let archive: Identifier
    private let mayRead: Grant
    private let isBusy: @Sendable () -> Bool
    private let catchUp: @Sendable () throws -> Void
    private let now: @Sendable () -> RecordTime
    private var reader: ArchiveReader?

    /// - Parameters:
    ///   - archive: its identity.
    ///   - mayRead: besides oneself, who may see what.
    ///   - isBusy: whether the broker holds messages that are not stored yet.
    ///   - catchUp: brings the index up to date.
    ///   - now: the clock of what arrives in the archive.
    public init(
        home: ArchiveHome, archive: Identifier, mayRead: @escaping Grant,
        isBusy: @escaping @Sendable () -> Bool = { false }, catchUp: @escaping @Sendable () throws -> Void = {},
        now: @escaping @Sendable () -> RecordTime
    ) {
        self.home = home
        self.archive = archive
        self.mayRead = mayRead
        self.isBusy = isBusy
        self.catchUp = catchUp
        self.now = now
    }

    /// The answer to a request of `user`, whom the broker vouches for. A failure is an answer too.
    public func answer(_ request: ArchiveRequest, to user: String) -> ArchiveReply {
        var reply = ArchiveReply()
        do {
            guard request.version == UInt32(WireMessage.version) else {
                throw ArchiveError(.refused, "a request of version \(request.version); this archive knows 1")
            }
            let reader = try reader ?? ArchiveReader(home: home)
            self.reader = reader
            let asker = Asker(user: user, reader: reader, mayRead: mayRead)
            switch request.what {
            case .catalogue(let request):
                try catchUp()
                reply = try catalogue(request, asker)
            case .heads(let request): reply.heads = try heads(request, asker)
            case .keyframe(let request): reply.keyframe = try keyframe(request, asker)
            case .range(let request): reply.range = try range(request, asker)
            case .search(let request):
                try catchUp()
                reply.search = try search(request, asker)
            case nil: throw ArchiveError(.refused, "a request for nothing this archive knows")
            }
        } catch {
            let failure = error as? ArchiveError ?? ArchiveError(.failed, "\(error)")
            reply = ArchiveReply()
            reply.code = failure.code.description
            reply.error = failure.message
        }
        reply.version = UInt32(WireMessage.version)
        reply.archive = Data(archive.bytes)
        return reply
    }

    /// Whoever asks, with what they may see.
    private struct Asker {
        let user: String
        let reader: ArchiveReader
        let mayRead: Grant

        func sees(_ owner: String, _ session: SessionID) -> Bool { owner == user || mayRead(user, owner, session) }

        /// A source that they may see. One that is not there and one that they may not see look the same.
        func source(_ bytes: Data) throws -> SourceSummary {
            guard let id = SourceID(bytes: bytes) else { throw ArchiveError(.damaged, "a request for no source") }
            guard let found = try reader.sources([id]).first, sees(found.user, found.session) else {
                throw ArchiveError(.missing, "the team's archive has no source \(id) for you")
            }
            return found
        }
    }

    private func catalogue(_ request: CatalogueRequest, _ asker: Asker) throws -> ArchiveReply {
        var sources: [SessionID: [SourceSummary]] = [:]
        for source in try asker.reader.sources() { sources[source.session, default: []].append(source) }
        let wanted = Set(request.sessions.compactMap { SessionID(bytes: $0) })
        let after = SessionID(bytes: request.after)
        var isPast = after == nil
        var reply = ArchiveReply()
        reply.catalogue.nowUs = now().microseconds
        var size = 0
        for session in try asker.reader.sessions() {
            if !isPast {
                isPast = session.id == after
                continue
            }
            guard let owner = sources[session.id]?.first?.user, asker.sees(owner, session.id),
                request.user.isEmpty || owner == request.user, wanted.isEmpty || wanted.contains(session.id),
                !request.open || session.closed == nil || hasGrown(sources[session.id] ?? [], request)
            else { continue }
            let entry = CatalogueSession(session, owner: owner, sources: sources[session.id] ?? [])
            reply.catalogue.sessions.append(entry)
            size += try entry.serializedData().count
            if size >= Self.mostBytes || reply.catalogue.sessions.count == Int(request.limit) {
                reply.next = entry.session
                break
            }
        }
        return reply
    }

    private func hasGrown(_ sources: [SourceSummary], _ request: CatalogueRequest) -> Bool {
        guard request.hasSinceUs else { return false }
        return sources.contains { $0.arrived.microseconds >= request.sinceUs }
    }

    private func heads(_ request: HeadsRequest, _ asker: Asker) throws -> HeadsReply {
        var reply = HeadsReply()
        let ids = request.sources.compactMap { SourceID(bytes: $0) }
        var found = try asker.reader.sources(ids)
        for session in request.sessions.compactMap({ SessionID(bytes: $0) }) {
            found += try asker.reader.sources(of: session)
        }
        found.removeAll { !asker.sees($0.user, $0.session) }
        reply.heads = found.map(HeadOfSource.init)
        let known = Set(found.map(\.id))
        reply.heads += ids.filter { !known.contains($0) }.map { id in
            var head = HeadOfSource()
            head.source = Data(id.bytes)
            return head
        }
        reply.busy = isBusy()
        return reply
    }

    private func keyframe(_ request: KeyframeRequest, _ asker: Asker) throws -> KeyframeReply {
        let source = try asker.source(request.source)
        var reply = KeyframeReply()
        if request.hasSeq {
            let model = try state(of: source.id, after: request.seq, asker.reader)
            if model.seq > 0 {
                reply.seq = model.seq
                reply.state = Data(try model.encodedState())
            }
        } else {
            let time = request.hasTimeUs ? RecordTime(microseconds: request.timeUs) : .distantFuture
            let model = try asker.reader.state(of: source.id, at: time)
            if model.seq > 0 {
                reply.seq = model.seq
                reply.state = Data(try model.encodedState())
                if model.seq == source.head.seq { reply.hash = Data(source.head.hash?.bytes ?? []) }
            }
        }
        // Whoever asks begins with the first batch then.
        return reply.state.count <= Self.mostState ? reply : KeyframeReply()
    }

    private func state(of source: SourceID, after seq: UInt64, _ reader: ArchiveReader) throws -> SourceModel {
        var model = SourceModel(source: source)
        if let stored = try reader.keyframe(of: source, atMost: seq) {
            model = try SourceModel(encodedState: stored.state)
        }
        while model.seq < seq {
            let rows = try reader.rows(of: source, model.seq + 1...seq, bytes: Self.mostBytes)
            guard let end = rows.last?.seqs.upperBound, end > model.seq else { return model }
            let before = model.seq
            for row in rows {
                for timed in try StoredRow.body(of: row.stored).timedEvents
                where timed.address.seq > before && timed.address.seq <= seq { model.apply(timed) }
            }
            // A batch without events says nothing of the model.
            guard model.seq > before else { return model }
        }
        return model
    }

    private func range(_ request: RangeRequest, _ asker: Asker) throws -> RangeReply {
        let source = try asker.source(request.source)
        var reply = RangeReply()
        let last = request.lastSeq == 0 ? UInt64(Int64.max) : request.lastSeq
        let first = max(1, request.firstSeq)
        guard first <= last else { throw ArchiveError(.refused, "batches \(first) to \(last)") }
        let bytes = request.bytes == 0 ? Self.mostBytes : min(Int(request.bytes), Self.mostBytes)
        let rows = try asker.reader.rows(of: source.id, first...last, bytes: bytes)
        reply.blocks = rows.map { Data($0.stored) }
        if let end = rows.last?.seqs.upperBound, end < min(last, source.head.seq) { reply.nextSeq = end + 1 }
        return reply
    }

    private func search(_ request: SearchRequest, _ asker: Asker) throws -> SearchReply {
        guard !request.text.isEmpty else { throw ArchiveError(.refused, "a search for nothing") }
        let limit = request.limit == 0 ? 50 : min(Int(request.limit), 1000)
        let wanted = Set(request.sessions.compactMap { SessionID(bytes: $0) })
        var owners: [SessionID: String] = [:]
        for source in try asker.reader.sources() { owners[source.session] = source.user }
        var reply = SearchReply()
        for finding in try asker.reader.search(request.text, most: 1000) where reply.hits.count < limit {
            guard let owner = owners[finding.session], asker.sees(owner, finding.session),
                request.user.isEmpty || owner == request.user, wanted.isEmpty || wanted.contains(finding.session)
            else { continue }
            var hit = SearchHit()
            hit.session = Data(finding.session.bytes)
            hit.user = owner
            hit.timeUs = finding.time.microseconds
            hit.kind = finding.kind
            hit.text = String(finding.text.prefix(2000))
            reply.hits.append(hit)
        }
        return reply
    }
}

extension HeadOfSource {
    init(_ source: SourceSummary) {
        self.init()
        self.source = Data(source.id.bytes)
        seq = source.head.seq
        hash = Data(source.head.hash?.bytes ?? [])
        session = Data(source.session.bytes)
        kind = source.kind
        user = source.user
        endUs = source.end.microseconds
        closed = source.isClosed
    }
}

extension CatalogueSession {
    init(_ summary: SessionSummary, owner: String, sources: [SourceSummary]) {
        self.init()
        session = Data(summary.id.bytes)
        user = owner
        title = summary.title
        tags = summary.tags
        workspace = Data(summary.workspace)
        host = summary.host
        reach = summary.reach
        firstUs = summary.first.microseconds
        lastUs = summary.last.microseconds
        if let closed = summary.closed { closedUs = closed.microseconds }
        edits = UInt64(clamping: summary.edits)
        outputBytes = UInt64(clamping: summary.outputBytes)
        commands = UInt64(clamping: summary.commands)
        failedCommands = UInt64(clamping: summary.failedCommands)
        notes = UInt64(clamping: summary.notes)
        files = UInt64(clamping: summary.files)
        minutes = summary.activity.map(\.minute)
        minuteEvents = summary.activity.map { UInt64(clamping: $0.events) }
        self.sources = sources.map(HeadOfSource.init)
    }
}

extension SessionSummary {
    /// The session as another archive's catalogue tells of it; nil if it names none.
    public init?(_ entry: CatalogueSession) {
        guard let id = SessionID(bytes: entry.session) else { return nil }
        self.init(
            id: id, title: entry.title, tags: entry.tags, workspace: Array(entry.workspace), user: entry.user,
            host: entry.host, reach: entry.reach, first: RecordTime(microseconds: entry.firstUs),
            last: RecordTime(microseconds: entry.lastUs),
            closed: entry.hasClosedUs ? RecordTime(microseconds: entry.closedUs) : nil,
            edits: Int(clamping: entry.edits), outputBytes: Int(clamping: entry.outputBytes),
            commands: Int(clamping: entry.commands), failedCommands: Int(clamping: entry.failedCommands),
            notes: Int(clamping: entry.notes), files: Int(clamping: entry.files),
            activity: zip(entry.minutes, entry.minuteEvents).map { ($0, Int(clamping: $1)) })
    }
}
