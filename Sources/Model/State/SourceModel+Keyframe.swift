import EventSchema
import Foundation
import SwiftProtobuf

extension SourceModel {
    /// The version of `SourceState` this program writes.
    public static let stateVersion: UInt32 = 1

    /// The whole state, for a keyframe. Screens are in it only where terminals are followed.
    public var state: SourceState {
        var state = SourceState()
        state.version = Self.stateVersion
        state.source = Data(source.bytes)
        state.seq = seq
        state.timeUs = time.microseconds
        state.documents = documents.values.sorted { $0.number < $1.number }.map(\.state)
        state.terminals = terminals.values.sorted { $0.number < $1.number }.map(\.state)
        if let focus { state.focus.target = focus }
        if let lastHuman { state.humanUs = lastHuman.microseconds }
        state.paused = isPaused
        // In a fixed order, so that a keyframe's bytes follow from the events alone.
        state.pending = contents.pending.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { hash, data in
            var content = PendingContent()
            content.hash = hash
            content.data = data
            return content
        }
        return state
    }

    /// The source as a keyframe has it.
    ///
    /// - Throws: `ModelError(.state)` if the state is of an unknown version or not whole.
    public init(state: SourceState, lanes: Lanes = .keyframe) throws(ModelError) {
        guard state.version == Self.stateVersion else {
            throw ModelError(.state, "a state of version \(state.version); this program knows \(Self.stateVersion)")
        }
        guard let source = SourceID(bytes: state.source) else {
            throw ModelError(.state, "a state whose source has \(state.source.count) bytes, not 16")
        }
        self.init(source: source, lanes: lanes)
        seq = state.seq
        time = RecordTime(microseconds: state.timeUs)
        if lanes.contains(.documents) {
            for document in state.documents { documents[document.document] = DocumentModel(state: document) }
        }
        for terminal in state.terminals {
            terminals[terminal.terminal] = try TerminalModel(state: terminal, withScreen: lanes.contains(.terminals))
        }
        if state.hasFocus { focus = state.focus.target }
        if state.humanUs != 0 { lastHuman = RecordTime(microseconds: state.humanUs) }
        isPaused = state.paused
        contents = ContentAssembler(
            pending: Dictionary(state.pending.map { ($0.hash, $0.data) }, uniquingKeysWith: { _, last in last }))
    }

    /// The bytes of `state`.
    ///
    /// - Throws: `ModelError(.state)` if the state is larger than a message may be (2 GiB).
    public func encodedState() throws(ModelError) -> [UInt8] {
        do { return try state.serializedBytes() } catch {
            throw ModelError(.state, "a state that cannot be written", underlying: error)
        }
    }

    /// The source as the bytes of a keyframe have it.
    ///
    /// - Throws: `ModelError(.state)` if they are no state, of an unknown version or not whole.
    public init(encodedState bytes: [UInt8], lanes: Lanes = .keyframe) throws(ModelError) {
        let state: SourceState
        do { state = try SourceState(serializedBytes: bytes) } catch {
            throw ModelError(.state, "not a state", underlying: error)
        }
        try self.init(state: state, lanes: lanes)
    }
}

extension DocumentModel {
    var state: DocumentState {
        var state = DocumentState()
        state.document = number
        state.path = Data(path)
        state.language = language
        state.lineEnding = form.lineEnding
        state.noFinalNewline = form.noFinalNewline
        state.byteOrderMark = form.byteOrderMark
        state.encoding = form.encoding
        let bytes = text.bytes
        state.text = Data(bytes)
        state.selections = selections
        if let firstLine { state.firstLine = firstLine }
        if let lastLine { state.lastLine = lastLine }
        state.isPrivate = isPrivate
        state.open = isOpen
        state.changedUs = changed.microseconds
        state.unsaved = true
        switch disk {
        case .unknown: break
        case .text(let saved, let since):
            state.savedUs = since.microseconds
            let saved = saved.bytes
            state.unsaved = saved != bytes
            if state.unsaved { state.savedText = Data(saved) }
        case .deleted(let since):
            state.savedUs = since.microseconds
            state.deleted = true
        }
        state.unreliable = unreliable ?? ""
        return state
    }

    init(state: DocumentState) {
        self.init(number: state.document)
        path = [UInt8](state.path)
        language = state.language
        form.lineEnding = state.lineEnding
        form.noFinalNewline = state.noFinalNewline
        form.byteOrderMark = state.byteOrderMark
        form.encoding = state.encoding
        text = Document([UInt8](state.text))
        selections = state.selections
        firstLine = state.hasFirstLine ? state.firstLine : nil
        lastLine = state.hasLastLine ? state.lastLine : nil
        isPrivate = state.isPrivate
        isOpen = state.open
        changed = RecordTime(microseconds: state.changedUs)
        let since = RecordTime(microseconds: state.savedUs)
        if state.deleted {
            disk = .deleted(since: since)
        } else if state.savedUs != 0 {
            disk = .text(state.unsaved ? Document([UInt8](state.savedText)) : text, since: since)
        }
        unreliable = state.unreliable.isEmpty ? nil : state.unreliable
    }
}

extension TerminalModel {
    var state: TerminalState {
        var state = TerminalState()
        state.terminal = number
        if let screen { state.screen = Data(screen.encoded()) }
        state.outputOffset = outputOffset
        if let running {
            state.running = running.command
            state.runningSinceUs = running.since.microseconds
        }
        state.exited = hasExited
        state.commands = commands
        return state
    }

    init(state: TerminalState, withScreen: Bool) throws(ModelError) {
        self.init(number: state.terminal)
        if withScreen, !state.screen.isEmpty {
            do { screen = try Screen(encoded: [UInt8](state.screen)) } catch {
                throw ModelError(.state, "the screen of terminal \(state.terminal) cannot be read", underlying: error)
            }
        }
        outputOffset = state.outputOffset
        if state.hasRunning {
            running = Running(command: state.running, since: RecordTime(microseconds: state.runningSinceUs))
        }
        hasExited = state.exited
        commands = state.commands
    }
}
