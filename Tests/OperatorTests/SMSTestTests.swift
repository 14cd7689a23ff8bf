import Links
import Models
import Testing

@testable import Operator

@Suite("dayu sms test")
struct SMSTestTests {
    private let test: SMSTest
    private let job: SMSJob

    init() throws {
        let key = try NumberKey(String(repeating: "5a", count: 32))
        let phone = try PhoneNumber("+86 000 0000 0101", country: nil)
        job = SMSJob(
            reference: "test/1", attempt: 1, handle: key.handle(of: phone), phone: phone, text: "t",
            expiresAt: Instant(millisecondsSince1970: 1_800_000_000_000))
        test = SMSTest(job)
    }

    private func follow(_ receipts: [SMSReceipt]) -> (lines: [String?], end: ExitCode?) {
        var test = test
        let lines = receipts.map { test.take($0) }
        return (lines, test.end)
    }

    @Test("ends with the report, where the gateway reports; the yes is not the end then")
    func reported() {
        let taken = SMSReceipt(job, .taken, gateway: "kannel-1", reportBy: job.expiresAt)
        #expect(follow([taken, SMSReceipt(job, .accepted)]).end == nil)
        #expect(follow([taken, SMSReceipt(job, .accepted), SMSReceipt(job, .delivered)]).end == .done)
        #expect(follow([taken, SMSReceipt(job, .delivered), SMSReceipt(job, .accepted)]).end == .done)
        let failed = follow([taken, SMSReceipt(job, .undelivered, reason: "UNDELIV/042")])
        #expect(failed.end == .fault && failed.lines.last == "it will not reach the phone: UNDELIV/042")
        #expect(failed.lines.first == "given to kannel-1")
    }

    @Test("ends with the yes of a gateway that reports nothing, and with everything that is not a yes")
    func ends() {
        #expect(follow([SMSReceipt(job, .taken), SMSReceipt(job, .accepted)]).end == .done)
        for outcome in [SMSReceipt.Outcome.refused, .deferred, .unsent, .returned, .unknown] {
            #expect(follow([SMSReceipt(job, .taken), SMSReceipt(job, outcome)]).end == .fault)
        }
    }

    @Test("knows its own message, also by the name that the gateway gave it")
    func own() {
        let other = SMSReceipt(handle: job.handle, reference: "r", attempt: 1, outcome: .delivered)
        #expect(follow([other]).lines == [nil])
        let named = SMSReceipt(
            handle: job.handle, reference: "", attempt: 0, outcome: .delivered, gatewayReference: "s:1")
        #expect(follow([named]).lines == [nil])
        let taken = SMSReceipt(job, .taken, reportBy: job.expiresAt)
        #expect(follow([taken, SMSReceipt(job, .accepted, gatewayReference: "s:1"), named]).end == .done)
    }

    @Test("no number is on the operator's log, and none is in a complaint about the command line")
    func quiet() throws {
        let words = ["sms", "test", "+86 000 0000 0101", "--text", "secret"]
        guard case .command(let command, let arguments) = try Program.meaning(of: words) else {
            Issue.record("it is no command")
            return
        }
        #expect(command.targets?(arguments) == ["--text"])
        let surroundings = Surroundings(environment: [:])
        let misuse = #expect(throws: Arguments.Misuse.self) {
            try SMSCommands.number("12 34 56 78", surroundings)
        }
        #expect(misuse?.what.contains("34") == false)
        #expect(throws: Arguments.Misuse.self) { try SMSCommands.numberKey(surroundings) }
    }
}
