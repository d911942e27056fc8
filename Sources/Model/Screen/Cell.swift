/// One cell as it is stored: 16 bytes without references, so that lines are flat memory.
///
/// The pen is a `Cell` as well: its `content` holds the attributes only.
struct Cell: Equatable, Sendable {
    /// Bits 0–20 a Unicode scalar, or the number of a cluster if bit 21 is set; 22–23 `Span`; 24–31 attributes.
    var content: UInt32
    /// A packed colour; bits 26–28 the kind of underline.
    var foreground: UInt32
    /// A packed colour.
    var background: UInt32
    /// Number in the pool of extras (link, underline colour); 0 is none.
    var extra: UInt32

    static let blank = Cell(content: 0x20, foreground: 0, background: 0, extra: 0)
    static let plainPen = Cell(content: 0, foreground: 0, background: 0, extra: 0)

    static let scalarMask: UInt32 = 0x1F_FFFF
    static let clusterBit: UInt32 = 1 << 21
    static let glyphMask: UInt32 = 0x3F_FFFF
    static let spanMask: UInt32 = 3 << 22
    static let wideBit: UInt32 = 1 << 22
    static let tailBit: UInt32 = 2 << 22
    static let attributeMask: UInt32 = 0xFF00_0000

    static let bold: UInt32 = 1 << 24
    static let dim: UInt32 = 1 << 25
    static let italic: UInt32 = 1 << 26
    static let blink: UInt32 = 1 << 27
    static let inverse: UInt32 = 1 << 28
    static let hidden: UInt32 = 1 << 29
    static let strike: UInt32 = 1 << 30
    static let overline: UInt32 = 1 << 31

    var glyph: UInt32 { content & Cell.scalarMask }
    var isCluster: Bool { content & Cell.clusterBit != 0 }
    var isWide: Bool { content & Cell.spanMask == Cell.wideBit }
    var isTail: Bool { content & Cell.spanMask == Cell.tailBit }
    var isSpace: Bool { content & (Cell.glyphMask | Cell.spanMask) == 0x20 }
    var underline: UInt32 { (foreground >> 26) & 7 }

    func sameStyle(as other: Cell) -> Bool {
        (content ^ other.content) & Cell.attributeMask == 0 && foreground == other.foreground
            && background == other.background && extra == other.extra
    }

    /// The same style around a space.
    var emptied: Cell {
        Cell(
            content: content & Cell.attributeMask | 0x20, foreground: foreground, background: background, extra: extra)
    }
}

/// A colour in 26 bits: 24 of value, 2 of kind (0 default, 1 indexed, 2 RGB).
enum PackedColor {
    static let mask: UInt32 = 0x3FF_FFFF

    static func indexed(_ index: UInt32) -> UInt32 { 1 << 24 | index & 0xFF }

    static func rgb(_ red: UInt32, _ green: UInt32, _ blue: UInt32) -> UInt32 {
        2 << 24 | (red & 0xFF) << 16 | (green & 0xFF) << 8 | blue & 0xFF
    }

    static func isValid(_ packed: UInt32) -> Bool {
        switch packed >> 24 {
        case 0: packed == 0
        case 1: packed & 0xFF_FF00 == 0
        default: packed >> 24 == 2
        }
    }

    static func color(_ packed: UInt32) -> ScreenStyle.Color {
        switch (packed >> 24) & 3 {
        case 0: .default
        case 1: .indexed(UInt8(truncatingIfNeeded: packed))
        default:
            .rgb(
                UInt8(truncatingIfNeeded: packed >> 16), UInt8(truncatingIfNeeded: packed >> 8),
                UInt8(truncatingIfNeeded: packed))
        }
    }
}
