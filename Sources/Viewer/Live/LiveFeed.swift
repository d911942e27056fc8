import Capture
import EventSchema
import Model
import Replay
import Synchronization

/// What a surface of a live session is given, in the order it is to be shown.
public enum LiveUpdate: Sendable {
    case source(SourceInfo)
    case session(SessionInfo)
    /// A source stands here now.
    case state(SourceModel)
    case events([TimedEvent])
    /// What a state had stepped over.
    case late([TimedEvent])
    /// Everything that lay before the first state of each source, in merged order.
    case history([TimedEvent])
    case condition(LiveCondition)
    /// Something asked for cannot be had, in words.
    case failed(String)
}

/// How well a session is followed.
public struct LiveCondition: Sendable, Equatable {
    /// Everything that is known to have happened is here.
    public var isLive: Bool
    /// Else, or besides, in words: what is missing, and why.
    public var words: String
    /// Whether no more can come: every session followed has ended.
    public var isOver: Bool
    /// Whether it may not be followed, or no longer: waiting mends nothing.
    public var isRefused: Bool
    /// How many batches a state stepped over that may still come as `late`.
    public var late: UInt64

    public init(
        isLive: Bool = false, words: String = "", isOver: Bool = false, isRefused: Bool = false, late: UInt64 = 0
    ) {
        self.isLive = isLive
        self.words = words
        self.isOver = isOver
        self.isRefused = isRefused
        self.late = late
    }
}

/// Carries updates from whoever receives them to the thread that shows them.
public final class LiveFeed: Sendable {
    private let waiting = Mutex<[LiveUpdate]>([])
    private let pipe: WakePipe

    public init() throws(SystemError) { pipe = try WakePipe() }

    /// Becomes readable when there is something to take.
    public var descriptor: Descriptor { pipe.descriptor }

    public func tell(_ updates: [LiveUpdate]) {
        guard !updates.isEmpty else { return }
        let wasEmpty = waiting.withLock { waiting in
            defer { waiting += updates }
            return waiting.isEmpty
        }
        if wasEmpty { pipe.wake() }
    }

    /// Everything told since the last call, in order.
    public func take() -> [LiveUpdate] {
        pipe.take()
        return waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}

extension LiveRecording {
    /// Takes an update; conditions and failures are no part of a recording.
    public mutating func take(_ update: LiveUpdate) {
        switch update {
        case .source(let source): take(source)
        case .session(let session): take(session)
        case .state(let model): take(model)
        case .events(let events): take(events)
        case .late(let events): take(late: events)
        case .history(let events): take(history: events)
        case .condition, .failed: break
        }
    }
}
