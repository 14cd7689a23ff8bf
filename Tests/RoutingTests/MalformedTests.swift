import Geo
import Models
import Processing
import Support
import Testing
import Text

@testable import Routing

@Suite("What can't be understood is refused with a precise fault")
struct MalformedTests {
    private let routing = Routing(registry: City.registry())

    private func fault(_ record: Record) -> String? {
        do throws(Malformed) {
            _ = try routing.understand(record)
            return nil
        } catch {
            return error.description
        }
    }

    private func submission(_ edit: (inout String) -> Void) -> Record {
        var text = String(decoding: JSON.encode(Story.submission()), as: UTF8.self)
        edit(&text)
        return Story.record(Array(text.utf8), topic: .submissions, cause: "c")
    }

    private func action(_ text: String) -> Record {
        let text = text.replacing("ID", with: Story.id.compact)
        return Story.record(Array(text.utf8), topic: .actions, cause: "c")
    }

    @Test("of a submission, each by the field that is wrong")
    func submissions() {
        let wrong: [(String, String, String)] = [
            (#""category":"odour""#, #""category":"Odour!""#, "category"),
            (#""category":"odour","#, "", "category: is missing"),
            (#""text":true"#, #""text":"The water smells.""#, "words.text"),
            (#""pictures":0"#, #""pictures":null"#, "words.pictures"),
            (#""words":{"#, #""words":[],"x":{"#, "words"),
            (#""datum":"wgs84""#, #""datum":"mars""#, "datum"),
            (#""latitude":30.2502"#, #""latitude":91"#, "place.latitude: is outside"),
            (#""longitude":120.12"#, #""longitude":-180.5"#, "place.longitude: is outside"),
            (#""longitude":120.12"#, #""longitude":"120.12""#, "place.longitude"),
            (#""channel":"web""#, #""channel":"pigeon""#, "channel"),
            (#""submittedAt":""#, #""submittedAt":"yesterday "#, "submittedAt"),
            (#""complaint":""#, #""complaint":"x"#, "complaint"),
        ]
        for (old, new, expected) in wrong {
            let record = submission { text in
                #expect(text.contains(old), "the test looks for \(old) in \(text)")
                text = text.replacing(old, with: new)
            }
            #expect(fault(record)?.contains(expected) == true, "\(new): \(fault(record) ?? "was understood")")
        }
    }

    @Test("of an action, each by the field that is wrong")
    func actions() {
        let wrong: [(String, String)] = [
            (#"{"complaint":"ID","by":{"role":"chief","id":"a"},"action":"abolish"}"#, "action"),
            (#"{"complaint":"ID","by":{"role":"emperor"},"action":"accept"}"#, "by.role"),
            (#"{"complaint":"ID","action":"accept"}"#, "by: is missing"),
            (
                #"{"complaint":"ID","by":{"role":"chief"},"action":"resolve","words":{}}"#,
                "words.text: is missing"
            ),
            (#"{"complaint":"ID","by":{"role":"chief"},"action":"resolve","words":"Done."}"#, "words"),
            (
                #"{"complaint":"ID","by":{"role":"chief"},"action":"edit","correction":{}}"#,
                "must correct the category"
            ),
            (#"{"complaint":"ID","by":{"role":"system"},"action":"part","reason":"gone"}"#, "reason"),
            (#"{"complaint":"ID","by":{"role":"citizen"},"action":"rate"}"#, "grade: is missing"),
            (#"{"complaint":"ID","by":{"role":"citizen"},"action":"rate","grade":"5 stars"}"#, "grade"),
            (#"{"complaint":"ID","by":{"role":"citizen"},"action":"note"}"#, "public: is missing"),
            (#"{"by":{"role":"citizen"},"action":"close"}"#, "complaint: is missing"),
        ]
        for (text, expected) in wrong {
            #expect(
                fault(action(text))?.contains(expected) == true,
                "\(text): \(fault(action(text)) ?? "was understood")")
        }
        #expect(
            fault(action(#"{"complaint":"ID","by":{"role":"citizen"},"action":"close","later":[1]}"#)) == nil)
    }

    @Test("bytes that are no JSON, no object, a tombstone or far too long")
    func bytes() {
        func record(_ value: [UInt8]?) -> Record {
            let whole = Story.record([0x7B, 0x7D], topic: .submissions, cause: "c")
            return Record(
                topic: whole.topic, partition: 0, offset: 0, timestamp: Story.start, key: whole.key,
                value: value,
                headers: whole.headers)
        }
        for value in [nil, [], [0xFF, 0xFE], Array("null".utf8), Array("[]".utf8), Array("{".utf8)]
            as [[UInt8]?]
        {
            #expect(fault(record(value)) != nil, "\(value ?? [])")
        }
        #expect(fault(record(Array(String(repeating: "[", count: 50_000).utf8))) != nil)
        #expect(
            fault(record([UInt8](repeating: 0x20, count: Limit.recordBytes + 1)))?.contains("longer") == true)
    }

    @Test("a key that belongs to another complaint, or a topic that is none of ours")
    func keys() {
        let data = JSON.encode(Story.submission())
        let other = TrackingCode.named("other").compact
        #expect(
            fault(Story.record(data, topic: .submissions, cause: "c", key: other))?.contains("key") == true)
        // A code is written in many ways for people, and in one way in a key.
        for key in [Story.id.description, Story.id.compact.lowercased()] {
            #expect(
                fault(Story.record(data, topic: .submissions, cause: "c", key: key))?.contains("key") == true)
        }
        #expect(fault(Story.record(data, topic: .reports, cause: "c"))?.contains("readings.reports") == true)
    }

    @Test("headers: each of those that CloudEvents requires")
    func headers() {
        let whole = Story.record(JSON.encode(Story.submission()), topic: .submissions, cause: "c")
        func with(_ headers: [Record.Header]) -> Record {
            Record(
                topic: whole.topic, partition: 0, offset: 0, timestamp: Story.start, key: whole.key,
                value: whole.value, headers: headers)
        }
        for name in ["ce_id", "ce_source", "ce_type", "ce_specversion"] {
            #expect(fault(with(whole.headers.filter { $0.name != name })) == "\(name): is missing")
        }
        let odd = whole.headers.filter { $0.name != "ce_time" } + [.init(name: "ce_time", value: [0xFF])]
        #expect(fault(with(odd))?.hasPrefix("ce_time") == true)
        #expect(fault(with(whole.headers + [.init(name: "unknown", value: [0xFF])])) == nil)
    }

    @Test("any damage at all: understood or refused, never a trap", arguments: 0..<200 as Range<UInt64>)
    func damage(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let verbs: [ComplaintAction.Verb] = [
            .accept, .rate(.neutral),
            .note(isPublic: true),
        ]
        let isSubmission = random.once(in: 2)
        var bytes =
            isSubmission
            ? JSON.encode(Story.submission())
            : JSON.encode(ComplaintAction(complaint: Story.id, by: .citizen, verb: random.one(of: verbs)))
        for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(random.one(of: Array("\"{}[],:0e9-\\".utf8)), at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        var story = Story()
        let record = Story.record(bytes, topic: isSubmission ? .submissions : .actions, cause: "c")
        _ = try story.take(record, caughtUp: true)
        #expect(story.facts.map(\.version) == Array(0..<story.facts.count).map { $0 + 1 }, "seed \(seed)")
    }
}
