import FoundationEssentials
import HTTP
import Kafka
import Models
import Processing
import Support

@testable import Intake

/// The people and gateways outside: they submit, act, repeat themselves, and send what nobody understands.
final class Workload {
    /// Every citizen's name and phone hold these, so that a search finds any of them.
    static let nameMark = "隐名"
    static let phoneMark = "+86 199"

    private struct Citizen {
        let key: String
        let complaint: ComplaintID
        let contact: Bool
        let number: Int
        let place: Coordinate
    }

    private let cluster: SimulatedCluster
    private let auditor: Auditor
    private let marks: Marks
    private let options: Options
    private var citizens: [Citizen] = []
    /// Stages that Intake has not sent yet: others work in between.
    private var stages: [[[Outgoing]]] = []
    private var actions: [Outgoing] = []
    private var isFoul = false
    private var reports: [Outgoing] = []
    private var count = 0

    private static let complaintsLimit = 6

    init(_ cluster: SimulatedCluster, _ auditor: Auditor, _ marks: Marks, _ options: Options) {
        self.cluster = cluster
        self.auditor = auditor
        self.marks = marks
        self.options = options
    }

    private var now: Instant { Instant(millisecondsSince1970: SimulatedCluster.beginning + cluster.now) }

    private func intake(_ prng: inout SplitMix64) -> Intake {
        let bytes = prng.bytes(16)
        let chance = UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8],
                bytes[9],
                bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            ))
        return Intake(
            atlas: Town.atlas, now: now, chance: chance, isOfficer: true, links: nil,
            localOffset: .seconds(8 * 3600), outcomes: { _, _ in .pending })
    }

    // MARK: Submissions

    func submit(_ prng: inout SplitMix64) {
        guard citizens.count < Self.complaintsLimit else { return }
        count += 1
        if prng.once(in: 6) { return submitStraight(&prng) }
        let key = "citizen-\(count)"
        let citizen = Citizen(
            key: key, complaint: ComplaintID(gateway: "sim", idempotencyKey: key), contact: prng.once(in: 2),
            number: count, place: prng.one(of: Town.places))
        citizens.append(citizen)
        post(citizen, &prng)
        if prng.once(in: 4) { act(on: citizen.complaint, &prng) }
    }

    /// The answer was lost, so the same comes again.
    func submitAgain(_ prng: inout SplitMix64) {
        guard let citizen = citizens.randomElement(using: &prng) else { return }
        marks.hit(.submittedTwice)
        post(citizen, &prng)
    }

    private func post(_ citizen: Citizen, _ prng: inout SplitMix64) {
        let phone = "\(Self.phoneMark) \(1000 + citizen.number)"
        let contact = #","contact":{"name":"\#(Self.nameMark)\#(citizen.number)","phone":"\#(phone)"}"#
        let category = prng.once(in: 3) ? "outfall" : "odour"
        let body = """
            {"category":"\(category)","text":"smells","gateway":"sim","idempotencyKey":"\(citizen.key)","place":\
            {"longitude":\(citizen.place.longitude),"latitude":\(citizen.place.latitude)}\
            \(citizen.contact ? contact : "")}
            """
        do throws(Problem) {
            let plan = try intake(&prng).complaint(
                Request(
                    method: .post, headers: [("content-type", "application/json")], body: Array(body.utf8)))
            stages.append(plan.stages)
            if prng.once(in: 2) { sendStage(&prng, of: stages.count - 1) }
        } catch {
            preconditionFailure("intake refused what the workload made: \(error)")
        }
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
        case .reports: auditor.reported(record)
        default: break
        }
    }

    /// A gateway that writes to the log itself; it may know nothing of our borders.
    private func submitStraight(_ prng: inout SplitMix64) {
        let key = "straight-\(count)"
        let id = ComplaintID(gateway: "other", idempotencyKey: key)
        let place = prng.once(in: 2) ? Town.outside : prng.one(of: Town.places)
        guard let category = CategoryCode("odour") else { return }
        let submission = Submission(
            complaint: id, category: category, text: "foam", place: place, channel: .hotline,
            gateway: "other",
            submittedAt: now)
        send(
            Outgoing(
                topic: .submissions, key: id.description,
                event: CloudEvent(
                    id: key, source: "urn:gateway:other",
                    type: EventType("complaint", "submitted").description,
                    subject: id.description, time: now, data: JSON.encode(submission))))
        citizens.append(Citizen(key: key, complaint: id, contact: false, number: count, place: place))
        citizens.removeAll { $0.key == key && place == Town.outside }
    }

    func erase(_ prng: inout SplitMix64) {
        guard let citizen = citizens.filter(\.contact).randomElement(using: &prng) else { return }
        marks.hit(.contactErased)
        cluster.append(.contacts, key: Array(citizen.complaint.description.utf8), value: nil, headers: [])
        auditor.contactErased(citizen.complaint)
    }

    // MARK: Actions

    func act(_ prng: inout SplitMix64) {
        if prng.once(in: 15) {
            marks.hit(.unknownComplaint)
            return act(on: ComplaintID(gateway: "nobody", idempotencyKey: "\(count)"), &prng)
        }
        guard let citizen = citizens.randomElement(using: &prng) else { return }
        act(on: citizen.complaint, &prng)
    }

    private func act(on complaint: ComplaintID, _ prng: inout SplitMix64) {
        count += 1
        let office = #""by":{"role":"office","id":"town"}"#
        let chief = #""by":{"role":"chief","id":"\#(prng.one(of: ["village", "street", "mayor"]))"}"#
        let citizen = #""by":{"role":"citizen"}"#
        let checker = #""by":{"role":"checker","id":"bureau"}"#
        let other = citizens.randomElement(using: &prng)?.complaint ?? complaint
        let body = prng.one(of: [
            #"{"action":"accept",\#(office)}"#, #"{"action":"accept",\#(chief)}"#,
            #"{"action":"note","text":"seen",\#(chief)}"#, #"{"action":"note","text":"again",\#(citizen)}"#,
            #"{"action":"resolve","text":"cleaned",\#(office)}"#,
            #"{"action":"resolve","text":"done",\#(chief)}"#,
            #"{"action":"resolve","text":"done",\#(chief)}"#,
            #"{"action":"verify","passed":true,"text":"clean",\#(checker)}"#,
            #"{"action":"verify","passed":false,"text":"not so",\#(checker)}"#,
            #"{"action":"rate","grade":"satisfied",\#(citizen)}"#,
            #"{"action":"rate","grade":"dissatisfied",\#(citizen)}"#,
            #"{"action":"reopen","text":"still smells",\#(citizen)}"#, #"{"action":"close",\#(office)}"#,
            #"{"action":"urge",\#(citizen)}"#,
            #"{"action":"transfer","text":"not mine","to":{"reach":"upper"},\#(chief)}"#,
            #"{"action":"merge","into":"\#(other)",\#(office)}"#,
            #"{"action":"merge","into":"\#(other)",\#(office)}"#,
            #"{"action":"edit","text":"it is an outfall","category":"outfall",\#(office)}"#,
        ])
        let request = Request(
            method: .post, headers: [("content-type", "application/json"), ("idempotency-key", "\(count)")],
            body: Array(body.utf8), parameters: ["id": complaint.description])
        do throws(Problem) {
            for outgoing in try intake(&prng).action(request).stages.flatMap({ $0 }) {
                actions.append(outgoing)
                auditor.acted(cluster.append(outgoing))
            }
        } catch {
            preconditionFailure("intake refused what the workload made: \(error)")
        }
    }

    func actAgain(_ prng: inout SplitMix64) {
        guard let action = actions.suffix(6).randomElement(using: &prng) else { return }
        marks.hit(.actedTwice)
        auditor.acted(cluster.append(action))
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
        let readings = moments.map { moment in
            let values =
                prng.once(in: 4) ? #"{"w01001":7.1}"# : #"{"w01001":7.1,"w01009":\#(prng.one(of: oxygen))}"#
            return #"{"section":"bridge","observedAt":"\#(moment)","values":\#(values)}"#
        }
        let body = #"{"readings":[\#(readings.joined(separator: ","))]}"#
        do throws(Problem) {
            let plan = try intake(&prng).readings(
                Request(
                    method: .post, headers: [("content-type", "application/json")], body: Array(body.utf8)))
            for report in plan.stages.flatMap({ $0 }) {
                reports.append(report)
                send(report)
            }
        } catch {
            preconditionFailure("intake refused what the workload made: \(error)")
        }
    }

    // MARK: Mischief

    /// Something that its reader must set aside.
    func sendMalformed(_ prng: inout SplitMix64) {
        marks.hit(.malformed)
        let topic = prng.one(of: [
            Topic.submissions, .actions, .contacts, .receipts, .jobs, .reports, .assessments,
        ])
        let known = citizens.randomElement(using: &prng)?.complaint.description ?? "nobody"
        let key = topic == .contacts || prng.once(in: 2) ? "not-a-complaint" : known
        let honest = cluster.committedRecords(topic).randomElement(using: &prng)
        let record: Record
        if let honest, let value = honest.value, value.count > 2, topic != .contacts {
            // A record that broke on its way.
            record = cluster.append(
                topic, key: honest.key ?? [], value: Array(value.prefix(value.count / 2)),
                headers: honest.headers)
        } else {
            record = cluster.append(topic, key: Array(key.utf8), value: prng.bytes(5) + [0xFF], headers: [])
        }
        auditor.sentMalformed(record)
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
