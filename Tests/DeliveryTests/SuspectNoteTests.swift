import Testing

@testable import Delivery

@Suite struct SuspectNoteTests {
    @Test func aMessageIsPutAsideAfterTwoArchiversInARowDiedOfIt() throws {
        #expect(SuspectNote("") == nil, "nobody died")
        let first = try #require(SuspectNote(of: "a", after: nil))
        let second = try #require(SuspectNote(of: "a", after: SuspectNote(first.text)))
        #expect(SuspectNote(of: "a", after: SuspectNote(second.text)) == nil)
        #expect(SuspectNote(of: "b", after: SuspectNote(second.text))?.deaths == 1, "another message is innocent")
    }

    /// As archivers wrote it before they counted.
    @Test func aNoteWithoutACountIsOneDeath() {
        #expect(SuspectNote("a")?.deaths == 1)
        #expect(SuspectNote(of: "a", after: SuspectNote("a"))?.deaths == 2)
    }
}
