import EventSchema

/// One document of a source: its buffer, and what is on disk as far as the source knows.
public struct DocumentModel: Sendable, Equatable {
    /// What a source knows of the file on disk.
    public enum Disk: Sendable, Equatable {
        /// Never read from disk nor saved.
        case unknown
        /// The text of the last save, or the one found when the file was opened.
        case text(Document, since: RecordTime)
        case deleted(since: RecordTime)
    }

    /// How the text differs from the bytes of its file.
    public struct Form: Sendable, Equatable {
        public var lineEnding: LineEnding = .unspecified
        public var noFinalNewline = false
        public var byteOrderMark = false
        /// Of the file; empty for UTF-8.
        public var encoding = ""

        public init() {}
    }

    public let number: UInt32
    /// Absolute; a notebook's cell is `NOTEBOOK#CELL`.
    public internal(set) var path: [UInt8] = []
    public internal(set) var language = ""
    public internal(set) var form = Form()
    public internal(set) var text = Document()
    public internal(set) var disk = Disk.unknown
    /// The first is the main one. They follow the edits until the source tells new ones.
    public internal(set) var selections: [Selection] = []
    public internal(set) var firstLine: UInt32?
    public internal(set) var lastLine: UInt32?
    /// Only that the file was there is recorded, not its text.
    public internal(set) var isPrivate = false
    public internal(set) var isOpen = false
    /// When the buffer last changed: an edit, the opening, a resync.
    public internal(set) var changed = RecordTime.epoch
    /// Why the text cannot be trusted until the source gives it anew; nil if it can.
    public internal(set) var unreliable: String?

    init(number: UInt32) { self.number = number }

    /// Whether the buffer differs from what is on disk, as far as the source knows.
    public var isUnsaved: Bool {
        if case .text(let saved, _) = disk { saved != text } else { true }
    }

    /// The byte offset of the main cursor; nil if none is known.
    public var cursor: Int? { selections.first.map { min(Int(clamping: $0.head), text.count) } }
}

extension DocumentModel.Form {
    /// The bytes of the file whose text is `text`.
    ///
    /// An unspecified line ending means the text is the file, byte for byte.
    public func diskBytes(of text: [UInt8]) -> [UInt8] {
        let feed = UInt8(ascii: "\n")
        var text = text[...]
        if noFinalNewline, text.last == feed { text = text.dropLast() }
        var bytes: [UInt8] = byteOrderMark ? [0xEF, 0xBB, 0xBF] : []
        bytes.reserveCapacity(text.count + text.count / 16 + 3)
        switch lineEnding {
        case .crlf:
            for byte in text {
                if byte == feed { bytes.append(UInt8(ascii: "\r")) }
                bytes.append(byte)
            }
        case .cr: bytes.append(contentsOf: text.lazy.map { $0 == feed ? UInt8(ascii: "\r") : $0 })
        case .lf, .unspecified, .UNRECOGNIZED: bytes.append(contentsOf: text)
        }
        return bytes
    }
}
