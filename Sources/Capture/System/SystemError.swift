import Glibc

/// A call of the operating system that failed.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    /// The call, such as `connect`.
    public var call: String
    /// `errno` after it.
    public var number: Int32
    /// What it was about: a path, for example.
    public var subject: String

    public init(_ call: String, number: Int32 = errno, about subject: String = "") {
        self.call = call
        self.number = number
        self.subject = subject
    }

    /// The system's own words for the error number.
    public var reason: String { String(cString: strerror(number)) }

    public var description: String { subject.isEmpty ? "\(call): \(reason)" : "\(subject): \(reason) (\(call))" }
}
