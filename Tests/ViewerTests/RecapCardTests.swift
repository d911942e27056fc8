import EventSchema
import Replay
import Testing
import Viewer

@Suite struct RecapCardTests {
    @Test func saysWhereOneWas() {
        let recording = SampleSession.recording()
        let card = RecapCard(
            of: recording, facts: RecapFacts(of: recording), now: SampleSession.start + .seconds(61 * 86_400),
            clock: SampleSession.clock)
        let text = card.rendered(inColour: false)
        #expect(
            text == """
                +------------------------------------------------------------------------------+
                | shop / login-form                          last here Mon 14 Sep, 15:02-16:03 |
                | 61 days ago    1 session    1 h 1 min, of them 30 s active                   |
                +------------------------------------------------------------------------------+
                | NEXT   "expired tokens still return 200: look at refresh() first"      15:02 |
                |                                                                              |
                | HERE   src/token.py:7   refresh()   2 lines not saved               15:02:26 |
                |             5      claims = decode(token)                                    |
                |        -    6      return claims                                             |
                |        +    6      if claims.exp < now():                                    |
                |        +    7          return _                                              |
                |                                                                              |
                | RED    pytest -x                                             exit 1 at 16:03 |
                |        E assert 200 == 401                                                   |
                |        1 failed                                                              |
                |                                                                              |
                | DID    src/token.py  ########   42 edits   refresh()                         |
                |        pytest -x 2x, 0 green                                                 |
                +------------------------------------------------------------------------------+

                """)
    }

    @Test func noLineIsWiderThanEightyColumns() {
        let recording = SampleSession.recording()
        let card = RecapCard(
            of: recording, facts: RecapFacts(of: recording), now: recording.end, clock: SampleSession.clock)
        for line in card.rendered(inColour: false).split(separator: "\n") { #expect(TextWidth.of(String(line)) == 80) }
    }

    @Test func anEmptyRecordingHasACardToo() {
        let empty = Recording(sessions: [], sources: [], events: [])
        let card = RecapCard(of: empty, facts: RecapFacts(of: empty), now: .epoch, clock: SampleSession.clock)
        #expect(card.lines.count == 3)
    }
}
