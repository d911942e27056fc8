import TestSupport
import Testing

@testable import AMQPBridge

@Suite struct AssemblerTests {
    private let deliver = BrokerMethod.deliver(
        consumer: "c", number: 7, redelivered: true, exchange: "x", routingKey: "k")

    private func method(_ method: BrokerMethod, _ channel: UInt16 = 1) -> Frame {
        Frame(channel: channel, payload: .method(method))
    }

    private func header(_ size: UInt64) -> Frame {
        Frame(channel: 1, payload: .header(bodySize: size, properties: Boxed(AMQPProperties()), omitsHeaders: false))
    }

    private func body(_ bytes: [UInt8]) -> Frame {
        Frame(channel: 1, payload: .body(bytes: bytes, count: bytes.count))
    }

    @Test func aMessageOfSeveralFrames() throws {
        var assembler = Assembler(epoch: 3, maximumBody: 100)
        #expect(try assembler.take(method(deliver)) == nil)
        #expect(try assembler.take(header(5)) == nil)
        #expect(try assembler.take(body([1, 2])) == nil)
        // The connection itself may speak in between.
        guard case .method(.blocked("memory")) = try assembler.take(method(.blocked(reason: "memory"), 0)) else {
            return #expect(Bool(false))
        }
        guard case .delivery(let delivery) = try assembler.take(body([3, 4, 5])) else { return #expect(Bool(false)) }
        #expect(delivery.message.body == [1, 2, 3, 4, 5])
        #expect(delivery.tag == AMQPDeliveryTag(epoch: 3, number: 7))
        #expect(delivery.redelivered)
        #expect(delivery.bodySize == 5)
        #expect(delivery.omitted.isEmpty)
    }

    @Test func anEmptyBodyHasNoBodyFrame() throws {
        var assembler = Assembler(epoch: 1, maximumBody: 100)
        #expect(try assembler.take(method(deliver)) == nil)
        guard case .delivery(let delivery) = try assembler.take(header(0)) else { return #expect(Bool(false)) }
        #expect(delivery.message.body.isEmpty)
    }

    @Test func aBodyTooLargeIsCountedAndNotKept() throws {
        var assembler = Assembler(epoch: 1, maximumBody: 4)
        #expect(try assembler.take(method(deliver)) == nil)
        #expect(assembler.wantsBody)
        #expect(try assembler.take(header(6)) == nil)
        #expect(!assembler.wantsBody)
        #expect(try assembler.take(Frame(channel: 1, payload: .body(bytes: [], count: 4))) == nil)
        let event = try assembler.take(Frame(channel: 1, payload: .body(bytes: [], count: 2)))
        guard case .delivery(let delivery) = event else { return #expect(Bool(false)) }
        #expect(delivery.message.body.isEmpty)
        #expect(delivery.bodySize == 6)
        #expect(delivery.omitted == .body)
        #expect(assembler.wantsBody)
    }

    @Test func whatIsOutOfPlaceIsAViolation() {
        let cases: [[Frame]] = [
            [header(1)], [body([1])], [method(deliver), body([1])], [method(deliver), method(deliver)],
            [method(deliver), header(2), header(2)], [method(deliver), header(2), body([1, 2, 3])],
            [method(deliver), header(2), body([])], [method(.unblocked, 2)],
            [method(deliver), Frame(channel: 0, payload: .header(bodySize: 1, properties: nil, omitsHeaders: false))],
            [Frame(channel: 0, payload: .other(type: 9))],
        ]
        for frames in cases {
            let error = #expect(throws: AMQPError.self) {
                var assembler = Assembler(epoch: 1, maximumBody: 100)
                for frame in frames { _ = try assembler.take(frame) }
            }
            #expect(error?.code == .violation)
        }
    }

    /// Whatever comes in whatever order: an event, nothing or an error, and never more bytes than the limit.
    @Test(arguments: [UInt64.random(in: 0...(.max)), 1, 2]) func anyFramesInAnyOrder(seed: UInt64) {
        print("AssemblerTests seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var assembler = Assembler(epoch: 1, maximumBody: 50)
            var isBroken = false
            for _ in 0..<40 where !isBroken {
                do {
                    let event = try assembler.take(randomFrame(&generator, wantsBody: assembler.wantsBody))
                    if case .delivery(let delivery) = event {
                        #expect(delivery.message.body.count <= 50)
                        #expect(delivery.omitted == .body || delivery.message.body.count == delivery.bodySize)
                    }
                } catch {
                    #expect(error.code == .violation)
                    isBroken = true
                }
            }
        }
    }

    private func randomFrame(_ generator: inout SeededGenerator, wantsBody: Bool) -> Frame {
        let channel: UInt16 = Int.random(in: 0..<20, using: &generator) == 0 ? 2 : 1
        let count = Int.random(in: 0...30, using: &generator)
        let payload: Frame.Payload =
            switch Int.random(in: 0..<12, using: &generator) {
            case 0...2: .method(deliver)
            case 3: .method(.returned(code: 312, text: "", exchange: "", routingKey: ""))
            case 4...6:
                .header(
                    bodySize: Bool.random(using: &generator)
                        ? UInt64(count) : [0, 60, UInt64.max].randomElement(using: &generator) ?? 0,
                    properties: Boxed(AMQPProperties()), omitsHeaders: false)
            case 7...9: .body(bytes: wantsBody ? Array(repeating: 1, count: count) : [], count: count)
            case 10: .other(type: 200)
            default: .method(.acknowledged(1, multiple: true))
            }
        return Frame(channel: channel, payload: payload)
    }
}
