import AMQPBridge
import TestSupport
import Testing

@Suite(.serialized) struct TestBrokerTests {
    @Test func everyTestHasAVirtualHostOfItsOwn() async throws {
        let broker = try await TestBroker.shared()
        let hosts = try await [broker.virtualHost(), broker.virtualHost()]
        #expect(hosts[0].name != hosts[1].name)
        let user = try await hosts[0].addUser("anna", write: "", topics: [("amq.topic", "^anna\\\\.", "")])
        #expect(user.virtualHost == hosts[0].name)
        let permissions = try await broker.ctl("list_permissions", "-p", hosts[0].name)
        #expect(permissions.contains("anna"))
        let topics = try await broker.ctl("list_topic_permissions", "-p", hosts[0].name)
        #expect(topics.contains("^anna\\."))
        try await hosts[1].remove()
        #expect(try await !broker.ctl("list_vhosts").contains(hosts[1].name))
    }

    @Test func alarmsGoOnAndOff() async throws {
        let broker = try await TestBroker.shared()
        for resource in [TestBroker.Resource.memory, .disk] {
            try await broker.alarm(resource)
            #expect(try await broker.ctl("eval", "rabbit_alarm:get_alarms().").contains(resource.rawValue))
            try await broker.alarm(resource, false)
            #expect(try await !broker.ctl("eval", "rabbit_alarm:get_alarms().").contains(resource.rawValue))
        }
    }
}
