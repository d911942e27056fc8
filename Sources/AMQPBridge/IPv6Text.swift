/// The text form of IPv6 addresses (RFC 4291, 2.2), checked without asking the system.
enum IPv6Text {
    static func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
        let fields = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard fields.count >= 3, fields.count <= 9 else { return false }
        var groups = 0
        var gaps = 0
        for (index, field) in fields.enumerated() {
            if field.isEmpty {
                // An empty field is the one "::", or one of its two colons at an end.
                let atStart = index == 0 && fields[1].isEmpty
                let atEnd = index == fields.count - 1 && fields[index - 1].isEmpty
                if !atStart && !atEnd { gaps += 1 }
            } else if index == fields.count - 1, field.contains(UInt8(ascii: ".")) {
                guard isIPv4(field) else { return false }
                groups += 2
            } else {
                guard field.count <= 4, field.allSatisfy(isHexDigit) else { return false }
                groups += 1
            }
        }
        return gaps == 0 ? groups == 8 : gaps == 1 && groups <= 7
    }

    private static func isIPv4(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.count <= 3 && part.allSatisfy { (0x30...0x39).contains($0) }
                    && UInt8(String(decoding: part, as: UTF8.self)) != nil
            }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
