import Agent
import ArgumentParser
import Capture
import Dispatch
import EventSchema
import Foundation
import Logging

/// The per-user helper; recorders start it, nobody needs to.
struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run the per-user helper that owns the archive (started by whoever needs it).",
        discussion: """
            One agent serves each PLAYHEAD_HOME. It stays while a recorder is connected and leaves a minute after.

            Example:  playhead agent --stop     recorders start the next one
            """)

    @Option(help: "Leave after this many seconds without clients.")
    var idleExit = 60.0

    @Flag(help: "End the running agent.")
    var stop = false

    func run() throws {
        let settings = Settings()
        let address = settings.agent
        if stop {
            guard let client = try? AgentClient(address, starting: false) else { return }
            _ = try client.ask(["do": "stop"])
            return
        }
        try address.prepare()
        let logger = Logger(label: "playhead.agent") { StreamLogHandler.standardError(label: $0) }
        let idle = settings.environment["PLAYHEAD_AGENT_IDLE"].flatMap(Double.init) ?? idleExit
        let configuration = AgentServer.Configuration(
            home: settings.home, socketPath: address.socketPath, user: settings.user,
            idleExit: .milliseconds(Int64(max(0, min(idle, 1e9)) * 1000)))
        guard let server = try AgentServer(configuration, logger: logger) else { return }
        signal(SIGTERM, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        let signals = [SIGTERM, SIGINT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { server.stop() }
            source.resume()
            return source
        }
        withExtendedLifetime(signals) { server.run() }
    }
}
