extension Event {
    /// An event with this body and no time yet.
    public init(_ body: OneOf_Body) {
        self.init()
        self.body = body
    }
}
