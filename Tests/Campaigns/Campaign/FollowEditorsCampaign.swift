import ArgumentParser
import EventSchema
import Foundation
import TestSupport

/// Neovim and Emacs follow a Neovim that edits at random: at the end of a round their buffers hold its texts, the leader's
/// cursor is where it is, and the shell takes the view along.
struct FollowEditorsCampaign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow-editors",
        abstract: "Neovim and Emacs follow random operations in Neovim over RabbitMQ; texts, cursor and view compared.")

    @OptionGroup var options: CampaignOptions

    @Option(help: "Operations in a round.")
    var operations = 400

    func run() throws {
        try CampaignRun.carryOut("follow-editors", options, rounds: 5) { run in
            run.more = " --operations \(operations)"
            let scene = try FollowEditorsScene(run)
            defer { scene.end() }
            while run.goesOn { try scene.round(operations) }
            try scene.measure()
            try scene.expectNothingRecorded()
        }
    }
}

/// A leader's shell and editors, a broker with an archiver, and the two who follow.
private final class FollowEditorsScene {
    private let run: CampaignRun
    private let stage: Stage
    private let team: TeamStage
    private let shell: RecordedShell
    /// Who follows works in a recorded workspace too.
    private let watcher: Stage
    private let watcherShell: RecordedShell
    private let followers: [FollowingEditor]
    private var rounds = 0
    private var edits: [FollowingEditor.Kind: Int] = [:]

    init(_ run: CampaignRun) throws {
        self.run = run
        stage = try Stage(isProxied: false, ["PLAYHEAD_AGENT_IDLE": "600"])
        watcher = try Stage(isProxied: false, ["PLAYHEAD_AGENT_IDLE": "600", "USER": "watcher"])
        let team = try TeamStage(stage, followers: ["watcher"])
        self.team = team
        try team.startArchiver()
        shell = try RecordedShell(stage, ["-q", "--broker", team.url("tester")])
        _ = try shell.responds()
        watcherShell = try RecordedShell(watcher, ["-q"])
        _ = try watcherShell.responds()
        followers = try FollowingEditor.Kind.allCases.map { [watcher] in
            try FollowingEditor($0, watcher, broker: team.url("watcher"))
        }
    }

    func end() {
        watcher.end()
        team.end()
        stage.end()
    }

    func round(_ operations: Int) throws {
        rounds += 1
        let seed = UInt64.random(in: 1...1_000_000, using: &run.random)
        let leader = try LeadingEditor(stage, round: rounds, operations: operations, seed: seed)
        let end = try leader.finish()
        for follower in followers { try expect(follower, toShow: end) }
        try leader.quit()
        for follower in followers { try tether(follower) }
        let counts = try followers.map { follower in
            let state = try follower.state()
            guard state.refused == 0 else {
                throw CampaignFailure("\(follower.kind): \(state.refused) edits did not fit its buffer")
            }
            defer { edits[follower.kind] = state.edits }
            return "\(state.edits - edits[follower.kind, default: 0]) edits in \(follower.kind)"
        }
        run.finishRound(
            "\(operations) operations, \(counts.joined(separator: ", ")), \(end.texts.count) texts and the cursor equal"
        )
    }

    private func expect(_ follower: FollowingEditor, toShow end: LeadingEditor.End) throws {
        var difference = ""
        func waited() -> String {
            "\(follower.kind) has what the leader has: \(difference)\n\((try? follower.screen) ?? "")"
        }
        try waitUntil(90, every: 0.3, waited()) {
            let state = try follower.state()
            difference = end.difference(from: state) ?? ""
            return difference.isEmpty
        }
    }

    /// The shell takes the view along; one's own move loosens it until the next; a cut tether stays cut until it is tied.
    private func tether(_ follower: FollowingEditor) throws {
        func mark() -> String { "mark\(UInt32.random(in: 0...UInt32.max, using: &run.random))" }
        func type(_ word: String, before: String = "") {
            shell.type("\(before)echo \(word.prefix(5))''\(word.dropFirst(5))")
        }
        func wait(_ what: String, _ isSo: (FollowingEditorState, String) -> Bool) throws {
            var seen = ("", "")
            try waitUntil(60, every: 0.2, "\(follower.kind): \(what); it is \(seen.0)\n\(seen.1)") {
                let (state, screen) = (try follower.state(), try follower.screen)
                seen = ("\(state.shown) \(state.tether) \(state.words)", screen)
                return isSo(state, screen)
            }
        }
        let first = mark()
        type(first, before: "seq 1 60; ")
        try wait("the view is in the shell") {
            $0.tether == "retracted" && $0.shown == "@tester/shell" && $1.contains(first)
        }
        try follower.kind == .neovim ? follower.press("g", "g") : follower.press("M-<")
        try wait("the own move loosens the tether") { state, _ in state.tether == "extended" }
        Thread.sleep(forTimeInterval: 1.1)
        let second = mark()
        type(second)
        try wait("the leader's next move takes the view along") { $0.tether == "retracted" && $1.contains(second) }
        try follower.command("PlayheadUnfollow", "playhead-unfollow")
        try wait("the tether is cut") { state, _ in state.tether == "disconnected" }
        let third = mark()
        type(third, before: "seq 1 60; ")
        let bytes = Data(third.utf8)
        try wait("its pages go on changing") { state, _ in
            state.tether == "disconnected"
                && state.pages.values.contains { Data($0.text).range(of: bytes) != nil }
        }
        try follower.command("PlayheadFollow", "playhead-follow")
        try wait("it follows again") { $0.tether == "retracted" && $1.contains(third) }
    }

    func measure() throws {
        guard let neovim = followers.first(where: { $0.kind == .neovim }) else { return }
        run.note(try TypingLatency(stage, neovim).line)
    }

    /// What is followed is not recorded again; the follower's own file is.
    func expectNothingRecorded() throws {
        try waitUntil(30, "the follower's own file is recorded") { [watcher] in
            try !ArchiveAudit(watcher.archiveHome).texts().isEmpty
        }
        let paths = try ArchiveAudit(watcher.archiveHome).texts().keys.sorted()
        guard paths == [watcher.workspace.appendingPathComponent("own.txt").path] else {
            throw CampaignFailure("the follower's session has \(paths)")
        }
        for (kind, count) in edits.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            run.note("\(count) edits applied by \(kind), none refused; the follower's own recording has none of it")
        }
    }
}
