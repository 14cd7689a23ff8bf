import Host
import Models
import Processing
import Text

/// Takes jobs to the gateway and writes its answers as receipts.
struct Pushing: Outside {
    /// A job whose receipt `taken` is on the log.
    struct Taken {
        let job: SMSJob
        /// The trail of what follows from the job, at the moment when it was taken.
        let trail: Trail
        /// Nil if the gateway that alone may be given it does not work now.
        let route: Route?
    }

    /// Each kind of jobs has a pusher, a group and a window of its own, so that an urgent job waits only
    /// behind other urgent jobs.
    enum Kind: String, CaseIterable {
        case ordinary = "dayu-notification.pusher"
        case urgent = "dayu-notification.urgent-pusher"

        var name: String { rawValue }

        /// Says which jobs must not be sent although they wait.
        static let followed = Topic.jobWithdrawals

        var input: Topic {
            switch self {
            case .ordinary: .jobs
            case .urgent: .urgentJobs
            }
        }
    }

    /// A process that stood still after it took a job must not send it later: by then Dispatch has counted
    /// the attempt as unanswered and made another one. So this time and the longest time that a gateway may
    /// take are together shorter than the time that Dispatch waits for an answer.
    static let sentWithin: Duration = .seconds(20)
    private let kind: Kind
    private var gateway: any SMSGateway
    private let log: Log
    private let city: SendLimit
    /// The shares of the partitions that this pusher has, and the last shares of those that it had before.
    private var shares: [Int32: CityShare] = [:]
    private var formerShares: [Int32: CityShare] = [:]
    private var heldBack: Set<Int32> = []
    /// When a message last waited for the city's limit. While the limit is reached, single messages still go
    /// now and then. So the log tells of it again only if no message has waited for `quiet`.
    private var heldBackAt: Instant?
    private static let quiet: Duration = .seconds(600)
    /// How many partitions wait for the city's limit.
    private let held: Metrics.Gauge?
    /// The attempts that were withdrawn, with the moment until which their jobs may wait.
    private var withdrawn: [String: Instant] = [:]
    /// With this many of them, those are forgotten whose jobs have expired.
    private var tidyAt = tidyFirst
    /// The trail of each attempt that is under way.
    private var trails: [String: Trail] = [:]
    /// Receipts about jobs that were taken and did not go to the gateway.
    private var givenBack: [SMSReceipt] = []

    /// - Parameters:
    ///   - city: how many messages may leave, of all kinds and to all numbers together.
    ///   - held: shows how many partitions wait for that limit.
    init(
        _ kind: Kind, gateway: any SMSGateway, city: SendLimit = .none, held: Metrics.Gauge? = nil, log: Log
    ) {
        self.kind = kind
        self.city = city
        self.held = held
        self.gateway = gateway
        self.log = log
    }

    var room: Int { max(0, gateway.window - gateway.underWay) }
    var isBusy: Bool { gateway.underWay > 0 }
    var mayLearnMore: Bool { isBusy || gateway.isAsked }

    mutating func ends() { gateway.askNoMore() }

    mutating func own(_ partitions: Set<Int32>, of count: Int, at now: Instant) {
        formerShares.merge(shares) { $1 }
        shares = [:]
        for partition in partitions {
            var share = CityShare(city, of: kind, partitions: count, at: now.sinceBeginning)
            if let former = formerShares[partition] { share.keep(atMost: former) }
            shares[partition] = share
        }
        heldBack = []
        held?.set(0)
        // The topic that says it is read again with the partitions.
        withdrawn = [:]
    }

    mutating func note(_ record: Record) {
        guard let value = record.value, let job = try? JSON.decode(JobWithdrawal.self, from: value),
            (try? record.keyText()) == job.handle.text
        else {
            return log.warning(
                "a withdrawal can't be understood",
                ["partition": .of(record.partition), "offset": .of(record.offset)])
        }
        // An hour, because clocks differ.
        let goneAt = record.timestamp + Dispatch.expiresAfter + .seconds(3600)
        withdrawn[Self.attemptID(job.reference, job.attempt)] = goneAt
        if withdrawn.count >= tidyAt {
            withdrawn = withdrawn.filter { $0.value > record.timestamp }
            tidyAt = max(Self.tidyFirst, 2 * withdrawn.count)
        }
    }

    private static let tidyFirst = 1000

    mutating func allows(_ record: Record, at now: Instant) -> Bool {
        let partition = record.partition
        // Without a share there is no limit: the partition was never given to this pusher.
        let isAllowed = shares[partition]?.take(at: now.sinceBeginning) ?? true
        if isAllowed {
            heldBack.remove(partition)
        } else {
            heldBack.insert(partition)
            if heldBackAt.map({ now - $0 > Self.quiet }) ?? true {
                log.warning("messages wait: the city's limit is reached", ["loop": .text(kind.name)])
            }
            heldBackAt = now
        }
        held?.set(heldBack.count)
        return isAllowed
    }

