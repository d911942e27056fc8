import EventSchema
import Foundation
import Testing

@Suite struct ContentHashTests {
    @Test func knowsTheHashOfABC() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(ContentHash(of: Array("abc".utf8)).description == abc)
        let hasher = ContentHasher()
        hasher.add(Array("a".utf8))
        hasher.add(Array("bc".utf8))
        #expect(hasher.hash?.description == abc)
    }

    /// A program ends while its threads still work: OpenSSL must not clear away what they use.
    @Test func aProgramEndsWhileItsThreadsHash() async {
        for _ in 0..<60 {
            await #expect(processExitsWith: .success) {
                for number in 0..<8 {
                    Thread.detachNewThread {
                        while true {
                            if number % 2 == 0 {
                                _ = ContentHash(of: [1, 2, 3])
                            } else {
                                _ = ContentHasher().hash
                            }
                        }
                    }
                }
                usleep(5000)
                exit(0)
            }
        }
    }
}
