import HTTP
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("Readings are taken, as JSON and as a table")
struct ReadingsTests {
    private func reading(
        section: String? = #""bridge""#, at: String? = #""2026-07-09T21:00:00+08:00""#,
        values: String? = #"{"w01001":7.1,"w01009":8}"#
    ) -> String {
        object(["section": section, "observedAt": at, "values": values])
    }

    private func body(_ readings: String...) -> String {
        #"{"readings":[\#(readings.joined(separator: ","))]}"#
    }

    private func fields(_ body: String) -> [String] {
        guard let problem = refusal({ () throws(Problem) in try Counter().readings(body) }) else {
            return ["none"]
        }
        #expect(problem.status == 422)
        return problem.fields
    }

    @Test("201 with how many, and a record for each under its section")
    func accepted() throws {
        let later = #""2026-07-09T22:00:00Z""#
        let plan = try Counter().readings(body(reading(), reading(section: #""桥""#, at: later)))
        #expect(plan.answer.status == 201)
        guard case .bytes(let bytes) = plan.answer.body else { return }
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""accepted":2"#))
        #expect(
            plan.records.map(\.topic) == [.reports, .reports]
                && plan.records.map(\.key) == ["bridge", "bridge"])
        let first = try JSON.decode(Report.self, from: try #require(plan.records[0].event.data))
        #expect(first.measurements.figures == [.pH: 7.1, .dissolvedOxygen: 8])
        #expect(first.observedAt.description == "2026-07-09T13:00:00.000Z")
        #expect(first.period == .instant && first.origin == .automatic)
        #expect(first.measurements.values.allSatisfy { $0.flag == .valid && $0.status == .provisional })
        #expect(plan.records[0].event.time == Counter.now, "of two reports the later one holds")
    }

    @Test("a report names the gateway whose key was shown; a body may not name one")
    func sender() throws {
        let claiming =
            #"{"section":"bridge","observedAt":"2026-07-09T21:00:00+08:00","values":{"w01001":7},"#
            + #""gateway":"somebody"}"#
        let record = try #require(try Counter().readings(body(reading())).records.first)
        let sender = try JSON.decode(Report.self, from: try #require(record.event.data)).gateway
        #expect(sender == GatewayID(literal: "office"))
        #expect(fields(body(claiming)) == ["readings.0.gateway"])
    }

    @Test("the same reading sent again, in another offset, has the same identity")
    func identity() throws {
        let here = try Counter().readings(body(reading())).records.map(\.event.id)
        let there = try Counter(chance: Counter.other)
            .readings(body(reading(at: #""2026-07-09T13:00:00Z""#))).records.map(\.event.id)
        #expect(here == there)
        let corrected = try Counter().readings(body(reading(values: #"{"w01001":7.2}"#))).records
        #expect(corrected.map(\.event.id) != here)
        #expect(
            corrected.allSatisfy {
                $0.event.id.hasPrefix("bridge/2026-07-09T13:00:00.000Z/instant/automatic/")
            })
    }

    @Test("two readings of one section and moment are refused, as in a table")
    func twins() {
        let twin = reading(section: #""桥""#, at: #""2026-07-09T13:00:00Z""#, values: #"{"w21003":9}"#)
        #expect(fields(body(reading(), twin)) == ["readings.1.observedAt"])
        #expect(fields(body(reading(), reading())) == ["readings.1.observedAt"])
    }

    @Test("minus nothing is nothing")
    func negativeZero() throws {
        let plan = try Counter().readings(body(reading(values: #"{"w01009":-0.0,"w21003":-0}"#)))
        let data = try #require(plan.records[0].event.data)
        #expect(!String(decoding: data, as: UTF8.self).contains(":-"))
    }

    @Test(
        "a table without one reading is answered at once",
        arguments: [
            ("section,time,pH", 0), ("section,time,pH\n", 0), ("section,time,pH\n,,\n", 1),
            ("section,time,pH\nbridge,2026-07-09 21:00,--\nbridge,2026-07-09 22:00,\n", 2),
        ])
    func emptyTables(table: String, emptyRows: Int) throws {
        let plan = try Counter().readings(table, type: "text/csv")
        #expect(plan.stages.isEmpty && plan.answer.status == 201)
        guard case .bytes(let bytes) = plan.answer.body else { return }
        let answer = String(decoding: bytes, as: UTF8.self)
        #expect(answer.contains(#""accepted":0"#) && answer.contains("\"emptyRows\":\(emptyRows)"))
    }

    @Test("a value that was withheld is null, and none")
    func withheld() throws {
        let plan = try Counter().readings(body(reading(values: #"{"w01001":null,"w01009":8}"#)))
        let first = try JSON.decode(Report.self, from: try #require(plan.records[0].event.data))
        #expect(first.measurements.figures == [.dissolvedOxygen: 8])
    }

    @Test("every wrong field is named by its place")
    func faults() {
        let wrong: [(String, [String])] = [
            (body(reading(values: #"{"w01001":"abc"}"#)), ["readings.0.values.w01001"]),
            (
                body(
                    reading(),
                    reading(at: #""2026-07-09T22:00:00Z""#, values: #"{"w01001":"7.1","w99999":1}"#)),
                ["readings.1.values.w01001", "readings.1.values.w99999"]
            ),
            (body(reading(values: #"{"w01001":15}"#)), ["readings.0.values.w01001"]),
            (body(reading(values: #"{"w01009":-1}"#)), ["readings.0.values.w01009"]),
            (body(reading(values: "[7.1]")), ["readings.0.values"]),
            (body(reading(values: nil)), ["readings.0.values"]),
            (body(reading(section: #""nowhere""#)), ["readings.0.section"]),
            (body(reading(section: nil)), ["readings.0.section"]),
            (body(reading(at: #""yesterday""#)), ["readings.0.observedAt"]),
            (body(reading(at: #""2026-07-09T21:00:00""#)), ["readings.0.observedAt"]),
            (body(reading(at: #""2026-02-30T21:00:00Z""#)), ["readings.0.observedAt"]),
            (body(reading(at: #""2027-01-15T09:00:01Z""#)), ["readings.0.observedAt"]),
            (
                body(reading(section: "1", at: "2", values: "3")),
                ["readings.0.observedAt", "readings.0.section", "readings.0.values"]
            ),
            (body("7"), ["readings.0"]),
            (#"{"readings":{}}"#, ["readings"]),
            (#"{"readings":[]}"#, ["readings"]),
            ("{}", ["readings"]),
        ]
        for (body, expected) in wrong { #expect(fields(body) == expected, "\(body)") }
    }

    @Test("a clock that is a little ahead is no fault")
    func ahead() throws {
        // The counter's clock says 2027-01-15T08:00Z.
        #expect(try Counter().readings(body(reading(at: #""2027-01-15T08:59:59Z""#))).answer.status == 201)
    }

    @Test("of a file that is wrong throughout, the first hundred faults or so are told")
    func many() {
        let wrong = Array(repeating: reading(section: #""nowhere""#), count: 5000).joined(separator: ",")
        let count = fields(body(wrong)).count
        #expect((100...110).contains(count), "\(count) faults")
    }

    @Test("more readings than a request may hold are refused as a whole")
    func tooMany() {
        let readings = Array(repeating: reading(), count: ReadingsForm.readingsLimit + 1).joined(
            separator: ",")
        #expect(fields(body(readings)) == ["readings"])
    }

    @Test("a table: one line is one reading, and what means nothing here is said")
    func table() throws {
        let plan = try Counter().readings(
            "section,time,pH,w01009,remark\nbridge,2026-07-09 21:00,7.1,8,fine\n桥,2026-07-09 22:00,7.2,,\n",
            type: "text/csv; charset=utf-8")
        #expect(plan.answer.status == 201 && plan.records.count == 2)
        let first = try JSON.decode(Report.self, from: try #require(plan.records[0].event.data))
        #expect(first.measurements.figures == [.pH: 7.1, .dissolvedOxygen: 8])
        #expect(
            first.observedAt.description == "2026-07-09T13:00:00.000Z",
            "a time without an offset is the city's")
        guard case .bytes(let bytes) = plan.answer.body else { return }
        #expect(String(decoding: bytes, as: UTF8.self).contains("remark"))
    }

    @Test("a table with faults is refused by line and column; one that is none is refused too")
    func tableFaults() throws {
        let table = "section,time,pH\nnowhere,2026-07-09 21:00,abc\n"
        let problem = try #require(
            refusal { () throws(Problem) in try Counter().readings(table, type: "text/csv") })
        #expect([400, 422].contains(problem.status) && problem.errors.contains { "\($0)".contains("2") })
        for text in ["", "\u{0}", "\"", "a,b\n1\n"] {
            #expect(
                refusal { () throws(Problem) in try Counter().readings(text, type: "text/csv") } != nil,
                "\(text)")
        }
    }

    @Test("anything else is 415; JSON that is none is 400")
    func contentType() {
        for type in ["text/plain", "application/x-www-form-urlencoded", nil] {
            #expect(
                refusal { () throws(Problem) in try Counter().readings(body(reading()), type: type) }?.status
                    == 415)
        }
        #expect(refusal { () throws(Problem) in try Counter().readings("[1") }?.status == 400)
    }
}
