/// When a source is due for a keyframe: so often that a seek between two of them stays short.
public struct KeyframePolicy: Sendable, Equatable {
    /// Of recorded typing, some ten blocks' worth of milliseconds; of terminal output, as many.
    public static let edits = 65_536
    public static let outputBytes = 512 << 10
    /// An event outside the edit columns takes as long to read and apply as these.
    public static let editsPerOtherEvent = 16

    private let mostEdits: Int
    private let mostOutput: Int
    private var edits = 0
    private var outputBytes = 0

    public init(edits: Int = KeyframePolicy.edits, outputBytes: Int = KeyframePolicy.outputBytes) {
        mostEdits = edits
        mostOutput = outputBytes
    }

    /// Counts what came since the last keyframe.
    ///
    /// - Returns: whether one is due now; counting then begins anew.
    public mutating func isDue(edits: Int, outputBytes: Int) -> Bool {
        self.edits += edits
        self.outputBytes += outputBytes
        guard self.edits >= mostEdits || self.outputBytes >= mostOutput else { return false }
        self = KeyframePolicy(edits: mostEdits, outputBytes: mostOutput)
        return true
    }
}
