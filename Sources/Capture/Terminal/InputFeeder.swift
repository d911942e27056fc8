import Foundation

/// Keys on their way into a terminal: never more than the programs inside take, and at the end of a scripted input
/// the end of file, typed as a person would.
struct InputFeeder {
    private let input: Descriptor?
    private let typesEnd: Bool
    private var pending: [UInt8] = []
    private var pendingStart = 0
    private var ended: Bool
    private var last: UInt8 = 0x0a
    private var ends = 0
    /// When the end of file is typed next; nil: not at all.
    private(set) var nextEnd: ContinuousClock.Instant?

    /// Reading stops while so much is waiting.
    private static let largestQueue = 64 * 1024

    /// - Parameter typesEnd: the end of the input ends the programs' input too.
    init(_ input: Descriptor?, typesEnd: Bool) {
        self.input = input
        self.typesEnd = typesEnd
        ended = input == nil
    }

    var hasPending: Bool { pendingStart < pending.count }
    /// The descriptor to wait for; nil while nothing can be taken.
    var waitsFor: Descriptor? { ended || pending.count - pendingStart >= Self.largestQueue ? nil : input }

    /// What was typed; empty at the end, after which no more is asked for.
    mutating func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        switch try? input?.read(into: &buffer) {
        case .bytes(let count):
            return Array(buffer[..<count])
        case .nothingYet: return []
        case .end, nil:
            ended = true
            if typesEnd { nextEnd = .now + .milliseconds(50) }
            return []
        }
    }

    mutating func queue(_ bytes: [UInt8]) {
        if !hasPending { (pending, pendingStart) = ([], 0) }
        pending += bytes
        last = bytes.last ?? last
    }

    mutating func write(to master: Descriptor) throws(SystemError) {
        guard hasPending else { return }
        do { pendingStart += try master.write(pending[pendingStart...]) } catch  where error.code == .inputOutput {
            pendingStart = pending.count
        }
    }

    /// Types the end of file once all before it has been read; again and again, more and more seldom, because a program
    /// that is not reading just then loses it.
    mutating func typeEnd(into pty: PseudoTerminal) throws(SystemError) {
        guard let time = nextEnd, time <= .now, !hasPending else { return }
        guard let unread = try? pty.unreadInput(), unread == 0, let mode = try? TerminalMode(of: pty.master) else {
            nextEnd = .now + .milliseconds(20)
            return
        }
        if ends == 0, last != 0x0a, last != 0x0d, !mode.editsLines {
            // A person would press Enter.
            queue([0x0d])
            try write(to: pty.master)
            nextEnd = .now + .milliseconds(50)
            return
        }
        queue([mode.endOfFile])
        last = 0x0a
        try write(to: pty.master)
        nextEnd = .now + .milliseconds(min(1000, 50 << min(ends, 5)))
        ends += 1
    }
}
