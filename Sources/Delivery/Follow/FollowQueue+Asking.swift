import Archive
import EventSchema
import Foundation
import Model

extension FollowQueue {
    /// How often a publisher is asked while no archive answers.
    private static let publisherPace = Duration.seconds(5)

    /// How much earlier than it was told the archive is asked what arrived since: what it was committing then.
    private static let commitTime: Int64 = 5_000_000
    /// What is new to a follower, and older than its connection by this much, is not shown as live; clocks differ.
    private static let clockDifference: Int64 = 300_000_000

    mutating func askCatalogues(_ now: Instant) {
        for target in targets.indices {
            // What ended meanwhile is not open any more, and what of it was missed is wanted.
            askCatalogue(CatalogueAsked(target: target, since: since(target)), now)
        }
    }

    /// Nil: the target has not been followed before.
    private func since(_ target: Int) -> Int64? {
        if let asOf = asOf[target] { return asOf.back(Self.commitTime) }
        // No archive has answered yet; what is known came live.
        let told = positions.values.filter {
            $0.newest > .distantPast && targets[target].covers($0.source.user, $0.source.session)
        }
        return told.map { $0.newest.microseconds.back(Self.clockDifference) }.min()
    }

    private mutating func askCatalogue(_ asked: CatalogueAsked, after: Data = Data(), _ now: Instant) {
        var request = ArchiveRequest()
        request.catalogue.user = targets[asked.target].user
        if let session = targets[asked.target].session {
            request.catalogue.sessions = [Data(session.bytes)]
        } else {
            request.catalogue.open = true
            if let since = asked.since { request.catalogue.sinceUs = since }
        }
        request.catalogue.after = after
        var asked = asked
        asked.deadline = now + Self.answerTime
        catalogues[ask(request)] = asked
    }

    /// Asks the archive for the state of sources nothing is known of and for what lies in holes; publishers, where no
    /// archive answers.
    mutating func askWhatIsMissing(_ now: Instant) {
        var isWaiting = awaySince != nil && !catalogues.isEmpty
        for (id, position) in positions where position.isYoung { positions[id]?.head = SourceHead(seq: 0, hash: nil) }
        for (id, position) in positions {
            let what: FollowedPosition.Request
            if position.head == nil {
                what = .keyframe
            } else if position.missing > 0 {
                what = .range
            } else if !position.skipped.isEmpty {
                what = .skipped
            } else {
                continue
            }
            if what != .skipped { isWaiting = true }
            guard position.request == nil else { continue }
            if let time = position.notBefore, time > now { continue }
            positions[id]?.notBefore = nil
            let number = ask(request(what, position))
            positions[id]?.request = (number, what, now + Self.answerTime)
        }
        guard awaySince != nil else {
            (askPublishersAt, askCatalogueAt) = (nil, nil)
            return
        }
        if let time = askCatalogueAt, time > now {
        } else if catalogues.isEmpty {
            askCatalogues(now)
            askCatalogueAt = now + Self.publisherPace
        }
        if isWaiting || positions.isEmpty { askPublishers(now) }
    }

    private mutating func askPublishers(_ now: Instant) {
        if let time = askPublishersAt, time > now { return }
        askPublishersAt = now + Self.publisherPace
        for target in targets { actions.append(.askPublisher(user: target.user, session: target.session)) }
    }

    private func request(_ what: FollowedPosition.Request, _ position: FollowedPosition) -> ArchiveRequest {
        var request = ArchiveRequest()
        let source = Data(position.source.id.bytes)
        switch what {
        case .keyframe:
            request.keyframe.source = source
            // What came live is told, not stepped over.
            if let first = position.firstHeld, first > 1 { request.keyframe.seq = first - 1 }
        case .range:
            request.range.source = source
            request.range.firstSeq = (position.head?.seq ?? 0) + 1
        case .skipped:
            request.range.source = source
            request.range.firstSeq = position.skipped.first?.lowerBound ?? 1
            request.range.lastSeq = position.skipped.first?.upperBound ?? 1
        }
        return request
    }

    private mutating func ask(_ request: ArchiveRequest) -> UInt64 {
        defer { nextNumber += 1 }
        actions.append(.ask(request, number: nextNumber))
        return nextNumber
    }

