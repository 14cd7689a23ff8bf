import Glibc

extension Season {
    /// The warmest water comes about a month after the longest day.
    static func warmth(dayOfYear day: Double) -> Double { (1 - cos((day - 20) / 365.25 * 2 * .pi)) / 2 }
}

/// A wave between -1 and 1 that is highest at `peak`.
func wave(_ place: Double, period: Double, peak: Double) -> Double {
    cos((place - peak) / period * 2 * .pi)
}
