/// When to try a lost connection again: a value; the clock and the generator are the caller's.
///
/// The wait doubles from `initial` to `longest`. Half of each wait is random, so that many clients of a broker that
/// comes back do not all knock at once. An error that no waiting mends is told, and tried again only at the slowest pace.
public struct ReconnectPolicy: Hashable, Sendable {
    /// What to do after a failure.
    public struct Retry: Hashable, Sendable {
        /// How long to wait before the next attempt.
        public var wait: Duration
        /// Somebody has to mend something: say so.
        public var needsAttention: Bool
    }

    /// The longest wait for what another connection holds: whoever stands by takes over soon.
    public static let takeover = Duration.seconds(1)

    public let initial: Duration
    public let longest: Duration
    /// A connection that lived this long was good: the next failure starts from `initial` again.
    public let settled: Duration
    /// Failures since the last good connection.
    public private(set) var failures = 0

    /// - Parameters: zero and negative spans count as 1 ms; `longest` is at least `initial`.
    public init(
        initial: Duration = .milliseconds(200), longest: Duration = .seconds(30), settled: Duration = .seconds(10)
    ) {
        self.initial = max(initial, .milliseconds(1))
        self.longest = max(longest, self.initial)
        self.settled = settled
    }

    /// The next step after an attempt failed, or after a connection that lived for `lifetime` broke.
    public mutating func failed(
        with error: AMQPError, after lifetime: Duration = .zero, using generator: inout some RandomNumberGenerator
    ) -> Retry {
        if lifetime >= settled { failures = 0 }
        var full = error.isRetryable ? wait(beforeAttempt: failures) : longest
        if error.code == .busy { full = min(full, Self.takeover) }
        failures = min(failures + 1, 1_000_000)
        return Retry(
            wait: full * Double.random(in: 0.5...1, using: &generator), needsAttention: !error.isRetryable)
    }

    private func wait(beforeAttempt number: Int) -> Duration {
        var wait = initial
        for _ in 0..<number {
            guard wait < longest else { break }
            wait = min(wait * 2, longest)
        }
        return wait
    }
}
