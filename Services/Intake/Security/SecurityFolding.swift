import Models
import Processing
import Text

/// Keeps the security log from growing as fast as somebody sends requests. It is pure.
///
/// The first line of a cause is written at once. Similar lines in the next minute are counted, and one line
/// reports them when the minute is over. New causes have a limit over all clients; lines beyond the limit are
/// counted together.
///
/// A line about a change is always written: it belongs to a record on the log.
struct SecurityFolding {
    enum Limit {
        static let span = Duration.seconds(60)
        /// New causes in a minute; each may lead to a second line.
        static let causes = Rate(perMinute: 120)
    }

    /// What folded lines have in common. For a refusal it holds nothing that a client can vary at will, such
    /// as a token.
    struct Cause: Hashable, Sendable {
        /// Never logged, because it may be a citizen's address.
        let client: IPAddress?
        let request: String
        let status: Int?
        let proof: SecurityEntry.Proof
        let fingerprint: String?
        let gateway: GatewayID?
        let station: StationID?
        let holder: Actor?
        let refusal: String?
        let source: SourceID?
        /// It is about a source, or about somebody who proved to be a station: the registry limits their
        /// number already.
        let isOfRegistry: Bool
    }

    private struct Fold {
        /// Nil if it stands for all causes beyond the limit.
        var first: SecurityEntry?
        let since: Instant
        var last: Instant
        var repeated = 0

        /// True also if the clock jumped back.
        func hasEnded(at now: Instant) -> Bool { now < since || now - since >= Limit.span }

        mutating func count(at now: Instant) {
            repeated += 1
            last = now
        }

        var line: SecurityLine? { repeated > 0 ? .folded(SecurityFold(first, repeated, since, last)) : nil }
    }

    private var folds: [Cause: Fold] = [:]
    private var rest: Fold?
    private var bucket = TokenBucket(fullAt: .zero)

    /// How many causes are counted now.
    var count: Int { folds.count }

    /// The lines to write now.
    ///
    /// - Parameter client: the client of the request, if it is known.
    mutating func take(_ entry: SecurityEntry, from client: IPAddress?) -> [SecurityLine] {
        guard let cause = entry.cause(from: client) else { return [.entry(entry)] }
        let now = entry.time
        if folds[cause]?.hasEnded(at: now) == false {
            folds[cause]?.count(at: now)
            return []
        }
        let ended = [folds.removeValue(forKey: cause)?.line].compactMap(\.self)
        guard cause.isOfRegistry || mayBegin(at: now) else {
            if rest == nil { rest = Fold(since: now, last: now) }
            rest?.count(at: now)
            return ended
        }
        folds[cause] = Fold(first: entry, since: now, last: now)
        return ended + [.entry(entry)]
    }

    private mutating func mayBegin(at now: Instant) -> Bool {
        bucket.take(Limit.causes.refill, at: .milliseconds(now.millisecondsSince1970)) == nil
    }

    /// The lines about causes that were counted for long enough.
    mutating func due(at now: Instant) -> [SecurityLine] {
        take { $0.hasEnded(at: now) }
    }

    /// The lines about all causes.
    mutating func end() -> [SecurityLine] {
        take { _ in true }
    }

    private mutating func take(_ isTaken: (Fold) -> Bool) -> [SecurityLine] {
        var ended = folds.values.filter(isTaken)
        folds = folds.filter { !isTaken($0.value) }
        if let fold = rest, isTaken(fold) {
            ended.append(fold)
            rest = nil
        }
        return ended.sorted { $0.since < $1.since }.compactMap(\.line)
    }
}

enum SecurityLine: Encodable, Equatable {
    case entry(SecurityEntry)
    case folded(SecurityFold)

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .entry(let entry): try entry.encode(to: encoder)
        case .folded(let fold): try fold.encode(to: encoder)
        }
    }
}

/// A line that stands for several lines with the same content.
struct SecurityFold: Encodable, Equatable {
    /// The time of the last one.
    let time: Instant
    /// The time of the line that was written in full.
    let since: Instant
    let repeated: Int
    let request: String?
    let status: Int?
    let proof: SecurityEntry.Proof?
    let gateway: GatewayID?
    let station: StationID?
    let source: SourceID?
    let holder: Actor?
    let refusal: String?
    let address: String?

    /// - Parameter first: the line that was written in full; nil for a line about several causes.
    init(_ first: SecurityEntry?, _ repeated: Int, _ since: Instant, _ last: Instant) {
        (time, self.since, self.repeated) = (last, since, repeated)
        (request, status, proof) = (first?.cause, first?.status, first?.proof)
        (gateway, station, holder) = (first?.gateway, first?.station, first?.holder)
        (source, refusal, address) = (first?.source, first?.refusal, first?.address)
    }
}

extension SecurityEntry {
    /// The request, as far as similar requests have it in common.
    fileprivate var cause: String { proof == .topic ? "Kafka" : request }

    /// Nil for a line that is never folded.
    func cause(from client: IPAddress?) -> SecurityFolding.Cause? {
        // A source's document can be refused although it came with status 200.
        let isTurnedAway = refusal != nil || status.map { $0 >= 400 } ?? false
        let isRead = request.hasPrefix("GET ") || request.hasPrefix("HEAD ")
        let isProvedStation = proof == .password || proof == .address
        guard isTurnedAway || isRead || isProvedStation else { return nil }
        return SecurityFolding.Cause(
            client: client?.network, request: cause, status: status, proof: proof,
            fingerprint: isTurnedAway ? nil : fingerprint, gateway: gateway, station: station, holder: holder,
            refusal: refusal, source: source, isOfRegistry: isProvedStation || proof == .source)
    }
}
