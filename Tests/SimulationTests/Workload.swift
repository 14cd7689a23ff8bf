import FoundationEssentials
import Geo
import Kafka
import Links
import Models
import Processing
import Support
import Text

@testable import Intake

/// The people and gateways outside: they submit, act, repeat themselves, and send what nobody understands. An
/// operator erases what some of them wrote.
final class Workload {
    /// Every citizen's name and phone hold these, so that a search finds any of them.
    static let nameMark = "隐名"
    static let phoneMark = "+86 000 0000"
    /// The same phone in E.164.
    static let numberMark = "8600000001"
    /// Everything that anybody writes begins with this and a number of its own (`token`).
    static let wordMark = "密语"
    /// Every link begins with this.
    static let site = "https://rivers.example.org"

    struct Citizen {
        let key: String
        let id: ComplaintID
        let contact: Bool
        let number: Int
        /// Nil: he names the river alone.
        let place: Coordinate?
        let isOutfall: Bool
        let words: Words

        var code: TrackingCode { id.code }
    }

    let cluster: SimulatedCluster
    let auditor: Auditor
    let marks: Marks
    let options: Options
    private let bug: Bug?
    private let links: LinkWriter
    private let identities = Identities(key: [UInt8](repeating: 7, count: 32))
    var citizens: [Citizen] = []
    /// Stages that Intake has not sent yet: others work in between.
    var stages: [[[Outgoing]]] = []
    private var actions: [Outgoing] = []
    private var answers: [Outgoing] = []
    private var isFoul = false
    private var reports: [Outgoing] = []
    private var count = 0
    private var words = 0

    private static let complaintsLimit = 6

    init(
        _ cluster: SimulatedCluster, _ auditor: Auditor, _ marks: Marks, _ options: Options,
        links: LinkWriter,
        bug: Bug?
    ) {
        self.cluster = cluster
        self.auditor = auditor
        self.marks = marks
        self.options = options
        self.links = links
        self.bug = bug
    }

    var now: Instant { Instant(millisecondsSince1970: SimulatedCluster.beginning + cluster.now) }

