import ArgumentParser

/// The options that every verb has.
struct CommonOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Say nothing that is not a result or an error.")
    var quiet = false

    @Flag(name: [.short, .long], help: "Say more.")
    var verbose = false

    @Flag(help: "One JSON object per line on standard output, and nothing else there.")
    var json = false

    var output: Output { Output(isQuiet: quiet, isJSON: json) }
    var settings: Settings { Settings() }
}
