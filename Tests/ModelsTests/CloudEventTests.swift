import Models
import Testing
import Text

@Suite("CloudEvent (Kafka binding, binary mode)")
struct CloudEventTests {
    private static let full = CloudEvent(
        id: "a.1", source: "dayu-routing", type: "org.dayu.complaint.assigned.v1", subject: "a",
        version: 7,
        trail: Trail(
            at: Instant(millisecondsSince1970: 1_795_412_495_120), cause: "site\n1",
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), data: [0x7B, 0x7D])
    private static let least = CloudEvent(
        id: "a", source: "s", type: "t", trail: Trail(at: Instant(millisecondsSince1970: 0)), data: nil)

    @Test("headers and back", arguments: [full, least])
    func roundTrip(event: CloudEvent) throws {
        #expect(try CloudEvent(headers: event.headers, data: event.data) == event)
        #expect(try CloudEvent(headers: event.headers.reversed(), data: event.data) == event)
    }

    @Test("the names of the binding")
    func names() {
        #expect(
            Self.full.headers.map(\.name) == [
                "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_version",
                "ce_cause",
                "traceparent", "content-type",
            ])
        #expect(!Self.least.headers.contains { $0.name == "content-type" })
    }

    private func refused(_ name: String, as value: String?) -> String? {
        var headers = Self.full.headers.filter { $0.name != name }
        if let value { headers.append((name, value)) }
        do throws(Malformed) {
            _ = try CloudEvent(headers: headers, data: [])
            return nil
        } catch {
            return error.faults.first?.field
        }
    }

    @Test("what is required", arguments: ["ce_specversion", "ce_id", "ce_source", "ce_type"])
    func required(name: String) {
        #expect(refused(name, as: nil) == name)
        #expect(refused(name, as: "") == name)
    }

    @Test(
        "what may be absent",
        arguments: ["ce_subject", "ce_time", "ce_version", "ce_cause", "traceparent", "content-type"])
    func optional(name: String) {
        #expect(refused(name, as: nil) == nil)
    }

    @Test(
        "no value may be endless",
        arguments: [
            "ce_id", "ce_source", "ce_type", "ce_subject", "ce_cause", "traceparent",
        ])
    func lengths(name: String) {
        #expect(refused(name, as: String(repeating: "x", count: Limit.headerBytes)) == nil)
        #expect(refused(name, as: String(repeating: "x", count: Limit.headerBytes + 1)) == name)
    }

    @Test("what each may hold")
    func values() {
        #expect(refused("ce_specversion", as: "1.1") == nil)
        for wrong in ["0.3", "2.0", "1", "one"] {
            #expect(refused("ce_specversion", as: wrong) == "ce_specversion")
        }
        for wrong in ["", "yesterday", "2026-11-23", "2026-11-23T05:41:35"] {
            #expect(refused("ce_time", as: wrong) == "ce_time")
        }
        for wrong in ["", "1.5", "x", "99999999999999999999"] {
            #expect(refused("ce_version", as: wrong) == "ce_version")
        }
    }

    @Test("of two headers with a name the first counts; unknown ones are left alone")
    func unknown() throws {
        let headers = Self.full.headers + [("ce_id", "other"), ("ce_partitionkey", "x"), ("", "")]
        #expect(try CloudEvent(headers: headers, data: Self.full.data) == Self.full)
    }

    @Test("data has a bound")
    func dataLength() throws {
        let most = [UInt8](repeating: 0x20, count: Limit.recordBytes)
        #expect(try CloudEvent(headers: Self.full.headers, data: most).data == most)
        #expect(throws: Malformed.self) { try CloudEvent(headers: Self.full.headers, data: most + [0x20]) }
    }

    @Test("a type is about something, and something happened to it")
    func types() throws {
        let type = try EventType("org.dayu.complaint.assigned.v1")
        #expect((type.subject, type.name) == ("complaint", "assigned"))
        #expect(type.description == "org.dayu.complaint.assigned.v1")
        for wrong in [
            "", "org.dayu.complaint.assigned", "org.dayu.complaint.assigned.v2",
            "com.dayu.complaint.assigned.v1",
            "org.dayu.complaint.assigned.v1.x", "org.dayu.complaint..assigned.v1", "complaint.assigned",
        ] {
            #expect(throws: Malformed.self, "\(wrong)") { try EventType(wrong) }
        }
    }

    @Test("an event is the cause of others by its source and its id, and hands on the request and the time")
    func causes() {
        #expect(Self.full.asCause == "dayu-routing/a.1")
        #expect(
            Self.full.next
                == Trail(
                    at: Self.full.time, cause: "dayu-routing/a.1", traceparent: Self.full.trail.traceparent))
        #expect(Self.least.next == Trail(at: Self.least.time, cause: "s/a"))
        let other = CloudEvent(
            id: Self.full.id, source: "dayu-intake", type: Self.full.type, trail: Self.full.trail, data: nil)
        #expect(other.asCause != Self.full.asCause, "an id is unique within its source alone")
    }

    @Test("a trail at another moment is of the same input and the same request")
    func trails() {
        let (now, later) = (Instant(millisecondsSince1970: 5), Instant(millisecondsSince1970: 9))
        let trail = Trail(at: now, cause: "c", traceparent: "t")
        #expect(trail.at(later) == Trail(at: later, cause: "c", traceparent: "t"))
        #expect(Trail(at: now).at(later) == Trail(at: later))
    }

    @Test("a trail of another input is of the same moment and the same request")
    func inputs() {
        let now = Instant(millisecondsSince1970: 5)
        let trail = Trail(at: now, cause: "c", traceparent: "t")
        #expect(trail.causedBy("d") == Trail(at: now, cause: "d", traceparent: "t"))
    }
}
