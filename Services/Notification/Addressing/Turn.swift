import Models

/// How a complaint stands after a fact, as far as later notices refer to it.
///
/// They are kept by the versions of the facts: after a restart the events were read to their end already when
/// those in the middle are worked off, and what is told of one may not depend on what came after it.
struct Turn: Codable, Hashable, Sendable {
    var version: Int
    /// Whose it is.
    var assignee: Assignee?
    var region: RegionID?
    var resolveBy: Instant?
    /// The words from which the next assignment follows.
    var reason: String?
}

extension Addressing.State {
    /// Farther back no notice looks.
    private static let turnLimit = 50

    func turn(before version: Int) -> Turn? { turns.last { $0.version < version } }

    mutating func take(_ fact: ComplaintFact) {
        switch fact.event {
        case .received(let received): submission = received.submission
        case .edited(let edited): submission = submission?.corrected(by: edited.correction)
        default: break
        }
        let last = turns.last ?? Turn(version: 0)
        guard fact.version > last.version, let next = last.taking(fact) else { return }
        turns.append(next)
        if turns.count > Self.turnLimit { turns.removeFirst(turns.count - Self.turnLimit) }
    }
}

extension Turn {
    /// Nil where the fact changes nothing that is referred to.
    fileprivate func taking(_ fact: ComplaintFact) -> Turn? {
        var next = self
        next.version = fact.version
        switch fact.event {
        case .assigned(let assigned):
            (next.assignee, next.region) = (assigned.assignee, assigned.region)
            (next.resolveBy, next.reason) = (assigned.due.resolve, nil)
        case .supervised(let supervised): next.resolveBy = supervised.due.resolve
        case .extended(let extended): next.resolveBy = extended.until
        case .transferred(let transferred): next.reason = transferred.reason
        case .edited(let edited): next.reason = edited.reason
        case .reopened(let reopened): next.reason = reopened.words
        case .verified(let verified) where verified.outcome == .failed: next.reason = verified.text
        default: return nil
        }
        return next
    }
}
