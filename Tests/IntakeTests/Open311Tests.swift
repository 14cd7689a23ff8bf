import Foundation
import Geo
import HTTP
import Links
import Models
import Open311
import Processing
import Testing
import Text

@testable import Intake

@Suite("Open311, the writing half")
struct Open311Tests {
    private static let form = "application/x-www-form-urlencoded; charset=utf-8"

    /// - Parameter fields: `name=value`, which are encoded here.
    private func request(_ fields: [String], format: String = "json", key: Bool = true) -> Request {
        let all = fields + (key ? ["api_key=\(Counter.app.text)"] : [])
        let body = all.map { field in
            let sides = field.split(separator: "=", maxSplits: 1).map(String.init)
            return sides.map { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
                .joined(separator: "=")
        }.joined(separator: "&")
        return Request(
            method: .post, segments: ["open311", "v2", "requests.\(format)"],
            headers: [("Content-Type", Self.form)], body: Array(body.utf8))
    }

    private func plan(_ request: Request, _ counter: Counter = Counter()) throws(Problem) -> API.Plan {
        let (named, form) = try Open311API.read(request)
        return try counter.api.open311Request(named, form)
    }

    private func text(_ response: Response) -> String {
        guard case .bytes(let bytes) = response.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private let good = ["service_code=odour", "lat=30.2", "long=120.25", "description=It smells."]

    @Test("a request becomes a complaint of its gateway's channel, and its id is the tracking code")
    func taken() throws {
        let plan = try plan(
            request(
                good + [
                    "first_name=Li", "last_name=Yang", "phone=+86 000 0000 7003", "email=li@example.org",
                    "address_string=by the bridge", "attribute[river]=canal",
                    "media_url=https://example.org/a.jpg", "jurisdiction_id=city", "device_id=1",
                ]))
        let code = ComplaintID(Counter.chance).code
        #expect(plan.answer.status == 201)
        #expect(plan.answer.headers["Content-Type"] == "application/json; charset=utf-8")
        #expect(
            text(plan.answer)
                == #"[{"service_request_id":"\#(code)","service_notice":null,"account_id":null}]"#)
        func data(_ topic: Topic) throws -> [UInt8] {
            try #require(plan.records.first { $0.topic == topic }?.event.data)
        }
        let submission = try JSON.decode(Submission.self, from: data(.submissions))
        #expect(submission.complaint == code && submission.gateway == Counter.id("app"))
        #expect(submission.channel == .app && submission.river == Counter.id("canal"))
        #expect(submission.place?.latitude == 30.2 && submission.place?.longitude == 120.25)
        #expect(
            try JSON.decode(Words.self, from: data(.words))
                == Words(text: "It smells.", media: ["https://example.org/a.jpg"], address: "by the bridge"))
        let contact = try JSON.decode(Contact.self, from: data(.contacts))
        let number = try CallableNumber("+86 000 0000 7003", country: .china)
        #expect(contact.name == "Li Yang" && contact.phone == number)
    }

    @Test("the answer is XML where XML was asked for, and never holds the citizen's id")
    func xml() throws {
        let plan = try plan(request(good, format: "xml"))
        #expect(plan.answer.headers["Content-Type"] == "text/xml; charset=utf-8")
        let id = ComplaintID(Counter.chance)
        #expect(text(plan.answer).contains("<service_request_id>\(id.code)</service_request_id>"))
        #expect(!text(plan.answer).contains(id.text))
    }

    @Test("a key of combining marks is passed on whole in the header")
    func marks() throws {
        let marks =
            "a" + String(repeating: "\u{301}", count: 30_000) + String(repeating: "\u{323}", count: 30_000)
        let request = Request(
            method: .post, segments: ["open311", "v2", "requests.json"],
            headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("api_key=\(marks)".utf8))
        let (named, _) = try Open311API.read(request)
        #expect(Bearer.token(in: named.headers) == "")
        #expect(Bearer.token(in: [("Authorization", "Bearer  \(marks)")])?.utf8.count == marks.utf8.count)
        #expect(Bearer.token(in: [("Authorization", marks)]) == nil)
    }

    @Test("an address alone is enough, and without a description the service says what it is about")
    func little() throws {
        let plan = try plan(request(["service_code=odour", "address_string=by the bridge"]))
        let words = try JSON.decode(
            Words.self, from: #require(plan.records.first { $0.topic == .words }?.event.data))
        #expect(words == Words(text: "异味", address: "by the bridge"))
    }

    @Test("multipart says the same, and the same request again is the same complaint, whatever its boundary")
    func multipart() throws {
        func ask(_ boundary: String, _ key: String, _ description: String = "It smells.") throws -> String {
            let parts = [
                "service_code": "odour", "lat": "30.2", "long": "120.25", "description": description,
                "api_key": key,
            ]
            let body =
                parts.map {
                    "--\(boundary)\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n"
                }
                .joined() + "--\(boundary)--\r\n"
            var counter = Counter()
            counter.chance = UUID()
            return text(
                try plan(
                    Request(
                        method: .post, segments: ["open311", "v2", "requests.json"],
                        headers: [
                            ("Content-Type", "multipart/form-data; boundary=\(boundary)"),
                            ("Idempotency-Key", "1"),
                        ], body: Array(body.utf8)), counter
                ).answer)
        }
        let first = try ask("aaa", Counter.app.text)
        #expect(try ask("bbb", Counter.app.text) == first)
        #expect(try ask("aaa", Counter.app.text, "It smells again.") != first)
        // Without an idempotency key, each request is another complaint.
        let one = try plan(request(good)),
            other = try plan(
                request(good),
                {
                    var c = Counter(); c.chance = Counter.other; return c
                }())
        #expect(text(one.answer) != text(other.answer))
    }

    @Test(
        "faults have the standard's names, form and numbers, all at once",
        arguments: [
            (["lat=30.2", "long=120.25", "description=a"], 400, ["service_code is missing"]),
            (
                ["service_code=none", "lat=30.2", "long=120.25", "description=a"], 404,
                ["service_code is not a category of the registry"]
            ),
            (
                ["service_code=station-alarm", "lat=30.2", "long=120.25"], 400,
                ["service_code is for the alarms of stations only"]
            ),
            (
                ["service_code=odour"], 400,
                ["lat and long is missing; give a place, a river, a reach or an address"]
            ),
            (["service_code=odour", "lat=30.2"], 400, ["long is missing"]),
            (
                ["service_code=odour", "lat=a", "long=nan"], 400,
                ["lat is not a number", "long is not a number"]
            ),
            (
                ["service_code=odour", "lat=30.2", "long=122.9"], 400,
                ["lat and long lies outside the waters of this city"]
            ),
            (
                ["service_code=odour", "address_id=7"], 400,
                [
                    "address_id is not known here; send lat and long, or address_string",
                    "lat and long is missing; give a place, a river, a reach or an address",
                ]
            ),
            (
                ["service_code=odour", "address_string=a", "phone=12"], 400,
                ["phone is too short for a phone number"]
            ),
            (
                ["service_code=odour", "address_string=a", "attribute[river]=styx"], 400,
                ["attribute[river] is not a river of the registry"]
            ),
            (
                ["service_code=odour", "address_string=a", "media_url=javascript:1"], 400,
                ["media_url is neither an uploaded picture nor an https link of at most 2048 bytes"]
            ),
        ])
    func faults(_ fields: [String], _ status: Int, _ said: [String]) throws {
        let request = request(fields)
        let problem = #expect(throws: Problem.self) { try plan(request) }
        let response = Open311API.refusal(try #require(problem), request)
        #expect(response.status == status)
        struct Entry: Decodable {
            let code: String
            let description: String
        }
        guard case .bytes(let bytes) = response.body else { return }
        let entries = try JSONDecoder().decode([Entry].self, from: Data(bytes))
        #expect(entries.map(\.description) == said)
        #expect(entries.allSatisfy { $0.code == String(status) })
    }

    @Test("without a valid key there is 403, which is the standard's number for it")
    func keys() throws {
        for fields in [good, good + ["api_key=nonsense"], good + ["api_key=\(Counter.former.text)"]] {
            let request = request(fields, key: false)
            let problem = #expect(throws: Problem.self) { try plan(request) }
            #expect(Open311API.refusal(try #require(problem), request).status == 403)
        }
        // A bearer token will do as well.
        var request = request(good, key: false)
        request.headers["Authorization"] = "Bearer \(Counter.app.text)"
        #expect(try plan(request).answer.status == 201)
    }

    @Test("what is no form is refused", arguments: [("application/json", 415), (Self.form, 400)])
    func body(_ type: String, _ status: Int) throws {
        let request = Request(method: .post, headers: [("Content-Type", type)], body: Array("a=%".utf8))
        let problem = #expect(throws: Problem.self) { try plan(request) }
        #expect(problem?.status == status)
    }

    @Test("whoever reads here is sent to the public site with his question, byte for byte")
    func redirect() {
        let request = Request(
            segments: ["open311", "v2", "requests.json"],
            query: ["start_date": "2026-11-01T00:00:00+08:00", "status": "open"])
        let response = Open311API.redirect(request, to: "https://rivers.example.org")
        #expect(response.status == 307)
        let question = "start_date=2026-11-01T00%3A00%3A00%2B08%3A00&status=open"
        #expect(
            response.headers["Location"] == "https://rivers.example.org/open311/v2/requests.json?\(question)")
        #expect(Open311API.redirect(request, to: nil).status == 404)
    }

    // MARK: Updates

    private func update(
        _ fields: [String], by key: GatewayKeyText = Counter.app
    ) throws(Problem) -> API.Plan {
        var request = request(fields + ["api_key=\(key.text)"], key: false)
        request.segments = ["open311", "v2", "servicerequestupdates.json"]
        let (named, form) = try Open311API.read(request)
        return try Counter().api.open311Update(named, form)
    }

    private static let code = Counter.complaint.code

    private func action(_ plan: API.Plan) throws -> ComplaintAction {
        try JSON.decode(ComplaintAction.self, from: try #require(plan.records.last?.event.data))
    }

    @Test(
        "a gateway that may post complaints adds something for the citizen; the log says which gateway it was"
    )
    func added() throws {
        for (status, verb) in [
            ("OPEN", ComplaintAction.Verb.note(isPublic: true)), ("FIXED", .note(isPublic: true)),
            ("reopen", .reopen),
        ] {
            let plan = try update([
                "service_request_id=\(Self.code)", "status=\(status)", "description=Still there.",
                "update_id=17", "updated_datetime=2026-11-23T08:00:00Z", "email=li@example.org",
            ])
            let action = try action(plan)
            #expect(action.by == .citizen && action.verb == verb && action.gateway == Counter.id("app"))
            #expect(action.complaint == Self.code && action.fingerprint == nil)
            #expect(plan.answer.status == 201)
            let id = try #require(plan.records.last?.event.id.dropFirst("action/".count))
            #expect(
                text(plan.answer)
                    == #"[{"update_id":"\#(id)","service_request_id":"\#(Self.code)"}]"#)
        }
    }

    @Test("the client's own id makes it the same update")
    func repeated() throws {
        func id(_ fields: [String]) throws -> String {
            let all = ["service_request_id=\(Self.code)", "description=Still there."] + fields
            return text(try update(all).answer)
        }
        #expect(try id(["update_id=1"]) == id(["update_id=1"]))
        #expect(try id(["update_id=1"]) != id(["update_id=2"]))
    }

    @Test("a gateway that may act for an official brings about what the status says")
    func brought() throws {
        for (status, verb) in [
            ("IN_PROGRESS", ComplaintAction.Verb.accept), ("FIXED", .resolve), ("NO_FURTHER_ACTION", .close),
            ("NOT_COUNCILS_RESPONSIBILITY", .reject(.handledElsewhere)),
        ] {
            let plan = try update(
                ["service_request_id=\(Self.code)", "status=\(status)", "description=Done."],
                by: Counter.office)
            let action = try action(plan)
            #expect(action.by == Actor(role: .office, id: "city") && action.verb == verb)
            #expect(action.gateway == nil)
        }
        // Without a status for officials it speaks for the citizen.
        let plan = try update(
            ["service_request_id=\(Self.code)", "description=More."], by: Counter.office)
        #expect(try action(plan).by == .citizen && action(plan).gateway == Counter.id("office"))
    }

    @Test(
        "a wrong update is told in the standard's form",
        arguments: [
            (["description=x"], 400), (["service_request_id=none", "description=x"], 404),
            (["service_request_id=none", "status=none"], 400),
            (["service_request_id=\(code)", "status=GONE", "description=x"], 400),
            (["service_request_id=\(code)"], 400),
        ] as [([String], Int)])
    func wrong(_ fields: [String], _ status: Int) throws {
        let problem = try #require(refusal { () throws(Problem) in try update(fields) })
        let answer = Open311API.refusal(problem, request([]))
        #expect(answer.status == status)
        #expect(text(answer).contains("description"))
    }

    @Test("an update needs a key with a scope for it")
    func unproved() throws {
        let fields = ["service_request_id=\(Self.code)", "description=x"]
        #expect(refusal { () throws(Problem) in try update(fields, by: Counter.sms) }?.status == 403)
        let without = request(fields, key: false)
        let problem = refusal { () throws(Problem) in
            let (named, form) = try Open311API.read(without)
            return try Counter().api.open311Update(named, form)
        }
        #expect(problem?.status == 403)
    }

    @Test("an empty body has no key, and is no other kind of body")
    func empty() throws {
        let request = Request(method: .post, segments: ["open311", "v2", "requests.json"])
        #expect(try Open311API.read(request).0.headers["authorization"] == nil)
        #expect(refusal { () throws(Problem) in try plan(request) }?.status == 403)
    }
}
