import Glibc
import Kafka
import Models
import Processing
import Text

/// Keeps its own model of what must come of everything that was sent, and compares at the end.
///
/// It shares the vocabulary (`Models`) with the product and none of its decisions.
final class Auditor {
    struct Sent {
        let record: Record
        let cause: String
        let complaint: String
        /// Whether the complaint's submission was on the log before.
        let isKnown: Bool
    }

    private let marks: Marks
    var violations: [String] = []

    private(set) var submissions: [String: Submission] = [:]
    private(set) var contacts: Set<String> = []
    private(set) var erased: Set<String> = []
    private var wordless: Set<TrackingCode> = []
    /// The identities that only the citizens and Intake know.
    private(set) var capabilities: Set<String> = []
    private(set) var actions: [Sent] = []
    private(set) var malformed: [Record] = []
    private var reports: [(offset: Int64, event: CloudEvent, report: Report)] = []
    /// The offsets of reports that were gone before they were read, by the first of each stretch.
    private var lost: [Int64: Int64] = [:]

    init(_ marks: Marks) { self.marks = marks }

    // MARK: What was sent

    func submitted(_ record: Record) {
        guard let key = try? record.keyText(), let value = record.value,
            let submission = try? JSON.decode(Submission.self, from: value)
        else { preconditionFailure("the workload sent a submission that is none") }
        if submissions[key] == nil { submissions[key] = submission }
    }

    func contactGiven(_ record: Record) { contacts.insert(text(record.key)) }

    func contactErased(_ complaint: TrackingCode) { erased.insert(complaint.compact) }

    func wordsErased(_ complaint: TrackingCode) { wordless.insert(complaint) }

    func hasErased(_ complaint: TrackingCode) -> Bool { wordless.contains(complaint) }

    func capabilityGiven(_ identity: String) { capabilities.insert(identity) }

    func acted(_ record: Record) {
        let key = text(record.key)
        guard let event = try? record.cloudEvent() else {
            preconditionFailure("the workload sent an action that is none")
        }
        actions.append(
            Sent(
                record: record, cause: event.asCause, complaint: key,
                isKnown: submissions[key] != nil))
    }

    func sentMalformed(_ record: Record) { malformed.append(record) }

    func reported(_ record: Record) {
        guard let event = try? record.cloudEvent(), let value = record.value,
            let report = try? JSON.decode(Report.self, from: value)
        else { preconditionFailure("the workload sent a report that is none") }
        reports.append((record.offset, event, report))
    }

    func lost(from position: Int64, below low: Int64) { lost[position] = low }

    private func isLost(_ offset: Int64) -> Bool {
        lost.contains { ($0.key..<$0.value).contains(offset) }
    }

    /// What was said of one parameter of one reading.
    private struct Said {
        /// The last, and when it was said.
        var at: Instant
        var measurement: Measurement
        /// All of it, the last at the end.
        var ever: [Measurement]
    }

    /// What was said of each parameter of each reading, as far as anybody could read it.
    private var said: [ReadingKey: [Parameter: Said]] {
        var said: [ReadingKey: [Parameter: Said]] = [:]
        for (offset, event, report) in reports
        where !isLost(offset) {
            for (parameter, measurement) in report.measurements {
                var one =
                    said[report.key]?[parameter]
                    ?? Said(at: event.time, measurement: measurement, ever: [])
                if one.at > event.time {
                    one.ever.insert(measurement, at: 0)
                } else {
                    (one.at, one.measurement) = (event.time, measurement)
                    one.ever.append(measurement)
                }
                said[report.key, default: [:]][parameter] = one
            }
        }
        return said
    }

    private func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

    func expect(_ condition: Bool, _ violation: @autoclosure () -> String) {
        if !condition, violations.count < 20 { violations.append(violation()) }
    }

    // MARK: The audit

    func audit(_ world: World) {
        let cluster = world.cluster
        SummaryAudit(self, cluster).run()
        let alarms = AlarmAudit(self, cluster, marks)
        alarms.submit()
        let breaches = BreachAudit(self, cluster, marks)
        breaches.submit()
        let lives = lives(in: cluster)
        auditReception(lives)
        for (complaint, life) in lives.sorted(by: { $0.key < $1.key }) {
            LifeAudit(complaint: complaint, life: life, auditor: self, marks: marks).run()
        }
        auditDeadLetters(cluster, lives)
        NoticeAudit(self, world).run(lives)
        PrivacyAudit(self, cluster).run()
        let words = WordsAudit(self, world)
        words.run()
        auditReadings(cluster, ages: world.options.validAfter != nil)
        alarms.run()
        breaches.run()
        StoreAudit(self, world).run()
        if world.options.auditsProjections { ProjectionAudit(self, cluster, gone: words.gone).run(lives) }
        expect(cluster.openTransactions == 0, "transactions are open at the end")
    }

