import EventSchema

/// An event that did not fit the state it came to. The model has marked what is in doubt and goes on.
public struct ModelIssue: Sendable, Equatable {
    public var address: EventAddress
    /// The document whose text cannot be trusted from here to its next resync; nil if none.
    public var document: UInt32?
    public var error: ModelError

    public init(address: EventAddress, document: UInt32?, error: ModelError) {
        self.address = address
        self.document = document
        self.error = error
    }
}
