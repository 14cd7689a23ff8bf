import Models

/// The most messages in an hour, and the most in a day: `60/h,300/d`.
struct SendLimit: Hashable, Sendable {
    struct Window: Hashable, Sendable {
        let count: Int
        let span: Duration
    }

    /// At most one for each span. An empty list means that there is no limit.
    let windows: [Window]

    static let none = SendLimit(windows: [])
    static let form = "a limit such as 60/h,300/d, or none"
    static let spans: [String: Duration] = ["h": .seconds(3600), "d": .seconds(86_400)]

    private init(windows: [Window]) { self.windows = windows }

    init(perHour: Int, perDay: Int) {
        windows = [
            Window(count: perHour, span: .seconds(3600)), Window(count: perDay, span: .seconds(86_400)),
        ]
    }

    /// - Parameter greatest: the largest number that either part may have.
    init?(_ text: String, greatest: Int) {
        if text == "none" {
            self = .none
            return
        }
        var windows: [Window] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, let count = Int(sides[0]), (1...greatest).contains(count),
                let span = Self.spans[sides[1]], !windows.contains(where: { $0.span == span })
            else { return nil }
            windows.append(Window(count: count, span: span))
        }
        self.windows = windows
    }

    /// When the next message may go, given the moments at which others went or will go; `now` at the
    /// earliest.
    ///
    /// The next message goes at least one whole span after the message that is `count` places before it. So
    /// no interval of that length holds more than `count` messages, even if clocks have jumped.
    ///
    /// - Parameter factor: multiplies the count of each window.
    func opening(after moments: [Instant], times factor: Int = 1, at now: Instant) -> Instant {
        let moments = moments.sorted()
        return windows.reduce(now) { opening, window in
            let count = window.count * factor
            guard moments.count >= count else { return opening }
            return max(opening, moments[moments.count - count] + window.span)
        }
    }
}

/// How many messages one number gets. An official has many duties, and a complainant's number may belong to
/// somebody who never asked. So the two limits are separate, even if one number is both.
struct NumberLimits: Hashable, Sendable {
    var official = SendLimit(perHour: 60, perDay: 300)
    var complainant = SendLimit(perHour: 6, perDay: 20)

    /// Dispatch remembers as many messages of a number as the largest limit needs.
    static let greatest = 1000
    /// For urgent notices, the limit is multiplied by this.
    static let urgentFactor = 2

    func limit(of kind: Recipient.Kind) -> SendLimit { kind.isCitizen ? complainant : official }
}
