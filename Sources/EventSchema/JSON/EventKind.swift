import SwiftProtobuf

/// One kind of event in JSON: its name, and its body both ways.
struct EventKind: Sendable {
    let name: String
    let fieldNames: [String]
    /// Nil if the body is of another kind.
    let members: @Sendable (Event.OneOf_Body) -> [(key: String, value: JSONValue)]?
    let read: @Sendable (JSONValue) throws(SchemaError) -> Event.OneOf_Body

    /// - Parameters:
    ///   - body: makes the body of a message, `Event.OneOf_Body.edit`.
    ///   - message: takes it out again.
    init<M: Message>(
        _ name: String, _ body: @escaping @Sendable (M) -> Event.OneOf_Body,
        _ message: @escaping @Sendable (Event.OneOf_Body) -> M?, _ fields: [JSONField<M>]
    ) {
        let form = JSONForm(fields)
        self.name = name
        fieldNames = fields.map(\.name)
        members = { message($0).map { form.members(of: $0) } }
        read = { json throws(SchemaError) in body(try form.read(json)) }
    }

    /// All kinds, the frequent ones first: a body is looked up in this order.
    static let all: [EventKind] = documents + terminals + sessions + notebooks + files + notes

    static let byName: [String: EventKind] = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
}
