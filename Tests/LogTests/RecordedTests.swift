import Crypto
import Foundation
import Links
import Models
import Processing
import Testing

/// What was written once is read for ever: see Recorded/README.md.
@Suite("The recorded log")
struct RecordedTests {
    /// The files that are closed, each with its SHA-256: what stands in them changes no more.
    static let closed: [String: String] = [
        "2026-11-29-identity.jsonl":
            "46c09b24456845ca34d68e08c0fc3b2615abcad0b3faec309b9772f4a8f3bb39",
        "2026-11-29-lost.jsonl":
            "a96f655452444cd5f6c98737dc06b224db0828c66f8fec0421c35205d913948c",
        "2026-11-29-readings.jsonl":
            "613ae3adc947ec46f50d2e53d425b2f8d5c4184c558b7b84d6c0f1cbc043b2e5",
        "2026-11-29-reviews.jsonl":
            "81645e4534c6f230ef05dfb18c8599cbe1d69ed2c4bd1554b7a811dc19c5e3e9",
        "2026-11-29-stations.jsonl":
            "6b750d65239342e144440bb3edcdb1d35d63f3fd529ad09b93ab5e146c515b15",
        "2026-11-29.jsonl":
            "008b931cc91c6fe4db663afc7d317d6ecd54894b429bd6404ecaa1416162671f",
        "2026-11-30-alone.jsonl":
            "776e1d0f3bd903a12343e6bce4009995088d76a4fe8f8a5a60cd6b5ef294bb69",
        "2026-11-30-messages.jsonl":
            "d56dae8b2bc8be5399e7a6089a08ecf636574f830b1c82fee133c60ef7328a70",
        "2026-11-30-places.jsonl":
            "13124205006ac5df34929ff81a09a3349e5ea8fcd7f2eec680bc8b96580a6f82",
        "2026-11-30-sources.jsonl":
            "ee8d2ff79ea00d928ede95070a5e565a9aab0051d02ad84134251504d8c9366b",
        "2026-11-run.jsonl":
            "b6b0c5bd814b66567198cfccb37a9c59c7d51e6f280eb4ae56070b7ababcd118",
        "2026-11.jsonl":
            "7cfa3ae745e027ee864cfc23dc1a89f46a1356cfc142339e2803afa493f223a8",
        "2026-12.jsonl":
            "c75889c0a8d1e18009a76758496782a6e31badca2487e66fc26af0c697a64ccc",
        "2026-12-withdrawn.jsonl":
            "88d22a7cb72551a3547e7d7123a2b66a1a17ed336ba0e3342016438c065e7e50",
        "2026-12-unsent.jsonl":
            "f62eb69e9f2eccbe4c6a7179baa6dfd48c34ec255d9c41b79f92a4ab212c3571",
    ]

    @Test("a closed file is as it was")
    func closedFiles() throws {
        for file in try Recorded.files() {
            guard let expected = Self.closed[file.lastPathComponent] else { continue }
            let hash = SHA256.hash([UInt8](try Data(contentsOf: file)))
            #expect(KeyHash(hash)?.description == expected, "\(file.lastPathComponent) was changed")
        }
        let names = Set(try Recorded.files().map(\.lastPathComponent))
        #expect(Set(Self.closed.keys).isSubset(of: names), "a closed file is gone")
    }

    @Test("every record is read by the reader of its topic, and written again it has the same bytes")
    func read() throws {
        let records = try Recorded.all()
        #expect(!records.isEmpty)
        for record in records {
            do {
                let again = try LogReading.again(record)
                #expect(again.map { String(decoding: $0, as: UTF8.self) } == record.value, "\(record.text)")
                let headers = try record.event().headers.map { [$0.name, $0.value] }
                #expect(headers == record.headers, "\(record.text)")
            } catch {
                Issue.record("\(error): \(record.text)")
            }
        }
    }

