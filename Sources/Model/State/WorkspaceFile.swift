import EventSchema

/// A file of a workspace at a moment, and which source knows it best.
public struct WorkspaceFile: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        /// The bytes of the file, in its own line endings.
        case bytes([UInt8])
        /// Only that the file was there is recorded.
        case hidden
    }

    public let path: [UInt8]
    public let content: Content
    public let source: SourceID
    public let document: UInt32
    /// When this content came to be.
    public let time: RecordTime
    /// Whether it is an editor's buffer that differs from the disk.
    public let isUnsaved: Bool
    /// Why the content cannot be trusted; nil if it can.
    public let unreliable: String?
}
