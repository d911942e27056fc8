import Delivery
import EventSchema
import TestSupport
import Testing

@Suite struct RoutingKeyTests {
    @Test func readsWhatItWrites() throws {
        var values = RandomValues(seed: 7)
        let key = try #require(
            RoutingKey(
                user: "alice", session: SessionID(values.identifier()), kind: "editor",
                source: SourceID(values.identifier())))
        #expect(RoutingKey(key.description) == key)
        let text = key.description
        for wrong in [
            text.uppercased(), text + ".x", text + ".", "." + text, text.replacing("-", with: ""),
            text.replacing("alice", with: "f-alice"), text.replacing("editor", with: "*"), "", "...",
        ] { #expect(RoutingKey(wrong) == nil, "\(wrong)") }
    }

    @Test func knowsWhoseALoginIs() {
        #expect(BrokerNames.user(ofLogin: "alice") == "alice")
        #expect(BrokerNames.user(ofLogin: "f-alice") == "alice")
        for login in ["archiver", "f-archiver", "f-f-alice", "guest", "Al", ""] {
            #expect(BrokerNames.user(ofLogin: login) == nil, "\(login)")
        }
    }
}
