import Models
import Text

/// What offices have decided about showing the parts of somebody's words: the fold of `withheld` and
/// `released` for one key of words.
struct Withholding: Codable, Equatable, Sendable {
    enum Verdict: Codable, Equatable, Sendable {
        case withheld(Passage.Reason)
        case released
    }

    private var all: Verdict?
    private var text: Verdict?
    /// By the picture's number; the first is 1.
    private var pictures: [Int: Verdict] = [:]

    mutating func take(_ verdict: Verdict, on part: Passage.Part) {
        switch part {
        case .all: (all, text, pictures) = (verdict, nil, [:])
        case .text: text = verdict
        case .picture(let number): pictures[number] = verdict
        }
    }

    /// The last decision about this part; nil if there was none.
    func verdict(on part: Passage.Part) -> Verdict? {
        switch part {
        case .all: all
        case .text: text ?? all
        case .picture(let number): pictures[number] ?? all
        }
    }
}

/// A part that is not for the public, and why.
struct Hidden: JSONWritable, Equatable, Sendable {
    let part: Passage.Part
    /// A reason of an office, or `review`.
    let reason: String
    /// Whether this instance shows it nevertheless.
    let shown: Bool

    /// No office has decided yet.
    static let review = "review"

    /// - Parameter reason: nil if no office has decided yet.
    init(_ part: Passage.Part, _ reason: Passage.Reason?, shown: Bool) {
        self.part = part
        self.reason = reason?.rawValue ?? Self.review
        self.shown = shown
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("part", part)
            json.field("reason", reason)
            json.field("shown", shown)
        }
    }
}

/// Which words an instance of Disclosure shows.
struct Openness: Equatable, Sendable {
    /// A citizen's words wait until an office releases them.
    var reviewsFirst = false
    /// For an instance that only officials can reach: withheld words are shown, and marked as withheld.
    var showsHidden = false
    /// Whether words are redacted when they are read: a desk's file has them as they were written.
    var redacts = false
    /// Whether notes between offices are shown.
    var showsInternal = false

    /// - Parameters:
    ///   - isCitizens: whether a citizen wrote them.
    ///   - elsewhere: the pictures that are withheld where else they were said, by their names.
    /// - Returns: what this instance shows, and the parts that the public does not see.
    func view(
        of words: Words, isCitizens: Bool, _ withholding: Withholding,
        elsewhere: [String: Passage.Reason] = [:]
    ) -> (said: Said, hidden: [Hidden]) {
        let hasText = words.text != nil || words.address != nil
        let pictures = words.media.indices.map { Passage.Part.picture($0 + 1) }
        let parts = (hasText ? [.text] : []) + pictures
        let hidden: [Hidden] = parts.compactMap { part in
            if case .picture(let number) = part, let reason = elsewhere[words.media[number - 1]] {
                return Hidden(part, reason, shown: showsHidden)
            }
            return switch withholding.verdict(on: part) {
            case .withheld(let reason): Hidden(part, reason, shown: showsHidden)
            case .released: nil
            case nil: reviewsFirst && isCitizens ? Hidden(part, nil, shown: showsHidden) : nil
            }
        }
        if showsHidden || hidden.isEmpty { return (.words(words), hidden) }
        if hidden.count == parts.count { return (.withheld, hidden) }
        let isTextHidden = hidden.contains { $0.part == .text }
        let shown = Words(
            text: isTextHidden ? nil : words.text,
            media: zip(words.media, pictures).filter { _, part in !hidden.contains { $0.part == part } }
                .map(\.0),
            address: isTextHidden ? nil : words.address)
        return (.words(shown), hidden)
    }
}

/// Something that can have words.
protocol Spoken {
    /// Whether a citizen wrote them.
    var isCitizens: Bool { get }
}
