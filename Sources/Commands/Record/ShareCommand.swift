import Archive
import ArgumentParser
import Capture
import EventSchema
import Foundation

/// Which broker a session goes to.
struct ShareOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker; PLAYHEAD_BROKER if not given.", valueName: "amqp://NAME:PASSWORD@HOST/VHOST"))
    var broker: String?

    @OptionGroup var common: CommonOptions

    func ask(_ verb: String, _ session: SessionSummary, _ more: [(key: String, value: JSONValue)]) throws {
        let settings = common.settings
        var request: [(key: String, value: JSONValue)] = [("do", .string(verb)), ("session", .string("\(session.id)"))]
        request += more
        if let broker { request.append(("broker", .string(broker))) }
        if let configured = settings.broker { request.append(("configured_broker", .string(configured))) }
        let answer = try AgentClient(settings.agent, patience: .seconds(30)).ask(.object(request))
        let destination = answer["destination"]?.string ?? ""
        if common.json {
            common.output.json([
                "session": .string("\(session.id)"), "short": .string(session.id.short),
                "destination": .string(destination),
            ])
        } else {
            let short = session.id.short
            switch destination.split(separator: " ").first {
            case "live": common.output.message("\(short) is \(destination); teammates type: playhead follow \(short)")
            case "team":
                common.output.message("\(short) goes to \(destination); teammates type: playhead play \(short)")
            default: common.output.message("\(short) is local: nothing more of it leaves this machine")
            }
        }
    }
}

/// Makes a session live.
struct ShareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Make a session that is being recorded live for the team, from now on.",
        discussion: """
            What was recorded before stays on this machine, unless --with-history says otherwise. What goes, goes to the \
            team's archive and to whoever follows.

            Examples:
              playhead share
              playhead share --with-history --broker amqp://alice:…@mq.example/team
            """)

    @Argument(help: "The session; the current one if none is given.")
    var session = "current"

    @Flag(help: "Send what was recorded before, too.")
    var withHistory = false

    @OptionGroup var options: ShareOptions

    func run() throws {
        let library = try Library(options.common.settings)
        let current = options.common.settings.currentSession == nil && session == "current" ? "last" : session
        try options.ask("share", library.find(current), [("history", .bool(withHistory))])
    }
}

/// Stops sharing at once.
struct UnshareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unshare",
        abstract: "Stop sharing a session at once; what went stays where it is.",
        discussion: "Example:  playhead unshare")

    @Argument(help: "The session; the current one if none is given.")
    var session = "current"

    @OptionGroup var options: ShareOptions

    func run() throws {
        let library = try Library(options.common.settings)
        let current = options.common.settings.currentSession == nil && session == "current" ? "last" : session
        try options.ask("unshare", library.find(current), [])
    }
}

/// Hands old sessions over to the team's archive.
struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Hand recorded sessions over to the team's archive.",
        discussion: """
            Examples:
              playhead publish last --broker amqp://alice:…@mq.example/team
              playhead publish --day yesterday
            """)

    @OptionGroup var what: WhatOptions
    @OptionGroup var options: ShareOptions

    func run() throws {
        let library = try Library(options.common.settings)
        for session in try what.sessionsOrLast(of: library) {
            try options.ask("share", session, [("reach", "team"), ("history", true)])
        }
    }
}
