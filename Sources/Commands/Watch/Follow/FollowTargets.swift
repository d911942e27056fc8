import Archive
import Delivery
import EventSchema
import Foundation

/// Whom the words on the command line mean.
struct FollowTargets {
    let login: BrokerLogin
    let settings: Settings

    /// People need no archive; a session is looked up in the team's. Without a word, all that is live and may be seen.
    ///
    /// - Throws: `CommandFailure`; `AMQPError` where the broker lets nobody in or no archive answers.
    func find(_ words: [String]) throws -> [FollowTarget] {
        var targets: [FollowTarget] = []
        var names: [String] = []
        for word in words {
            guard word.hasPrefix("@") else {
                names.append(word)
                continue
            }
            let user = String(word.dropFirst())
            guard BrokerNames.isUserName(user) else {
                throw CommandFailure(.usage, "'\(word)' is no person: a name is of a-z, 0-9 and -, at most 32 letters")
            }
            targets.append(FollowTarget(user: user))
        }
        guard !names.isEmpty || words.isEmpty else { return targets }
        let catalogue = try catalogue()
        if words.isEmpty { return try everything(catalogue) }
        let selector = SessionSelector(
            sessions: catalogue.compactMap { SessionSummary($0) }, settings: settings, workspace: [])
        for name in names {
            let found = try selector.find(name)
            if found.closed != nil {
                throw CommandFailure(
                    .missing,
                    "session \(found.id.short) has ended; `playhead play \(found.id.short) --broker …` plays it")
            }
            targets.append(FollowTarget(user: found.user, session: found.id))
        }
        return targets
    }

    private func catalogue() throws -> [CatalogueSession] {
        let login = login
        return try blocking {
            let client = try await ArchiveClient(login)
            let sessions = try await client.sessions()
            await client.close()
            return sessions
        }
    }

    private func everything(_ catalogue: [CatalogueSession]) throws -> [FollowTarget] {
        let users = Set(catalogue.filter { !$0.hasClosedUs && $0.user != login.user }.map(\.user)).sorted()
        guard !users.isEmpty else {
            throw CommandFailure(
                .missing, "nobody you may follow has a session open; `playhead follow @NAME` waits for one")
        }
        return users.map { FollowTarget(user: $0) }
    }
}
