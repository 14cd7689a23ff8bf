import Foundation
import Host
import Links
import Models
import Processing
import Store
import Testing
import Text

@testable import Analytics
@testable import Disclosure
@testable import Intake
@testable import Notification
@testable import Operator
@testable import Routing

/// `dayu acl print` allows what `ServiceLoop` says. A service that reads or writes another topic is refused
/// by Kafka, which no test with a broker without ACLs notices. So here the catalogue is compared with what
/// the processors declare, and with what they write when they are given the recorded log.
@Suite("The catalogue of topics is what the services read and write")
struct CatalogueTests {
    private static let now = SampleLog.start

    private func loop(_ name: String) throws -> ServiceLoop {
        try #require(ServiceLoop.all.first { $0.name == name }, "\(name)")
    }

    // MARK: Processors

    /// - Parameters:
    ///   - facts: one of each kind, as far as the recorded log leads to none.
    private func check<P: Processor>(
        _ processor: P, facts: [P.Fact] = [], registry: Registry = SampleCity.registry
    ) throws {
        let loop = try loop(processor.name)
        let gateways = processor.inputs.filter { $0.family == .gateway }
        #expect(Set(processor.inputs).subtracting(gateways) == Set(loop.inputs), "\(loop.name) reads")
        #expect(gateways.isEmpty == !loop.readsGateways, "\(loop.name) reads gateways' topics")
        let reads = Set(processor.inputs + processor.memory).subtracting(gateways)
        let allowed = Set(loop.inputs + loop.alsoReads).subtracting([.registry])
        #expect(reads == allowed, "\(loop.name) reads and remembers")
        #expect(try written(processor, facts, registry) == Set(loop.writes), "\(loop.name) writes")
    }

    private func written<P: Processor>(
        _ processor: P, _ facts: [P.Fact], _ registry: Registry
    ) throws -> Set<Topic> {
        var processor = processor
        processor.adopt(registry)
        let memory = ProcessorMemory(processor)
        var written = facts.flatMap(processor.records)
        for logged in try Recorded.all() {
            let record = logged.record()
            if processor.memory.contains(record.topic) {
                // Its own log can always be read; an input may hold what is another processor's.
                let isOwn = record.topic == processor.memory.last
                let fact = isOwn ? try processor.recall(record).fact : try? processor.recall(record).fact
                written += fact.map(processor.records) ?? []
            }
            guard processor.inputs.contains(record.topic) else { continue }
            if let input = try? processor.understand(record).input {
                written += processor.answer(to: input, refused: "no", at: Self.now)
            }
            written += try memory.take(
                Outgoing(topic: logged.topic, key: logged.key, event: try logged.event()), at: Self.now)
        }
        for topic in processor.inputs {
            let event = CloudEvent(
                id: "1", source: "test", type: "org.dayu.no.such.v1", trail: Trail(at: Self.now), data: [0])
            written += try memory.take(Outgoing(topic: topic, key: "?", event: event), at: Self.now)
        }
        return Set(written.map(\.topic))
    }

    private func recorded<Value: Decodable>(_ type: Value.Type, on topic: Topic) throws -> [Value] {
        let values = try Recorded.all().filter { $0.topic == topic }.compactMap { logged in
            logged.data.flatMap { try? JSON.decode(type, from: $0) }
        }
        try #require(!values.isEmpty, "nothing is recorded on \(topic.rawValue)")
        return values
    }

    @Test func routing() throws {
        let action = try #require(try recorded(ComplaintAction.self, on: .actions).first)
        let trail = Trail(at: Self.now)
        let facts: [Routing.Fact] = [
            .asked(action, id: "1", trail),
            .erasedAgain(WordsKey(complaint: action.complaint, cause: "1"), contact: true, trail),
        ]
        for fact in facts {
            switch fact {
            // A kind that is new here needs a sample above, unless the recorded log leads to it.
            case .happened, .refused, .asked, .erasedAgain: break
            }
        }
        try check(Routing(), facts: facts)
    }

