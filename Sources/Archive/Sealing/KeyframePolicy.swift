/// When a source is due for a keyframe: so often that a seek between two of them stays short.
public struct KeyframePolicy: Sendable, Equatable {
    /// Edits are cheap to apply; of terminal output a megabyte takes an emulator some 20 ms.
    public static let edits = 65_536
    public static let outputBytes = 1 << 20

    private var edits = 0
    private var outputBytes = 0

    public init() {}

    /// Counts what came since the last keyframe.
    ///
    /// - Returns: whether one is due now; counting then begins anew.
    public mutating func isDue(edits: Int, outputBytes: Int) -> Bool {
        self.edits += edits
        self.outputBytes += outputBytes
        guard self.edits >= Self.edits || self.outputBytes >= Self.outputBytes else { return false }
        self = KeyframePolicy()
        return true
    }
}
