import EventSchema

/// A password as RabbitMQ keeps it (rabbit_password_hashing_sha256): base 64 of four random bytes and of the SHA-256
/// of those bytes and the password.
public struct PasswordHash: Hashable, Sendable, CustomStringConvertible {
    /// Base 64.
    public let description: String

    public init(of password: String) {
        var generator = SystemRandomNumberGenerator()
        self.init(of: password, salt: (0..<4).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    init(of password: String, salt: [UInt8]) {
        description = Self.base64(salt + ContentHash(of: salt + Array(password.utf8)).bytes)
    }

    /// One that was kept; nil if it has another form.
    public init?(_ text: String) {
        guard text.utf8.count == 48, text.utf8.allSatisfy({ Self.alphabet.contains($0) }) else { return nil }
        description = text
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// 36 bytes need no padding.
    private static func base64(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count - 2, by: 3) {
            let bits = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
            result += [18, 12, 6, 0].map { alphabet[bits >> $0 & 63] }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
