extension String {
    /// The text, or as much of its beginning as fits in that many bytes of UTF-8.
    func clipped(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var clipped = String.UnicodeScalarView()
        var left = bytes
        for scalar in unicodeScalars {
            left -= UTF8.width(scalar)
            guard left >= 0 else { break }
            clipped.append(scalar)
        }
        return String(clipped)
    }
}
