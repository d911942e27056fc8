import Logging

/// What is refused between two commits, told in a line for each kind: nobody who sends nonsense fills the log.
struct RefusalCount {
    private var kinds: [MessageRefusal.Code: (first: MessageRefusal, key: String, count: Int)] = [:]

    mutating func take(_ refusal: MessageRefusal, key: String) {
        kinds[refusal.code, default: (refusal, key, 0)].count += 1
    }

    /// The first of each kind, and how many there were; then it begins anew.
    mutating func lines() -> [Logger.Metadata] {
        defer { kinds = [:] }
        return kinds.values.sorted { $0.first.description < $1.first.description }.map {
            [
                "why": "\($0.first)", "key": "\(String($0.key.prefix(200)))", "count": "\($0.count)",
            ]
        }
    }
}
