/// Modes a program has switched on.
public struct ScreenModes: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// DECAWM: text goes on in the next line.
    public static let autowrap = ScreenModes(rawValue: 1 << 0)
    /// DECOM: rows count from the top of the scroll region.
    public static let origin = ScreenModes(rawValue: 1 << 1)
    /// IRM: characters push the rest of the line to the right.
    public static let insert = ScreenModes(rawValue: 1 << 2)
    /// LNM: a line feed also returns to the first column.
    public static let newLine = ScreenModes(rawValue: 1 << 3)
    /// DECCKM: cursor keys send application sequences.
    public static let applicationCursorKeys = ScreenModes(rawValue: 1 << 4)
    /// DECKPAM: the keypad sends application sequences.
    public static let applicationKeypad = ScreenModes(rawValue: 1 << 5)
    /// DECSCNM: the whole screen is drawn in inverse.
    public static let reverseVideo = ScreenModes(rawValue: 1 << 6)
    public static let bracketedPaste = ScreenModes(rawValue: 1 << 7)
    public static let focusEvents = ScreenModes(rawValue: 1 << 8)
    public static let mouseX10 = ScreenModes(rawValue: 1 << 9)
    public static let mouseButtons = ScreenModes(rawValue: 1 << 10)
    public static let mouseDrag = ScreenModes(rawValue: 1 << 11)
    public static let mouseMotion = ScreenModes(rawValue: 1 << 12)
    public static let mouseUTF8 = ScreenModes(rawValue: 1 << 13)
    public static let mouseSGR = ScreenModes(rawValue: 1 << 14)
    public static let mouseURXVT = ScreenModes(rawValue: 1 << 15)

    static let initial: ScreenModes = [.autowrap]
    static let known = ScreenModes(rawValue: (1 << 16) - 1)

    /// The modes of `CSI ? n h` that are a plain flag, by their number.
    static let privateNumbers: [(number: UInt16, mode: ScreenModes)] = [
        (1, .applicationCursorKeys), (5, .reverseVideo), (7, .autowrap), (9, .mouseX10), (66, .applicationKeypad),
        (1000, .mouseButtons), (1002, .mouseDrag), (1003, .mouseMotion), (1004, .focusEvents), (1005, .mouseUTF8),
        (1006, .mouseSGR), (1015, .mouseURXVT), (2004, .bracketedPaste),
    ]
}
