/// Finds shell marks in what a terminal is given to show. Any way of cutting the bytes gives the same result.
///
/// Our own marks are taken out; all else, other programs' marks included, goes on unchanged. Held back is only what
/// may still become one of ours: fewer than 64 bytes until the nonce is there, then the rest of that mark.
public struct ShellMarks: Sendable {
    /// A piece of what came, in order.
    public enum Segment: Sendable, Hashable {
        case output(ArraySlice<UInt8>)
        case mark(ShellMark)
    }

    /// A mark of ours is cut at this length; another program's longer one is not read.
    public static let longestMark = 128 * 1024

    private enum State: Sendable {
        case ground
        /// `matched` bytes of our introduction are held back; inside another program's unfinished OSC or not.
        case introduction(matched: Int)
        /// As `introduction(1)`, but the ESC is already out.
        case escapeOut
        case own
        case ownEscape
        /// An OSC that is not ours; read along while it goes out.
        case foreign
    }

    private let introduction: [UInt8]
    private var state = State.ground
    private var body: [UInt8] = []
    private var foreign: [UInt8] = []
    private var inForeign = false
    private var skipped = 0
    private var segments: [Segment] = []

    /// `nonce`: hexadecimal, at most 48 digits; empty: no mark counts as ours.
    public init(nonce: String) {
        let nonce = String(nonce.prefix(48))
        introduction = nonce.isEmpty ? [] : Array("\u{1b}]633;\(nonce);".utf8)
    }

    /// Whether bytes are held back that `flush` would let go.
    public var holdsBack: Bool {
        if case .introduction = state { true } else { false }
    }

    /// Takes the next bytes.
    public mutating func parse(_ chunk: ArraySlice<UInt8>) -> [Segment] {
        var index = chunk.startIndex
        var start = index
        while index < chunk.endIndex {
            let byte = chunk[index]
            switch state {
            case .ground:
                guard let escape = chunk[index...].firstIndex(of: escapeByte) else {
                    index = chunk.endIndex
                    continue
                }
                emit(chunk[start..<escape])
                state = .introduction(matched: 1)
                index = escape + 1
                start = index
            case .introduction(let matched):
                if matched < introduction.count ? byte == introduction[matched] : matched == 1 && byte == bracket {
                    endForeign(at: matched)
                    index += 1
                    start = index
                    advance(matched: matched + 1)
                } else {
                    release(matched)
                    start = index
                }
            case .escapeOut:
                if byte == bracket {
                    (foreign, inForeign) = ([], true)
                    state = .foreign
                    index += 1
                } else if inForeign, byte == backslash {
                    index += 1
                    emit(chunk[start..<index])
                    start = index
                    finishForeign()
                } else {
                    inForeign = false
                    state = .ground
                }
            case .foreign:
                if byte == bell {
                    index += 1
                    emit(chunk[start..<index])
                    start = index
                    finishForeign()
                } else if byte == escapeByte {
                    emit(chunk[start..<index])
                    state = .introduction(matched: 1)
                    index += 1
                    start = index
                } else {
                    if byte == cancel || byte == substitute { abandonForeign() } else { keepForeign(byte) }
                    index += 1
                }
            case .own:
                start = takeOwn(byte) ? index + 1 : index
                index = start
            case .ownEscape:
                if byte == backslash {
                    index += 1
                    finishOwn()
                } else {
                    emit((introduction + body)[...])
                    state = .introduction(matched: 1)
                }
                start = index
            }
        }
        if !isHolding { emit(chunk[start...]) }
        defer { segments = [] }
        return segments
    }

    /// Lets go of bytes that could still have become a mark of ours: to be called when no more came for a while.
    public mutating func flush() -> [Segment] {
        if case .introduction(let matched) = state { release(matched) }
        defer { segments = [] }
        return segments
    }

    /// The end: an unfinished mark was none.
    public mutating func finish() -> [Segment] {
        switch state {
        case .own: emit((introduction + body)[...])
        case .ownEscape: emit((introduction + body + [escapeByte])[...])
        case .introduction(let matched): release(matched)
        case .ground, .foreign, .escapeOut: break
        }
        state = .ground
        (inForeign, foreign, body) = (false, [], [])
        defer { segments = [] }
        return segments
    }

    private var isHolding: Bool {
        switch state {
        case .introduction, .own, .ownEscape: true
        case .ground, .foreign, .escapeOut: false
        }
    }

    private mutating func emit(_ bytes: ArraySlice<UInt8>) {
        if !bytes.isEmpty { segments.append(.output(bytes)) }
    }

    // MARK: the introduction

    private mutating func advance(matched: Int) {
        if matched == introduction.count {
            body.removeAll(keepingCapacity: true)
            skipped = 0
            state = .own
        } else {
            state = .introduction(matched: matched)
        }
    }

    /// A second `ESC ]` ends an OSC that was under way.
    private mutating func endForeign(at matched: Int) {
        if matched == 1 { (inForeign, foreign) = (false, []) }
    }

    /// The held bytes are not ours: out with them, and on as what they are.
    private mutating func release(_ matched: Int) {
        if matched == 1 {
            emit([escapeByte])
            state = .escapeOut
        } else {
            let held = introduction.isEmpty ? [escapeByte, bracket] : Array(introduction[..<matched])
            emit(held[...])
            (foreign, inForeign) = (Array(held[2...]), true)
            state = .foreign
        }
    }

    // MARK: other programs' marks

    private mutating func keepForeign(_ byte: UInt8) {
        // Grows one beyond the limit, which tells that it was cut.
        if foreign.count <= Self.longestMark { foreign.append(byte) }
    }

    private mutating func abandonForeign() {
        (inForeign, foreign) = (false, [])
        state = .ground
    }

    private mutating func finishForeign() {
        defer { abandonForeign() }
        guard foreign.count <= Self.longestMark else { return }
        // Ours after all, if `flush` came in the middle of its introduction.
        if !introduction.isEmpty, foreign.starts(with: introduction[2...]) {
            body = Array(foreign.dropFirst(introduction.count - 2))
            finishOwn()
            return
        }
        var fields = foreign.split(separator: semicolon, omittingEmptySubsequences: false)
        let number = fields.removeFirst()
        guard number.elementsEqual("133".utf8) || number.elementsEqual("633".utf8) else { return }
        if let mark = ShellMark(fields: fields, isOwn: false) { segments.append(.mark(mark)) }
    }

    // MARK: our marks

    /// Whether the byte was used; if not, it has to be looked at again.
    private mutating func takeOwn(_ byte: UInt8) -> Bool {
        switch byte {
        case bell: finishOwn()
        case escapeByte: state = .ownEscape
        case ..<0x20:
            // Broken off, or other output got in between: better seen than lost.
            emit((introduction + body)[...])
            state = .ground
            return false
        default:
            if body.count < Self.longestMark {
                body.append(byte)
            } else {
                skipped += 1
                if skipped > 8 * Self.longestMark { state = .ground }
            }
        }
        return true
    }

    private mutating func finishOwn() {
        let fields = body.split(separator: semicolon, omittingEmptySubsequences: false)
        if let mark = ShellMark(fields: fields, isOwn: true) { segments.append(.mark(mark)) }
        state = .ground
    }
}

private let escapeByte: UInt8 = 0x1b
private let bell: UInt8 = 0x07
private let cancel: UInt8 = 0x18
private let substitute: UInt8 = 0x1a
private let bracket = UInt8(ascii: "]")
private let backslash = UInt8(ascii: "\\")
private let semicolon = UInt8(ascii: ";")
