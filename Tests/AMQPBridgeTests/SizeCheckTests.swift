import Testing

@testable import AMQPBridge

@Suite struct SizeCheckTests {
    private func problem(_ message: AMQPMessage) -> String? {
        SizeCheck.problem(with: message, maximumBody: 1000, frame: 4096)
    }

    @Test func whatFits() {
        let name = String(repeating: "n", count: 255)
        var properties = AMQPProperties(messageID: name, appID: name)
        properties.headers = ["a": .string(String(repeating: "x", count: 3000))]
        #expect(problem(AMQPMessage(exchange: name, routingKey: name, properties: properties)) == nil)
        #expect(problem(AMQPMessage(exchange: "", routingKey: "", body: [UInt8](repeating: 0, count: 1000))) == nil)
    }

    @Test func whatDoesNot() {
        let long = String(repeating: "é", count: 128)
        #expect(problem(AMQPMessage(exchange: long, routingKey: ""))?.contains("exchange has 256 bytes") == true)
        #expect(problem(AMQPMessage(exchange: "", routingKey: long)) != nil)
        let body = [UInt8](repeating: 0, count: 1001)
        #expect(problem(AMQPMessage(exchange: "", routingKey: "", body: body))?.contains("1001") == true)
        var deep = AMQPValue.void
        for _ in 0..<40 { deep = .array([deep]) }
        for headers: AMQPTable in [[long: 1], ["a": .bytes([UInt8](repeating: 0, count: 4096))], ["a": deep]] {
            #expect(
                problem(AMQPMessage(exchange: "", routingKey: "", properties: AMQPProperties(headers: headers))) != nil)
        }
        #expect(
            problem(AMQPMessage(exchange: "", routingKey: "", properties: AMQPProperties(correlationID: long))) != nil)
        #expect(SizeCheck.problem(with: .purgeQueue(long), frame: 4096) != nil)
    }
}
