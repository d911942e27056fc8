import AMQPBridge

/// What somebody does next about what a broker said, in this project's own commands; empty where the broker's message
/// says it already.
public enum BrokerAdvice {
    /// For a person whose sessions do not reach the team.
    public static func publisher(_ error: AMQPError) -> String {
        switch error.code {
        case .login: "give the right login, as `playhead team add` printed it: playhead share --broker URL"
        case .missing:
            "give the right URL: playhead share --broker URL; or whoever runs the team types: playhead team apply"
        case .refused, .mismatch: "whoever runs the team types: playhead team apply"
        case .tls: "another URL for this broker is given with: playhead share --broker URL"
        case _ where error.isRetryable: "it is tried again by itself"
        default: ""
        }
    }

    /// For a person who wants to follow somebody.
    public static func follower(_ error: AMQPError) -> String {
        switch error.code {
        case .login: "give the login that `playhead team add` printed: --broker URL"
        case .refused: "whoever runs the team lets you follow somebody with: playhead team grant YOU THEM"
        case .missing, .mismatch: "give the right URL; or whoever runs the team types: playhead team apply"
        case .tls: "another URL for this broker is given with --broker"
        default: ""
        }
    }

    /// For whoever runs the team's archiver.
    public static func archiver(_ error: AMQPError) -> String {
        switch error.code {
        case .login:
            "`playhead broker url --as archiver` prints the login of a private broker; "
                + "`playhead team add archiver --new-password` makes a new one"
        case .missing, .refused: "give the team what it needs there: playhead team apply"
        case .mismatch: "publishers still have what the queue holds and send it again"
        default: ""
        }
    }
}
