/// A large value behind one reference. Changed only by an owner who has seen that the reference is the only one.
final class Boxed<Value: Hashable & Sendable>: Hashable, @unchecked Sendable {  // `value` changes only while unshared
    var value: Value

    init(_ value: consuming Value) { self.value = value }

    static func == (a: Boxed, b: Boxed) -> Bool { a === b || a.value == b.value }
    func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
