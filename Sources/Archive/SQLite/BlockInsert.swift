import EventSchema
import GRDB
import GRDBSQLite

/// Inserts rows of `blocks` by SQLite's own calls, many with one statement: a live batch is a row, and boxing its
/// arguments or counting `AUTOINCREMENT` on for each would take longer than the insertion.
struct BlockInsert {
    static let atOnce = 16

    private struct Row {
        var numbers: (source: Int64, seq: Int64, start: Int64, end: Int64)
        /// Where the body is in `bodies`.
        var body: Range<Int>
    }

    private let db: Database
    private var rows: [Row] = []
    /// The stored bodies of the rows that wait, one behind the other.
    private var bodies: [UInt8] = []

    init(_ db: Database) { self.db = db }

    /// Takes a row; it is in the table after `flush`, or before.
    ///
    /// - Throws: `DatabaseError`.
    mutating func add(_ batch: CheckedBatch, source: Int64) throws {
        let start = bodies.count
        bodies.append(BlockBody.batchForm)
        bodies += batch.encoded
        rows.append(
            Row(
                numbers: (source, Int64(batch.seq), batch.startTime.microseconds, batch.endTime.microseconds),
                body: start..<bodies.count))
        if rows.count == Self.atOnce { try flush() }
    }

    /// Writes the rows that wait.
    mutating func flush() throws {
        guard !rows.isEmpty else { return }
        defer {
            rows.removeAll(keepingCapacity: true)
            bodies.removeAll(keepingCapacity: true)
        }
        if rows.count == Self.atOnce {
            try run(rows[...])
        } else {
            for index in rows.indices { try run(rows[index...index]) }
        }
    }

    private func run(_ rows: ArraySlice<Row>) throws {
        let statement = try db.cachedStatement(sql: rows.count == 1 ? Self.one : Self.many)
        let raw = statement.sqliteStatement
        let status = bodies.withUnsafeBytes { bodies in
            var place: Int32 = 0
            var status = SQLITE_OK
            func bind(_ number: Int64) {
                place += 1
                if status == SQLITE_OK { status = sqlite3_bind_int64(raw, place, number) }
            }
            for row in rows {
                bind(row.numbers.source)
                bind(row.numbers.seq)
                bind(row.numbers.seq)
                bind(row.numbers.start)
                bind(row.numbers.end)
                place += 1
                guard status == SQLITE_OK else { return status }
                // No copy: it is only read while the statement runs.
                status = sqlite3_bind_blob64(
                    raw, place, bodies.baseAddress?.advanced(by: row.body.lowerBound), UInt64(row.body.count), nil)
            }
            return status == SQLITE_OK ? sqlite3_step(raw) : status
        }
        let result: Result<Void, DatabaseError> = status == SQLITE_DONE ? .success(()) : .failure(error(status))
        sqlite3_reset(raw)
        sqlite3_clear_bindings(raw)
        try result.get()
    }

    private static let row = "(?, ?, ?, ?, ?, ?)"
    private static let one = "INSERT INTO blocks(source, first, last, start_us, end_us, body) VALUES\(row)"
    private static let many = one + String(repeating: ", \(row)", count: atOnce - 1)

    private func error(_ status: Int32) -> DatabaseError {
        let message = db.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) }
        return DatabaseError(resultCode: ResultCode(rawValue: status), message: message)
    }
}
