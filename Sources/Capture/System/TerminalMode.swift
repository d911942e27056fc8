import Glibc

/// The size of a terminal in cells.
public struct WindowSize: Sendable, Hashable {
    public var columns: UInt16
    public var rows: UInt16

    public init(columns: UInt16, rows: UInt16) {
        self.columns = columns
        self.rows = rows
    }

    /// What a terminal has of which nobody knows better.
    public static let standard = WindowSize(columns: 80, rows: 24)

    /// Reads `COLSxROWS`.
    public init?(_ text: String) {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let columns = UInt16(parts[0]), let rows = UInt16(parts[1]) else { return nil }
        guard (1...2000).contains(columns), (1...2000).contains(rows) else { return nil }
        self.init(columns: columns, rows: rows)
    }

    /// The size of the terminal behind the descriptor; nil if it is none or does not say.
    public init?(of terminal: Descriptor) {
        var size = winsize()
        guard ioctl(terminal.number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        self.init(columns: size.ws_col, rows: size.ws_row)
    }

    /// Gives the terminal this size; the programs in it are told.
    public func apply(to terminal: Descriptor) throws(SystemError) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = try retrying("set the window size") { ioctl(terminal.number, UInt(TIOCSWINSZ), &size) }
    }
}

/// What a terminal does with the bytes that go through it (termios).
public struct TerminalMode: Sendable {
    private var flags: termios

    /// The mode of the terminal behind the descriptor; asked of a pty's master, it is the slave's.
    public init(of terminal: Descriptor) throws(SystemError) {
        var flags = termios()
        _ = try retrying("read the terminal mode") { tcgetattr(terminal.number, &flags) }
        self.flags = flags
    }

    /// Sets this mode once all output is written.
    public func apply(to terminal: Descriptor) throws(SystemError) {
        var flags = flags
        _ = try retrying("set the terminal mode") { tcsetattr(terminal.number, TCSADRAIN, &flags) }
    }

    public var echoes: Bool { flags.c_lflag & tcflag_t(ECHO) != 0 }
    /// Whole lines are edited by the terminal itself (ICANON).
    public var editsLines: Bool { flags.c_lflag & tcflag_t(ICANON) != 0 }
    /// A program reads a line that must not be seen: a password.
    public var hidesInput: Bool { editsLines && !echoes }

    /// The character that means end of file in a terminal that edits lines.
    public var endOfFile: UInt8 { withUnsafeBytes(of: flags.c_cc) { $0[Int(VEOF)] } }

    /// This mode with every byte passed through untouched, both ways.
    public var raw: TerminalMode {
        var mode = self
        cfmakeraw(&mode.flags)
        return mode
    }
}

/// A person's terminal held in raw mode; given back as it was by `restore`, or when let go of.
public final class RawMode: Sendable {
    private let terminal: Descriptor
    private let before: TerminalMode

    public init(_ terminal: Descriptor) throws(SystemError) {
        self.terminal = terminal
        before = try TerminalMode(of: terminal)
        try before.raw.apply(to: terminal)
    }

    deinit { restore() }

    /// Puts the mode back; may be called more than once.
    public func restore() { try? before.apply(to: terminal) }
}
