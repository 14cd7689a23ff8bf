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

    private struct Citizen {
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

    private let cluster: SimulatedCluster
    private let auditor: Auditor
    private let marks: Marks
    private let options: Options
    private let bug: Bug?
    private let links: LinkWriter
    private let identities = Identities(key: [UInt8](repeating: 7, count: 32))
    private var citizens: [Citizen] = []
    /// Stages that Intake has not sent yet: others work in between.
    private var stages: [[[Outgoing]]] = []
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

    private var now: Instant { Instant(millisecondsSince1970: SimulatedCluster.beginning + cluster.now) }

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
                ? Contact(name: "\(Self.nameMark)\(number)", phone: phone(number))
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

    // MARK: Erasing

    /// What `dayu erase` writes: tombstones of the contact, of what was said about a complaint until now, or
    /// of both.
    /// - Parameter codes: complaints of whose notices a job waits; these are preferred.
    func erase(_ prng: inout SplitMix64, preferring codes: Set<String> = []) {
        let waiting = citizens.filter { codes.contains($0.code.compact) }
        guard let citizen = (waiting.isEmpty ? citizens : waiting).randomElement(using: &prng) else { return }
        let (contact, words) = prng.one(of: [(true, true), (true, false), (false, true)])
        if contact, citizen.contact {
            marks.hit(.contactErased)
            tombstone(.contacts, citizen.code.compact)
            auditor.contactErased(citizen.code)
        }
        guard words else { return }
        // What is still on its way to the log comes after the tombstone, and would stay.
        guard !stages.contains(where: { $0.joined().contains { isOf($0, citizen) } }) else { return }
        let said = cluster.committedRecords(.words).compactMap { try? $0.keyText() }
            .filter { $0.hasPrefix("\(citizen.code.compact)/") }
        guard !said.isEmpty else { return }
        marks.hit(.wordsErased)
        auditor.wordsErased(citizen.code)
        for key in Set(said).sorted() { tombstone(.words, key) }
        let follows = cluster.committedRecords(.follows).compactMap { try? $0.keyText() }
            .filter { $0.hasPrefix("\(citizen.code.compact)/") }
        for key in Set(follows).sorted() { tombstone(.follows, key) }
        withdrawNotices(about: citizen)
    }

    /// Of everything that was asked for so far, as `dayu erase` does it; what was sent is sent.
    private func withdrawNotices(about citizen: Citizen) {
        let requests = cluster.committedRecords(.noticeRequests).compactMap { record in
            record.value.flatMap { try? JSON.decode(NoticeRequest.self, from: $0) }
        }
        for request in requests where request.complaint == citizen.code {
            guard request.bare != nil || request.recipient.kind.isCitizen else { continue }
            marks.hit(.noticeWithdrawn)
            let handle = request.recipient.handle
            let withdrawal = NoticeWithdrawal(
                reference: request.reference, handle: handle, complaint: citizen.code)
            cluster.append(
                Outgoing(
                    .noticeRequests, key: handle.text, id: "erased/\(request.reference)/\(now)",
                    source: "dayu",
                    type: NoticeWithdrawal.type, trail: Trail(at: now), data: JSON.encode(withdrawal)))
        }
    }

    private func isOf(_ outgoing: Outgoing, _ citizen: Citizen) -> Bool {
        Topic.partitionKey(of: outgoing.key) == citizen.code.compact
    }

    private func tombstone(_ topic: Topic, _ key: String) {
        cluster.append(topic, key: Array(key.utf8), value: nil, headers: [])
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

    func actAgain(_ prng: inout SplitMix64) {
        guard let action = actions.suffix(6).randomElement(using: &prng) else { return }
        marks.hit(.actedTwice)
        auditor.acted(cluster.append(action))
    }

    // MARK: Numbers

    /// A complainant opens the page of a link that came to him by SMS.
    func confirm(_ prng: inout SplitMix64) {
        let links = cluster.committedRecords(.links).compactMap { record in
            record.value.flatMap { try? JSON.decode(ActionLink.self, from: $0) }
        }
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
            $0.value.flatMap { try? JSON.decode(SMSJob.self, from: $0) }
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
        let followers = cluster.committedRecords(.links).compactMap { record in
            record.value.flatMap { try? JSON.decode(ActionLink.self, from: $0) }
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

    // MARK: Mischief

    /// Something that its reader must set aside.
    func sendMalformed(_ prng: inout SplitMix64) {
        marks.hit(.malformed)
        let topic = prng.one(of: [
            Topic.submissions, .actions, .contacts, .words, .follows, .receipts, .jobs, .urgentJobs,
            .messages,
            .reports,
            .assessments,
        ])
        let known = citizens.randomElement(using: &prng)?.code.compact ?? "nobody"
        let key = topic == .contacts || prng.once(in: 2) ? "not-a-complaint" : known
        let honest = cluster.committedRecords(topic).randomElement(using: &prng)
        let record: Record
        if let honest, let value = honest.value, value.count > 2, topic != .contacts, topic != .words {
            // A record that broke on its way.
            record = cluster.append(
                topic, key: honest.key ?? [], value: Array(value.prefix(value.count / 2)),
                headers: honest.headers)
        } else {
            record = cluster.append(topic, key: Array(key.utf8), value: prng.bytes(5) + [0xFF], headers: [])
        }
        auditor.sentMalformed(record)
    }

    /// A copy that a writer with another partitioner puts on another partition than its key's; where there is
    /// none, it sends something malformed.
    func sendMisplaced(_ prng: inout SplitMix64) {
        let topic = prng.one(of: [Topic.submissions, .actions, .receipts])
        let count = cluster.partitions[topic] ?? 1
        guard count > 1, let honest = cluster.committedRecords(topic).randomElement(using: &prng),
            let key = honest.key
        else { return sendMalformed(&prng) }
        marks.hit(.misplaced)
        let home = cluster.partition(of: key, topic)
        let other = (home.partition + Int32.random(in: 1..<count, using: &prng)) % count
        auditor.sentMalformed(
            cluster.append(
                topic, key: key, value: honest.value, headers: honest.headers,
                at: TopicPartition(topic, other)))
    }

    /// A tool that copies topics between clusters delivers at least once.
    func mirrorTwice(_ prng: inout SplitMix64) {
        guard let record = cluster.committedRecords(.events).randomElement(using: &prng), let key = record.key
        else {
            return
        }
        marks.hit(.mirroredTwice)
        cluster.append(.events, key: key, value: record.value, headers: record.headers)
    }
}
