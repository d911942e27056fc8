import Foundation
import TestSupport

/// A recording of the open data as the bytes that went to a terminal of one size.
struct TerminalRecording: CustomStringConvertible, Sendable {
    var name: String
    var columns: Int
    var rows: Int
    var bytes: [UInt8]

    var description: String { "\(name) \(columns)x\(rows)" }

    static let names = [
        "avt-mixed-fish.raw.gz", "avt-licenses-lolcat.raw.gz", "telnet-asciimation-8.typescript.gz",
        "colors.v2.cast.gz", "htop-a.v2.cast.gz", "ipython-a.v2.cast.gz", "welcome-2025.v2.cast.gz",
    ]

    static func load(_ name: String) throws -> TerminalRecording {
        let bytes = try OpenData.bytes("open/terminal/\(name)")
        if name.contains(".cast") { return try cast(name, bytes) }
        if name.contains(".typescript") {
            // script(1) writes a line of its own first.
            let body = bytes.drop { $0 != 0x0A }.dropFirst()
            return TerminalRecording(name: name, columns: 80, rows: 24, bytes: Array(body))
        }
        return TerminalRecording(name: name, columns: 160, rows: 45, bytes: Array(bytes))
    }

    /// Just before some of the escape sequences, spread over the whole, and the end.
    func cuts(_ count: Int) -> [Int] {
        var cuts: [Int] = []
        for part in 1..<count {
            let from = bytes.count * part / count
            if let cut = bytes[from...].firstIndex(of: 0x1B), cut > cuts.last ?? 0 { cuts.append(cut) }
        }
        return cuts + [bytes.count]
    }

    private static func cast(_ name: String, _ data: Data) throws -> TerminalRecording {
        var recording = TerminalRecording(name: name, columns: 80, rows: 24, bytes: [])
        for (index, line) in data.split(separator: 0x0A).enumerated() {
            let value = try JSONSerialization.jsonObject(with: Data(line))
            if index == 0, let header = value as? [String: Any] {
                recording.columns = header["width"] as? Int ?? 80
                recording.rows = header["height"] as? Int ?? 24
            } else if let event = value as? [Any], event.count == 3, event[1] as? String == "o" {
                recording.bytes += Array((event[2] as? String ?? "").utf8)
            }
        }
        return recording
    }
}
