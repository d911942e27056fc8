import EventSchema

/// Knows which lane an event belongs to, by following the names of documents, terminals and commands.
struct LaneSorter {
    private struct Key: Hashable {
        var source: SourceID
        var number: UInt32
    }

    private let lanes: Set<Lane>
    private var documents: [Key: Bool] = [:]
    private var terminals: [Key: Bool] = [:]
    private var commands: [Key: UInt32] = [:]

    init(lanes: Set<Lane>) { self.lanes = lanes }

    /// The document or terminal an event is about.
    func thing(of body: Event.OneOf_Body, in source: SourceID) -> Activity.Subject.Thing {
        switch body {
        case .documentOpened(let event): .document(event.document)
        case .edit(let event): .document(event.document)
        case .selections(let event): .document(event.document)
        case .documentSaved(let event): .document(event.document)
        case .documentClosed(let event): .document(event.document)
        case .documentRenamed(let event): .document(event.document)
        case .documentDeleted(let event): .document(event.document)
        case .documentResynced(let event): .document(event.document)
        case .documentPrivate(let event): .document(event.document)
        case .editorCommand(let event): event.document == 0 ? .none : .document(event.document)
        case .focus(let event):
            switch event.target {
            case .document(let number): .document(number)
            case .terminal(let number): .terminal(number)
            case .away, nil: .none
            }
        case .terminalOpened(let event): .terminal(event.terminal)
        case .terminalOutput(let event): .terminal(event.terminal)
        case .terminalResized(let event): .terminal(event.terminal)
        case .terminalExited(let event): .terminal(event.terminal)
        case .terminalInput(let event): .terminal(event.terminal)
        case .commandStarted(let event): .terminal(event.terminal)
        case .commandFinished(let event): .terminal(commands[Key(source: source, number: event.command)] ?? 0)
        case .notebookOpened, .cellAdded, .cellMoved, .cellRemoved, .cellKindChanged, .cellRun: .notebook
        default: .none
        }
    }

    /// Whether the event belongs to a lane that is shown.
    mutating func shows(_ body: Event.OneOf_Body, of source: SourceID) -> Bool {
        if case .commandStarted(let event) = body {
            commands[Key(source: source, number: event.command)] = event.terminal
        }
        guard !lanes.isEmpty else { return true }
        switch body {
        case .documentOpened(let event): note(path: event.path, of: Key(source: source, number: event.document))
        case .documentRenamed(let event): note(path: event.path, of: Key(source: source, number: event.document))
        case .terminalOpened(let event):
            terminals[Key(source: source, number: event.terminal)] = lanes.contains { lane in
                guard case .terminal(let name) = lane else { return false }
                return event.shell == name || event.title == name
            }
        default: break
        }
        if let kind = Self.kind(of: body), lanes.contains(kind) { return true }
        return switch thing(of: body, in: source) {
        case .document(let number): documents[Key(source: source, number: number)] ?? false
        case .terminal(let number): terminals[Key(source: source, number: number)] ?? false
        case .notebook, .none: false
        }
    }

    private mutating func note(path: some Collection<UInt8>, of key: Key) {
        documents[key] = lanes.contains { lane in
            guard case .file(let glob) = lane else { return false }
            return glob.matches(path)
        }
    }

    private static func kind(of body: Event.OneOf_Body) -> Lane? {
        switch body {
        case .edit, .selections, .documentResynced, .focus, .editorCommand, .cellAdded, .cellMoved, .cellRemoved,
            .cellKindChanged, .notebookOpened:
            .edits
        case .documentOpened, .documentSaved, .documentClosed, .documentRenamed, .documentDeleted, .documentPrivate,
            .fileChanged, .commitMade:
            .files
        case .terminalOpened, .terminalOutput, .terminalResized, .terminalExited, .terminalInput, .cellRun: .output
        case .commandStarted, .commandFinished: .commands
        case .environmentCaptured, .environmentChanged: .environment
        case .note, .noteEdited, .marker: .notes
        default: nil
        }
    }
}
