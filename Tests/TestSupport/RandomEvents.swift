import EventSchema
import Foundation

/// Random events of every kind with every field, and batches of them: what a schema must carry without loss.
///
/// They have the right form and no meaning: offsets lie outside documents, numbers name nothing.
public struct RandomEvents: Sendable {
    public var values: RandomValues

    public init(seed: UInt64) { values = RandomValues(seed: seed) }

    /// How many kinds of bodies there are.
    public static let kinds = 44

    /// An event of a random kind.
    public mutating func event() -> Event { event(kind: values.below(Self.kinds)) }

    /// An event of the kind with this number, from 0.
    public mutating func event(kind: Int) -> Event {
        var event = Event(body(kind: kind))
        if values.chance(5) { event.originalUs = values.signed64() }
        return event
    }

    /// A batch of 1 to `most` events, with times that do not go back.
    public mutating func batch(most: Int = 20) -> CheckedBatch {
        var time = values.time()
        let count = 1 + values.below(most)
        var events: [(time: RecordTime, event: Event)] = []
        for _ in 0..<count {
            events.append((time: time, event: event()))
            time = time.advanced(by: Int64(values.below(3) * values.below(5_000_000)))
        }
        let seq = 1 + UInt64(values.below(4))
        return BatchCodec.encode(
            source: SourceID(values.identifier()), session: SessionID(values.identifier()), seq: seq,
            previous: seq == 1 ? nil : ContentHash(of: values.bytes()), events: events)
    }

    private mutating func body(kind: Int) -> Event.OneOf_Body {
        switch kind {
        case 0: .sourceOpened(values.sourceOpened())
        case 1: .sourceClosed(values.sourceClosed())
        case 2: .sessionOpened(values.sessionOpened())
        case 3: .sessionClosed(values.sessionClosed())
        case 4: .sessionEdited(values.sessionEdited())
        case 5: .paused(values.paused())
        case 6: .resumed(values.resumed())
        case 7: .gap(values.gap())
        case 8: .piece(values.piece())
        case 9: .documentOpened(values.documentOpened())
        case 10: .edit(values.edit())
        case 11: .selections(values.selections())
        case 12: .documentSaved(values.documentSaved())
        case 13: .documentClosed(values.documentClosed())
        case 14: .documentRenamed(values.documentRenamed())
        case 15: .documentDeleted(values.documentDeleted())
        case 16: .documentResynced(values.documentResynced())
        case 17: .documentPrivate(values.documentPrivate())
        case 18: .focus(values.focus())
        case 19: .editorCommand(values.editorCommand())
        case 20: .terminalOpened(values.terminalOpened())
        case 21: .terminalOutput(values.terminalOutput())
        case 22: .terminalResized(values.terminalResized())
        case 23: .terminalExited(values.terminalExited())
        case 24: .terminalInput(values.terminalInput())
        case 25: .commandStarted(values.commandStarted())
        case 26: .commandFinished(values.commandFinished())
        case 27: .notebookOpened(values.notebookOpened())
        case 28: .cellAdded(values.cellAdded())
        case 29: .cellMoved(values.cellMoved())
        case 30: .cellRemoved(values.cellRemoved())
        case 31: .cellKindChanged(values.cellKindChanged())
        case 32: .cellRun(values.cellRun())
        case 33: .fileChanged(values.fileChanged())
        case 34: .commitMade(values.commitMade())
        case 35: .environmentCaptured(values.environmentCaptured())
        case 36: .environmentChanged(values.environmentChanged())
        case 37: .snapshotManifest(values.snapshotManifest())
        case 38: .note(values.note())
        case 39: .noteEdited(values.noteEdited())
        case 40: .marker(values.marker())
        case 41: .redacted(values.redacted())
        case 42: .viewerJoined(values.viewerJoined())
        default: .viewerLeft(values.viewerLeft())
        }
    }
}
