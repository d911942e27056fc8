import Foundation

/// What an editor that follows holds at one moment, as the probes beside the campaign `follow-editors` write it into a
/// folder.
public struct FollowingEditorState: Sendable {
    /// What it shows of a document or a terminal.
    public struct Page: Sendable {
        public var text: [UInt8]
        /// The byte offset of the leader's cursor; nil if none is shown.
        public var cursor: Int?
    }

    /// The name of the page in the window.
    public var shown = ""
    public var tether = ""
    public var words = ""
    /// Edits it applied, and those that did not fit.
    public var edits = 0
    public var refused = 0
    /// By the path of the file; a terminal by its name.
    public var pages: [String: Page] = [:]

    public init(folder: String) throws {
        let folder = URL(fileURLWithPath: folder)
        let lines = try String(contentsOf: folder.appendingPathComponent("index"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        for (index, fields) in lines.enumerated() {
            if index == 0, fields.count == 5 {
                (shown, tether, words) = (fields[0], fields[1], fields[2])
                (edits, refused) = (Int(fields[3]) ?? -1, Int(fields[4]) ?? -1)
            } else if index > 0, fields.count == 3 {
                pages[fields[0]] = Page(
                    text: Array(try Data(contentsOf: folder.appendingPathComponent(fields[2]))),
                    cursor: Int(fields[1]).flatMap { $0 < 0 ? nil : $0 })
            }
        }
    }
}
