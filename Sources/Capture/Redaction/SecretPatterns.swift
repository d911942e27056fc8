/// The built-in marks of secrets, as an automaton over bytes: one table look-up per byte (Aho and Corasick).
struct SecretPatterns: Sendable {
    /// What follows a mark.
    enum Rule: UInt8, Sendable {
        /// The secret follows at once, of letters, digits and a few signs.
        case token
        /// As `token`, but of letters and digits only.
        case letters
        /// A name whose value follows `=` or, in quotes, `:`.
        case key
        /// The value is the next word.
        case value
        /// The lines up to the end of a key block.
        case block
    }

    struct Pattern: Sendable {
        var text: String
        var rule: Rule
        /// The byte before it must not be a letter or digit.
        var atWordStart = false
        var ignoresCase = false
    }

    static let builtIn: [Pattern] =
        ["AKIA", "ASIA"].map { Pattern(text: $0, rule: .letters, atWordStart: true) }
        + ["ghp_", "gho_", "ghs_", "ghu_", "ghr_", "npm_"].map { Pattern(text: $0, rule: .letters, atWordStart: true) }
        + [
            "github_pat_", "glpat-", "xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "sk_live_", "rk_live_", "sk-ant-",
        ].map { Pattern(text: $0, rule: .token, atWordStart: true) }
        + [
            "password", "passwd", "passphrase", "secret", "token", "api_key", "apikey", "api-key", "access_key",
            "secret_key", "private_key",
        ].map { Pattern(text: $0, rule: .key, ignoresCase: true) }
        + [
            "--password ", "--token ", "authorization: bearer ", "authorization: basic ", "authorization: token ",
            "authorization:bearer ", "authorization:basic ",
        ].map { Pattern(text: $0, rule: .value, ignoresCase: true) }
        + [
            "BEGIN PRIVATE KEY-----", "BEGIN RSA PRIVATE KEY-----", "BEGIN EC PRIVATE KEY-----",
            "BEGIN DSA PRIVATE KEY-----", "BEGIN OPENSSH PRIVATE KEY-----", "BEGIN ENCRYPTED PRIVATE KEY-----",
            "BEGIN PGP PRIVATE KEY BLOCK-----",
        ].map { Pattern(text: $0, rule: .block) }

    static let standard = SecretPatterns(builtIn)

    /// 256 next states for each state.
    private var next: [UInt16]
    /// For each state the pattern that ends there: 0 none, else its index + 1.
    private var ending: [UInt8]
    private let rules: [Rule]
    /// For each pattern its length if it must be at the start of a word, else 0; less than 64.
    private let lengths: [UInt8]

    init(_ patterns: [Pattern]) {
        var children: [[UInt8: Int]] = [[:]]
        var ending: [UInt8] = [0]
        for (index, pattern) in patterns.enumerated() {
            var state = 0
            for byte in pattern.text.utf8 {
                let spellings = pattern.ignoresCase ? [Self.lower(byte), Self.upper(byte)] : [byte]
                var child = spellings.lazy.compactMap { children[state][$0] }.first
                if child == nil {
                    child = children.count
                    children.append([:])
                    ending.append(0)
                }
                for spelling in spellings where children[state][spelling] == nil { children[state][spelling] = child }
                state = child ?? 0
            }
            ending[state] = UInt8(truncatingIfNeeded: index + 1)
        }
        // Breadth first: a state's fallback is nearer to the root, so its row is complete already.
        var next = [UInt16](repeating: 0, count: children.count * 256)
        var fallback = [Int](repeating: 0, count: children.count)
        var queue = [0]
        var seen: Set<Int> = [0]
        var position = 0
        while position < queue.count {
            let state = queue[position]
            position += 1
            if ending[state] == 0 { ending[state] = ending[fallback[state]] }
            for byte in 0..<256 {
                let back = state == 0 ? 0 : Int(next[fallback[state] * 256 + byte])
                guard let child = children[state][UInt8(byte)] else {
                    next[state * 256 + byte] = UInt16(back)
                    continue
                }
                next[state * 256 + byte] = UInt16(child)
                guard seen.insert(child).inserted else { continue }
                fallback[child] = back
                queue.append(child)
            }
        }
        self.next = next
        self.ending = ending
        rules = patterns.map(\.rule)
        lengths = patterns.map { $0.atWordStart ? UInt8(truncatingIfNeeded: $0.text.utf8.count) : 0 }
    }

    /// The state after one more byte.
    @inline(__always)
    func step(_ state: UInt16, _ byte: UInt8) -> UInt16 { next[Int(state) << 8 | Int(byte)] }

    /// The rule of the pattern that ends in this state.
    ///
    /// - Parameter letters: for each of the last 64 bytes whether it was a letter or digit; the newest is bit 0.
    @inline(__always)
    func rule(at state: UInt16, letters: UInt64) -> Rule? {
        let index = ending[Int(state)]
        if index == 0 { return nil }
        let length = lengths[Int(index) - 1]
        if length > 0, letters >> UInt64(length) & 1 == 1 { return nil }
        return rules[Int(index) - 1]
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }
    private static func upper(_ byte: UInt8) -> UInt8 { (0x61...0x7a).contains(byte) ? byte & ~0x20 : byte }
}
