import EventSchema

/// What an editor's plugin says, one JSON object per line (`docs/EDITOR-PROTOCOL.md`).
///
/// Offsets are UTF-8 bytes of the document's text, whose lines all end in LF.
public enum EditorMessage: Sendable, Equatable {
    case hello(EditorHello)
    case open(EditorDocument)
    /// The text as it was when the document was opened, or is when recording of it begins.
    case text(document: UInt32, [UInt8])
    case edit(EditorEdit)
    case cursor(EditorCursor)
    case focus(document: UInt32)
    /// The editor lost the focus.
    case away
    case save(document: UInt32, sha256: ContentHash?, file: EditorFileForm?)
    case rename(document: UInt32, path: [UInt8])
    case close(document: UInt32, sha256: ContentHash?)
    case check(document: UInt32, sha256: ContentHash?)
    case resync(document: UInt32, [UInt8])
    case command(document: UInt32, name: String)
    /// The editor ends by itself: what follows is no crash.
    case bye
}

/// The editor's first line.
public struct EditorHello: Sendable, Equatable {
    public var editor: String
    public var version: String
    public var process: UInt32
    public var directory: [UInt8]
    /// The `mono` stamps are of `CLOCK_MONOTONIC`, and so comparable with one's own.
    public var sharesClock: Bool

    public init(
        editor: String, version: String = "", process: UInt32 = 0, directory: [UInt8] = [], sharesClock: Bool = false
    ) {
        self.editor = editor
        self.version = version
        self.process = process
        self.directory = directory
        self.sharesClock = sharesClock
    }
}

/// How the file is written, where that differs from its text here.
public struct EditorFileForm: Sendable, Equatable {
    public var lineEnding: LineEnding
    public var endsInLineEnd: Bool
    public var byteOrderMark: Bool

    public init(lineEnding: LineEnding = .lf, endsInLineEnd: Bool = true, byteOrderMark: Bool = false) {
        self.lineEnding = lineEnding
        self.endsInLineEnd = endsInLineEnd
        self.byteOrderMark = byteOrderMark
    }
}

/// A document as the editor opened it.
public struct EditorDocument: Sendable, Equatable {
    public var number: UInt32
    public var path: [UInt8]
    public var language: String
    public var form: EditorFileForm
    /// Empty for UTF-8.
    public var encoding: String
    public var existed: Bool

    public init(
        number: UInt32, path: [UInt8], language: String = "", form: EditorFileForm = EditorFileForm(),
        encoding: String = "",
        existed: Bool = true
    ) {
        self.number = number
        self.path = path
        self.language = language
        self.form = form
        self.encoding = encoding
        self.existed = existed
    }
}

public struct EditorEdit: Sendable, Equatable {
    public var document: UInt32
    public var offset: Int
    public var removed: Int
    public var inserted: [UInt8]
    public var origin: Origin

    public init(document: UInt32, offset: Int, removed: Int, inserted: [UInt8], origin: Origin = .typed) {
        self.document = document
        self.offset = offset
        self.removed = removed
        self.inserted = inserted
        self.origin = origin
    }
}

public struct EditorCursor: Sendable, Equatable {
    public struct Span: Sendable, Equatable {
        public var anchor: Int
        public var head: Int

        public init(anchor: Int, head: Int) {
            self.anchor = anchor
            self.head = head
        }
    }

    public var document: UInt32
    /// The first is the main one.
    public var selections: [Span]
    /// Visible lines, from 0.
    public var firstLine: UInt32?
    public var lastLine: UInt32?

    public init(document: UInt32, selections: [Span], firstLine: UInt32? = nil, lastLine: UInt32? = nil) {
        self.document = document
        self.selections = selections
        self.firstLine = firstLine
        self.lastLine = lastLine
    }
}
