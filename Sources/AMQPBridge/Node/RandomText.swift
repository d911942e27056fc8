/// Secrets of letters that need no quoting anywhere.
public enum RandomText {
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")

    /// `count` letters of the system's randomness, five bits each.
    public static func make(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
