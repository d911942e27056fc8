/// A terminal's screen as a value: it eats the bytes programs write and knows what is to be seen.
///
/// It behaves as xterm does where programs can tell the difference, and never answers (a recorder's emulator has
/// nobody to answer to). Any bytes in any portions are safe; feeding in portions gives the same state as at once.
/// The whole state, an unfinished sequence included, is `encoded()` and read back.
public struct Screen: Sendable, Equatable {
    /// Neither more columns nor more rows than this; sizes are clamped.
    public static let largestSide = 1_000

    /// What DECSC keeps.
    struct SavedCursor: Sendable, Equatable {
        var row = 0
        var column = 0
        var pendingWrap = false
        var origin = false
        var pen = Cell.plainPen
        var charsets = Charsets()
    }

    /// Whether G0 and G1 are the line drawing set, and which of them is in use.
    struct Charsets: Sendable, Equatable {
        var drawing: [Bool] = [false, false]
        var shifted = false

        var isDrawing: Bool { drawing[shifted ? 1 : 0] }
    }

    /// The screen shown.
    var grid: Grid
    /// The primary screen while the alternate one is shown.
    var hidden: Grid?
    var scrollback: Scrollback
    /// The pen: its style, with an empty glyph.
    var pen = Cell.plainPen
    var charsets = Charsets()
    var region: ClosedRange<Int>
    var tabs: [Bool]
    /// Of the screen shown, and of the other one.
    var saved = SavedCursor()
    var hiddenSaved = SavedCursor()
    /// What REP repeats; 0 if nothing was printed.
    var lastPrinted: UInt32 = 0
    var parser = Parser()
    var clusters = Pool<[UInt32]>(empty: [])
    var extras = Pool<CellExtra>(empty: CellExtra())

    /// Where the cursor is; always inside the screen.
    public internal(set) var cursor = ScreenCursor()
    public internal(set) var modes = ScreenModes.initial
    /// From OSC 0 or 2, as the program wrote it: untrusted.
    public internal(set) var title = ""
    /// The address of OSC 7, usually `file://host/path`; untrusted.
    public internal(set) var workingDirectory: String?

    public var columns: Int { grid.columns }
    public var rows: Int { grid.rows }
    /// Whether the alternate screen (editors, pagers) is shown.
    public var isAlternate: Bool { hidden != nil }

    /// - Parameter scrollbackLimit: lines kept above the primary screen.
    public init(columns: Int, rows: Int, scrollbackLimit: Int = 10_000) {
        let columns = Screen.clamped(columns)
        let rows = Screen.clamped(rows)
        grid = Grid(columns: columns, rows: rows)
        scrollback = Scrollback(limit: min(scrollbackLimit, 1_000_000))
        region = 0...rows - 1
        tabs = Screen.standardTabs(columns)
    }

    static func clamped(_ side: Int) -> Int { min(max(side, 1), largestSide) }

    static func standardTabs(_ columns: Int) -> [Bool] { (0..<columns).map { $0 % 8 == 0 } }
}
