import AMQPBridge
import Delivery
import EventSchema
import TestSupport
import Testing

@Suite struct TeamFileTests {
    private let hash = PasswordHash(of: "secret")

    private func team(_ people: String...) throws -> TeamFile {
        var team = TeamFile(archiverPassword: hash)
        for name in people { try team.add(name, password: PasswordHash(of: name)) }
        return team
    }

    private func session(_ seed: UInt64) -> SessionID {
        var values = RandomValues(seed: seed)
        return SessionID(values.identifier())
    }

    @Test func readsWhatItWrites() throws {
        var team = try team("alice", "bob", "carol-2")
        team.broker = try AMQPURL("amqps://broker.example.org")
        try team.grant("bob", "alice")
        try team.grant("carol-2", "alice", sessions: [session(1), session(2)])
        try team.add("dora", password: hash)
        try team.remove("dora")
        let again = try TeamFile(toml: team.toml)
        #expect(again == team)
        #expect(again.toml == team.toml)
        #expect(again.removed == ["dora"])
    }

    @Test func grantsAndRevokes() throws {
        var team = try team("alice", "bob")
        let (one, two) = (session(1), session(2))
        #expect(team.mayFollow("alice", "alice", session: one))
        #expect(!team.mayFollow("bob", "alice", session: one))
        try team.grant("bob", "alice", sessions: [one])
        #expect(team.mayFollow("bob", "alice", session: one))
        #expect(!team.mayFollow("bob", "alice", session: two))
        try team.grant("bob", "alice")
        try team.grant("bob", "alice", sessions: [two])
        #expect(team.people["bob"]?.follows["alice"] == .everything, "everything is not narrowed by a part")
        #expect(throws: TeamError.self) { try team.revoke("bob", "alice", sessions: [two]) }
        #expect(try team.revoke("bob", "alice"))
        #expect(try !team.revoke("bob", "alice"))
        try team.grant("bob", "alice", sessions: [one, two])
        #expect(try team.revoke("bob", "alice", sessions: [one]))
        #expect(team.mayFollow("bob", "alice", session: two))
        try team.remove("alice")
        #expect(team.people["bob"]?.follows.isEmpty == true)
        #expect(!team.mayFollow("alice", "alice", session: one))
    }

    @Test(arguments: [
        "", "Alice", "al.ice", "f-alice", "archiver", "guest", "a b", "é", String(repeating: "a", count: 33),
    ])
    func refusesNames(name: String) throws {
        var team = try team()
        let error = #expect(throws: TeamError.self) { try team.add(name, password: hash) }
        #expect(error?.code == .name)
    }

    @Test(
        arguments: [
            ("x", "line 1: '=' is missing"),
            ("virtual-host = 3", "line 1: 'virtual-host' is not known"),
            ("[archiver]\npassword = \"short\"", "line 2: this is no password's hash"),
            ("# nothing", "the archiver's password is missing"),
            ("[archiver]\n\n[archiver]", "line 3: [archiver] stands on line 1 already"),
            ("a = [\"b\"\nc", "line 2: ',' or ']' is missing"),
            ("a = \"b\nc\"", "line 1: the closing quote is missing"),
            ("a = \"\\q\"", "line 1: '\\q' is no escape"),
            ("a = 1 2", "line 1: '2' is too much here"),
            ("[[people]]", "line 1: lists of tables are not known here"),
        ])
    func saysWhereAFileIsWrong(text: String, message: String) {
        let error = #expect(throws: TeamError.self) { try TeamFile(toml: text) }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }

    @Test func saysWhichGrantIsWrong() throws {
        let text = try team("bob").toml + "follows = [\"zoe\"]\n"
        let error = #expect(throws: TeamError.self) { try TeamFile(toml: text) }
        #expect(error?.message.contains("'zoe' does not belong to the team") == true)
        let wrong = try team("bob").toml + "follows = [\"bob:7kq2mx\"]\n"
        #expect(throws: TeamError.self) { try TeamFile(toml: wrong) }
    }

    @Test func readsTheTOMLThatPeopleWrite() throws {
        let text = try ConfigText(
            Array(
                "a.b = 'x\\y' # why\r\n\"c d\"=[ # many\n 'e',\n \"f\\u00e9\", ]\n[t.u]\nn = -1_000\nyes = true\n".utf8)
        )
        #expect(text.settings.map(\.path) == [["a", "b"], ["c d"], ["t", "u", "n"], ["t", "u", "yes"]])
        #expect(
            text.settings.map(\.value) == [.string("x\\y"), .strings(["e", "fé"]), .integer(-1000), .boolean(true)])
        #expect(text.settings.map(\.line) == [1, 2, 6, 7])
        #expect(text.tables.map(\.path) == [["t", "u"]] && text.tables.map(\.line) == [5])
        let written = "a = \(ConfigValue.quoted("\u{1}\"\\\n→"))"
        #expect(try ConfigText(Array(written.utf8))["a"] == .string("\u{1}\"\\\n→"))
    }

    /// Whatever bytes come: an error or a value, never a trap.
    @Test func survivesAnything() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        let whole = Array(try team("alice", "bob").toml.unicodeScalars)
        for _ in 0..<2000 {
            var text = whole
            for _ in 0..<3 {
                let place = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: text.remove(at: place)
                case 1: text[place] = "[]=\"'\\\n#.,u".unicodeScalars.randomElement(using: &generator) ?? " "
                default: text.removeSubrange(place...)
                }
                if text.isEmpty { break }
            }
            var string = String.UnicodeScalarView()
            string.append(contentsOf: text)
            if let team = try? TeamFile(toml: String(string)) {
                #expect(try TeamFile(toml: team.toml) == team, "seed \(seed)")
            }
        }
    }
}
