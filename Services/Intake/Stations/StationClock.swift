import Models

/// Reads the times that a station writes: fourteen digits of its own clock, without a zone.
struct StationClock: Sendable {
    private let zone: Zone

    init(_ station: Station) {
        zone = station.timeZone.flatMap { Zone($0) } ?? .beijing
    }

    /// `20260706103000`, also with milliseconds (17 digits) or without seconds (12).
    func instant(_ text: String) -> Instant? {
        let digits = text.utf8.map { Int($0) - 0x30 }
        guard [12, 14, 17].contains(digits.count), digits.allSatisfy({ (0...9).contains($0) }) else {
            return nil
        }
        func number(_ range: Range<Int>) -> Int {
            digits[range.clamped(to: 0..<digits.count)].reduce(0) { $0 * 10 + $1 }
        }
        let (hour, minute, second) = (number(8..<10), number(10..<12), number(12..<14))
        guard let day = Day(year: number(0..<4), month: number(4..<6), day: number(6..<8)), hour < 24,
            minute < 60, second < 60
        else { return nil }
        return zone.first(minute: hour * 60 + minute, of: day)
            + .milliseconds(second * 1000 + number(14..<17))
    }

    func text(_ instant: Instant, milliseconds: Bool = false) -> String {
        let shown = instant + zone.offset(at: instant)
        let digits = shown.description.filter { $0.isASCII && $0.isNumber }
        return String(digits.prefix(milliseconds ? 17 : 14))
    }
}
