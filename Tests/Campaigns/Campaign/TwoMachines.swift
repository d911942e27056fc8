import Foundation
import Glibc
import TestSupport

/// Two machines and the cable between them, as network namespaces: the campaign and the broker are on the one, whatever
/// is started with `elsewhere` is on the other.
final class TwoMachines {
    /// Where the other machine finds this one.
    static let here = "10.77.0.1"
    private static let there = "10.77.0.2"
    private static let mark = "PLAYHEAD_TWO_MACHINES"

    /// What starts a program on the other machine.
    let elsewhere: [String]
    private let cleanup: Int

    /// Starts this program again in a namespace of its own, unless it is there already. Needs no rights.
    static func enter() throws {
        guard ProcessInfo.processInfo.environment[mark] == nil else { return }
        setenv(mark, "1", 1)
        let words = ["unshare", "--user", "--map-root-user", "--net", "/proc/\(getpid())/exe"]
        // The link is read before the program changes.
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: words[4])
        let arguments =
            words.dropLast().map { strdup($0) } + [strdup(program)]
            + CommandLine.arguments.dropFirst().map { strdup($0) } + [nil]
        execvp("unshare", arguments)
        throw CampaignFailure("no namespace of its own: \(String(cString: strerror(errno)))")
    }

    init() throws {
        let holder = try Child(
            ["unshare", "--net", "sleep", "infinity"], environment: ProcessInfo.processInfo.environment, directory: "/",
            log: "/dev/null")
        cleanup = Cleanup.add { holder.send(SIGKILL) }
        elsewhere = ["nsenter", "--target", "\(holder.id)", "--net"]
        let own = try Self.namespace(of: getpid())
        try waitUntil(10, "the other machine is there") { try Self.namespace(of: holder.id) != own }
        for command in [
            ["link", "set", "lo", "up"], ["link", "add", "here", "type", "veth", "peer", "name", "there"],
            ["link", "set", "there", "netns", "\(holder.id)"], ["addr", "add", "\(Self.here)/24", "dev", "here"],
            ["link", "set", "here", "up"],
        ] { try run(["ip"] + command) }
        for command in [
            ["link", "set", "lo", "up"], ["addr", "add", "\(Self.there)/24", "dev", "there"],
            ["link", "set", "there", "up"],
        ] { try run(elsewhere + ["ip"] + command) }
    }

    /// Pulls the cable.
    func cut() throws { try run(["ip", "link", "set", "here", "down"]) }

    func heal() throws { try run(["ip", "link", "set", "here", "up"]) }

    func end() {
        // With the last process of a namespace its cable goes too, but later: the next one could not have its name.
        try? run(["ip", "link", "delete", "here"])
        Cleanup.now(cleanup)
    }

    private static func namespace(of process: pid_t) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
    }

    private func run(_ words: [String]) throws {
        let child = try Child(
            words, environment: ProcessInfo.processInfo.environment, directory: "/", log: "/dev/null")
        try waitUntil(10, every: 0.005, words.joined(separator: " ")) { child.status != nil }
        guard child.status == 0 else { throw CampaignFailure("\(words.joined(separator: " ")) failed") }
    }
}
