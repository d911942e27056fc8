import EventSchema

/// The names of everything on a team's broker. They stand here and in `docs/WIRE.md`, and nowhere else.
///
/// Every routing key begins with the login that wrote the message. So one permission, `^{username}\.`, is right for
/// everybody for ever, and whoever receives a message compares its first word with the login the broker vouches for.
public enum BrokerNames {
    /// Durable, topic: batches, persistent and confirmed. Only the archive queue is bound; no follower may read it.
    public static let events = "playhead.events"
    /// Durable, topic: the same bytes under the same key, transient and unconfirmed, for whoever follows now.
    public static let live = "playhead.live"
    /// Durable, topic: watermarks, gaps, keyframe requests, and what is asked of the archive.
    public static let control = "playhead.control"

    /// Quorum queue with a single active consumer, bound to all of `events`.
    public static let archiveQueue = "playhead.archive"
    /// What followers ask of the archiver; bound to `control`.
    public static let requestQueue = "playhead.requests"

    /// Exclusive to the connection of the archiver at work; whoever finds it taken stands by.
    public static let archiverPlace = "playhead.archiver"

    /// The login that archives, and answers.
    public static let archiver = "archiver"

    /// The login that manages a broker which is the team's own.
    public static let administrator = "administrator"

    /// The virtual host of a team that names no other.
    public static let virtualHost = "playhead"
}

extension BrokerNames {
    /// Whether `name` can be a person's: `[a-z0-9-]{1,32}`, and neither one of the broker's own logins nor like a follow login.
    public static func isUserName(_ name: some StringProtocol) -> Bool {
        isWord(name, most: 32) && !name.hasPrefix(followPrefix)
            && ![archiver, administrator, "guest"].contains(String(name))
    }

    /// Whether `text` can be one word of a routing key: `[a-z0-9-]{1,64}`.
    public static func isWord(_ text: some StringProtocol, most: Int = 64) -> Bool {
        (1...most).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    /// The login with which `user` follows others and hears what the archiver tells: `f-<user>`.
    public static func followLogin(of user: String) -> String { followPrefix + user }

    /// Whose login this is, for publishing or following; nil for the archiver's and for what is no login.
    public static func user(ofLogin login: String) -> String? {
        let user = login.hasPrefix(followPrefix) ? String(login.dropFirst(followPrefix.count)) : login
        return isUserName(user) ? user : nil
    }

    /// A login's queues, one for each of its connections, end in one of these. Every queue bound to `live` is work for
    /// the broker at every batch, and RabbitMQ limits the queues of no login; but it limits their names.
    public static let followerPlaces = "0123456789abcdefghijklmnopqrstuvwxyz"

    /// The queue of one follower for as long as it is connected: `f-<user>.<place>`.
    ///
    /// - Parameter place: of `followerPlaces`; the broker refuses any other, and one that another connection holds.
    public static func followerQueue(of user: String, place: Character) -> String {
        "\(followLogin(of: user)).\(place)"
    }

    /// Any of a login's queues; where another connection holds it, the next attempt tries another.
    static func anyFollowerQueue(of user: String) -> String {
        followerQueue(of: user, place: followerPlaces.randomElement() ?? "0")
    }

    private static let followPrefix = "f-"
}

extension BrokerNames {
    /// Bound to `live`: everything `user` does, or everything of one session.
    public static func liveBinding(user: String, session: SessionID? = nil) -> String {
        session.map { "\(user).\($0).#" } ?? "\(user).#"
    }

    /// The archiver says on `control` how far it has a session's sources.
    public static func watermarkKey(user: String, session: SessionID) -> String { watermarks + "\(user).\(session)" }
    /// Bound to `control`: the watermarks of `user`, or of one session.
    public static func watermarkBinding(user: String, session: SessionID? = nil) -> String {
        watermarks + (session.map { "\(user).\($0)" } ?? "\(user).*")
    }

    /// A follower asks on `control` the person who publishes a session for a keyframe; nil: of all their live ones.
    public static func keyframeKey(from follower: String, to user: String, session: SessionID?) -> String {
        "\(followLogin(of: follower)).keyframe.\(user).\(session?.description ?? anySession)"
    }
    /// Stands for the session in a request for keyframes of all.
    static let anySession = "all"

    /// Bound to `control` by `user`'s agent: whoever asks it for keyframes.
    public static func keyframeBinding(to user: String) -> String { "*.keyframe.\(user).*" }

    /// A follower asks on `control` the archiver; `kind` is a word.
    public static func requestKey(from follower: String, kind: String) -> String {
        "\(followLogin(of: follower)).request.\(kind)"
    }
    /// Bound to `control`: what is asked of the archiver.
    public static let requestBinding = "*.request.*"
    /// Bound to `events`: everything.
    public static let archiveBinding = "#"

    /// The archiver says on `control` that it has started: whoever publishes asks it how far it is.
    public static let startedKey = "\(archiver).started"

    /// The archiver says on `control` who watches `user` now.
    public static func watchingKey(user: String) -> String { "\(archiver).watching.\(user)" }

    /// The archiver asks on `control` whoever follows to bind once more: it has not seen the bindings that were there
    /// before it.
    public static let rollCallKey = "\(archiver).rollcall"

    /// Where RabbitMQ tells who binds what, if its plugin `rabbitmq_event_exchange` has it on the team's virtual host.
    public static let brokerEvents = "amq.rabbitmq.event"

    /// A queue of the archiver, never used again after its connection: `archiver.<id>`.
    public static func archiverQueue(id: Identifier) -> String { "\(archiver).\(id)" }

    private static let watermarks = "\(archiver).watermark."
}
