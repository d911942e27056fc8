import EventSchema
import Foundation

/// Where the agent of a home listens, and how one is started.
public struct AgentAddress: Sendable {
    /// The directory of the archive.
    public let home: String
    public let socketPath: String
    /// Starts the agent; the first word is the program.
    public let startCommand: [String]
    /// The error output of a started agent.
    public let log: String
    public let environment: [String: String]

    /// What the system takes for a socket's path.
    private static let longestSocketPath = 107

    /// The address for `home`. The socket lies in the user's runtime directory, or in a private one under /tmp: the
    /// path of a home may be longer than a socket's may be.
    public init(home: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.home = home
        self.environment = environment.merging(["PLAYHEAD_HOME": home]) { $1 }
        let name = ContentHash(of: home.utf8).description.prefix(16)
        let place = environment["XDG_RUNTIME_DIR"].map { "\($0)/playhead/\(name).sock" }
        socketPath =
            place.flatMap { $0.utf8.count <= Self.longestSocketPath ? $0 : nil }
            ?? "/tmp/playhead-\(Machine.userID)/\(name).sock"
        startCommand = [environment["PLAYHEAD_BIN"] ?? Machine.executablePath, "agent"]
        log = "\(home)/agent.log"
    }

    /// The directory of the socket.
    public var runtimeDirectory: String {
        String(socketPath.prefix(upTo: socketPath.lastIndex(of: "/") ?? socketPath.endIndex))
    }

    /// Creates the directories for socket and archive, for their owner only.
    public func prepare() throws(LinkError) {
        for directory in [home, runtimeDirectory] {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
                let attributes = try FileManager.default.attributesOfItem(atPath: directory)
                guard (attributes[.ownerAccountID] as? NSNumber)?.uint32Value == Machine.userID else {
                    throw LinkError(.refused, "\(directory) belongs to somebody else")
                }
            } catch let error as LinkError {
                throw error
            } catch {
                throw LinkError(
                    .unreachable, "cannot create \(directory): \(error.localizedDescription)", underlying: error)
            }
        }
    }

    /// A connection to the agent; starts one if none answers.
    ///
    /// - Throws: `LinkError(.unreachable)` when none answers within `patience`.
    public func connect(starting: Bool = true, patience: Duration = .seconds(5)) throws(LinkError) -> StreamSocket {
        if starting { try prepare() }
        let deadline = ContinuousClock.now + patience
        var started: (process: Int32, at: ContinuousClock.Instant)?
        defer { if let started { _ = DetachedProcess.hasEnded(started.process) } }
        while true {
            let failure: SystemError
            do {
                return try StreamSocket.connect(to: socketPath, patience: patience)
            } catch {
                failure = error
            }
            guard starting, ContinuousClock.now < deadline else {
                throw LinkError(
                    .unreachable, "the agent of \(home) does not answer; its log is \(log)", underlying: failure)
            }
            // An agent that ended at once found another one leaving, which still held the lock.
            if started.map({ .now - $0.at > .milliseconds(300) && DetachedProcess.hasEnded($0.process) }) ?? true {
                do {
                    started = (try DetachedProcess.start(startCommand, environment: environment, log: log), .now)
                } catch {
                    throw LinkError(.unreachable, "cannot start the agent: \(error)", underlying: error)
                }
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}

/// Why the agent could not be asked.
public struct LinkError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure; open, so that kinds can be added.
    public struct Code: Sendable, Hashable {
        private enum Wrapped { case unreachable, timedOut, refused, missing, damaged, full, failed }
        private let wrapped: Wrapped
        public static let unreachable = Code(wrapped: .unreachable)
        /// It is there, but says nothing.
        public static let timedOut = Code(wrapped: .timedOut)
        public static let refused = Code(wrapped: .refused)
        public static let missing = Code(wrapped: .missing)
        public static let damaged = Code(wrapped: .damaged)
        public static let full = Code(wrapped: .full)
        public static let failed = Code(wrapped: .failed)

        private static let names: [(String, Code)] = [
            ("unreachable", .unreachable), ("refused", .refused), ("missing", .missing), ("damaged", .damaged),
            ("full", .full),
            ("failed", .failed),
        ]
        /// The code of this name; `failed` for one this program does not know.
        public init(name: String) { self = Self.names.first { $0.0 == name }?.1 ?? .failed }
        private init(wrapped: Wrapped) { self.wrapped = wrapped }
    }

    public var code: Code
    public var message: String
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { message }
}
