import Foundation
import Glibc

/// What a `TerminalRecorder` runs, and how.
public struct RecorderOptions: Sendable {
    /// What runs in the terminal; `ShellLaunch` makes one.
    public var launch: Launch
    /// Name of the shell that runs or reads it: `bash`.
    public var shell = ""
    /// The command the recording is for, recorded as one even if no shell tells of it; nil for a shell at its prompt.
    public var command: String?
    /// Number of the terminal in its source.
    public var terminal: UInt32 = 1
    public var title = ""
    /// Without a person's terminal: what comes in on `input` is typed, its end ends the line and means end of file;
    /// nothing goes to `output`'s mode or size.
    public var headless = false
    /// nil: the size of `output`, else 80 × 24.
    public var size: WindowSize?
    public var capturesInput = false
    /// nil: no limit.
    public var outputLimit: OutputBudget.Limit? = .standard
    /// Pauses and resumes when it is typed alone; nil: none. Control-backslash as delivered.
    public var pauseKey: UInt8? = 0x1c
    /// Where keys come from; nil: nowhere.
    public var input: Descriptor? = .standardInput
    /// Where the output is shown; nil: nowhere.
    public var output: Descriptor? = .standardOutput
    public var host = ""
    public var user = ""
    /// Random hexadecimal digits the session's own shell marks carry.
    public var nonce = RecorderOptions.makeNonce()

    public init(_ launch: Launch) { self.launch = launch }

    /// In the environment of everything inside a recorded terminal: the process that records it.
    public static let terminalVariable = "PLAYHEAD_TERMINAL"
    /// In the environment of everything inside a recorded terminal: the nonce for the shells' marks.
    public static let nonceVariable = "PLAYHEAD_NONCE"

    public static func makeNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0...UInt64.max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Whether a process with this environment is inside a terminal whose recorder is alive.
    public static func isRecorded(_ environment: [String: String]) -> Bool {
        guard let value = environment[terminalVariable], !value.isEmpty else { return false }
        guard let recorder = pid_t(value), recorder > 0 else { return true }
        return kill(recorder, 0) == 0 || errno == EPERM
    }
}
