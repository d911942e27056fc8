import EventSchema

/// One terminal of a source: its screen and the command that runs in it.
///
/// Number 0 stands for commands of a source that records no terminal.
public struct TerminalModel: Sendable {
    /// A command that has started and not finished.
    public struct Running: Sendable, Equatable {
        public var command: CommandStarted
        public var since: RecordTime
    }

    public let number: UInt32
    /// Nil where terminals are not followed, and for number 0.
    public internal(set) var screen: Screen?
    /// How many bytes of output are recorded; what a gap left out does not count.
    public internal(set) var outputOffset: UInt64 = 0
    public internal(set) var running: Running?
    public internal(set) var hasExited = false
    /// How many commands have started in it.
    public internal(set) var commands: UInt32 = 0

    init(number: UInt32) { self.number = number }
}
