import Capture
import EventSchema
import Foundation
import Viewer

/// Standard output and error of a verb: results there, messages and progress here.
public struct Output: Sendable {
    public var isQuiet: Bool
    public var isJSON: Bool

    public init(isQuiet: Bool = false, isJSON: Bool = false) {
        self.isQuiet = isQuiet
        self.isJSON = isJSON
    }

    /// Writes a result. A reader that has gone away ends the program quietly, as it does every filter.
    public func result(_ text: String) { Self.write(Array(text.utf8)) }
    public func line(_ text: String) { result(text + "\n") }
    public func json(_ value: JSONValue) { line(value.encoded) }
    public func bytes(_ bytes: [UInt8]) { Self.write(bytes) }

    /// Tells the person something; not with `--quiet`.
    public func message(_ text: String) {
        if !isQuiet { Self.error(text) }
    }

    /// Tells the person something that went wrong. Names in it may be somebody else's: a terminal obeys none of them.
    public static func error(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Sanitize.line(String($0)) }
        try? Descriptor.standardError.writeAll(Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// Progress on one line that is written over; only on a terminal.
    public func progress(_ text: String) {
        guard !isQuiet, Descriptor.standardError.isTerminal else { return }
        try? Descriptor.standardError.writeAll(Array("\r\u{1B}[K\(text)".utf8))
    }

    private static func write(_ bytes: [UInt8]) {
        do {
            try Descriptor.standardOutput.writeAll(bytes)
        } catch {
            exit(error.code == .brokenPipe ? 0 : CommandFailure.Status.cannotWrite.rawValue)
        }
    }
}
