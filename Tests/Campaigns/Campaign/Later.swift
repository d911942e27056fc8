import ArgumentParser
struct DiskCampaign: ParsableCommand { static let configuration = CommandConfiguration(commandName: "disk") }
struct StallCampaign: ParsableCommand { static let configuration = CommandConfiguration(commandName: "stall") }
struct BytesCampaign: ParsableCommand { static let configuration = CommandConfiguration(commandName: "bytes") }
struct NeovimCampaign: ParsableCommand { static let configuration = CommandConfiguration(commandName: "nvim") }
