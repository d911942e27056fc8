import Foundation
import Model
import Testing

struct ScreenWidthTests {
    /// `wcwidth` knows no width for controls and unassigned characters; those take a cell here.
    @Test
    func `characters are as wide as wcwidth says`() throws {
        let widths = try [UInt8](callPeer("widths"))
        #expect(widths.count == 0x40000)
        var screen = Screen(columns: 4, rows: 1)
        var wrong: [String] = []
        for value in 0xA0..<widths.count where widths[value] != 0xFF {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            screen.feed([0x0D, 0x61] + Array(String(scalar).utf8))
            if screen.cursor.column - 1 != Int(widths[value]) { wrong.append(String(value, radix: 16)) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(10))")
    }
}
