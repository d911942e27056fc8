import Capture
import EventSchema
import Foundation
import Model
import Replay
import Viewer

/// Keeps the files of those who are followed in a directory. It cannot leave the directory, writes through no link, and
/// touches no file that it did not make.
struct FollowMirror {
    private let line: FollowLine
    private let root: URL
    private let whenSaved: Bool
    private let output: Output
    private var recording = LiveRecording()
    private var owned: MirrorManifest
    private var condition = LiveCondition()
    private var said: Set<String> = []
    /// Changed, but of a session of which nothing is known yet: where it lies comes later.
    private var unplaced: Set<Activity.Subject> = []

    init(_ line: FollowLine, directory: String, whenSaved: Bool, output: Output) throws {
        self.line = line
        root = URL(fileURLWithPath: directory).standardizedFileURL
        self.whenSaved = whenSaved
        self.output = output
        do {
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.cannotWrite, "cannot make \(root.path): \(error.localizedDescription)")
        }
        owned = try MirrorManifest(in: root)
    }

    /// Mirrors until a signal comes or every session followed has ended. Blocks.
    ///
    /// - Returns: whether a signal ended it.
    mutating func run() throws -> Bool {
        let signals = try SignalPipe([SIGINT, SIGTERM])
        while true {
            var touched: [Activity.Subject] = []
            let updates = line.feed.take()
            if !updates.isEmpty { (touched, unplaced) = (Array(unplaced), []) }
            for update in updates {
                touched += Self.touched(by: update, whenSaved: whenSaved)
                if case .condition(let now) = update { say(now) }
                recording.take(update)
            }
            var written: Set<Activity.Subject> = []
            for subject in touched where written.insert(subject).inserted { try write(subject) }
            if condition.isRefused || condition.isOver && condition.isLive { return false }
            _ = try Poller.wait(
                for: [.init(signals.descriptor, .readable), .init(line.feed.descriptor, .readable)],
                timeout: .seconds(1))
            if try !signals.take().isEmpty { return true }
        }
    }

    private mutating func say(_ now: LiveCondition) {
        condition = now
        if now.words != "joining", !now.words.hasSuffix("batches behind") { tellOnce(now.words) }
    }

    private mutating func tellOnce(_ words: String) {
        if !words.isEmpty, said.insert(words).inserted { output.message("playhead: \(words)") }
    }

    /// The documents whose files an update may change.
    private static func touched(by update: LiveUpdate, whenSaved: Bool) -> [Activity.Subject] {
        switch update {
        case .state(let model):
            return model.documents.keys.sorted().map { Activity.Subject(source: model.source, thing: .document($0)) }
        case .events(let events):
            return events.compactMap { timed in
                let number: UInt32
                switch timed.event.body {
                case .edit(let edit): if whenSaved { return nil } else { number = edit.document }
                case .documentOpened(let opened): number = opened.document
                case .documentResynced(let resynced): if whenSaved { return nil } else { number = resynced.document }
                case .documentSaved(let saved): number = saved.document
                case .documentDeleted(let deleted): number = deleted.document
                default: return nil
                }
                return Activity.Subject(source: timed.address.source, thing: .document(number))
            }
        default: return []
        }
    }

    private mutating func write(_ subject: Activity.Subject) throws {
        guard let document = recording.playback.document(subject), !document.isPrivate, !document.path.isEmpty else {
            return
        }
        guard let source = recording.recording.sources.first(where: { $0.id == subject.source }),
            let session = recording.recording.sessions.first(where: { $0.id == source.session })
        else {
            unplaced.insert(subject)
            return
        }
        let tree = FileTree(
            workspace: String(decoding: session.workspace, as: UTF8.self), directory: folder(of: session).path)
        let place: FileTree.Place
        do { place = try tree.place(of: document.path) } catch { return tellOnce(CommandFailure(error).message) }
        let name = String(place.url.path.dropFirst(root.path.count + 1))
        if case .deleted = document.disk {
            if owned.has(name) { try? FileManager.default.removeItem(at: place.url) }
            return
        }
        var text = document.text
        if whenSaved {
            guard case .text(let onDisk, _) = document.disk else { return }
            text = onDisk
        }
        let exists = FileManager.default.fileExists(atPath: place.url.path)
        guard !exists || owned.has(name) else {
            return tellOnce("\(place.url.path) was there before and is left as it is")
        }
        do {
            // First, so that a mirror that dies here still knows its files.
            owned.add(name)
            try owned.store()
            try tree.write(document.form.diskBytes(of: text.bytes), to: place, overwriting: true)
            if !exists { output.message("\(name)  from @\(source.user)") }
        } catch {
            tellOnce(CommandFailure(error).message)
        }
    }

    /// One folder for each person and workspace, so that equal names do not meet.
    private func folder(of session: SessionInfo) -> URL {
        let workspace = session.workspaceName.filter { $0 != "/" && $0 != "\0" }
        let name = workspace.isEmpty || workspace == "." || workspace == ".." ? session.id.short : workspace
        return root.appendingPathComponent(session.user).appendingPathComponent(name)
    }
}

/// Which files of a directory a mirror made: one path a line in a file of the directory.
struct MirrorManifest {
    private let file: URL
    private var paths: Set<String> = []
    private var isChanged = false

    /// - Throws: `CommandFailure` if there is one that cannot be read.
    init(in directory: URL) throws {
        file = directory.appendingPathComponent(".playhead-mirror")
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw CommandFailure(.badData, "\(file.path) cannot be read; it says which files a mirror made")
        }
        paths = Set(text.split(separator: "\n").map(String.init))
    }

    func has(_ path: String) -> Bool { paths.contains(path) }

    mutating func add(_ path: String) {
        if !path.contains("\n"), paths.insert(path).inserted { isChanged = true }
    }

    mutating func store() throws {
        guard isChanged else { return }
        isChanged = false
        do {
            try Data(paths.sorted().map { $0 + "\n" }.joined().utf8).write(to: file, options: .atomic)
        } catch {
            throw CommandFailure(.cannotWrite, "cannot write \(file.path): \(error.localizedDescription)")
        }
    }
}
