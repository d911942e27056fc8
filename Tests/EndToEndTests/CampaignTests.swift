import Foundation
import TestSupport
import Testing

/// Each random campaign for a while, with a seed of its own; `make prove` runs the long counts.
@Suite(.serialized) struct CampaignTests {
    @Test(arguments: ["kill", "disk", "stall", "bytes", "nvim", "team", "wire", "joins", "apart", "follow-editors"])
    func holds(_ name: String) throws {
        let campaign = Process()
        let output = Pipe()
        campaign.executableURL = Playhead.programs.appendingPathComponent("campaign")
        campaign.arguments = [name, "--budget", "45s"]
        campaign.standardInput = FileHandle.nullDevice
        campaign.standardOutput = output
        campaign.standardError = output
        try campaign.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        campaign.waitUntilExit()
        print(said)
        #expect(campaign.terminationStatus == 0, "\(said)")
    }
}
