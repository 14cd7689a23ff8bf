import Models

/// Times and figures as the texts of complaints write them.
enum FigureText {
    /// `11-24 08:00`, on clocks with this offset.
    static func clock(_ instant: Instant, offset: Duration) -> String {
        let local = (instant + offset).description
        return "\(local.dropFirst(5).prefix(5)) \(local.dropFirst(11).prefix(5))"
    }

    /// The shortest form of a number, to four decimals: `2`, `1.86`. Below 0.1 it has four significant
    /// digits, `0.00504`: the limits of some metals are so small that four decimals would hide by how much a
    /// value is beyond them.
    static func figure(_ value: Double) -> String {
        var scale = 10_000.0
        while value != 0, abs(value) * scale < 1000, scale < 1e12 { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return Int(exactly: rounded).map(String.init) ?? ExactSum(figure: rounded).description
    }

    /// By how many times a value is beyond its limit.
    static func times(_ multiple: Double) -> String {
        multiple < 0.01 ? "不足0.01" : figure((multiple * 100).rounded() / 100)
    }
}