    @Test func addressing() throws {
        let request = try #require(try recorded(NoticeRequest.self, on: .noticeRequests).first)
        let events = try Recorded.all().filter { $0.topic == .events }
        let cause = try ComplaintFact(try #require(events.first).event())
        let link = try SampleCity.links().link(to: cause.complaint, for: .citizen, since: Self.now)
        let count = FollowCount(complaint: cause.complaint, follows: 1)
        let facts: [Addressing.Fact] = [
            .request(request, link: link, cause: cause), .counted(count, Trail(at: Self.now)),
            .settled(
                NoticeSettlement(
                    handle: request.recipient.handle, complaint: cause.complaint, by: .citizen,
                    fact: cause.id, isOver: true), cause: cause),
        ]
        for fact in facts {
            switch fact {
            case .contact, .words, .follow, .counted, .happened, .request, .settled, .passedOver: break
            }
        }
        let addressing = Addressing(
            language: .both, numbers: try NumberKey(SampleCity.key),
            mobiles: try MobileNumbers(also: "+86000"), links: try SampleCity.links())
        try check(addressing, facts: facts)
    }

    @Test func dispatch() throws {
        let jobs = try recorded(SMSJob.self, on: .jobs) + recorded(SMSJob.self, on: .urgentJobs)
        let receipt = try #require(try recorded(SMSReceipt.self, on: .receipts).first)
        let trail = Trail(at: Self.now)
        func happened(_ job: SMSJob, _ message: Dispatch.Message?) -> Dispatch.Fact {
            .happened(
                .taken(.init(reference: job.reference, attempt: 1)), about: job.handle, trail, sends: message)
        }
        let request = try #require(try recorded(NoticeRequest.self, on: .noticeRequests).first)
        let deed = Dispatch.Deed(
            action: ComplaintAction(
                complaint: TrackingCode(digest: Array("answered".utf8)), by: .citizen,
                verb: .note(isPublic: true), words: Outline(text: true)), words: Words(text: "said"))
        let answer = PhoneAnswer(
            handle: jobs[0].handle, message: "sms/1", outcome: .acted, complaint: deed.action.complaint,
            action: .note)
        let raise = ComplaintAction(
            complaint: TrackingCode(digest: Array("withdrawn".utf8)), by: .system,
            verb: .raise(over: Actor(role: .chief, id: "chief-liuxia")))
        let facts =
            jobs.map { happened($0, .job($0)) } + [
                happened(jobs[0], .receipt(receipt)), happened(jobs[0], .raise(raise)),
                .confirmed(jobs[0].handle, trail), .answered(answer, trail, deed), .replied(request, trail),
                .withdrawn(
                    NoticeWithdrawal(
                        reference: jobs[0].reference, handle: jobs[0].handle,
                        complaint: TrackingCode(digest: Array("withdrawn".utf8))), trail,
                    job: JobWithdrawal(handle: jobs[0].handle, reference: jobs[0].reference, attempt: 1)),
                .sent(jobs[0], trail),
            ]
        for fact in facts {
            switch fact {
            case .requested, .withdrawn, .confirmed, .settled, .answered, .replied, .sent,
                .happened(_, _, _, sends: nil):
                break
            case .happened(_, _, _, .job), .happened(_, _, _, .receipt), .happened(_, _, _, .raise): break
            }
        }
        try check(Dispatch(), facts: facts)
    }

    @Test func grading() throws { try check(Grading()) }

    @Test func summarising() throws { try check(Summarising()) }

    @Test func alarming() throws {
        let event = try AlarmEvent(
            try #require(try Recorded.all().first { $0.topic == .alarms }).event())
        let submission = try #require(try recorded(Submission.self, on: .submissions).first)
        let action = try #require(try recorded(ComplaintAction.self, on: .actions).first)
        let words = try #require(try recorded(Words.self, on: .words).first)
        let orders: [SystemOrder?] = [nil, .submission(submission, words), .action(action, words)]
        for case .some(let order) in orders {
            switch order {
            case .submission, .action: break
            }
        }
        try check(
            Alarming(),
            facts: orders.map { .happened(.init(event: event, trail: Trail(at: Self.now), order: $0)) })
    }

    @Test func inspecting() throws {
        let event = try BreachEvent(
            try #require(try Recorded.all().first { $0.topic == .breaches }).event())
        let submission = try #require(try recorded(Submission.self, on: .submissions).first)
        let action = try #require(try recorded(ComplaintAction.self, on: .actions).first)
        let words = try #require(try recorded(Words.self, on: .words).first)
        let orders: [SystemOrder?] = [nil, .submission(submission, words), .action(action, words)]
        try check(
            Inspecting(),
            facts: orders.map { .happened(.init(event: event, trail: Trail(at: Self.now), order: $0)) })
    }

    @Test func gatewayDoor() throws {
        let reception = Reception(
            atlas: Atlas(SampleCity.registry), identities: Identities(key: [UInt8](0..<32)),
            links: try SampleCity.links())
        try check(GatewayDoor([SampleCity.hotline], reception, country: .china))
        let writer = try loop("dayu-intake.writer")
        #expect(Set(Reception.topics) == Set(writer.writes))
        // What the HTTP door takes beyond what a gateway may bring.
        let door = try loop(GatewayDoor.name)
        #expect(
            Set(writer.writes).subtracting(door.writes) == [.messages, .receipts, .follows, .publications])
    }

    @Test func sources() throws {
        let loop = try loop(SourcesLoop.name)
        #expect(loop.inputs == [.sources] && loop.kind == .processor)
        let source = Source(
            id: SourceID(literal: "centre"), gateway: SampleCity.hotline,
            address: try #require(Source.Address("https://data.example/")),
            interval: try #require(Source.Interval("10m")), shape: .json)
        let reception = Reception(
            atlas: Atlas(SampleCity.registry), identities: Identities(key: [UInt8](0..<32)), links: nil)
        let reports = try recorded(Report.self, on: .reports).prefix(1).map { report in
            Report(section: report.section, observedAt: report.observedAt, measurements: report.measurements)
        }
        let standing = SourceStanding(
            source.id, row: "", askedAt: Self.now, nextAt: Self.now, outcome: .taken)
        let answered = Asking.Answered(
            standing: standing, seen: SeenLedger().seen(of: source.id),
            readings: try SourcesDoor.records(of: reports, source, reception, at: Self.now))
        #expect(Set(answered.records(Trail(at: Self.now)).map(\.topic)) == Set(loop.writes))
    }

    // MARK: What is no processor

    private struct NoGateway: SMSGateway {
        let window = 1
        let underWay = 0
        func submit(_ job: SMSJob) {}
        func poll(within wait: Duration) -> [SMSReceipt] { [] }
        func cancel() -> [SMSReceipt] { [] }
    }

    @Test(arguments: Pushing.Kind.allCases)
    func pusher(_ kind: Pushing.Kind) throws {
        let loop = try loop(kind.name)
        #expect(loop.inputs == [kind.input] && loop.alsoReads == [Pushing.Kind.followed])
        let pushing = Pushing(kind, gateway: NoGateway(), log: Log(service: "test", threshold: .error))
        var written: Set<Topic> = []
        for record in try Recorded.all().filter({ $0.topic == kind.input }).map({ $0.record() }) {
            let announced = pushing.announce(record, at: .earliest)
            let broken = Record(
                topic: record.topic, partition: 0, offset: 0, timestamp: Self.now, key: record.key,
                value: [0],
                headers: [Record.Header]())
            let outgoing =
                announced.outgoing + (announced.deed.map { pushing.drop($0, at: Self.now) } ?? [])
                + pushing.announce(broken, at: Self.now).outgoing
            written.formUnion(outgoing.map(\.topic))
        }
        #expect(written == Set(loop.writes))
    }

    @Test func projections() throws {
        #expect(Set(ReadModel.topics) == Set(try loop("dayu-disclosure").inputs))
        #expect(Set(DeskModel.topics) == Set(try loop("dayu-desk").inputs))
        #expect(try loop("dayu-desk.writer").writes == [.access])
        #expect(Set(Outcomes.topics) == Set(try loop(Outcomes.name).inputs))
        #expect(Set(LinkBook.topics) == Set(try loop(LinkBook.name).inputs))
        for name in ["dayu-disclosure", "dayu-desk", Outcomes.name, LinkBook.name] {
            #expect(try loop(name).writes == [] && loop(name).alsoReads == [], "\(name)")
        }
        let counting = try loop(Tallies.name)
        #expect(counting.inputs == Tallies.topics)
        let database = try Database(path: ":memory:")
        try database.migrate(Tallies.steps)
        let tallies = try Tallies(database)
        for record in try Recorded.all() where Tallies.topics.contains(record.topic) {
            try tallies.apply(record.record())
        }
        // What its loop says of records that were lost before it read them.
        let letters = counting.inputs.map(\.deadLetters)
        #expect(Set(try tallies.pending().map(\.topic) + letters) == Set(counting.writes))
    }

    @Test("whose loops follow the registry, may read it", arguments: ServiceLoop.Executable.allCases)
    func registry(_ service: ServiceLoop.Executable) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(
                path: "../../Services/\(service == .desk ? "Disclosure" : service.rawValue.capitalized)"
            )
            .standardized
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var follows = false
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let marks = [
                "registry: true", "RegistryReplica(", "topics: [Topic] = [\n        .registry",
            ]
            follows = follows || marks.contains { text.contains($0) }
        }
        let loops = ServiceLoop.all.filter { $0.service == service }
        #expect(loops.contains { ($0.inputs + $0.alsoReads).contains(.registry) } == follows)
    }
}

/// The registry of the samples, with a gateway that may do everything.
enum SampleCity {
    static let hotline = GatewayID(literal: "hotline")
    static let key = String(repeating: "5a", count: 32)

    static let registry = Registry(
        SampleRegistry().entities + [
            .gateway(
                Gateway(
                    id: hotline, name: Name(zh: "热线", en: "Hotline"), channel: .hotline,
                    scopes: [.complaints, .readings, .actions(.office(RegionID(literal: "xihu")))]))
        ])

    static func links() throws -> LinkWriter {
        LinkWriter(key: try LinkKey(key), site: "https://rivers.example", validity: .seconds(86_400))
    }
}
