import Foundation
import HTTP
import Kafka
import Models
import Support
import Testing
import Text

@testable import Host
@testable import Notification

extension Recipe {
    /// As it goes out when nothing comes back.
    func request(for job: SMSJob) -> RecipeRequest {
        request(
            for: job,
            Sending(now: Town.start, nonce: "nonce", validity: .seconds(600), token: "TOKEN", callback: nil))
    }
}

extension HTTPGateway.Dialect {
    func receipt(for job: SMSJob, status: Int, body: String) -> SMSReceipt {
        verdict(status: status, headers: [], body: body).receipt(for: job)
    }
}

@Suite("What a gateway gets and says over HTTP")
struct HTTPGatewayTests {
    private func job(_ text: String = "a b", to phone: String = "+86 000 0000 0101") -> SMSJob {
        SMSJob(
            reference: "REF.2/chief/wang", attempt: 1, handle: Town.recipient(.chief, "wang", phone).handle,
            phone: Town.number(phone), text: text,
            expiresAt: Town.start + .seconds(60))
    }

    private func dialect(
        _ form: HTTPGateway.Form, _ fields: String = "to={phone}&text={text}",
        url: String = "http://gate.example/send",
        headers: String = "", successBody: String? = nil, refusedBody: String? = nil
    ) throws -> HTTPGateway.Dialect {
        HTTPGateway.Dialect(
            url: url, method: .post, form: form, fields: try #require(HTTPGateway.Field.list(fields)),
            headers: try #require(HTTPGateway.Field.list(headers)), country: .china, successStatus: 200...299,
            successBody: successBody, refusedBody: refusedBody)
    }

