import Foundation
import Geo
import Models
import Support
import Testing
import Text

@Suite("Values as JSON")
struct WireTests {
    /// The same object with members nobody knows: a later version of the suite may add them.
    private func withMore(_ bytes: [UInt8]) throws -> [UInt8] {
        var object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        object["addedLater"] = ["deep": [1, 2, ["er": NSNull()]]]
        return [UInt8](try JSONSerialization.data(withJSONObject: object))
    }

    @Test("every kind of event", arguments: ComplaintEvent.Kind.allCases)
    func events(kind: ComplaintEvent.Kind) throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            let event = random.event(kind)
            #expect(event.kind == kind)
            #expect(try ComplaintEvent(kind: kind, data: event.data) == event, "seed \(seed)")
            #expect(try ComplaintEvent(kind: kind, data: withMore(event.data)) == event, "seed \(seed)")
        }
    }

    @Test("facts, as they stand on the log", arguments: ComplaintEvent.Kind.allCases)
    func facts(kind: ComplaintEvent.Kind) throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            let fact = ComplaintFact(
                complaint: random.complaint(), version: .random(in: 1...1000, using: &random),
                trail: Trail(
                    at: random.instant(), cause: random.text(1...20),
                    traceparent: random.maybe { $0.text(1...20) }),
                event: random.event(kind))
            let sent = fact.cloudEvent(source: "dayu-routing")
            #expect(
                sent.subject == fact.complaint.compact && sent.id == "\(sent.subject ?? "").\(fact.version)")
            let read = try CloudEvent(headers: sent.headers, data: sent.data)
            #expect(try ComplaintFact(read) == fact, "seed \(seed)")
        }
    }

    @Test("a fact needs what makes it one")
    func notFacts() throws {
        var random = SplitMix64(seed: 1)
        let id = random.complaint()
        func event(
            type: String = "org.dayu.complaint.accepted.v1", subject: String?, version: Int? = 1,
            cause: String? = "c", data: [UInt8]? = Array(#"{"by":{"role":"chief"}}"#.utf8)
        ) -> CloudEvent {
            CloudEvent(
                id: "i", source: "s", type: type, subject: subject, version: version,
                trail: Trail(at: Instant(millisecondsSince1970: 0), cause: cause), data: data)
        }
        let subject = id.compact
        #expect(throws: Never.self) { try ComplaintFact(event(subject: subject)) }
        let wrong = [
            event(type: "org.dayu.complaint.forgotten.v1", subject: subject),
            event(type: "org.dayu.reading.accepted.v1", subject: subject),
            event(type: "org.dayu.complaint.accepted.v2", subject: subject), event(subject: nil),
            event(subject: "x"), event(subject: subject, version: nil), event(subject: subject, version: 0),
            event(subject: subject, version: -1), event(subject: subject, cause: nil),
            event(subject: subject, data: nil), event(subject: subject, data: []),
            event(subject: subject, data: Array(#"{"by":{"role":"mayor"}}"#.utf8)),
        ]
        for event in wrong { #expect(throws: Malformed.self, "\(event)") { try ComplaintFact(event) } }
        for (type, reason) in [
            ("org.dayu.complaint.forgotten.v1", "is not a complaint's event"),
            ("org.dayu.complaint.accepted.v2", "has an unknown version"),
            ("accepted", "is not a type of this suite"),
        ] {
            #expect(throws: Malformed("ce_type", "\(type) \(reason)")) {
                try ComplaintFact(event(type: type, subject: subject))
            }
        }
    }

    @Test("every verb", arguments: ComplaintAction.Name.allCases)
    func actions(name: ComplaintAction.Name) throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            let action = ComplaintAction(
                complaint: random.complaint(), by: random.actor(), verb: random.verb(name),
                words: random.maybe { $0.outline() })
            #expect(action.verb.name == name)
            let bytes = JSON.encode(action)
            #expect(try JSON.decode(ComplaintAction.self, from: bytes) == action, "seed \(seed)")
            #expect(try JSON.decode(ComplaintAction.self, from: withMore(bytes)) == action, "seed \(seed)")
        }
    }

    @Test("candidates")
    func candidates() throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            let candidate = random.candidate()
            let bytes = JSON.encode(candidate)
            #expect(try JSON.decode(Candidate.self, from: bytes) == candidate, "seed \(seed)")
            #expect(try JSON.decode(Candidate.self, from: withMore(bytes)) == candidate, "seed \(seed)")
        }
    }

    @Test("submissions")
    func submissions() throws {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            let submission = random.submission()
            let bytes = JSON.encode(submission)
            #expect(try JSON.decode(Submission.self, from: bytes) == submission, "seed \(seed)")
            #expect(try JSON.decode(Submission.self, from: withMore(bytes)) == submission, "seed \(seed)")
            #expect(JSON.encode(submission) == bytes, "the same value is the same bytes")
        }
    }

    private func travels<Value: Codable & Equatable>(_ value: Value, _ seed: UInt64) throws {
        let bytes = JSON.encode(value)
        #expect(try JSON.decode(Value.self, from: bytes) == value, "seed \(seed)")
        #expect(try JSON.decode(Value.self, from: withMore(bytes)) == value, "seed \(seed)")
    }

    @Test("words, contacts, reports, readings and assessments")
    func values() throws {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            try travels(random.words(), seed)
            try travels(random.outline(), seed)
            try travels(random.contact(), seed)
            try travels(random.report(), seed)
            try travels(random.reading(), seed)
            try travels(random.assessment(), seed)
        }
    }

    @Test("what becomes of notices", arguments: NoticeEvent.Kind.allCases)
    func notices(kind: NoticeEvent.Kind) throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            let event = random.notice(kind)
            #expect(event.kind == kind)
            #expect(try NoticeEvent(kind: kind, data: event.data) == event, "seed \(seed)")
            #expect(try NoticeEvent(kind: kind, data: withMore(event.data)) == event, "seed \(seed)")
        }
    }

    @Test("alarms", arguments: AlarmEvent.Kind.allCases)
    func alarms(kind: AlarmEvent.Kind) throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            let event = random.alarm(kind)
            #expect(event.kind == kind)
            #expect(try AlarmEvent(kind: kind, data: event.data) == event, "seed \(seed)")
            #expect(try AlarmEvent(kind: kind, data: withMore(event.data)) == event, "seed \(seed)")
        }
        let reversed = Array(#"{"atLeast":9,"atMost":6}"#.utf8)
        #expect(throws: Malformed.self) { try JSON.decode(AlarmLimit.self, from: reversed) }
        #expect(throws: Malformed.self) { try JSON.decode(AlarmLimit.self, from: Array("{}".utf8)) }
    }

    @Test("what is wrong is named by its path")
    func paths() {
        func fault(_ text: String) -> FieldFault? {
            do throws(Malformed) {
                _ = try JSON.decode(Submission.self, from: Array(text.utf8))
                return nil
            } catch {
                return error.faults.first
            }
        }
        let code = "7KQ29XM4T1H0C"
        #expect(fault("{}") == FieldFault("complaint", "is missing"))
        #expect(fault(#"{"complaint":"x"}"#)?.field == "complaint")
        #expect(fault(#"{"complaint":"\#(code)","category":"A B"}"#)?.field == "category")
        let place = #"{"complaint":"\#(code)","category":"a","place":{"longitude":"x"}}"#
        #expect(fault(place)?.field == "place.longitude")
        #expect(fault("")?.field == "")
        #expect(fault("[")?.field == "")
    }

    /// Whatever stands on the log, or comes from outside: a fault, never a crash.
    @Test("any bytes are decoded or refused, and never trap")
    func anyBytes() throws {
        let kinds = ComplaintEvent.Kind.allCases
        for seed in UInt64(0)..<2000 {
            var random = SplitMix64(seed: seed)
            let kind = random.one(of: kinds)
            var bytes: [UInt8]
            if seed % 3 == 0 {
                bytes = random.bytes(.random(in: 0...80, using: &random))
            } else {
                // A value of ours with some bytes changed, lost or doubled.
                bytes = random.event(kind).data
                for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[index] = random.one(of: Array("{}[]\",:0-9e.\\un".utf8) + [0xFF, 0])
                    case 1: bytes.remove(at: index)
                    default: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
                    }
                }
            }
            if let event = try? ComplaintEvent(kind: kind, data: bytes) {
                #expect(try ComplaintEvent(kind: kind, data: event.data) == event, "seed \(seed)")
            }
            _ = try? JSON.decode(ComplaintAction.self, from: bytes)
            _ = try? JSON.decode(Words.self, from: bytes)
            _ = try? JSON.decode(Report.self, from: bytes)
            _ = try? JSON.decode(Assessment.self, from: bytes)
            _ = try? NoticeEvent(kind: random.one(of: NoticeEvent.Kind.allCases), data: bytes)
            _ = try? AlarmEvent(kind: random.one(of: AlarmEvent.Kind.allCases), data: bytes)
            _ = try? RegistryEntity(kind: random.one(of: RegistryEntity.Kind.allCases), data: bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            _ = (
                Instant(rfc3339: text), TrackingCode(text), RegistryKey(text), Month(text),
                Topic(rawValue: text)
            )
            _ = (try? EventType(text), try? CallableNumber(text, country: .china), try? WordsKey(text))
            let headers = [
                "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_version", "ce_subject",
            ]
            .map { (name: $0, value: random.once(in: 3) ? text : "1.0") }
            if let event = try? CloudEvent(headers: headers, data: bytes) { _ = try? ComplaintFact(event) }
        }
    }

    @Test("depth has a bound")
    func deep() {
        for open in ["[", "{\"a\":"] {
            let text = String(repeating: open, count: 100_000)
            #expect(throws: Malformed.self) { try JSON.decode(Submission.self, from: Array(text.utf8)) }
        }
    }
}