    /// The archive answered.
    public mutating func answered(_ number: UInt64, _ reply: ArchiveReply, now: ContinuousClock.Instant) -> [Action] {
        if let asked = catalogues.removeValue(forKey: number) {
            awaySince = nil
            take(reply, asked, now)
            return finish(now)
        }
        guard let (id, position) = positions.first(where: { $0.value.request?.number == number }),
            let what = position.request?.what
        else { return finish(now) }
        awaySince = nil
        positions[id]?.request = nil
        switch (what, reply.what) {
        case (.keyframe, .keyframe(let keyframe)): take(keyframe, of: id)
        case (.range, .range(let range)): take(range, of: id)
        case (.skipped, .range(let range)): takeSkipped(range, of: id)
        // It does not have the source yet, or may not tell of it.
        default: break
        }
        let isBetter =
            positions[id].map { $0.head?.seq != position.head?.seq || $0.skipped != position.skipped } ?? false
        if isBetter {
            positions[id]?.patience = Self.firstPatience
        } else if let patience = positions[id]?.patience {
            positions[id]?.notBefore = now + patience
            positions[id]?.patience = min(patience * 2, Self.longestPatience)
        }
        return finish(now)
    }

    private mutating func take(_ reply: ArchiveReply, _ asked: CatalogueAsked, _ now: Instant) {
        guard case .catalogue(let catalogue) = reply.what else { return }
        for session in catalogue.sessions {
            guard let id = SessionID(bytes: session.session), targets[asked.target].covers(session.user, id),
                isLive(session, asked)
            else { continue }
            actions.append(.tell(.session(session)))
            for head in session.sources {
                guard let source = SourceID(bytes: head.source) else { continue }
                let followed = FollowedSource(id: source, session: id, user: session.user, kind: head.kind)
                guard know(followed) else { continue }
                raise(source, to: head.seq)
            }
        }
        var asked = asked
        asked.asOf = asked.asOf ?? catalogue.nowUs
        guard reply.next.isEmpty else { return askCatalogue(asked, after: reply.next, now) }
        catalogued.insert(asked.target)
        asOf[asked.target] = asked.asOf
    }

    /// Whether it is followed already, or happens while it is followed, or happened while the follower was cut off; a
    /// session of long ago may arrive at the archive today.
    private func isLive(_ session: CatalogueSession, _ asked: CatalogueAsked) -> Bool {
        guard let since = asked.since, session.hasClosedUs, session.lastUs < since.back(Self.clockDifference) else {
            return true
        }
        return session.sources.contains { SourceID(bytes: $0.source).map { positions[$0] != nil } ?? false }
    }

    private mutating func take(_ reply: KeyframeReply, of source: SourceID) {
        guard positions[source]?.head == nil else { return }
        guard reply.seq < UInt64(Int64.max) else { return }
        // None: it begins with the first batch.
        guard reply.seq > 0 else {
            positions[source]?.head = SourceHead(seq: 0, hash: nil)
            return
        }
        guard let model = try? SourceModel(encodedState: [UInt8](reply.state)), model.source == source,
            model.seq == reply.seq
        else { return }
        stand(source, at: SourceHead(seq: reply.seq, hash: ContentHash(bytes: reply.hash)), model)
    }

    private mutating func take(_ reply: RangeReply, of source: SourceID) {
        for stored in reply.blocks {
            guard let head = positions[source]?.head, let body = try? StoredRow.body(of: [UInt8](stored)),
                body.source == source
            else { return }
            let seqs = body.seqs
            guard seqs.upperBound > head.seq else { continue }
            if seqs.lowerBound > head.seq + 1 {
                actions.append(.tell(.lost(source, head.seq + 1...seqs.lowerBound - 1)))
            } else if seqs.lowerBound == head.seq + 1, let previous = body.previousHash, let hash = head.hash,
                previous != hash
            {
                // What came live was of another history than the archive's; the archive is the truth.
                positions[source]?.head = nil
                return
            }
            positions[source]?.head = SourceHead(seq: seqs.upperBound, hash: body.lastHash)
            tell(body.timedEvents.filter { $0.address.seq > head.seq }, of: source)
        }
    }

    private mutating func takeSkipped(_ reply: RangeReply, of source: SourceID) {
        guard let wanted = positions[source]?.skipped.first else { return }
        var (next, events): (UInt64, [TimedEvent]) = (wanted.lowerBound, [])
        for stored in reply.blocks {
            guard let body = try? StoredRow.body(of: [UInt8](stored)), body.source == source else { return }
            guard body.seqs.upperBound >= next else { continue }
            events += body.timedEvents.filter { $0.address.seq >= next && wanted.contains($0.address.seq) }
            next = min(body.seqs.upperBound, wanted.upperBound) + 1
        }
        guard next > wanted.lowerBound else { return }
        actions.append(.tell(.late(source, events)))
        positions[source]?.skipped.removeFirst()
        if next <= wanted.upperBound { positions[source]?.skipped.insert(next...wanted.upperBound, at: 0) }
    }
}

extension Int64 {
    /// Microseconds earlier, as far as there is such a time: an archive may say any.
    fileprivate func back(_ time: Int64) -> Int64 {
        let (earlier, isTooFar) = subtractingReportingOverflow(time)
        return isTooFar ? .min : earlier
    }
}