    @Test("in the address, behind a question mark or what stands there already")
    func query() throws {
        let plain = try dialect(.query).request(for: job())
        #expect(
            plain.url == "http://gate.example/send?to=%2B8600000000101&text=a%20b"
                && plain.body.isEmpty)
        let more = try dialect(.query, url: "http://gate.example/send?key=1").request(for: job())
        #expect(more.url.hasPrefix("http://gate.example/send?key=1&to="))
        #expect(try dialect(.query, "").request(for: job()).url == "http://gate.example/send")
    }

    @Test("as a form: every byte that means something is escaped")
    func form() throws {
        let request = try dialect(.form, "text={text}").request(for: job("1+1=2 & 100%\n河🐟"))
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "text=1%2B1%3D2%20%26%20100%25%0A%E6%B2%B3%F0%9F%90%9F")
        #expect(request.headers["content-type"] == "application/x-www-form-urlencoded; charset=utf-8")
        #expect(request.url == "http://gate.example/send")
    }

    @Test("as JSON, whatever the text holds")
    func json() throws {
        let text = "\"}, {\"to\": \"+86 000 0000 0999\" \\ \u{1F41F}\n"
        let request = try dialect(.json, "to={digits}&text={text}&ref={reference}").request(for: job(text))
        let object = try JSON.decode([String: String].self, from: request.body)
        #expect(object == ["to": "8600000000101", "text": text, "ref": "REF.2/chief/wang"])
        #expect(request.headers["content-type"]?.hasPrefix("application/json") == true)
    }

    @Test("a citizen's text that looks like a template is sent as he wrote it")
    func templates() throws {
        let text = "{phone} {digits} {reference} {text} {unknown}"
        let request = try dialect(.json, "text=[{text}|{text}]&note={digits}:{text}:{digits}").request(
            for: job(text))
        let object = try JSON.decode([String: String].self, from: request.body)
        #expect(object["text"] == "[\(text)|\(text)]")
        #expect(object["note"] == "8600000000101:\(text):8600000000101")
    }

    @Test("headers are filled in as well, and no text can add one of its own")
    func headers() throws {
        let dialect = try dialect(.form, headers: "Authorization=Bearer%20k&X-Ref={reference}&X-Text={text}")
        let request = dialect.request(for: job("a\r\nX-Evil: 1\u{0}"))
        #expect(
            request.headers["authorization"] == "Bearer k" && request.headers["x-ref"] == "REF.2/chief/wang")
        let text = try #require(request.headers["x-text"])
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
        #expect(text.contains("a") && text.contains("X-Evil"))
    }

    @Test("fields are read from one line; what is no list is none")
    func lists() {
        let fields = HTTPGateway.Field.list("to={phone}&text=%26%3D{text}&empty=")
        #expect(fields?.map(\.name) == ["to", "text", "empty"])
        #expect(fields?.map(\.template) == ["{phone}", "&={text}", ""])
        #expect(HTTPGateway.Field.list("") == [])
        for wrong in ["to", "={phone}", "to=%ZZ", "to={phone}&text"] {
            #expect(HTTPGateway.Field.list(wrong) == nil)
        }
    }

    @Test("a number goes out in the form that the gateway wants")
    func numbers() throws {
        let dialect = try dialect(.json, "a={phone}&b={digits}&c={national}")
        let china = try JSON.decode([String: String].self, from: dialect.request(for: job()).body)
        #expect(china == ["a": "+8600000000101", "b": "8600000000101", "c": "00000000101"])
        let abroad = dialect.request(for: job(to: "+44 (0)20 0000 0000"))
        #expect(try JSON.decode([String: String].self, from: abroad.body)["c"] == "442000000000")
    }

    @Test("a yes whose text is missing is not understood: it is counted, and told until there is a whole yes")
    func understanding() throws {
        let dialect = try dialect(.form, successBody: "OK", refusedBody: "BLACK")
        #expect(dialect.lack(status: 200, body: "Sent.") == .text("OK"))
        #expect(dialect.lack(status: 200, body: "OK 17") == nil)
        #expect(dialect.lack(status: 200, body: "BLACK") == nil, "a no that is understood")
        #expect(dialect.lack(status: 500, body: "") == nil)
        #expect(try self.dialect(.form).lack(status: 200, body: "") == nil, "no text is expected")
        let receipt = dialect.receipt(for: job(), status: 200, body: "Sent to 8600000000101")
        #expect(receipt.outcome == .deferred && receipt.reason == "HTTP 200 without the text of a yes")

        let context = HostContext(
            name: "dayu-test", cluster: ClusterSettings(bootstrapServers: "127.0.0.1:1"),
            topics: TopicNames(prefix: "t."), dataFolder: "/nowhere", batch: BatchSettings(), workers: 1,
            log: Log(service: "dayu-test", threshold: .error), metrics: Metrics(), health: Health(),
            stop: StopFlag())
        let figure = #"dayu_sms_answers_not_understood{pusher="ordinary-0"} "#
        var understanding = Understanding(context, pusher: "ordinary-0")
        understanding.note(missing: .text("OK"))
        understanding.note(missing: .text("OK"))
        #expect(context.metrics.render().contains(figure + "2.0"))
        #expect(
            context.health.notes.count == 1 && context.health.notes[0].contains("the last 2 answers")
                && context.health.notes[0].contains("\"OK\""))
        understanding.note(missing: nil)
        #expect(context.metrics.render().contains(figure + "0.0") && context.health.notes == [])

        // A yes with a status that the settings do not expect.
        var narrow = dialect
        narrow.successStatus = 202...204
        #expect(narrow.lack(status: 200, body: "OK") == .status(202...204))
        #expect(narrow.lack(status: 200, body: "BLACK") == nil)
        #expect(narrow.lack(status: 404, body: "OK") == nil && narrow.lack(status: 202, body: "OK") == nil)
        let other = narrow.receipt(for: job(), status: 200, body: "OK")
        #expect(other.outcome == .deferred && other.reason == "HTTP 200 is not the status of a yes")
        understanding.note(missing: .status(202...204))
        #expect(context.health.notes[0].contains("not from 202 to 204 (DAYU_SMS_SUCCESS_FROM"))
    }

    @Test("settings by which everything with the status 200 is a yes are unwise")
    func takesAnyAnswer() throws {
        #expect(try dialect(.form).takesAnyAnswer)
        #expect(try !dialect(.form, successBody: "OK").takesAnyAnswer)
        #expect(try !dialect(.form, refusedBody: "NO").takesAnyAnswer)
        var narrow = try dialect(.form)
        narrow.successStatus = 202...202
        #expect(!narrow.takesAnyAnswer)
        func warnings(_ environment: [String: String]) -> [String] {
            var reader = SettingsReader(environment: environment)
            _ = Program.settings(from: &reader)
            return reader.warnings
        }
        #expect(warnings(["DAYU_SMS_GATEWAY": "http"]).count == 1)
        #expect(warnings(["DAYU_SMS_GATEWAY": "http", "DAYU_SMS_SUCCESS_BODY": "OK"]) == [])
        #expect(warnings([:]) == [])
    }

    @Test("a gateway that can't be asked puts the message off, without telling phone or text")
    func noAddress() throws {
        for url in ["gate.example/send", "http://127.0.0.1:1/send"] {
            var gateway = HTTPGateway(try dialect(.query, url: url), timeout: .seconds(2), window: 2)
            gateway.submit(job("secret"))
            let receipt = try #require(gateway.poll(within: .seconds(5)).first)
            // Where nobody listens, the gateway was not asked.
            #expect(receipt.outcome == (url.hasPrefix("http") ? .unsent : .deferred) && receipt.attempt == 1)
            let reason = try #require(receipt.reason)
            #expect(!reason.contains("0101") && !reason.contains("secret"), "\(reason)")
        }
    }

    @Test("its yes, its no and its not now, by status")
    func statuses() throws {
        let dialect = try dialect(.form)
        let expected: [(Int, SMSReceipt.Outcome)] = [
            (200, .accepted), (202, .accepted), (299, .accepted), (301, .deferred), (400, .refused),
            (401, .unsent), (402, .unsent), (403, .unsent), (404, .unsent), (408, .deferred), (422, .refused),
            (429, .unsent), (500, .deferred), (503, .deferred),
        ]
        for (status, outcome) in expected {
            let receipt = dialect.receipt(for: job(), status: status, body: "")
            #expect(receipt.outcome == outcome, "HTTP \(status)")
            #expect(receipt.reference == "REF.2/chief/wang" && receipt.attempt == 1)
            #expect(receipt.reason?.contains("0101") != true)
        }
    }

    @Test(
        "whether it may have taken the message all the same, by status",
        arguments: [
            (500, true), (502, true), (504, true), (508, true), (301, false), (408, false), (501, false),
            (503, false), (505, false),
        ])
    func mayHaveTaken(status: Int, isUnclear: Bool) throws {
        let verdict = try dialect(.form).verdict(status: status, headers: [], body: "")
        #expect(verdict == (isUnclear ? .unclear("HTTP \(status)") : .later("HTTP \(status)")))
    }

    @Test("its yes and its no, by what the body says: a status alone may lie")
    func bodies() throws {
        let dialect = try dialect(.json, successBody: #""code":0"#, refusedBody: #""code":160040"#)
        #expect(dialect.receipt(for: job(), status: 200, body: #"{"code":0}"#).outcome == .accepted)
        #expect(dialect.receipt(for: job(), status: 200, body: #"{"code":5}"#).outcome == .deferred)
        #expect(dialect.receipt(for: job(), status: 200, body: "").outcome == .deferred)
        #expect(dialect.receipt(for: job(), status: 200, body: #"{"code":160040}"#).outcome == .refused)
        #expect(dialect.receipt(for: job(), status: 503, body: #"{"code":0}"#).outcome == .deferred)
    }

    @Test("Kannel: the message in the address, 202 and a number for its yes")
    func kannel() throws {
        var kannel = try dialect(
            .query, "username=dayu&password=secret&to={digits}&charset=UTF-8&coding=2&text={text}",
            url: "http://127.0.0.1:13013/cgi-bin/sendsms", successBody: ": ")
        kannel.method = .get
        let request = kannel.request(for: job("河"))
        #expect(
            request.url
                == "http://127.0.0.1:13013/cgi-bin/sendsms?username=dayu&password=secret&to=8600000000101"
                + "&charset=UTF-8&coding=2&text=%E6%B2%B3")
        #expect(
            kannel.receipt(for: job(), status: 202, body: "0: Accepted for delivery").outcome == .accepted)
        #expect(
            kannel.receipt(for: job(), status: 202, body: "3: Queued for later delivery").outcome == .accepted
        )
        #expect(
            kannel.receipt(for: job(), status: 403, body: "Authorization failed for sendsms").outcome
                == .unsent)
        #expect(
            kannel.receipt(for: job(), status: 503, body: "Temporal failure, try again later.").outcome
                == .deferred)
    }
}

