/// What the terminal rows feed: real output, or made-up output for a small run.
struct SampleOutput {
    var name: String
    var bytes: [UInt8]

    static func samples(_ lab: Lab) throws -> [SampleOutput] {
        if lab.smoke { return [SampleOutput(name: "made-up log", bytes: log(bytes: 64 << 10))] }
        return try ["avt-mixed-fish", "avt-licenses-lolcat"].map { name in
            SampleOutput(name: name, bytes: try lab.open("terminal/\(name).raw.gz"))
        } + [SampleOutput(name: "made-up log", bytes: log(bytes: 1 << 20))]
    }

    /// A build's log: lines of text, each with a colour and a number.
    static func log(bytes: Int) -> [UInt8] {
        var result: [UInt8] = []
        var number = 0
        while result.count < bytes {
            number += 1
            result +=
                "\u{1B}[3\(number % 8)m[\(number)]\u{1B}[0m Compiling module_\(number % 211) – file\(number * 7919 % 1000).swift\r\n"
                .utf8
        }
        return result
    }
}
