import EventSchema
import Foundation

/// The state of one source after some of its events: documents, terminals, focus.
///
/// A state machine without clock or files: the same events give the same state, and a keyframe holds all of it.
/// An event that does not fit is told as an issue and changes nothing else.
public struct SourceModel: Sendable {
    /// What is worth following; a query for text alone need not run terminal emulators.
    public struct Lanes: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Texts, selections, saves.
        public static let documents = Lanes(rawValue: 1)
        /// Screens. Commands are always followed.
        public static let terminals = Lanes(rawValue: 2)
        /// The hash at each save and close is compared with the text.
        public static let hashes = Lanes(rawValue: 4)
        public static let all: Lanes = [.documents, .terminals, .hashes]
        /// What a keyframe needs.
        public static let keyframe: Lanes = [.documents, .terminals]
    }

    public let source: SourceID
    public let lanes: Lanes
    /// The batch of the last event; 0 before the first.
    public internal(set) var seq: UInt64 = 0
    /// The time of the last event.
    public internal(set) var time = RecordTime.epoch
    /// The time of the last thing a person did here; nil before the first.
    public internal(set) var lastHuman: RecordTime?
    public internal(set) var documents: [UInt32: DocumentModel] = [:]
    public internal(set) var terminals: [UInt32: TerminalModel] = [:]
    /// Where the person is, as told or as their work shows.
    public internal(set) var focus: Focus.OneOf_Target?
    public internal(set) var isPaused = false
    var contents = ContentAssembler()

    /// A source before its first event.
    public init(source: SourceID, lanes: Lanes = .keyframe) {
        self.source = source
        self.lanes = lanes
    }

    /// Takes the next event of the source.
    ///
    /// - Returns: what is wrong, if the event does not fit.
    @discardableResult
    public mutating func apply(_ timed: TimedEvent) -> ModelIssue? {
        seq = timed.address.seq
        time = timed.time
        do {
            try take(timed.event.body)
            return nil
        } catch {
            return ModelIssue(address: timed.address, document: mark(timed.event.document, error), error: error)
        }
    }

    /// Marks the document that an event did not fit.
    ///
    /// - Returns: its number; nil if there is none to mark.
    mutating func mark(_ document: UInt32?, _ error: ModelError) -> UInt32? {
        guard let document, error.code != .unknown, let index = documents.index(forKey: document) else { return nil }
        documents.values[index].unreliable = error.message
        return document
    }

    mutating func take(_ body: Event.OneOf_Body?) throws(ModelError) {
        switch body {
        case .edit, .selections, .documentOpened, .documentSaved, .documentClosed, .documentRenamed, .documentDeleted,
            .documentResynced, .documentPrivate, .piece:
            if lanes.contains(.documents) {
                try takeDocument(body)
            } else if case .piece(let piece) = body {
                try add(piece)
            }
        case .terminalOpened, .terminalOutput, .terminalResized, .terminalExited, .terminalInput, .commandStarted,
            .commandFinished:
            try takeTerminal(body)
        case .gap(let gap): try take(gap)
        case .focus(let change):
            focus = change.target
            lastHuman = time
        case .editorCommand, .note, .noteEdited, .marker: lastHuman = time
        case .paused: isPaused = true
        case .resumed: isPaused = false
        default: break
        }
    }

    mutating func add(_ piece: Piece) throws(ModelError) {
        do { try contents.add(piece) } catch { throw ModelError(.content, error.message, underlying: error) }
    }

    /// The bytes of a content whose pieces came before.
    mutating func bytes(of content: Content) throws(ModelError) -> [UInt8] {
        do { return [UInt8](try contents.take(content)) } catch {
            throw ModelError(.content, error.message, underlying: error)
        }
    }
}

extension Event {
    /// The number of the document an event is about; nil if of none.
    var document: UInt32? {
        switch body {
        case .edit(let event): event.document
        case .selections(let event): event.document
        case .documentOpened(let event): event.document
        case .documentSaved(let event): event.document
        case .documentClosed(let event): event.document
        case .documentResynced(let event): event.document
        default: nil
        }
    }
}
