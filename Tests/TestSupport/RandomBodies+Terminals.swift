import EventSchema
import Foundation

// Random bodies about terminals, notebooks, files, environments and notes, every field of each.

extension RandomValues {
    mutating func terminalOpened() -> TerminalOpened {
        var value = TerminalOpened()
        value.terminal = count32()
        value.columns = count32()
        value.rows = count32()
        value.term = text()
        value.command = list { $0.bytes() }
        value.directory = bytes()
        value.shell = text()
        value.title = text()
        return value
    }

    mutating func terminalOutput() -> TerminalOutput {
        var value = TerminalOutput()
        value.terminal = count32()
        value.data = bytes()
        value.synthetic = flag()
        return value
    }

    mutating func terminalResized() -> TerminalResized {
        var value = TerminalResized()
        value.terminal = count32()
        value.columns = count32()
        value.rows = count32()
        return value
    }

    mutating func terminalExited() -> TerminalExited {
        var value = TerminalExited()
        value.terminal = count32()
        if flag() { value.status = count32() }
        if flag() { value.signal = count32() }
        return value
    }

    mutating func terminalInput() -> TerminalInput {
        var value = TerminalInput()
        value.terminal = count32()
        value.data = bytes()
        return value
    }

    mutating func commandStarted() -> CommandStarted {
        var value = CommandStarted()
        value.command = count32()
        value.terminal = count32()
        value.text = bytes()
        value.directory = bytes()
        value.shell = text()
        value.outputOffset = count64()
        value.`private` = flag()
        value.host = text()
        value.user = text()
        return value
    }

    mutating func commandFinished() -> CommandFinished {
        var value = CommandFinished()
        value.command = count32()
        if flag() { value.status = signed32() }
        value.pipeStatus = list { $0.signed32() }
        value.durationUs = count64()
        value.directory = bytes()
        value.outputOffset = count64()
        return value
    }

    mutating func notebookOpened() -> NotebookOpened {
        var value = NotebookOpened()
        value.path = bytes()
        value.kernel = text()
        value.cells = list { $0.text() }
        return value
    }

    mutating func cellAdded() -> CellAdded {
        var value = CellAdded()
        value.notebook = bytes()
        value.cell = text()
        value.position = count32()
        value.kind = CellKind(rawValue: number(of: 4)) ?? .init()
        return value
    }

    mutating func cellMoved() -> CellMoved {
        var value = CellMoved()
        value.notebook = bytes()
        value.cell = text()
        value.position = count32()
        return value
    }

    mutating func cellRemoved() -> CellRemoved {
        var value = CellRemoved()
        value.notebook = bytes()
        value.cell = text()
        return value
    }

    mutating func cellKindChanged() -> CellKindChanged {
        var value = CellKindChanged()
        value.notebook = bytes()
        value.cell = text()
        value.kind = CellKind(rawValue: number(of: 4)) ?? .init()
        return value
    }

    mutating func cellRun() -> CellRun {
        var value = CellRun()
        value.notebook = bytes()
        value.cell = text()
        value.count = count32()
        value.durationUs = count64()
        value.succeeded = flag()
        value.error = text()
        value.outputs = list { $0.cellOutput() }
        return value
    }

    mutating func fileChanged() -> FileChanged {
        var value = FileChanged()
        value.change = FileChange(rawValue: number(of: 5)) ?? .init()
        value.path = bytes()
        value.from = bytes()
        value.hash = hash()
        value.size = count64()
        value.createdUs = signed64()
        value.modifiedUs = signed64()
        value.initiator = text()
        return value
    }

    mutating func commitMade() -> CommitMade {
        var value = CommitMade()
        value.revision = text()
        value.branch = text()
        value.subject = bytes()
        value.author = text()
        return value
    }

    mutating func environmentCaptured() -> EnvironmentCaptured {
        var value = EnvironmentCaptured()
        value.gitHead = text()
        value.gitBranch = text()
        value.gitDirty = list { $0.bytes() }
        value.pythonVersion = text()
        value.pythonPath = bytes()
        value.condaEnvironment = text()
        value.condaPrefix = bytes()
        value.packages = list { $0.package() }
        value.variables = list { $0.variable() }
        value.system = text()
        value.why = text()
        return value
    }

    mutating func environmentChanged() -> EnvironmentChanged {
        var value = EnvironmentChanged()
        value.added = list { $0.package() }
        value.removed = list { $0.package() }
        value.why = text()
        if flag() { value.gitHead = text() }
        if flag() { value.gitBranch = text() }
        value.gitDirty = list { $0.bytes() }
        value.gitDirtyKnown = flag()
        if flag() { value.condaEnvironment = text() }
        if flag() { value.pythonVersion = text() }
        return value
    }

    mutating func snapshotManifest() -> SnapshotManifest {
        var value = SnapshotManifest()
        value.files = list { $0.snapshotFile() }
        return value
    }

    mutating func note() -> Note {
        var value = Note()
        value.id = text()
        value.text = text()
        value.tags = list { $0.text() }
        value.next = flag()
        value.todo = flag()
        value.path = bytes()
        value.line = count32()
        if flag() { value.atUs = signed64() }
        return value
    }

    mutating func noteEdited() -> NoteEdited {
        var value = NoteEdited()
        value.id = text()
        if flag() { value.text = text() }
        if flag() { value.done = flag() }
        if flag() { value.removed = flag() }
        return value
    }

    mutating func marker() -> Marker {
        var value = Marker()
        value.name = text()
        return value
    }

    mutating func redacted() -> Redacted {
        var value = Redacted()
        value.source = Data(identifier().bytes)
        value.firstSeq = count64()
        value.lastSeq = count64()
        value.ranges = list { $0.byteRange() }
        return value
    }

    mutating func viewerJoined() -> ViewerJoined {
        var value = ViewerJoined()
        value.viewer = text()
        return value
    }

    mutating func viewerLeft() -> ViewerLeft {
        var value = ViewerLeft()
        value.viewer = text()
        return value
    }

    mutating func byteRange() -> ByteRange {
        var value = ByteRange()
        value.first = count64()
        value.count = count64()
        return value
    }

    mutating func cellOutput() -> CellOutput {
        var value = CellOutput()
        value.type = text()
        if flag() { value.data = content() }
        return value
    }

    mutating func package() -> Package {
        var value = Package()
        value.name = text()
        value.version = text()
        value.build = text()
        value.channel = text()
        value.manager = text()
        return value
    }

    mutating func variable() -> Variable {
        var value = Variable()
        value.name = text()
        value.value = bytes()
        return value
    }

    mutating func snapshotFile() -> SnapshotFile {
        var value = SnapshotFile()
        value.path = bytes()
        value.hash = hash()
        value.size = count64()
        value.mode = count32()
        if flag() { value.data = content() }
        return value
    }
}