    private func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }

    /// What somebody writes; no other text has the token with which it begins.
    private func said(_ text: String) -> Words {
        words += 1
        return Words(text: "\(Self.wordMark)\(words)。\(text)")
    }

    /// The key of a gateway that may do everything that gateways may.
    private var gateway: Gateway {
        Gateway(
            id: id("sim"), name: Name(zh: "网关", en: "Gateway"), channel: .app,
            scopes: [.complaints, .readings, .actions(.office(id("town")))])
    }

    private func receive(
        _ draft: Draft, by proof: Sender.Proof, key: String, _ prng: inout SplitMix64
    ) -> Receipt {
        func chance(_ prng: inout SplitMix64) -> UUID {
            let bytes = prng.bytes(16)
            return UUID(
                uuid: (
                    bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8],
                    bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
                ))
        }
        let sender = Sender(
            proof: proof, channel: .web, idempotencyKey: key, content: Array(key.utf8), traceparent: nil)
        do throws(TurnedAway) {
            var reception = Reception(atlas: Town.atlas, identities: identities, links: links)
            reception.numbers = Town.numbers
            return try reception.take(
                draft, from: sender,
                in: Circumstances(
                    now: now, identity: chance(&prng), trace: chance(&prng), span: prng.next()))
        } catch {
            preconditionFailure("intake refused what the workload made: \(error)")
        }
    }

    // MARK: Submissions

    func submit(_ prng: inout SplitMix64) {
        guard citizens.count < Self.complaintsLimit else { return }
        count += 1
        if prng.once(in: 6) { return submitOutside() }
        let key = "citizen-\(count)"
        let hasContact = prng.once(in: 2)
        let place = prng.once(in: 5) ? nil : prng.one(of: Town.places)
        let isOutfall = prng.once(in: 3)
        var words = said("smells")
        if prng.once(in: 2) {
            words = Words(text: words.text, address: said("behind the bridge").text)
        }
        let draft = draft(
            words, place, isOutfall, hasContact: hasContact, number: count)
        let receipt = receive(.complaint(draft), by: .none, key: key, &prng)
        guard case .complaint(let id, _, _) = receipt.given else {
            preconditionFailure("a complaint is taken as \(receipt.given)")
        }
        let citizen = Citizen(
            key: key, id: id, contact: hasContact, number: count, place: place, isOutfall: isOutfall,
            words: words)
        citizens.append(citizen)
        auditor.capabilityGiven(id.text)
        hold(receipt, &prng)
        if prng.once(in: 4) { act(on: citizen, &prng) }
    }

    /// The answer was lost, so the same comes again.
    func submitAgain(_ prng: inout SplitMix64) {
        // Who asked that his words be erased does not send them again.
        let citizens = citizens.filter { !auditor.hasErased($0.code) }
        guard let citizen = citizens.randomElement(using: &prng), !citizen.key.hasPrefix("outside") else {
            return
        }
        marks.hit(.submittedTwice)
        let draft = draft(
            citizen.words, citizen.place, citizen.isOutfall, hasContact: citizen.contact,
            number: citizen.number)
        hold(receive(.complaint(draft), by: .none, key: citizen.key, &prng), &prng)
    }

    private func phone(_ number: Int) -> CallableNumber? {
        try? CallableNumber("\(Self.phoneMark) \(1000 + number)", country: nil)
    }

    private func draft(
        _ words: Words, _ place: Coordinate?, _ isOutfall: Bool, hasContact: Bool, number: Int
    ) -> ComplaintDraft {
        ComplaintDraft(
            category: id(isOutfall ? "outfall" : "odour"), words: words, place: place,
            river: place == nil ? id("brook") : nil,
            contact: hasContact
                ? Contact(
                    name: "\(Self.nameMark)\(number)", phone: phone(number),
                    language: number.isMultiple(of: 3) ? .zh : nil)
                : nil)
    }

    private func hold(_ receipt: Receipt, _ prng: inout SplitMix64) {
        stages.append(receipt.stages)
        if prng.once(in: 2) { sendStage(&prng, of: stages.count - 1) }
    }

    /// Intake sends the next stage of something it has taken; or it dies, and the citizen comes again.
    func sendStage(_ prng: inout SplitMix64) {
        guard !stages.isEmpty else { return }
        sendStage(&prng, of: Int.random(in: 0..<stages.count, using: &prng))
    }

    private func sendStage(_ prng: inout SplitMix64, of index: Int) {
        for outgoing in stages[index].removeFirst() { send(outgoing) }
        if stages[index].isEmpty { stages.remove(at: index) }
    }

    func sendEverything(_ prng: inout SplitMix64) {
        while !stages.isEmpty { sendStage(&prng, of: 0) }
    }

    private func send(_ outgoing: Outgoing) {
        let record = cluster.append(outgoing)
        switch outgoing.topic {
        case .submissions: auditor.submitted(record)
        case .contacts: auditor.contactGiven(record)
        case .actions: auditor.acted(record)
        case .reports: auditor.reported(record)
        default: break
        }
    }

    /// The city's borders were drawn anew after Intake took it: its place lies outside by now.
    private func submitOutside() {
        let key = "outside-\(count)"
        let id = ComplaintID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(count % 256))))
        let words = said("foam")
        let submission = Submission(
            complaint: id.code, category: self.id("odour"), place: Town.outside, channel: .hotline,
            words: words.outline, submittedAt: now)
        let submitted = Outgoing(
            .submissions, key: id.code.compact, id: key, source: Reception.source,
            type: EventType("complaint", "submitted"), trail: Trail(at: now), data: JSON.encode(submission))
        for outgoing in [submitted.saying(words), submitted].compactMap(\.self) { send(outgoing) }
    }

    // MARK: Actions

    func act(_ prng: inout SplitMix64) {
        if prng.once(in: 15) {
            marks.hit(.unknownComplaint)
            count += 1
            return act(
                on: TrackingCode(digest: Array("\(count) is nobody".utf8)), .accept, by: office, nil, &prng)
        }
        guard let citizen = citizens.randomElement(using: &prng) else { return }
        act(on: citizen, &prng)
    }

    private let office = Actor(role: .office, id: "town")

    private func act(on citizen: Citizen, _ prng: inout SplitMix64) {
        count += 1
        let chief = Actor(role: .chief, id: prng.one(of: ["village", "street", "mayor"]))
        let checker = Actor(role: .checker, id: "bureau")
        let other = citizens.randomElement(using: &prng)?.code ?? citizen.code
        let upper = Destination.reach(id("upper"))
        let outfall = Correction(category: id("outfall"))
        let (verb, actor, text) = prng.one(
            of: [
                (.accept, office, nil), (.accept, chief, nil), (.note(isPublic: true), chief, "seen"),
                (.note(isPublic: true), .citizen, "again"), (.resolve, office, "cleaned"),
                (.resolve, chief, "done"), (.resolve, chief, "done"),
                (.verify(passed: true), checker, "clean"), (.verify(passed: false), checker, "not so"),
                (.rate(.satisfied), .citizen, nil), (.rate(.dissatisfied), .citizen, "no use"),
                (.rate(.dissatisfied), .citizen, nil), (.reopen, .citizen, "still smells"),
                (.close, office, nil), (.urge, .citizen, nil), (.urge, office, "hurry"),
                (.transfer(to: upper), chief, "not mine"), (.merge(into: other), office, nil),
                (.merge(into: other), office, "the same"), (.edit(outfall), office, "it is an outfall"),
            ] as [(ComplaintAction.Verb, Actor, String?)])
        act(on: citizen.code, verb, by: actor, text, &prng, as: citizen.id)
    }

    /// - Parameter id: the capability by which a citizen acts.
    private func act(
        on complaint: TrackingCode, _ verb: ComplaintAction.Verb, by actor: Actor, _ text: String?,
        _ prng: inout SplitMix64, as id: ComplaintID? = nil
    ) {
        let words = text.map(said) ?? Words()
        let isCitizen = actor == .citizen
        let draft = ActionDraft(
            complaint: isCitizen ? nil : complaint, by: isCitizen ? nil : actor, verb: verb, words: words)
        let proof = isCitizen ? id.map(Sender.Proof.identity) : .key(gateway)
        let receipt = receive(.action(draft), by: proof ?? .none, key: "action-\(count)", &prng)
        actions += receipt.stages.joined().filter { $0.topic == .actions }
        let stages = bug == .writesWordsLate ? receipt.stages.reversed() : receipt.stages
        for outgoing in stages.joined() { send(outgoing) }
    }

    func close(_ complaint: TrackingCode, _ prng: inout SplitMix64) {
        count += 1
        act(on: complaint, .close, by: office, nil, &prng)
    }

    func actAgain(_ prng: inout SplitMix64) {
        guard let action = actions.suffix(6).randomElement(using: &prng) else { return }
        marks.hit(.actedTwice)
        auditor.acted(cluster.append(action))
    }

    // MARK: Numbers

    /// A complainant opens the page of a link that came to him by SMS.
    func confirm(_ prng: inout SplitMix64) {
        let links = cluster.committedRecords(.links).compactMap { cluster.value(ActionLink.self, of: $0) }
        guard let link = links.filter({ $0.number != nil }).randomElement(using: &prng) else { return }
        count += 1
        let receipt = receive(.confirmation, by: .link(link), key: "confirmation-\(count)", &prng)
        for outgoing in receipt.stages.joined() { send(outgoing) }
    }

    /// Somebody answers from the phone that got a message; or his gateway brings the answer again.
    func answer(_ prng: inout SplitMix64) {
        if prng.once(in: 4), let again = answers.randomElement(using: &prng) {
            marks.hit(.answeredTwice)
            cluster.append(again)
            return
        }
        let jobs = (cluster.committedRecords(.jobs) + cluster.committedRecords(.urgentJobs)).compactMap {
            cluster.value(SMSJob.self, of: $0)
        }
        guard let job = jobs.randomElement(using: &prng) else { return }
        count += 1
        let code = citizens.randomElement(using: &prng)?.code.compact.suffix(5) ?? ""
        let text = prng.one(
            of: ["1", "1", "1 \(code)", "0", "4", "hello", "TD", "START", "2 ", "2 \(code) ", "3 ", ""])
        let isSaid = text.hasSuffix(" ") || text.isEmpty
        let message = PhoneMessage(
            handle: job.handle, gateway: id("sms"), id: "mo-\(count)",
            text: isSaid ? "\(text)\(said("by phone").text ?? "")" : text)
        let sent = Outgoing(
            .messages, key: job.handle.text, id: "message/sms/\(message.id)", source: Reception.source,
            type: PhoneMessage.type, trail: Trail(at: now), data: JSON.encode(message))
        answers.append(sent)
        cluster.append(sent)
    }

    // MARK: Following

    /// Somebody follows a complaint of another person, or ends it with the link that came to him.
    func follow(_ prng: inout SplitMix64) {
        let followers = cluster.committedRecords(.links).compactMap {
            cluster.value(ActionLink.self, of: $0)
        }.filter { $0.actor.role == .follower }
        count += 1
        if let link = followers.randomElement(using: &prng), !prng.once(in: 4) {
            marks.hit(.unfollowed)
            let receipt = receive(.unfollow, by: .link(link), key: "unfollow-\(count)", &prng)
            for outgoing in receipt.stages.joined() { send(outgoing) }
            return
        }
        guard let citizen = citizens.randomElement(using: &prng),
            let phone = phone(8000 + Int.random(in: 0..<3, using: &prng))?.phoneNumber
        else { return }
        marks.hit(.followed)
        let draft = FollowDraft(complaint: citizen.code, phone: phone)
        let receipt = receive(.follow(draft), by: .none, key: "follow-\(count)", &prng)
        for outgoing in receipt.stages.joined() { send(outgoing) }
    }

    // MARK: Readings

    /// The instrument of an outfall sends the means of a few hours, some again with another value.
    func discharge(_ prng: inout SplitMix64) {
        let thisHour = now.millisecondsSince1970 / 3_600_000
        let drafts = (0..<Int64.random(in: 1...2, using: &prng)).map { _ in
            let hour = thisHour - Int64.random(in: 1...3, using: &prng) - (prng.once(in: 6) ? 20 : 0)
            let value = Town.dischargeLimit + Double(prng.one(of: [-20, -5, 0, 1, 30]))
            return Report(
                section: id("drain"), observedAt: Instant(millisecondsSince1970: hour * 3_600_000),
                period: .hour, measurements: [.chemicalOxygenDemand: Measurement(value)])
        }
        count += 1
        let receipt = receive(.readings(drafts), by: .key(gateway), key: "discharge-\(count)", &prng)
        receipt.stages.joined().forEach(send)
    }

    /// A station sends what it has measured: its water goes bad and is good again, some of it comes late, and
    /// the answer to some was lost.
    func report(_ prng: inout SplitMix64) {
        if options.duplicates, prng.once(in: 6), let report = reports.suffix(6).randomElement(using: &prng) {
            return send(report)
        }
        if prng.once(in: 3) { isFoul.toggle() }
        let oxygen: [Double] = isFoul ? [0.8, 1.4, 1.9] : [2.1, 3.5, 6.2, 7.8]
        var moments = (0..<Int.random(in: 1...4, using: &prng)).reversed().map { index in
            let age = Int64(60_000 + index * 600_000) + (prng.once(in: 6) ? 20_000_000 : 0)
            return Instant(millisecondsSince1970: now.millisecondsSince1970 - age)
        }
        // A correction, or another part, of what was sent before.
        if prng.once(in: 4), let former = reports.suffix(6).randomElement(using: &prng)?.event.data,
            let report = try? JSON.decode(Report.self, from: former)
        {
            moments = [report.observedAt]
        }
        let drafts = moments.map { moment in
            var measurements: [Parameter: Measurement] = [.pH: Measurement(7.1)]
            if !prng.once(in: 4) { measurements[.dissolvedOxygen] = Measurement(prng.one(of: oxygen)) }
            return Report(section: id("bridge"), observedAt: moment, measurements: measurements)
        }
        count += 1
        let receipt = receive(.readings(drafts), by: .key(gateway), key: "readings-\(count)", &prng)
        for report in receipt.stages.joined() {
            reports.append(report)
            send(report)
        }
    }
}
