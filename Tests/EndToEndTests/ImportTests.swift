import EventSchema
import Foundation
import TestSupport
import Testing

/// Recordings of other programs, through the built programs.
@Suite struct ImportEndToEndTests {
    private static let traces = [
        "sveltecomponent", "rustcode", "json-crdt-blog-post", "clownschool_flat", "clownschool",
    ]

    private struct Trace: Decodable { var endContent: String }

    @Test(arguments: traces) func everyTraceEndsAsItEnded(name: String) async throws {
        let playhead = try Playhead()
        let file = try OpenData.url("open/editing/\(name).json.gz").path
        let imported = try await playhead.run(["import", file])
        #expect(imported.status == 0, "\(imported.error)")
        let expected = try JSONDecoder().decode(Trace.self, from: OpenData.bytes("open/editing/\(name).json.gz"))
            .endContent
        for step in ["live", "sealed", "rebuilt"] {
            if step == "sealed" { #expect(try await playhead.run(["seal"]).status == 0) }
            if step == "rebuilt" { #expect(try await playhead.run(["rebuild"]).status == 0) }
            let directory = playhead.home.file("checkout-\(step)")
            let checkout = try await playhead.run(["checkout", "last", "--at", "end", "--into", directory.path])
            #expect(checkout.status == 0, "\(checkout.error)")
            let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(files.count == 1)
            let text = try Data(contentsOf: directory.appendingPathComponent(files.first ?? ""))
            #expect(text == Data(expected.utf8), "\(step)")
        }
        let again = try await playhead.run(["import", file, "--json"])
        #expect(again.output.contains("\"batches_added\":0"), "importing twice adds nothing")
        #expect(try await playhead.run(["verify"]).status == 0)
    }
}