@Suite("The gateway that is a file")
struct FileGatewayTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dayu-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func job(_ attempt: Int) -> SMSJob {
        SMSJob(
            reference: "REF", attempt: attempt,
            handle: Town.recipient(.chief, "wang", "+86 000 0000 0101").handle,
            phone: Town.number("+86 000 0000 0101"), text: "two\nlines \"河\"",
            expiresAt: Town.start)
    }

    @Test("two messages are two lines, each a JSON object, in a file that nobody else reads")
    func lines() throws {
        try inFolder { folder in
            let path = "\(folder)/sms.jsonl"
            var gateway = FileGateway(path: path)
            for attempt in 1...2 {
                gateway.submit(job(attempt))
                #expect(gateway.underWay == 1)
                let receipt = try #require(gateway.poll(within: .zero).first)
                #expect(
                    gateway.underWay == 0 && gateway.poll(within: .zero).isEmpty,
                    "an answer is given once")
                #expect(
                    receipt.outcome == .accepted && receipt.attempt == attempt && receipt.reference == "REF")
            }
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 3 && lines.last?.isEmpty == true)
            struct Line: Decodable {
                let time: Instant
                let attempt: Int
                let phone: String
                let text: String
            }
            for (index, line) in lines.dropLast().enumerated() {
                let line = try JSON.decode(Line.self, from: Array(line.utf8))
                #expect(
                    line.attempt == index + 1 && line.phone == "+8600000000101"
                        && line.text.contains("两") == false)
                #expect(line.text == "two\nlines \"河\"")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "phones lie in a file of mode \(String(mode ?? 0, radix: 8))")
        }
    }

    @Test("a file that can't be opened puts the message off; it is not lost")
    func unwritable() throws {
        try inFolder { folder in
            var gateway = FileGateway(path: "\(folder)/missing/sms.jsonl")
            gateway.submit(job(3))
            let receipt = try #require(gateway.poll(within: .zero).first)
            #expect(receipt.outcome == .unsent && receipt.attempt == 3)
            #expect(receipt.reason?.contains("errno") == true)
        }
    }

    @Test("a pipe that nobody reads holds nobody up; with a reader it goes on by itself")
    func pipe() throws {
        try inFolder { folder in
            let path = "\(folder)/pipe"
            try #require(mkfifo(path, 0o600) == 0)
            var told: [String?] = []
            var gateway = FileGateway(path: path) { told.append($0) }
            let started = ContinuousClock.now
            gateway.submit(job(1))
            #expect(gateway.poll(within: .zero).map(\.outcome) == [.unsent])
            #expect(ContinuousClock.now - started < .seconds(20))
            #expect(told == ["the gateway's file is a pipe that nobody reads"] && gateway.window == 0)
            let reader = open(path, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            for _ in 0..<100 where gateway.window == 0 { _ = gateway.turn() }
            gateway.submit(job(2))
            #expect(gateway.poll(within: .zero).map(\.outcome) == [.accepted])
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = read(reader, &bytes, bytes.count)
            #expect(count > 0 && bytes[count - 1] == UInt8(ascii: "\n"))
            // Its reader stops reading, until the pipe is full.
            var outcomes: [SMSReceipt.Outcome] = []
            for attempt in 3..<3000 where outcomes.last != .unsent {
                gateway.submit(job(attempt))
                outcomes += gateway.poll(within: .zero).map(\.outcome)
            }
            #expect(outcomes.last == .unsent && outcomes.dropLast().allSatisfy { $0 == .accepted })
            #expect(told.last??.contains("does not read on") == true)
        }
    }

    @Test(
        "while the disk is full it takes no message and says why; with room it goes on by itself",
        .enabled(if: TinyDisk.isPossible, Comment(rawValue: TinyDisk.reason)))
    func closedWhileFull() throws {
        let disk = try TinyDisk(kilobytes: 256)
        var told: [String?] = []
        var gateway = FileGateway(path: "\(disk.path)/sms.jsonl") { told.append($0) }
        gateway.submit(job(1))
        #expect(
            gateway.poll(within: .zero).map(\.outcome) == [.accepted] && gateway.window > 0 && told.isEmpty)
        disk.fill()
        // A burst: all were taken before the first one met the fault.
        let burst = gateway.window
        for attempt in 2..<2 + burst { gateway.submit(job(attempt)) }
        let answers = gateway.poll(within: .zero)
        let written = answers.count { $0.outcome == .accepted }
        #expect(answers.count == burst && written < burst)
        #expect(
            answers[written...].allSatisfy { $0.outcome == .unsent }, "none of them loses an attempt")
        #expect(told.count == 1 && told[0]?.contains("No space left") == true)
        let until = ContinuousClock.now + .milliseconds(2500)
        while ContinuousClock.now < until {
            #expect(gateway.turn().isEmpty && gateway.window == 0)
        }
        #expect(told.count == 1)
        disk.free()
        let freed = ContinuousClock.now
        while gateway.window == 0, .now - freed < .seconds(10) { _ = gateway.turn() }
        #expect(ContinuousClock.now - freed < .seconds(8), "the pause has not grown with the burst")
        #expect(gateway.window == 1 && told.count == 2 && told[1] == nil)
        gateway.submit(job(burst + 2))
        #expect(gateway.window == burst && gateway.poll(within: .zero).map(\.outcome) == [.accepted])
        let files = try FileManager.default.contentsOfDirectory(atPath: disk.path)
        #expect(files == ["sms.jsonl"], "no probe is left")
    }

    /// A file that looks writable and takes nothing: `/dev/full` (full(4)).
    @Test("a file that only looks writable costs one message a pause, and that one no attempt")
    func looksWritable() throws {
        var told: [String?] = []
        var gateway = FileGateway(path: "/dev/full") { told.append($0) }
        for attempt in 1...50 { gateway.submit(job(attempt)) }
        #expect(gateway.poll(within: .zero).allSatisfy { $0.outcome == .unsent } && told.count == 1)
        for _ in 0..<60 where gateway.window == 0 { _ = gateway.turn() }
        #expect(gateway.window == 1)
        gateway.submit(job(51))
        #expect(gateway.window == 0 && gateway.poll(within: .zero).map(\.outcome) == [.unsent])
    }

    @Test(
        "a full disk gives the message back and leaves no half of a line",
        .enabled(if: TinyDisk.isPossible, Comment(rawValue: TinyDisk.reason)))
    func fullDisk() throws {
        let disk = try TinyDisk(kilobytes: 128)
        let path = "\(disk.path)/sms.jsonl"
        var gateway = FileGateway(path: path)
        func send(_ attempt: Int) -> SMSReceipt? {
            gateway.submit(job(attempt))
            return gateway.poll(within: .zero).first
        }
        #expect(send(1)?.outcome == .accepted)
        disk.fill()
        // There is a rest of the first line's page.
        var outcomes: [SMSReceipt] = []
        for attempt in 2...60 { outcomes.append(try #require(send(attempt))) }
        let refused = try #require(outcomes.first { $0.outcome != .accepted })
        #expect(refused.outcome == .unsent && refused.reason?.contains("No space left") == true)
        #expect(outcomes.last?.outcome == .unsent)
        disk.free()
        for _ in 0..<60 where gateway.window == 0 { _ = gateway.turn() }
        #expect(send(61)?.outcome == .accepted)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == outcomes.count { $0.outcome == .accepted } + 2)
        #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    }
}

extension FileGateway {
    /// As the loop does where there is no room: it looks, and waits for something else.
    fileprivate mutating func turn() -> [SMSReceipt] {
        defer { Thread.sleep(forTimeInterval: 0.05) }
        return poll(within: .zero)
    }
}
