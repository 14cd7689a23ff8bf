import Models
import Text

/// A notice that has not come to an end.
struct Waiting: Codable, Equatable, Sendable {
    enum Stage: String, Codable, Sendable {
        /// No attempt was made yet.
        case asked
        /// The job waits for the pusher.
        case queued
        /// The gateway is being asked.
        case taken
        /// The time to answer is over; the receipt that says so is on its way through the log.
        case unanswered
        /// The gateway has it and will report what became of it.
        case sent
        /// The next attempt comes later.
        case deferred
        /// It goes in one message with another notice, and ends with it.
        case grouped
    }

    var request: NoticeRequest
    /// The trail of what follows from the request, at the moment of the request.
    let trail: Trail
    /// The number of the last attempt; 0 before the first. It names a job: no two jobs of a notice have the
    /// same.
    var attempt = 0
    /// How many of the attempts did not reach the gateway.
    var unsent = 0
    var stage = Stage.asked
    /// The end of the time to answer, of the pause, or of the time to report.
    var wakeAt: Instant?
    /// The gateway that is asked, and until when it may deliver what it is given.
    private(set) var asked: GatewayHold?
    /// By when it has reported; nil if it never does.
    private(set) var reportBy: Instant?
    /// The gateway that may have an earlier attempt, although nobody knows.
    private(set) var hold: GatewayHold?
    /// The attempt that a gateway took and gave back.
    private(set) var returned: Int?
    /// The gateways that will never send to this number.
    private(set) var declinedBy: [String] = []
    /// The gateway's own name of the message.
    private(set) var gatewayReference: String?
    /// The reference of the notice with which it goes.
    private(set) var into: String?
    /// When its job was written.
    private(set) var queuedAt: Instant?
    /// Whether it waits until the number's jobs have left the queue.
    private(set) var isBehind = false
    /// Whether it waits for room under the limit of its number, or behind what waits for the city's.
    private(set) var isOverLimit = false
    /// Whether what it quotes was erased.
    private(set) var isWithdrawn = false

    init(_ request: NoticeRequest, _ trail: Trail) {
        self.request = request
        self.trail = trail
    }

    mutating func begin(_ attempt: Int, at moment: Instant) {
        self.attempt = attempt
        stage = .queued
        queuedAt = moment
        (asked, reportBy, gatewayReference) = (nil, nil, nil)
    }

    /// From then on it holds nothing that was erased.
    mutating func withdraw() {
        request = request.withdrawn
        isWithdrawn = true
    }

    /// The queue has room again.
    mutating func wake(at moment: Instant) {
        guard isBehind, isHeldBack else { return }
        isBehind = false
        wakeAt = moment
    }

    mutating func join(_ into: String) {
        stage = .grouped
        wakeAt = nil
        self.into = into
    }

    mutating func take(_ taken: NoticeEvent.Attempt, at moment: Instant) {
        stage = .taken
        wakeAt = moment + Dispatch.answerWithin
        asked = taken.hold
        reportBy = taken.reportBy
    }

    mutating func send(as gatewayReference: String?) {
        stage = .sent
        wakeAt = reportBy
        self.gatewayReference = gatewayReference
    }

    mutating func putOff(_ deferred: NoticeEvent.Deferred) {
        stage = .deferred
        wakeAt = deferred.until
        let why = deferred.attempt == 0 ? deferred.reason.flatMap(Dispatch.Hold.init) : nil
        isBehind = why == .behind
        isOverLimit = why == .behind || why == .limit
        if deferred.unsent == true { unsent += 1 }
        if deferred.returned == true { returned = deferred.attempt }
        // What is certain of this attempt says nothing about an earlier one.
        if let next = deferred.hold {
            hold = GatewayHold(gateway: next.gateway, until: max(next.until, hold?.until ?? next.until))
        }
        if let gateway = deferred.declinedBy { decline(gateway) }
    }

    /// Whatever that gateway may still have, it does not deliver either.
    private mutating func decline(_ gateway: String) {
        if hold?.gateway == gateway { hold = nil }
        guard !declinedBy.contains(gateway), declinedBy.count < Self.declinedMost else { return }
        declinedBy.append(gateway)
    }

    /// More gateways than a city has.
    private static let declinedMost = 10

    func isReportAwaited(of attempt: Int) -> Bool { attempt == self.attempt && reportBy != nil }

    var named: NoticeEvent.Attempt { .init(reference: request.reference, attempt: attempt) }

    /// The attempts that count.
    var tries: Int { attempt - unsent }

    /// Whether its first attempt waits: for others, for the end of quiet hours, or for room under the limit
    /// of its number.
    var isHeldBack: Bool { stage == .deferred && attempt == 0 }

    var isReply: Bool { request.reference.hasPrefix(Dispatch.replyPrefix) }

    /// Whether it may become one message with others. A message about a dead number goes alone: that number
    /// stands nowhere else. So does a reply: only its own words answer. What goes alone for the sake of its
    /// link goes with others all the same before it would not go at all.
    func mayBeGrouped(at now: Instant) -> Bool {
        guard isHeldBack, request.about != .unreached, !isReply else { return false }
        return request.manner?.isAlone != true || isOverLimit && now - trail.at >= Dispatch.aloneFor
    }

    /// Its job, where one waits for the pusher.
    var queued: JobWithdrawal? {
        guard stage == .queued else { return nil }
        return JobWithdrawal(
            handle: request.recipient.handle, reference: request.reference, attempt: attempt)
    }

    var expiresAt: Instant { trail.at + Dispatch.expiresAfter }

    /// Whether both are an official's or both a citizen's: only such notices share a limit and a message.
    func isLike(_ other: Waiting) -> Bool {
        request.recipient.kind.isCitizen == other.request.recipient.kind.isCitizen
    }

    /// Whether its number was erased.
    var isErased: Bool { isWithdrawn && request.recipient.kind.isCitizen }

    /// When to look at it again if nothing happens before.
    var until: Instant? {
        switch stage {
        case .asked, .grouped: nil
        case .queued, .unanswered: expiresAt
        case .taken, .deferred, .sent: wakeAt
        }
    }
}

// The state of a number is written with every one of its events, so it writes itself (`JSONReadable`).

extension Waiting.Stage: CaseIterable, JSONCoded {}

extension Waiting: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        self.init(try json.field("request"), try json.field("trail"))
        attempt = try json.field("attempt")
        unsent = try json.field("unsent")
        stage = try json.field("stage")
        wakeAt = try json.field("wakeAt")
        asked = try json.field("asked")
        reportBy = try json.field("reportBy")
        hold = try json.field("hold")
        returned = try json.field("returned")
        declinedBy = try json.field("declinedBy", default: [])
        gatewayReference = try json.field("gatewayReference")
        into = try json.field("into")
        queuedAt = try json.field("queuedAt")
        isBehind = try json.field("isBehind", default: false)
        isOverLimit = try json.field("isOverLimit", default: false)
        isWithdrawn = try json.field("isWithdrawn")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("asked", asked)
            json.field("attempt", attempt)
            json.field("declinedBy", declinedBy)
            json.field("gatewayReference", gatewayReference)
            json.field("hold", hold)
            json.field("into", into)
            json.field("isBehind", isBehind)
            json.field("isOverLimit", isOverLimit)
            json.field("isWithdrawn", isWithdrawn)
            json.field("queuedAt", queuedAt)
            json.field("reportBy", reportBy)
            json.field("request", request)
            json.field("returned", returned)
            json.field("stage", stage)
            json.field("trail", trail)
            json.field("unsent", unsent)
            json.field("wakeAt", wakeAt)
        }
    }
}
