import EventSchema
import Foundation
import Glibc

/// Runs a program in a terminal of its own and records what is shown in it.
///
/// The person's screen comes first: bytes are shown, then recorded. What a program wrote before it ended is always
/// read to its end.
public final class TerminalRecorder: Sendable {
    private let options: RecorderOptions
    private let sink: any EventSink
    private let clock: RecordClock
    private let control: RecorderControl

    /// - Throws: `TerminalError.Code.nested` inside a recorded terminal, `.system` if the system refuses.
    public init(_ options: RecorderOptions, sink: any EventSink, clock: RecordClock) throws(TerminalError) {
        guard !RecorderOptions.isRecorded(options.launch.environment) else {
            throw TerminalError(.nested, "this terminal is being recorded already")
        }
        var options = options
        options.launch.environment[RecorderOptions.terminalVariable] = String(getpid())
        options.launch.environment[RecorderOptions.nonceVariable] = options.nonce
        self.options = options
        self.sink = sink
        self.clock = clock
        do { control = try RecorderControl() } catch { throw TerminalError(error) }
    }

    /// Records nothing from now on until `resume`; the program runs on and is shown.
    public func pause(reason: String) { control.ask(.pause(reason)) }
    public func resume() { control.ask(.resume) }
    /// Tells what those need who get the terminal from now on.
    public func repeatState() { control.ask(.repeatState) }
    /// Hangs the terminal up; a program that stays is killed after two seconds.
    public func stop() { control.ask(.stop) }

    /// Runs the program to its end; blocks the thread. The person's terminal is given back as it was.
    public func run() throws(TerminalError) -> ProcessStatus {
        do {
            let session = try RecorderSession(options, control: control, sink: sink, clock: clock)
            return try session.run()
        } catch {
            throw TerminalError(error)
        }
    }
}
