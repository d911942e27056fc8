import AMQPBridge
import Testing

@Suite struct AMQPErrorTests {
    @Test(
        arguments: [
            (320, AMQPError.Code.closed, true), (403, .refused, false), (404, .missing, false), (405, .busy, true),
            (406, .mismatch, false), (311, .tooLarge, false), (530, .refused, false), (541, .broker, true),
            (506, .broker, true), (402, .missing, false), (505, .violation, false), (999, .violation, false),
        ] as [(UInt16, AMQPError.Code, Bool)])
    func replyCodesSayWhetherWaitingHelps(reply: UInt16, code: AMQPError.Code, retryable: Bool) {
        let error = AMQPError(replyCode: reply, text: "NAME - why")
        #expect(error.code == code)
        #expect(error.isRetryable == retryable)
        #expect(error.description == "the broker says \(reply) NAME - why")
    }
}