    func announce(_ record: Record, at now: Instant) -> (outgoing: [Outgoing], deed: Taken?) {
        let job: SMSJob
        do throws(Malformed) {
            job = try JSON.decode(SMSJob.self, from: record.value ?? [])
            guard try record.keyText() == job.handle.text else {
                throw Malformed("handle", "differs from the record's key")
            }
        } catch {
            return ([record.setAside(because: error.description, by: kind.name, at: now)], nil)
        }
        let trail = Trail(at: now, cause: job.attemptID, traceparent: record.traceparent)
        guard withdrawn[job.attemptID] == nil else {
            return ([written(SMSReceipt(job, .withdrawn), trail)], nil)
        }
        guard now < job.expiresAt else {
            let receipt = SMSReceipt(job, .refused, reason: "expired before it was sent")
            return ([written(receipt, trail)], nil)
        }
        if let quiet = job.quietFrom, now >= quiet {
            return ([written(SMSReceipt(job, .unsent, reason: "quiet hours"), trail)], nil)
        }
        guard !gateway.declines(job) else {
            let receipt = SMSReceipt(job, .refused, reason: "every gateway's blacklist has the number")
            return ([written(receipt, trail)], nil)
        }
        let route = gateway.route(for: job, at: now)
        let receipt = SMSReceipt(
            job, .taken, gateway: route?.gateway, mayArriveUntil: route?.mayArriveUntil,
            reportBy: route?.reportBy)
        return ([written(receipt, trail)], Taken(job: job, trail: trail, route: route))
    }

    mutating func begin(_ taken: Taken, at now: Instant) {
        trails[taken.job.attemptID] = taken.trail
        guard now - taken.trail.at < Self.sentWithin else {
            return givenBack.append(
                SMSReceipt(taken.job, .unsent, reason: "it was taken too long ago to be sent"))
        }
        guard let route = taken.route else {
            let gateway = taken.job.only?.gateway ?? "every gateway"
            return givenBack.append(
                SMSReceipt(taken.job, .unsent, reason: "\(gateway) is left alone for now"))
        }
        gateway.submit(taken.job, by: route)
    }

    mutating func outcomes(within wait: Duration, at now: Instant) -> [Outgoing] {
        defer { givenBack.removeAll() }
        return (givenBack + gateway.poll(within: givenBack.isEmpty ? wait : .zero)).map {
            written($0, at: now)
        }
    }

    func drop(_ taken: Taken, at now: Instant) -> [Outgoing] {
        let receipt = SMSReceipt(taken.job, .unsent, reason: "the pusher stopped before it was sent")
        return [written(receipt, taken.trail.at(now))]
    }

    mutating func stop(at now: Instant) -> [Outgoing] {
        defer { givenBack.removeAll() }
        return (givenBack + gateway.cancel()).map { written($0, at: now) }
    }

    private mutating func written(_ receipt: SMSReceipt, at now: Instant) -> Outgoing {
        let trail = trails.removeValue(forKey: receipt.attemptID)
        return written(receipt, trail?.at(now) ?? Trail(at: now, cause: receipt.attemptID))
    }

    private func written(_ receipt: SMSReceipt, _ trail: Trail) -> Outgoing {
        let fields = Self.fields(of: receipt, trail)
        // Only one line at level info for each receipt that brings news.
        if receipt.outcome == .taken { log.debug("sms taken", fields) } else { log.info("sms", fields) }
        return Outgoing(
            .receipts, key: receipt.handle.text, id: receipt.recordID, source: kind.name,
            type: EventType("sms", "receipt"), trail: trail, data: JSON.encode(receipt))
    }

    /// A log line is made from the receipt, not from the job, so it can't show the number or the text. A
    /// reference holds a tracking code and the id of an office or chief, nothing personal.
    static func fields(of receipt: SMSReceipt, _ trail: Trail) -> [String: Log.Field] {
        [
            "reference": .text(receipt.reference.excerpt(120)), "attempt": .of(receipt.attempt),
            "outcome": .text(receipt.outcome.rawValue), "reason": .text(receipt.reason ?? ""),
            "trace": .text(trail.traceparent ?? ""),
        ]
    }
}

extension Pushing {
    static func attemptID(_ reference: String, _ attempt: Int) -> String {
        "\(reference)/\(attempt)"
    }
}

extension Instant {
    fileprivate var sinceBeginning: Duration { .milliseconds(millisecondsSince1970) }
}

extension SMSJob {
    var attemptID: String { Pushing.attemptID(reference, attempt) }
}

extension SMSReceipt {
    fileprivate var attemptID: String { Pushing.attemptID(reference, attempt) }
}
