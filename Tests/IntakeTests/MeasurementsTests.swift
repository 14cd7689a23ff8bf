import HTTP
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("A measurement as JSON is more than a number")
struct MeasurementsTests {
    private func body(_ fields: String) -> String {
        #"{"readings":[{"section":"bridge","observedAt":"2026-07-09T21:00:00+08:00",\#(fields)}]}"#
    }

    private func report(_ fields: String) throws -> Report {
        let plan = try Counter().readings(body(fields))
        return try JSON.decode(Report.self, from: try #require(plan.records.first?.event.data))
    }

    private func faults(_ fields: String) -> [String] {
        refusal { () throws(Problem) in try Counter().readings(body(fields)) }?.fields ?? []
    }

    @Test("value or limit, flag, status, unit and the time of the sample")
    func everything() throws {
        let report = try report(
            #""period":"hour","origin":"manual","publishedClass":"II","status":"valid","#
                + #""values":{"w01001":7.1},"#
                + #""measurements":{"w21003":{"written":"25L","unit":"μg/L"},"#
                + #""w01009":{"value":-99,"flag":"fault"},"#
                + #""w21011":{"below":0.01,"status":"provisional"},"#
                + #""w01019":{"value":2500,"unit":"μg/L","written":"2.50E3","#
                + #""sampledAt":"2026-07-09T12:10:00Z"},"w01003":{"withdrawn":true},"#
                + #""w02003":{"written":">24000"}}"#
        )
        #expect(report.period == .hour && report.origin == .manual && report.publishedClass == .II)
        let sampled = Instant(rfc3339: "2026-07-09T12:10:00Z")
        let measured = report.measurements
        #expect(measured[.pH] == Measurement(.measured(7.1), status: .valid))
        #expect(
            measured[.ammoniaNitrogen]
                == Measurement(.below(0.025), status: .valid, written: "25L", unit: "μg/L"))
        #expect(measured[.dissolvedOxygen] == Measurement(.measured(-99), flag: .fault, status: .valid))
        #expect(measured[.totalPhosphorus] == Measurement(.below(0.01)))
        #expect(
            measured[.permanganateIndex]
                == Measurement(
                    .measured(2.5), status: .valid, written: "2.50E3", unit: "μg/L",
                    sampledAt: sampled))
        #expect(measured[.turbidity] == Measurement(.withdrawn, status: .valid))
        #expect(measured[.faecalColiforms]?.flag == .overRange)
    }

    @Test("chlorophyll without a unit is in mg/m³, in values as in measurements; on the log it is in mg/L")
    func chlorophyll() throws {
        #expect(try report(#""values":{"w01016":12.3}"#).measurements == [.chlorophyllA: Measurement(0.0123)])
        for (sent, logged) in [
            (#"{"value":12.3}"#, Measurement(0.0123)),
            (#"{"value":0.0123,"unit":"mg/L"}"#, Measurement(0.0123)),
            (#"{"written":"2L"}"#, Measurement(.below(0.002), written: "2L", unit: "mg/m³")),
            (#"{"below":2,"written":"<2"}"#, Measurement(.below(0.002), written: "<2", unit: "mg/m³")),
            (#"{"written":"0.002L","unit":"mg/L"}"#, Measurement(.below(0.002), written: "0.002L")),
        ] {
            let read = try report(#""measurements":{"w01016":\#(sent)}"#).measurements
            #expect(read == [.chlorophyllA: logged], "\(sent)")
        }
    }

    @Test("a sample can't be taken in the future")
    func sampledLater() {
        let sampled = #""measurements":{"w01001":{"value":7,"sampledAt":"2099-01-01T00:00:00Z"}}"#
        #expect(faults(sampled) == ["readings.0.measurements.w01001.sampledAt"])
    }

    @Test("what the same table says is the same report")
    func sameRules() throws {
        let table = try Counter().readings(
            "section,time,period,status,氨氮(μg/L)\nbridge,2026-07-09T21:00:00+08:00,hour,valid,25L\n",
            type: "text/csv")
        let json = try Counter().readings(
            body(
                #""period":"hour","status":"valid","measurements":{"w21003":{"written":"25L","unit":"ug/L"}}"#
            ))
        #expect(table.records.map(\.event.id) == json.records.map(\.event.id))
        #expect(table.records.map(\.event.data) == json.records.map(\.event.data))
    }

    @Test("every wrong field is named by its place")
    func wrong() {
        let place = "readings.0.measurements"
        for (fields, expected) in [
            (#""measurements":{"w99999":{"value":1}}"#, ["\(place).w99999"]),
            (#""measurements":{"w01001":7}"#, ["\(place).w01001"]),
            (#""measurements":{"w01001":{}}"#, ["\(place).w01001.value"]),
            (#""measurements":{"w01001":{"value":7,"below":8}}"#, ["\(place).w01001.value"]),
            (#""measurements":{"w01001":{"value":7,"withdrawn":true}}"#, ["\(place).w01001.value"]),
            (#""measurements":{"w01001":{"value":15}}"#, ["\(place).w01001.value"]),
            (#""measurements":{"w01001":{"below":7}}"#, ["\(place).w01001.below"]),
            (#""measurements":{"w01001":{"written":"x"}}"#, ["\(place).w01001.written"]),
            (#""measurements":{"w21003":{"value":1,"unit":"ppm"}}"#, ["\(place).w21003.unit"]),
            (#""measurements":{"w21003":{"value":1,"flag":"odd"}}"#, ["\(place).w21003.flag"]),
            (#""values":{"w01001":7},"measurements":{"w01001":{"value":7}}"#, ["\(place).w01001"]),
            (
                #""values":{"w01001":7},"period":"week","origin":"bird","#
                    + #""publishedClass":"VI","status":"odd""#,
                [
                    "readings.0.origin", "readings.0.period", "readings.0.publishedClass",
                    "readings.0.status",
                ]
            ),
            (#""measurements":[]"#, ["\(place)"]),
        ] as [(String, [String])] {
            #expect(faults(fields) == expected, "\(fields)")
        }
    }

    /// A misspelled `period` would make an hour a moment, and a misspelled `unit` a thousand times as much.
    @Test("a name that is not known here is a fault, at every level; so is a reading without a measurement")
    func unknownNames() {
        let pH = #""values":{"w01001":7}"#
        let place = "readings.0"
        for (fields, expected) in [
            (pH + #","pariod":"hour""#, ["\(place).pariod"]),
            (pH + #","klass":"II","remark":null"#, ["\(place).klass", "\(place).remark"]),
            (pH + #","class":"II","publishedClass":"II""#, ["\(place).class"]),
            (#""valeus":{"w01001":7}"#, ["\(place).values", "\(place).valeus"].sorted()),
            (#""values":{}"#, ["\(place).values"]), (#""measurements":{}"#, ["\(place).measurements"]),
            (#""values":{},"measurements":{}"#, ["\(place).values"]),
            (#""values":{"w01001":null}"#, ["\(place).values"]),
            (
                #""measurements":{"w21003":{"value":1,"units":"μg/L"}}"#,
                ["\(place).measurements.w21003.units"]
            ),
        ] {
            #expect(faults(fields).sorted() == expected, "\(fields)")
        }
        let many = (0..<500).map { #""x\#($0)":1"# }.joined(separator: ",")
        #expect((1...100).contains(faults(pH + "," + many).count))
        let outside = body(pH).dropLast() + #","gateway":"somebody"}"#
        let problem = refusal { () throws(Problem) in try Counter().readings(String(outside)) }
        #expect(problem?.fields == ["gateway"])
    }

    @Test("the publisher's class may have its former name")
    func formerName() throws {
        #expect(try report(#""class":"II","values":{"w01001":7}"#).publishedClass == .II)
        #expect(faults(#""class":"VI","values":{"w01001":7}"#) == ["readings.0.class"])
    }

    @Test("the answer tells where the publisher's class is another than ours")
    func differing() throws {
        func answer(_ text: String, type: String? = "application/json") throws -> String {
            let plan = try Counter().readings(text, type: type)
            guard case .bytes(let bytes) = plan.answer.body else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
        let differing = try answer(body(#""publishedClass":"II","values":{"w21003":0.8}"#))
        #expect(differing.contains(#""otherClasses":1"#))
        #expect(differing.contains(#""ours":"III","published":"II","section":"bridge""#))
        let same = try answer(body(#""publishedClass":"III","values":{"w21003":0.8}"#))
        #expect(!same.contains("otherClasses"))
        let table = try answer(
            "section,time,水质类别,氨氮\nbridge,2026-07-09 21:00,Ⅱ,0.8\nbridge,2026-07-09 22:00,Ⅱ,0.4\n",
            type: "text/csv")
        #expect(table.contains(#""otherClasses":1"#))
    }
}