    @Test("a line is read and written as the same line")
    func lines() throws {
        for file in try Recorded.files() {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.hasSuffix("\n"))
            for (record, line) in zip(try Recorded.records(in: file), text.split(separator: "\n")) {
                #expect(record.text == line)
            }
        }
    }

    @Test(
        "there is a record of every topic, type of event, verb and kind of entity, and a tombstone of each topic that has them"
    )
    func whole() throws {
        let records = try Recorded.all()
        let families = Set(records.map { $0.topic.family == .gateway ? "gateways" : $0.topic.rawValue })
        #expect(families == Set(Topic.allCases.map(\.rawValue) + ["gateways"]))
        let types = Set(try records.map { try $0.event().type })
        #expect(types == LogTypes.all)
        let erased = Set(records.filter { $0.value == nil }.map(\.topic))
        #expect(erased == [.contacts, .words, .follows, .registry])
    }

    /// `DAYU_RECORD=2027-01.jsonl swift test --filter RecordedTests` appends to that file what is missing.
    @Test("whatever this version writes is recorded")
    func current() throws {
        let known = Set(try Recorded.all().map(\.text))
        var missing: [String] = []
        for sample in SampleLog().samples {
            let line = LoggedRecord(sample.outgoing).text
            if !known.contains(line), !missing.contains(line) { missing.append(line) }
        }
        guard let name = ProcessInfo.processInfo.environment["DAYU_RECORD"] else {
            #expect(missing == [], "record them in a new file: see Recorded/README.md")
            return
        }
        try #require(Self.closed[name] == nil, "\(name) is closed")
        let file = Recorded.folder.appending(path: name)
        let before = (try? Data(contentsOf: file)) ?? Data()
        try (before + Data(missing.map { $0 + "\n" }.joined().utf8)).write(to: file)
    }

    @Test("nobody in it is real: its numbers are those of samples")
    func invented() throws {
        for record in try Recorded.all() {
            let text = record.text
            for match in text.matches(of: /\+[0-9]{7,15}/) {
                #expect(text[match.range].hasPrefix("+8600000000"), "\(text[match.range])")
            }
        }
    }
}

/// The types of events that this version writes.
enum LogTypes {
    static let all: Set<String> = {
        let types: [EventType] =
            ComplaintEvent.Kind.allCases.map { EventType("complaint", $0.rawValue) }
            + ComplaintAction.Name.allCases.map { EventType("action", $0.rawValue) }
            + AlarmEvent.Kind.allCases.map { EventType("alarm", $0.rawValue) }
            + BreachEvent.Kind.allCases.map { EventType(BreachEvent.subject, $0.rawValue) }
            + NoticeEvent.Kind.allCases.map { EventType("notice", $0.rawValue) }
            + RegistryEntity.Kind.allCases.map { EventType("registry", $0.rawValue) }
            + ["complaint", "action", "readings", "reviews"].map { EventType("gateway", $0) }
            + ["refused", "replayed", "dismissed"].map { EventType("dead-letter", $0) }
            + [
                EventType("complaint", "submitted"), EventType("contact", "given"),
                DeskLink.type, DeskLinkAsked.type, ContactViewed.type, ComplaintOpened.type,
                EventType("words", "written"), EventType("words", "erased"),
                EventType("contact", "erased"), EventType("link", "written"), EventType("action", "refused"),
                EventType("reading", "reported"), EventType("reading", "reviewed"),
                EventType("reading", "assessed"), DaySummary.type,
                EventType("notice", "requested"), NoticeWithdrawal.type, NoticeSettlement.type,
                EventType("sms", "job"),
                JobWithdrawal.type, EventType("sms", "receipt"), NumberConfirmed.type, PhoneMessage.type,
                PhoneAnswer.type,
                EventType("indicator", "counted"), SourceStanding.type, SeenReadings.type,
                RegistryRenewal.type, Follow.begun, Follow.ended, FollowCount.type, Publication.type,
            ]
        return Set(types.map(\.description))
    }()
}
