import EventSchema
import Foundation

// Random bodies about sources, sessions and documents, every field of each.

extension RandomValues {
    mutating func sourceOpened() -> SourceOpened {
        var value = SourceOpened()
        value.kind = SourceKind(rawValue: number(of: 7)) ?? .init()
        value.program = text()
        value.user = text()
        value.host = text()
        value.boot = hash()
        value.process = count32()
        return value
    }

    mutating func sourceClosed() -> SourceClosed {
        var value = SourceClosed()
        value.reason = text()
        return value
    }

    mutating func sessionOpened() -> SessionOpened {
        var value = SessionOpened()
        value.title = text()
        value.workspace = bytes()
        value.user = text()
        value.host = text()
        value.reach = Reach(rawValue: number(of: 4)) ?? .init()
        value.broker = text()
        value.virtualHost = text()
        value.tags = list { $0.text() }
        if flag() { value.idleLimitUs = signed64() }
        value.resumed = flag()
        return value
    }

    mutating func sessionClosed() -> SessionClosed {
        var value = SessionClosed()
        value.reason = text()
        return value
    }

    mutating func sessionEdited() -> SessionEdited {
        var value = SessionEdited()
        if flag() { value.title = text() }
        value.addTags = list { $0.text() }
        value.removeTags = list { $0.text() }
        value.reach = Reach(rawValue: number(of: 4)) ?? .init()
        value.broker = text()
        value.virtualHost = text()
        value.sharedFrom = list { values in
            var from = SharedFrom()
            from.source = Data(values.identifier().bytes)
            from.seq = UInt64(values.below(1 << 20))
            return from
        }
        return value
    }

    mutating func paused() -> Paused {
        var value = Paused()
        value.reason = text()
        return value
    }

    mutating func resumed() -> Resumed { Resumed() }

    mutating func gap() -> Gap {
        var value = Gap()
        value.reason = GapReason(rawValue: number(of: 6)) ?? .init()
        value.bytes = count64()
        value.stepUs = signed64()
        value.terminal = count32()
        if flag() { value.screen = content() }
        return value
    }

    mutating func piece() -> Piece {
        var value = Piece()
        value.hash = hash()
        value.offset = count64()
        value.data = bytes()
        return value
    }

    mutating func documentOpened() -> DocumentOpened {
        var value = DocumentOpened()
        value.document = count32()
        value.path = bytes()
        value.language = text()
        value.lineEnding = LineEnding(rawValue: number(of: 4)) ?? .init()
        value.noFinalNewline = flag()
        value.byteOrderMark = flag()
        value.encoding = text()
        if flag() { value.text = content() }
        value.existed = flag()
        value.hash = hash()
        return value
    }

    mutating func edit() -> Edit {
        var value = Edit()
        value.document = count32()
        value.offset = count64()
        value.removed = count64()
        value.inserted = bytes()
        value.origin = Origin(rawValue: number(of: 7)) ?? .init()
        if flag() { value.longInserted = content() }
        return value
    }

    mutating func selections() -> Selections {
        var value = Selections()
        value.document = count32()
        value.selections = list { $0.selection() }
        if flag() { value.firstLine = count32() }
        if flag() { value.lastLine = count32() }
        value.inferred = flag()
        return value
    }

    mutating func documentSaved() -> DocumentSaved {
        var value = DocumentSaved()
        value.document = count32()
        value.hash = hash()
        value.size = count64()
        return value
    }

    mutating func documentClosed() -> DocumentClosed {
        var value = DocumentClosed()
        value.document = count32()
        value.hash = hash()
        return value
    }

    mutating func documentRenamed() -> DocumentRenamed {
        var value = DocumentRenamed()
        value.document = count32()
        value.path = bytes()
        return value
    }

    mutating func documentDeleted() -> DocumentDeleted {
        var value = DocumentDeleted()
        value.document = count32()
        return value
    }

    mutating func documentResynced() -> DocumentResynced {
        var value = DocumentResynced()
        value.document = count32()
        if flag() { value.text = content() }
        value.why = text()
        value.hash = hash()
        value.path = bytes()
        value.language = text()
        value.lineEnding = LineEnding(rawValue: number(of: 4)) ?? .init()
        value.noFinalNewline = flag()
        value.byteOrderMark = flag()
        value.encoding = text()
        return value
    }

    mutating func documentPrivate() -> DocumentPrivate {
        var value = DocumentPrivate()
        value.document = count32()
        value.why = text()
        return value
    }

    mutating func focus() -> Focus {
        var focus = Focus()
        switch below(4) {
        case 0: focus.document = count32()
        case 1: focus.terminal = count32()
        case 2: focus.away = flag()
        default: break
        }
        return focus
    }

    mutating func editorCommand() -> EditorCommand {
        var value = EditorCommand()
        value.name = text()
        value.document = count32()
        return value
    }

    mutating func selection() -> Selection {
        var value = Selection()
        value.anchor = count64()
        value.head = count64()
        return value
    }
}
