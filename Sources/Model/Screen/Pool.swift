/// Values too large for a cell, each kept once and named by its number.
///
/// Nobody counts references: when the pool is full the screen sweeps it. The number 0 is always the empty value.
struct Pool<Value: Hashable & Sendable>: Sendable {
    private(set) var values: [Value]
    private var numbers: [Value: UInt32]
    /// Bytes the values hold, roughly.
    private(set) var weight = 0

    static var countLimit: Int { 65_536 }
    static var weightLimit: Int { 8 << 20 }

    init(empty: Value) {
        values = [empty]
        numbers = [empty: 0]
    }

    var isFull: Bool { values.count >= Self.countLimit || weight >= Self.weightLimit }

    /// So little was free after a sweep that the next one would come too soon.
    var isCrowded: Bool { values.count > Self.countLimit / 4 * 3 || weight > Self.weightLimit / 4 * 3 }

    subscript(number: UInt32) -> Value {
        let index = Int(number)
        return index < values.count ? values[index] : values[0]
    }

    func number(of value: Value) -> UInt32? { numbers[value] }

    mutating func insert(_ value: Value, weight: Int) -> UInt32 {
        if let number = numbers[value] { return number }
        let number = UInt32(truncatingIfNeeded: values.count)
        values.append(value)
        numbers[value] = number
        self.weight += weight
        return number
    }
}

extension Pool: Equatable {
    static func == (one: Pool, other: Pool) -> Bool { one.values == other.values && one.weight == other.weight }
}

/// What few cells have.
struct CellExtra: Hashable, Sendable {
    /// A packed colour.
    var underlineColor: UInt32 = 0
    /// The address of an OSC 8 link as it was sent.
    var link: [UInt8] = []

    var weight: Int { 64 + link.count }
}
