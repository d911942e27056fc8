import EventSchema

/// A recorded editing trace as its file has it: transactions of patches, positions in Unicode code points.
///
/// Format: github.com/josephg/editing-traces. The concurrent form says in `parents` after which transactions each
/// was typed; the plain form has them in one line.
struct EditingTrace {
    struct Patch {
        var position: Int
        var removed: Int
        var inserted: String
    }

    struct Transaction {
        /// Nil if the file gives none.
        var stamp: RecordTime?
        var patches: [Patch]
        /// Numbers of earlier transactions; only in the concurrent form.
        var parents: [Int]
        var agent: Int
    }

    var start: String
    /// Nil if the file does not say what comes out.
    var end: String?
    var transactions: [Transaction]
    var isConcurrent: Bool

    /// - Throws: `ImportError` with the line of what is wrong.
    init(_ input: ImportInput) throws(ImportError) {
        let json: JSONValue
        do {
            json = try JSONReader.read(input.bytes)
        } catch {
            throw Self.error(error, in: input)
        }
        func wrong(_ reason: String, _ path: [JSONOutline.Step] = []) -> ImportError {
            ImportError(file: input.name, line: JSONOutline.line(of: path, in: input.bytes), reason)
        }
        guard let transactions = json["txns"]?.array else { throw wrong("an editing trace without an array \"txns\"") }
        if let kind = json["kind"], kind != "concurrent", kind != "sequential" {
            throw ImportError(
                .unsupported, file: input.name, line: JSONOutline.line(of: [.member("kind")], in: input.bytes),
                "an editing trace of kind \(kind.encoded)")
        }
        isConcurrent = json["kind"] == "concurrent"
        guard let start = (json["startContent"] ?? "").string else {
            throw wrong("\"startContent\" is no text", [.member("startContent")])
        }
        self.start = start
        if let end = json["endContent"] {
            guard end.string != nil else { throw wrong("\"endContent\" is no text", [.member("endContent")]) }
            self.end = end.string
        }
        var read: [Transaction] = []
        read.reserveCapacity(transactions.count)
        for (number, transaction) in transactions.enumerated() {
            switch Self.transaction(transaction, number: number, concurrent: isConcurrent) {
            case .success(let transaction): read.append(transaction)
            case .failure(let fault):
                throw wrong("transaction \(number): \(fault.reason)", [.member("txns"), .element(number)] + fault.path)
            }
        }
        self.transactions = read
    }

    /// The error of a reader, with the line of its place.
    static func error(_ error: SchemaError, in input: ImportInput, firstLine: Int = 1) -> ImportError {
        let byte = error.place.split(separator: " ").last.flatMap { Int($0) } ?? 0
        return ImportError(
            file: input.name, line: JSONOutline.line(ofByte: byte, in: input.bytes) + firstLine - 1,
            "not JSON: \(error.message)")
    }

    private struct Fault: Error {
        var reason: String
        var path: [JSONOutline.Step] = []
    }

    private static func transaction(_ json: JSONValue, number: Int, concurrent: Bool) -> Result<Transaction, Fault> {
        guard let patches = json["patches"]?.array else { return .failure(Fault(reason: "no array \"patches\"")) }
        var transaction = Transaction(stamp: nil, patches: [], parents: [], agent: 0)
        if let time = json["time"] ?? json["timestamp"], time != .null {
            guard let stamp = stamp(time) else {
                return .failure(Fault(reason: "\(time.encoded) is no time"))
            }
            transaction.stamp = stamp
        }
        for (index, patch) in patches.enumerated() {
            guard patch.array?.count == 3, let position = patch[0]?.integer.flatMap({ Int(exactly: $0) }),
                position >= 0,
                let removed = patch[1]?.integer.flatMap({ Int(exactly: $0) }), removed >= 0,
                let inserted = patch[2]?.string
            else {
                return .failure(
                    Fault(
                        reason: "patch \(index) is not [position, removed, \"inserted\"]",
                        path: [.member("patches"), .element(index)]))
            }
            transaction.patches.append(Patch(position: position, removed: removed, inserted: inserted))
        }
        guard concurrent else { return .success(transaction) }
        guard let parents = json["parents"]?.array else { return .failure(Fault(reason: "no array \"parents\"")) }
        for parent in parents {
            guard let parent = parent.integer.flatMap({ Int(exactly: $0) }), (0..<number).contains(parent) else {
                return .failure(Fault(reason: "a parent that is no earlier transaction", path: [.member("parents")]))
            }
            transaction.parents.append(parent)
        }
        transaction.agent = json["agent"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        return .success(transaction)
    }

    /// RFC 3339, or a number of seconds or milliseconds since the epoch, told apart by size.
    private static func stamp(_ json: JSONValue) -> RecordTime? {
        if let text = json.string { return RecordTime(rfc3339: text) }
        guard let number = json.double, number.magnitude < 1e14 else { return nil }
        return RecordTime(microseconds: Int64(number.magnitude < 1e11 ? number * 1e6 : number * 1e3))
    }
}