    /// The facts of each complaint in the order of the log; a copy that a mirror made is the same to the
    /// byte.
    private func lives(in cluster: SimulatedCluster) -> [String: [ComplaintFact]] {
        var lives: [String: [ComplaintFact]] = [:]
        var bytes: [String: [UInt8]] = [:]
        for record in cluster.committedRecords(.events) {
            guard let event = cluster.event(record), let fact = cluster.fact(record) else {
                expect(false, "an event can't be read: \(record.offset)")
                continue
            }
            if let first = bytes[event.id] {
                let isCopy = first == record.value
                expect(isCopy && world(mirrors: event.id, cluster), "\(event.id) was written twice")
                continue
            }
            bytes[event.id] = record.value
            lives[fact.complaint.compact, default: []].append(fact)
        }
        return lives
    }

    private var copies: [String: Int]?

    /// Whether a second event of this identity came from outside of every transaction: from the mirror.
    private func world(mirrors id: String, _ cluster: SimulatedCluster) -> Bool {
        if copies == nil { copies = cluster.originalsByID(.events) }
        return copies?[id] == 1
    }

    private func auditReception(_ lives: [String: [ComplaintFact]]) {
        for complaint in submissions.keys.sorted() {
            let received = (lives[complaint] ?? []).filter { $0.event.kind == .received }.count
            expect(received == 1, "complaint \(complaint) was received \(received) times")
        }
        for complaint in lives.keys {
            expect(submissions[complaint] != nil, "\(complaint) was never submitted")
        }
    }

    /// Every refused record is set aside exactly once by each loop that reads it, and nothing else is.
    private func auditDeadLetters(_ cluster: SimulatedCluster, _ lives: [String: [ComplaintFact]]) {
        var letters: [String: DeadLetter] = [:]
        // Alarming and Summarising both read the assessments.
        var tellers: Set<String> = []
        let all = [Topic.deadLetters, .restrictedDeadLetters].flatMap { topic in
            cluster.committedRecords(topic).map { (topic, $0) }
        }
        for (topic, record) in all {
            guard let letter = cluster.value(DeadLetter.self, of: record) else {
                expect(false, "a dead letter can't be read")
                continue
            }
            let origin = letter.origin.description
            // A loss is found again, and may be larger then, until a position moves.
            let isFoundAgain = letter.lost != nil && letters[origin]?.lost != nil
            let isNew = tellers.insert("\(origin) \(letter.refusedBy)").inserted
            expect(isFoundAgain || isNew, "\(origin) was set aside twice by \(letter.refusedBy)")
            expect(
                topic == letter.origin.topic.deadLetters, "\(origin) was set aside on \(topic.rawValue)")
            letters[origin] = letter
        }
        for (position, low) in lost {
            let letter = letters.removeValue(forKey: "\(Topic.reports.rawValue)/0/\(position)")
            expect(
                letter?.lost?.records == low - position,
                "\(low - position) reports were lost at \(position), and nobody told of it")
        }
        for record in malformed where record.topic != .reports || !isLost(record.offset) {
            let origin = "\(record.topic.rawValue)/\(record.partition)/\(record.offset)"
            expect(letters.removeValue(forKey: origin) != nil, "the malformed \(origin) was not set aside")
        }
        let causes = Set(lives.values.flatMap { $0 }.map(\.cause))
        let refusals = refusals(in: cluster)
        for (cause, sent) in Dictionary(grouping: actions, by: \.cause).sorted(by: { $0.key < $1.key }) {
            let fates = sent.map { action in
                letters.removeValue(
                    forKey: "\(Topic.actions.rawValue)/\(action.record.partition)/\(action.record.offset)")
            }
            auditAction(
                cause, sent, fates, refused: refusals[cause, default: 0], isDone: causes.contains(cause))
        }
        for origin in letters.keys { expect(false, "\(origin) was set aside for no reason") }
    }

