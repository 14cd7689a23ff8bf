import Models
import Processing

/// What is needed to write to the people around one complaint.
struct AddressingState: Codable, StoredState {
    private(set) var contact: Contact?
    /// With all corrections.
    private(set) var submission: Submission?
    /// The cause of the submission. The citizen's own words are kept under it.
    private(set) var origin: String?
    /// Oldest first.
    private(set) var turns: [Turn]
    /// What was said about the complaint, in the order in which it came.
    private(set) var said: [Said]
    /// The contact, and all words said up to this moment, were erased.
    private(set) var erasedUntil: Instant?
    /// Who follows the complaint, in the order of the handles.
    private(set) var follows: [Follow]

    init(
        contact: Contact? = nil, submission: Submission? = nil, origin: String? = nil, turns: [Turn] = [],
        said: [Said] = [], erasedUntil: Instant? = nil, follows: [Follow] = []
    ) {
        self.contact = contact
        self.submission = submission
        self.origin = origin
        self.turns = turns
        self.said = said
        self.erasedUntil = erasedUntil
        self.follows = follows
    }

    // MARK: Erasure

    /// A contact comes with the complaint. If a contact arrives after an erasure, the same request was sent
    /// again, and the contact stays erased.
    mutating func take(_ contact: Contact?) {
        self.contact = erasedUntil == nil ? contact : nil
    }

    private func isErased(_ said: Said) -> Bool { erasedUntil.map { said.at <= $0 } ?? false }

    private mutating func erase(until moment: Instant) {
        erasedUntil = max(erasedUntil ?? moment, moment)
        contact = nil
        said.removeAll(where: isErased)
    }

    // MARK: Follows

    /// The state is written with every event, and each event may be told to everybody who follows. Numbers
    /// beyond this are not told, and not counted.
    static let followLimit = 500

    mutating func take(_ follow: Follow?, of number: NumberHandle) {
        let index = follows.firstIndex { $0.handle == number }
        switch (follow, index) {
        case (let follow?, let index?): follows[index] = follow
        case (let follow?, nil):
            guard follows.count < Self.followLimit else { return }
            let place = follows.firstIndex { $0.handle.text > number.text } ?? follows.endIndex
            follows.insert(follow, at: place)
        case (nil, let index?): follows.remove(at: index)
        case (nil, nil): break
        }
    }

    // MARK: Turns

    /// No notice looks back farther.
    private static let turnLimit = 50

    func turn(before version: Int) -> Turn? { turns.last { $0.version < version } }

    mutating func take(_ fact: ComplaintFact) {
        switch fact.event {
        case .received(let received): (submission, origin) = (received.submission, fact.cause)
        case .edited(let edited): submission = submission?.corrected(by: edited.correction)
        case .erased(let erased): erase(until: erased.until)
        case .assigned, .accepted, .noted, .urged, .transferred, .warned, .lapsed, .escalated, .unreached,
            .supervised,
            .extended, .resolved, .verified, .unchecked, .rated, .reopened, .rejected, .merged, .joined,
            .parted, .informed, .closed, .withheld, .released:
            break
        }
        let last = turns.last ?? Turn(version: 0)
        guard fact.version > last.version, let next = last.after(fact) else { return }
        turns.append(next)
        if turns.count > Self.turnLimit { turns.removeFirst(turns.count - Self.turnLimit) }
    }

    // MARK: Words

    /// More are not kept: no notice looks back farther. The first and the citizen's own words always stay.
    static let saidLimit = 20

    func said(at cause: String) -> Said? { said.first { $0.cause == cause } }

    /// - Parameter next: nil erases.
    mutating func take(_ next: Said?, at cause: String) {
        let index = said.firstIndex { $0.cause == cause }
        switch (next.flatMap { isErased($0) ? nil : $0 }, index) {
        case (let next?, let index?): said[index] = next
        case (let next?, nil): add(next)
        case (nil, let index?): said.remove(at: index)
        case (nil, nil): break
        }
    }

    /// A restore reads all words before the submission. At that time it does not know which words are the
    /// citizen's own, but those come first.
    private mutating func add(_ next: Said) {
        said.append(next)
        guard said.count > Self.saidLimit else { return }
        if let oldest = said.dropFirst().firstIndex(where: { $0.cause != origin }) {
            said.remove(at: oldest)
        }
    }
}

/// The beginning of what somebody wrote: as much of it as a notice quotes.
struct Said: Codable, Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The submission or action in which it was said.
    let cause: String
    let text: String?
    /// The address of the place, in words.
    let address: String?
    let at: Instant

    init(_ words: Words, at cause: String, _ moment: Instant) {
        self.cause = cause
        at = moment
        text = words.text.flatMap(Notice.excerpt)
        address = words.address.flatMap(Notice.excerpt)
    }

    /// Hidden, as `Words` are.
    var description: String { "said at \(cause)" }
    var debugDescription: String { description }
}

extension ComplaintFact {
    /// The cause of the text that was written with the fact. Nil if there is no text, or if it belongs to
    /// another complaint: then it is on another partition.
    var textCause: String? {
        event.outline?.text == true && words?.complaint == complaint ? words?.cause : nil
    }
}
