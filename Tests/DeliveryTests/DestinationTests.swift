import AMQPBridge
import Delivery
import EventSchema
import Testing

@Suite struct DestinationTests {
    private let office = "amqps://alice:pw@mq.example/team"

    private func place(_ text: String) throws -> BrokerPlace { BrokerPlace(try AMQPURL(text)) }

    @Test func aConfiguredBrokerAloneSendsNothing() throws {
        let consent = Consent(configuredBroker: try AMQPURL(office))
        #expect(try consent.destinationOfNewSession() == .local)
    }

    @Test func aBrokerNamedNowIsLiveAndStandsAboveTheConfiguration() throws {
        let consent = Consent(
            broker: try AMQPURL("amqp://other"), configuredBroker: try AMQPURL(office), publishing: .always)
        #expect(try consent.destinationOfNewSession() == .live(place("amqp://other")))
    }

    @Test func alwaysPublishingGoesToTheTeamsArchive() throws {
        let consent = Consent(configuredBroker: try AMQPURL(office), publishing: .always)
        #expect(try consent.destinationOfNewSession() == .team(place(office)))
        let error = #expect(throws: DestinationError.self) {
            try Consent(publishing: .always).destinationOfNewSession()
        }
        #expect(error?.code == .noBroker)
    }

    @Test func sharingWidensAndNeverMovesToAnotherBroker() throws {
        let office = try place(office)
        let consent = Consent(configuredBroker: try AMQPURL("amqp://elsewhere"))
        #expect(try consent.shared(.team(office)) == .live(office))
        #expect(try consent.shared(.local) == .live(place("amqp://elsewhere")))
        #expect(try consent.published(.live(office)) == .live(office))
        let named = Consent(broker: try AMQPURL("amqp://elsewhere"))
        let error = #expect(throws: DestinationError.self) { try named.shared(.team(office)) }
        #expect(error?.code == .otherBroker)
        let nowhere = #expect(throws: DestinationError.self) { try Consent().shared(.local) }
        #expect(nowhere?.code == .noBroker)
    }

    @Test(arguments: ["local", "team amqps://mq.example/team", "live amqp://h:1/a%2Fb", "live amqp://[::1]/"])
    func textAndEventKeepIt(text: String) throws {
        let destination = try Destination(text)
        #expect(destination.description == text)
        var opened = SessionOpened()
        destination.write(to: &opened)
        #expect(try Destination(of: opened) == destination)
        #expect(!opened.broker.contains("@"))
    }

    @Test func equalPlacesAreEqualHoweverWritten() throws {
        #expect(try place("amqps://alice:pw@MQ.example:5671/%2f?heartbeat=3") == place("amqps://bob@mq.example"))
        #expect(try place("amqp://h/") != place("amqp://h"))
        #expect(try place("amqp://h") != place("amqps://h"))
        #expect(try place(office).description == "amqps://mq.example/team")
    }

    @Test(arguments: ["", "everywhere", "local amqp://h", "team", "team http://h", "live amqp://h/a/b"])
    func refusesOtherText(text: String) {
        let error = #expect(throws: DestinationError.self) { try Destination(text) }
        #expect(error?.code == .malformed)
    }

    @Test func anEventOfUnknownReachIsNotSent() throws {
        var opened = SessionOpened()
        opened.reach = .UNRECOGNIZED(9)
        opened.broker = "amqp://h"
        #expect(try Destination(of: opened) == .local)
        opened.reach = .live
        opened.broker = ""
        #expect(throws: DestinationError.self) { try Destination(of: opened) }
    }
}