    /// How often each action was answered with a refusal.
    private func refusals(in cluster: SimulatedCluster) -> [String: Int] {
        var refusals: [String: Int] = [:]
        for record in cluster.committedRecords(.refusals) {
            guard let refusal = cluster.value(ActionRefusal.self, of: record) else {
                expect(false, "a refusal can't be read")
                continue
            }
            refusals[refusal.action, default: 0] += 1
        }
        return refusals
    }

    /// An action leads to facts once; before that it may be refused, and whoever sent it is told; after that
    /// a repetition is nothing at all. Only what is about no complaint is set aside as well.
    private func auditAction(
        _ cause: String, _ sent: [Sent], _ letters: [DeadLetter?], refused: Int, isDone: Bool
    ) {
        if refused > 0 { marks.hit(.refused) }
        let setAside = letters.prefix { $0 != nil }.count
        expect(
            letters[setAside...].allSatisfy { $0 == nil }, "\(cause) was set aside after its complaint came")
        expect(setAside <= refused, "\(cause) was set aside, and nobody told")
        expect(
            isDone ? refused < sent.count : refused == sent.count,
            "\(cause) was sent \(sent.count) times, refused \(refused) times and \(isDone ? "" : "not ")done")
        for (action, letter) in zip(sent, letters) where action.isKnown {
            expect(letter == nil, "\(cause) came after its complaint and found none")
        }
    }

    /// Each reading is judged step by step, and in the end by what was said last of each parameter.
    ///
    /// - Parameter ages: whether what nobody reviews becomes valid; then a correction may come too late.
    private func auditReadings(_ cluster: SimulatedCluster, ages: Bool) {
        let said = said
        var judged: [ReadingKey: (version: Int, assessment: Assessment)] = [:]
        for record in cluster.committedRecords(.assessments) {
            guard let event = cluster.event(record),
                let assessment = cluster.value(Assessment.self, of: record)
            else { continue }
            let key = assessment.reading.key
            let former = judged.updateValue((event.version ?? 0, assessment), forKey: key)
            expect(
                event.version == (former?.version ?? 0) + 1,
                "\(key): \(event.version ?? 0) comes after \(former?.version ?? 0)")
            expect(former?.assessment != assessment, "\(key): \(event.id) says nothing new")
            // What is valid by its age is not replaced by what is provisional.
            for (parameter, measurement) in former?.assessment.reading.measurements ?? [:]
            where measurement.status == .valid {
                expect(
                    assessment.reading.measurements[parameter] == measurement,
                    "\(key): \(event.id) replaces a valid \(parameter)")
            }
        }
        expect(Set(judged.keys) == Set(said.keys), "\(judged.count) readings of \(said.count) were judged")
        for (key, last) in judged {
            let found = last.assessment.reading.measurements
            let expected = said[key, default: [:]]
            guard ages else {
                expect(
                    found == expected.mapValues(\.measurement),
                    "\(key) is not what was said of it last: \(last.assessment.reading)")
                continue
            }
            expect(Set(found.keys) == Set(expected.keys), "\(key) has other parameters than were said")
            for (parameter, measurement) in found {
                marks.hit(.measurementAged)
                expect(measurement.status == .valid, "\(parameter) of \(key) is provisional for ever")
                let ever = expected[parameter]?.ever.map(\.asValid) ?? []
                expect(ever.contains(measurement), "nobody said \(measurement) of \(key)")
                if ever.last != measurement { marks.hit(.correctionCameTooLate) }
            }
        }
    }
}

extension [UInt8] {
    /// Whether a citizen's name or phone stands in these bytes.
    var namesCitizen: Bool {
        holds(Workload.nameMark) || holds(Workload.phoneMark) || holds(Workload.numberMark)
    }

    func holds(_ text: String) -> Bool {
        let sought = Array(text.utf8)
        return withUnsafeBytes { bytes in
            var rest = bytes[...]
            while let start = rest.first.flatMap({ _ in memchr(rest.base, Int32(sought[0]), rest.count) }) {
                rest = rest.dropFirst(UnsafeRawPointer(start) - UnsafeRawPointer(rest.base))
                if rest.count < sought.count { return false }
                if memcmp(rest.base, sought, sought.count) == 0 { return true }
                rest = rest.dropFirst()
            }
            return false
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var base: UnsafeRawPointer {
        UnsafeRawBufferPointer(rebasing: self).baseAddress.unsafelyUnwrapped
    }
}
