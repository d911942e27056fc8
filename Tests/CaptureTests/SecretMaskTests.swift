import TestSupport
import Testing

@testable import Capture

@Suite struct SecretMaskTests {
    static func mask(_ text: String) -> String { String(decoding: SecretMask.masked(Array(text.utf8)), as: UTF8.self) }

    @Test(arguments: [
        ("key AKIAIOSFODNN7EXAMPLE.", "key AKIA****************."),
        ("xAKIAIOSFODNN7", "xAKIAIOSFODNN7"),
        ("git clone https://ghp_abcDEF123@github.com", "git clone https://ghp_*********@github.com"),
        ("github_pat_11AB_cd \"glpat-ab-c\"", "github_pat_******* \"glpat-****\""),
        ("sk_live_4eC3 xoxb-12-ab npm_Ab1", "sk_live_**** xoxb-***** npm_***"),
        ("export GITHUB_TOKEN=abc123 x", "export GITHUB_TOKEN=****** x"),
        ("PASSWORD='a b;c' y", "PASSWORD='*****' y"),
        ("password=a\\ b c", "password=**** c"),
        ("{\"password\": \"hunter2\", \"a\": 1}", "{\"password\": \"*******\", \"a\": 1}"),
        ("api_key = \"k1\"; secret = x", "api_key = \"**\"; secret = x"),
        ("TOKEN=$OTHER token==1 tokens=3 f(token)", "TOKEN=$OTHER token==1 tokens=3 f(token)"),
        ("token_secret=ab", "token_secret=**"),
        ("curl -H 'Authorization: Bearer eyJh.b-c' u", "curl -H 'Authorization: Bearer ********' u"),
        ("tool --password hunter2 --token t x", "tool --password ******* --token * x"),
        ("TOKEN=\u{1b}[32mab\u{1b}[0mc d", "TOKEN=\u{1b}[32m**\u{1b}[0m* d"),
        ("?token=ab&x=1", "?token=**&x=1"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE+a/=\nQ\n-----END RSA PRIVATE KEY-----\nnext",
            "-----BEGIN RSA PRIVATE KEY-----\n********\n*\n-----END RSA PRIVATE KEY-----\nnext"
        ),
    ])
    func masks(text: String, expected: String) { #expect(Self.mask(text) == expected) }

    @Test func rangesAreWhatIsMasked() {
        let text = Array("a TOKEN=xyz b ghp_q".utf8)
        #expect(SecretMask.ranges(in: text) == [8..<11, 18..<19])
    }

    @Test func anyCutGivesTheSame() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let parts = [
            "TOKEN", "token", "=", "'", "\"", " ", "AKIA", "ghp_", "abc", "\n", ":", "password", "\\",
            "-----BEGIN PRIVATE KEY-----",
            "-----", "\u{1b}[1m", "\u{1b}]0;t\u{7}", "é", "--", "Authorization: Bearer ", "\u{8}", "secret_", "key",
            "api_",
        ]
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 1...15, using: &random))
                .flatMap { _ in Array(parts.randomElement(using: &random)?.utf8 ?? "".utf8) }
            var mask = SecretMask()
            var result: [UInt8] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...6, using: &random))
                result += mask.mask(bytes[start..<end])
                start = end
            }
            #expect(result == SecretMask.masked(bytes), "seed \(seed)")
            #expect(result.count == bytes.count)
        }
    }
}
