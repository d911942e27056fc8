import AMQPBridge
import Archive
import Capture
import Delivery
import EventSchema
import Foundation

/// The end of a verb that did not do what was asked: what to tell the person, and the exit status.
public struct CommandFailure: Error, CustomStringConvertible {
    /// Exit statuses, as sysexits.h and the shells have them.
    public enum Status: Int32, Sendable {
        case failed = 1
        case usage = 64
        case badData = 65
        case missing = 66
        case unreachable = 69
        case cannotWrite = 73
        case refused = 77
        case interrupted = 130
    }

    /// The exit status: one of `Status`, or a recorded program's own.
    public var exitStatus: Int32
    /// Empty: nothing is said.
    public var message: String

    public init(_ status: Status, _ message: String) {
        exitStatus = status.rawValue
        self.message = message
    }

    private init(exitStatus: Int32) {
        self.exitStatus = exitStatus
        message = ""
    }

    /// The end with another program's status, without a word.
    public static func exit(_ status: Int32) -> CommandFailure { CommandFailure(exitStatus: status) }

    public var description: String { message }

    /// The failure that an error of a library means to the person who typed the command.
    public init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as ArchiveError: self.init(Self.status(of: error.code), error.message)
        case let error as LinkError: self.init(Self.status(of: error.code), error.message)
        case let error as NodeError: self.init(Self.status(of: error.code), error.message)
        case let error as TeamError: self.init(Self.status(of: error.code), error.message)
        case let error as AMQPError: self.init(Self.status(of: error.code), error.description)
        case let error as DestinationError:
            self.init(error.code == .malformed ? .usage : .refused, error.description)
        case let error as SchemaError: self.init(.badData, error.description)
        case let error as ImportError: self.init(.badData, error.description)
        case let error as ConfigError:
            self.init(error.code == .unwritable ? .cannotWrite : .badData, error.description)
        case let error as TerminalError:
            self.init(error.code == .nested ? .refused : .failed, error.message)
        case let error as SystemError: self.init(.failed, error.description)
        case let error as CocoaError where error.code == .fileNoSuchFile || error.code == .fileReadNoSuchFile:
            self.init(.missing, error.localizedDescription)
        default: self.init(.failed, "\(error)")
        }
    }

    /// What waiting does not mend at a broker: which archiver stops for it, and what somebody does about it.
    init(archiving reason: AMQPError, at place: BrokerPlace) {
        let next = BrokerAdvice.archiver(reason)
        self.init(
            Self.status(of: reason.code),
            "\(place) does not let the archiver work: \(reason)\(next.isEmpty ? "" : "; \(next)")")
    }

    /// What waiting does not mend at a broker: which following ends for it, and what somebody does about it.
    init(following reason: AMQPError, at place: BrokerPlace) {
        let next = BrokerAdvice.follower(reason)
        self.init(
            Self.status(of: reason.code),
            "\(place) does not let you follow: \(reason)\(next.isEmpty ? "" : "; \(next)")")
    }

    private static func status(of code: AMQPError.Code) -> Status {
        switch code {
        case .url: .usage
        case .login, .refused, .mismatch: .refused
        case .missing: .missing
        default: .unreachable
        }
    }

    private static func status(of code: NodeError.Code) -> Status {
        switch code {
        case .notRunning, .timeout: .unreachable
        case .files: .cannotWrite
        case .refused: .refused
        default: .failed
        }
    }

    private static func status(of code: TeamError.Code) -> Status {
        switch code {
        case .malformed: .badData
        case .unreadable: .cannotWrite
        case .name: .usage
        case .unknownPerson, .noTeam: .missing
        case .exists, .wholePerson: .refused
        default: .failed
        }
    }

    private static func status(of code: ArchiveError.Code) -> Status {
        switch code {
        case .unreachable: .unreachable
        case .full: .cannotWrite
        case .damaged: .badData
        case .missing: .missing
        case .refused: .refused
        default: .failed
        }
    }

    private static func status(of code: LinkError.Code) -> Status {
        switch code {
        case .unreachable, .timedOut: .unreachable
        case .full: .cannotWrite
        case .damaged: .badData
        case .missing: .missing
        case .refused: .refused
        default: .failed
        }
    }
}
