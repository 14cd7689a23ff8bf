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

@Suite("dayu sms address")
struct SMSAddressTests {
    private let key: NumberKey

    init() throws { key = try NumberKey(String(repeating: "5a", count: 32)) }

    /// The value of a query's field.
    private func field(_ name: String, of address: String) -> String? {
        address.split(separator: "?").last?.split(separator: "&").first { $0.hasPrefix("\(name)=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    @Test("for reports it has the token of reports, for messages that of messages, and Kannel's own escapes")
    func addresses() throws {
        let base = "https://intake.example.org/v1/receipts"
        let reports = SMSAddress.ofReports("aliyun-1", base, key)
        #expect(reports.hasPrefix("\(base)?job="))
        #expect(GatewayToken(try #require(field("job", of: reports)), key) == .gateway("aliyun-1"))
        let messages = try SMSAddress.ofMessages("aliyun-1", beside: base, key)
        #expect(messages.hasPrefix("https://intake.example.org/v1/messages?token="))
        #expect(GatewayToken(try #require(field("token", of: messages)), key) == .messages("aliyun-1"))
        let kannel = try SMSAddress.ofMessages("kannel-1", beside: "\(base)?x=1", key)
        #expect(kannel.hasSuffix("&id=%I&from=%p&text=%b&charset=%C&coding=%c&time=%T"))
        #expect(kannel.contains("/v1/messages?token="))
        for name in ["kannel-1", "aliyun-2", "http-3"] { #expect(try SMSAddress.checked(name) == name) }
        for name in ["NONSENSE", "", "kannel", "kannel-0", "kannel-4", "Kannel-1", "kannel-1 "] {
            let misuse = #expect(throws: Arguments.Misuse.self) { try SMSAddress.checked(name) }
            #expect(misuse?.what.contains("kannel-1 or aliyun-2") == true)
        }
        #expect(throws: Arguments.Misuse.self) {
            _ = try SMSAddress.ofMessages("kannel-1", beside: "https://intake.example.org/sms", key)
        }
    }
}
