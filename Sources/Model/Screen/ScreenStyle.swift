/// How a cell of a screen looks.
public struct ScreenStyle: Sendable, Hashable {
    /// A colour as the program named it; the viewer owns the palette.
    public enum Color: Sendable, Hashable {
        case `default`
        /// 0–7 normal, 8–15 bright, 16–231 cube, 232–255 greys.
        case indexed(UInt8)
        case rgb(UInt8, UInt8, UInt8)
    }

    /// The line under the text; raw values are those of `SGR 4:n`.
    public enum Underline: UInt8, Sendable, Hashable {
        case none, single, double, curly, dotted, dashed
    }

    public var foreground = Color.default
    public var background = Color.default
    /// `.default` follows the foreground.
    public var underlineColor = Color.default
    public var underline = Underline.none
    public var bold = false
    public var dim = false
    public var italic = false
    public var blink = false
    public var inverse = false
    public var hidden = false
    public var strike = false
    public var overline = false
    /// The address of an OSC 8 link, as the program wrote it: untrusted.
    public var link: String?

    public init() {}
}

/// One cell of a line as a viewer sees it.
public struct ScreenCell: Sendable, Hashable {
    /// The base character with its combining marks; a space if blank, empty behind a wide character.
    public var character: String
    /// 1, 2 for a wide character, 0 for the cell it covers.
    public var width: Int
    public var style: ScreenStyle

    public init(character: String = " ", width: Int = 1, style: ScreenStyle = ScreenStyle()) {
        self.character = character
        self.width = width
        self.style = style
    }
}

/// Where the cursor is and how it looks.
public struct ScreenCursor: Sendable, Hashable {
    public enum Shape: UInt8, Sendable, Hashable { case block, underline, bar }

    /// From 0 at the top.
    public var row = 0
    /// From 0 at the left.
    public var column = 0
    /// The last column was just written: the next character goes to the next line.
    public var pendingWrap = false
    public var isVisible = true
    public var shape = Shape.block
    public var blinks = true

    public init() {}
}
