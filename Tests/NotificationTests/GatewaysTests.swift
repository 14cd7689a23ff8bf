import HTTP
import Kafka
import Models
import Synchronization
import Testing

@testable import Host
@testable import Notification

@Suite("A gateway that fails is left alone, longer each time, and then tried by one message")
struct BreakerTests {
    private static let start = ContinuousClock.now

    private func pause(_ breaker: Breaker, at now: Breaker.Moment) -> Duration? {
        if case .closed(let until) = breaker.door(at: now) { return until - now }
        return nil
    }

    @Test("nobody listens: at once, and the pause doubles up to a minute")
    func gone() {
        var breaker = Breaker()
        var now = Self.start
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            breaker.note(.gone, "refused", at: now)
            #expect(pause(breaker, at: now) == .seconds(seconds))
            now += .seconds(seconds)
            #expect(breaker.door(at: now) == .ajar)
        }
        breaker.note(.works, "taken", at: now)
        #expect(breaker == Breaker())
    }

    @Test("a single silence is chance; the third in a row is not")
    func silent() {
        var breaker = Breaker()
        for _ in 1...2 {
            breaker.note(.silent, "no answer", at: Self.start)
            #expect(breaker.door(at: Self.start) == .open)
        }
        breaker.note(.silent, "no answer", at: Self.start)
        #expect(pause(breaker, at: Self.start) == .seconds(1))
        var mixed = Breaker()
        for news in [Breaker.News.silent, .silent, .works, .silent, .silent] {
            mixed.note(news, "", at: Self.start)
        }
        #expect(mixed.door(at: Self.start) == .open)
    }

    @Test("what must be repaired is asked less often")
    func broken() {
        var breaker = Breaker()
        for _ in 1...3 { breaker.note(.broken, "no money", at: Self.start) }
        #expect(pause(breaker, at: Self.start) == .seconds(10))
        var now = Self.start
        for seconds in [20, 40, 80, 160, 300, 300] {
            now = now + .seconds(seconds)
            breaker.note(.broken, "no money", at: now)
            #expect(pause(breaker, at: now) == .seconds(seconds))
        }
    }

    @Test("many messages in flight that fail at once are one failure")
    func together() {
        var breaker = Breaker()
        for _ in 1...16 { breaker.note(.busy(nil), "503", at: Self.start) }
        #expect(pause(breaker, at: Self.start) == .seconds(1))
        breaker.note(.busy(.seconds(90)), "429", at: Self.start)
        #expect(pause(breaker, at: Self.start) == .seconds(90), "what the gateway says itself counts")
    }

    @Test("it says itself how long, within bounds")
    func busy() {
        for (said, pause) in [(0, 1), (7, 7), (86_400, 3600)] {
            var breaker = Breaker()
            breaker.note(.busy(.seconds(said)), "429", at: Self.start)
            #expect(self.pause(breaker, at: Self.start) == .seconds(pause))
        }
    }
}

@Suite("Several gateways in an order")
struct GatewaysTests {
    /// A gateway on this machine that counts what it is asked, and answers with what it is told.
    private final class Door: Sendable {
        private final class Book: Sendable {
            let said: Mutex<Response>
            let asked = Mutex<[String]>([])

            init(_ status: Int) { said = Mutex(Response(status: status)) }
        }

        private let book: Book
        let server: Server

        init(_ status: Int) throws {
            let book = Book(status)
            var router = Router()
            router.on(.post, "/send") { request in
                let name = request.headers["x-ref"] ?? ""
                book.asked.withLock { $0.append(name) }
                var said = book.said.withLock { $0 }
                if !name.isEmpty { said.headers.add("X-Kind", String(name.prefix { $0 != "/" })) }
                return .now(said)
            }
            router.on(.get, "/health") { _ in
                .now(Response(status: book.said.withLock { $0.status < 300 } ? 204 : 503))
            }
            server = try Server(ServerSettings(), router)
            self.book = book
        }

        var received: [String] { book.asked.withLock { $0 } }

        func say(_ status: Int, headers: Headers = []) {
            book.said.withLock { $0 = Response(status: status, headers: headers) }
        }
    }

    private let context = HostContext(
        name: "dayu-test", cluster: ClusterSettings(bootstrapServers: "127.0.0.1:1"),
        topics: TopicNames(prefix: "t."), dataFolder: "/nowhere", batch: BatchSettings(), workers: 1,
        log: Log(service: "dayu-test", threshold: .error), metrics: Metrics(), health: Health(),
        stop: StopFlag())

    private func line(
        _ name: String, port: UInt16, reports: Bool = false, rate: Int? = nil, health: Bool = false
    )
        throws -> Gateways.Line
    {
        let address = "http://127.0.0.1:\(port)"
        let dialect = HTTPGateway.Dialect(
            url: "\(address)/send", method: .post, form: .form,
            fields: try #require(HTTPGateway.Field.list("text={text}")),
            headers: try #require(HTTPGateway.Field.list("X-Ref={reference}/{attempt}")), country: .china,
            successStatus: 200...299)
        return Gateways.Line(
            name: name,
            gateway: HTTPGateway(
                dialect, timeout: .seconds(5), window: 4, healthAddress: health ? "\(address)/health" : nil),
            standing: GatewayStanding(name, perSecond: rate, context),
            times: .init(validity: .seconds(600), isTold: true, reports: reports))
    }

    private func job(
        _ attempt: Int, of reference: String = "r", only: GatewayHold? = nil,
        about: ComplaintEvent.Kind? = nil, declinedBy: [String] = [],
        to recipient: Recipient = Desk.recipient
    ) -> SMSJob {
        SMSJob(
            reference: reference, attempt: attempt, handle: recipient.handle,
            phone: recipient.phone, text: "t", expiresAt: .now + .seconds(3600), about: about,
            only: only, declinedBy: declinedBy)
    }

    private func send(_ job: SMSJob, _ gateways: inout Gateways) throws -> SMSReceipt {
        let route = try #require(gateways.route(for: job, at: .now))
        gateways.submit(job, by: route)
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            if let receipt = gateways.poll(within: .milliseconds(50)).first { return receipt }
        }
        throw Silence()
    }

    private struct Silence: Error {}

    @Test("messages go to the first; when it fails, its next attempt goes to the second, at no cost")
    func failOver() throws {
        let (first, second) = (try Door(200), try Door(200))
        var gateways = Gateways([
            try line("a-1", port: first.server.port), try line("b-2", port: second.server.port),
        ])
        #expect(try send(job(1), &gateways).outcome == .accepted)
        #expect(first.received == ["r/1"] && second.received.isEmpty)
        first.say(503, headers: [("Retry-After", "60")])
        let busy = try send(job(1, of: "s"), &gateways)
        #expect(busy.outcome == .unsent && busy.gateway == "a-1" && busy.mayArriveUntil == nil)
        #expect(try send(job(2, of: "s"), &gateways).gateway == "b-2")
        #expect(try send(job(1, of: "t"), &gateways).gateway == "b-2")
        #expect(second.received == ["s/2", "t/1"])
        #expect(context.health.notes.first?.contains("HTTP 503") == true)
        #expect(context.metrics.render().contains(#"dayu_sms_gateway_paused{gateway="a-1"} 1.0"#))
    }

    @Test("a message that one of them may have is given to no other, and waits where that one is left alone")
    func hold() throws {
        let (first, second) = (try Door(200), try Door(200))
        var gateways = Gateways([
            try line("a-1", port: first.server.port), try line("b-2", port: second.server.port),
        ])
        let hold = GatewayHold(gateway: "b-2", until: .now + .seconds(600))
        #expect(try send(job(2, only: hold), &gateways).gateway == "b-2")
        second.say(429)
        #expect(try send(job(1, of: "s", only: hold), &gateways).outcome == .unsent)
        #expect(gateways.route(for: job(2, of: "s", only: hold), at: .now) == nil)
        let over = GatewayHold(gateway: "b-2", until: .now + .seconds(-1))
        #expect(gateways.route(for: job(2, of: "s", only: over), at: .now)?.gateway == "a-1")
        let unknown = GatewayHold(gateway: "gone-3", until: .now + .seconds(600))
        #expect(gateways.route(for: job(2, only: unknown), at: .now) == nil)
    }

    /// A vendor on this machine, with what it answers as a code.
    private func vendor(_ name: String, _ door: Door, _ codes: KeyValuePairs<String, Verdict>)
        -> Gateways.Line
    {
        Gateways.Line(
            name: name,
            gateway: HTTPGateway(
                Vendor(
                    url: "http://127.0.0.1:\(door.server.port)/send",
                    answers: Dictionary(uniqueKeysWithValues: codes.map { ($0, $1) })),
                timeout: .seconds(5), window: 4),
            standing: GatewayStanding(name, perSecond: nil, context),
            times: .init(validity: .seconds(600), isTold: true, reports: false))
    }

    private struct Vendor: Recipe {
        let url: String
        /// By the kind of notice, which stands before the reference.
        let answers: [String: Verdict]
        var takesValidity: Bool { true }

        func request(for job: SMSJob, _ sending: Sending) -> RecipeRequest {
            RecipeRequest(
                url: url,
                headers: [("X-Ref", "\(job.about?.rawValue ?? "-")/\(job.reference)/\(job.attempt)")],
                body: [UInt8(ascii: "a")])
        }

        func verdict(status: Int, headers: Headers, body: String) -> Verdict {
            headers["x-kind"].flatMap { answers[$0] } ?? .accepted(nil)
        }
    }

    @Test(
        "a template that does not fit concerns its own kind of notice: all others go, and the operator is told"
    )
    func unfit() throws {
        let door = try Door(200)
        var gateways = Gateways([
            vendor("aliyun-1", door, ["warned": .unfit("isv.SMS_TEMPLATE_ILLEGAL")])
        ])
        for number in 1...5 {
            let receipt = try send(job(1, of: "w\(number)", about: .warned), &gateways)
            #expect(receipt.outcome == .unsent && receipt.reason == "isv.SMS_TEMPLATE_ILLEGAL")
            #expect(try send(job(1, of: "a\(number)", about: .assigned), &gateways).outcome == .accepted)
        }
        #expect(gateways.window == 4, "it is not left alone")
        #expect(context.metrics.render().contains(#"dayu_sms_unfit_total{gateway="aliyun-1"} 5"#))
        let note =
            "sms gateway aliyun-1, template of warned: its messages are not taken: isv.SMS_TEMPLATE_ILLEGAL"
        #expect(context.health.notes == [note])
    }

    @Test("what a vendor will not send by its own rules goes to the next; what none sends is refused")
    func declined() throws {
        let (first, second) = (try Door(200), try Door(200))
        let rules = Verdict.declined("FailedOperation.PhoneNumberInBlacklist")
        var gateways = Gateways([
            vendor("tencent-1", first, ["warned": rules, "urged": rules]),
            vendor("aliyun-2", second, ["urged": .declined("another blacklist")]),
        ])
        let no = try send(job(1, about: .warned), &gateways)
        #expect(no.outcome == .unsent && no.gateway == "tencent-1")
        let yes = try send(job(2, about: .warned), &gateways)
        #expect(yes.outcome == .accepted && yes.gateway == "aliyun-2")
        #expect(try send(job(1, of: "s", about: .urged), &gateways).outcome == .unsent)
        let refused = try send(job(2, of: "s", about: .urged), &gateways)
        #expect(refused.outcome == .refused && refused.reason == "another blacklist")
        #expect(first.received.count == 2 && second.received.count == 2, "nobody is asked again")
        // While the other one does not work, it waits for that one.
        #expect(try send(job(1, of: "t", about: .warned), &gateways).outcome == .unsent)
        for _ in 1...3 { lines(&gateways).note(.busy(.seconds(60)), "429") }
        #expect(gateways.route(for: job(2, of: "t", about: .warned), at: .now) == nil)
        var alone = Gateways([vendor("tencent-1", first, ["warned": rules])])
        #expect(try send(job(1, of: "u", about: .warned), &alone).outcome == .refused)
    }

    @Test("whoever has another number now is reached by the gateway whose blacklist had the old one")
    func anotherNumber() throws {
        let (first, second) = (try Door(200), try Door(200))
        var gateways = Gateways([
            vendor("tencent-1", first, ["warned": .declined("blacklist"), "urged": .later("limit")]),
            vendor("aliyun-2", second, [:]),
        ])
        let renumbered = Town.recipient(.chief, "wang", "+86 000 0000 0102")
        for about in [ComplaintEvent.Kind.warned, .urged] {
            func job(_ attempt: Int, to recipient: Recipient = Desk.recipient) -> SMSJob {
                self.job(attempt, of: about.rawValue, about: about, to: recipient)
            }
            #expect(try send(job(1), &gateways).gateway == "tencent-1")
            let (old, new) = (job(2), job(2, to: renumbered))
            #expect(gateways.route(for: old, at: .now)?.gateway == "aliyun-2")
            #expect(gateways.route(for: new, at: .now)?.gateway == "tencent-1", "\(about)")
        }
    }

    @Test("what a gateway declined in a report it is not given again; what all declined is refused")
    func declinedInReport() throws {
        let (first, second) = (try Door(200), try Door(200))
        let (black, word) = (Verdict.declined("blacklist"), Verdict.forbidden("a word"))
        var gateways = Gateways([
            vendor("tencent-1", first, [:]), vendor("aliyun-2", second, ["warned": black, "urged": word]),
        ])
        let next = job(2, declinedBy: ["tencent-1"])
        #expect(try send(next, &gateways).gateway == "aliyun-2" && !gateways.declines(next))
        #expect(gateways.declines(job(3, declinedBy: ["tencent-1", "aliyun-2"])))
        // The first said it in a report, the second when it was asked.
        let refused = try send(job(2, of: "w", about: .warned, declinedBy: ["tencent-1"]), &gateways)
        #expect(refused.outcome == .refused && refused.reason == "blacklist")
        let unfit = try send(job(2, of: "u", about: .urged, declinedBy: ["tencent-1"]), &gateways)
        #expect(unfit.outcome == .unsent, "a word is the operator's matter")
        #expect(first.received.isEmpty)
    }

    @Test("a word that every gateway forbids is the operator's matter: no number is refused for it")
    func forbidden() throws {
        let (first, second) = (try Door(200), try Door(200))
        let word = Verdict.forbidden("FailedOperation.ContainSensitiveWord")
        var gateways = Gateways([
            vendor("tencent-1", first, ["warned": word, "urged": .declined("blacklist")]),
            vendor(
                "aliyun-2", second,
                [
                    "warned": .forbidden("isv.BLACK_KEY_CONTROL_LIMIT"),
                    "urged": .forbidden("isv.SMS_CONTENT_ILLEGAL"),
                ]),
        ])
        for about in [ComplaintEvent.Kind.warned, .urged] {
            let reference = about.rawValue
            #expect(try send(job(1, of: reference, about: about), &gateways).outcome == .unsent)
            #expect(context.health.notes.count == (about == .warned ? 0 : 1), "another one may send it")
            let last = try send(job(2, of: reference, about: about), &gateways)
            #expect(last.outcome == .unsent && last.gateway == "aliyun-2")
        }
        #expect(
            context.health.notes.contains(
                "sms gateway aliyun-2, template of warned: its messages are not taken: "
                    + "isv.BLACK_KEY_CONTROL_LIMIT"))
        let figures = context.metrics.render()
        #expect(figures.contains(#"dayu_sms_unfit_total{gateway="aliyun-2"} 2"#))
        #expect(figures.contains(#"dayu_sms_unfit_kinds{gateway="aliyun-2"} 2.0"#), "\(figures)")
        // Once the words or the settings are mended, every gateway is asked again.
        #expect(gateways.route(for: job(3, of: "warned", about: .warned), at: .now)?.gateway == "tencent-1")
        var alone = Gateways([vendor("tencent-1", first, ["warned": word])])
        #expect(try send(job(1, of: "u", about: .warned), &alone).outcome == .unsent)
    }

    private func lines(_ gateways: inout Gateways) -> GatewayStanding { gateways.lines[1].standing }

    @Test("an answer that nobody understands may be a yes: the receipt says who may deliver it, and how long")
    func unclear() throws {
        let door = try Door(200)
        var only = try line("a-1", port: door.server.port, reports: true)
        let dialect = HTTPGateway.Dialect(
            url: "http://127.0.0.1:\(door.server.port)/send", method: .post, form: .form, fields: [],
            headers: [], country: .china, successStatus: 200...299, successBody: "OK")
        only.gateway = HTTPGateway(dialect, timeout: .seconds(5), window: 4)
        var gateways = Gateways([only])
        let job = job(1)
        let now = Instant.now
        let route = try #require(gateways.route(for: job, at: now))
        #expect(
            route
                == Route(
                    gateway: "a-1", mayArriveUntil: now + .seconds(600), reportBy: now + .seconds(1200)))
        let receipt = try send(job, &gateways)
        #expect(receipt.outcome == .deferred && receipt.gateway == "a-1" && receipt.mayArriveUntil != nil)
    }

    @Test("a gateway that can't be told an end may deliver for as long as the message is of use")
    func untold() {
        let job = job(1)
        let times = Gateways.Times(validity: .seconds(600), isTold: false, reports: false)
        let route = times.route("aliyun-1", job, at: Town.start)
        #expect(route.mayArriveUntil == job.expiresAt && route.reportBy == nil)
    }

    @Test("where nobody listens there is no room, the jobs wait, and its health is asked before it is tried")
    func health() throws {
        let door = try Door(503)
        var gateways = Gateways([try line("a-1", port: door.server.port, health: true)])
        door.say(429)
        #expect(try send(job(1), &gateways).outcome == .unsent)
        #expect(gateways.window == 0 && gateways.route(for: job(2), at: .now) == nil)
        let end = ContinuousClock.now + .milliseconds(2500)
        while ContinuousClock.now < end { _ = gateways.poll(within: .milliseconds(50)) }
        #expect(door.received == ["r/1"], "its health says no, so no message tries it")
        door.say(200)
        let until = ContinuousClock.now + .seconds(10)
        while gateways.window == 0, ContinuousClock.now < until {
            _ = gateways.poll(within: .milliseconds(50))
        }
        #expect(try send(job(2), &gateways).outcome == .accepted)
        #expect(context.health.notes == [])
    }

    @Test("all pushers of a process keep to a gateway's rate together")
    func rate() throws {
        let standing = GatewayStanding("a-1", perSecond: 2, context)
        let now = ContinuousClock.now + .seconds(10)
        var sent = 0
        for _ in 0..<10 where standing.room(4, at: now) > 0 {
            standing.begin(at: now)
            sent += 1
        }
        #expect(sent == 2)
        #expect(GatewayStanding("b-2", perSecond: 3, context).room(16, at: now) == 3)
        #expect(standing.room(4, at: now + .milliseconds(400)) == 0)
        #expect(standing.room(4, at: now + .milliseconds(600)) == 1)
    }

    @Test("the settings of the second gateway are those of the first under another name")
    func settings() throws {
        var reader = SettingsReader(environment: [
            "DAYU_SMS_GATEWAY": "kannel", "DAYU_SMS_USER": "u", "DAYU_SMS_SECRET": "s",
            "DAYU_SMS_CALLBACK": "http://intake/v1/receipts", "DAYU_SMS2_GATEWAY": "aliyun",
            "DAYU_SMS2_USER": "k", "DAYU_SMS2_SECRET": "s", "DAYU_SMS2_SIGN_NAME": "河长办",
            "DAYU_SMS2_TEMPLATES": "*=SMS_1:sentence", "DAYU_SMS2_RATE": "5",
        ])
        let outlet = Outlet(from: &reader, country: .china)
        #expect(reader.faults == [])
        guard case .gateways(let all) = outlet else {
            Issue.record("no gateways")
            return
        }
        #expect(all.map(\.name.description) == ["kannel-1", "aliyun-2"] && all.map(\.rate) == [nil, 5])
        #expect(all[0].times == .init(validity: .seconds(3600), isTold: true, reports: true))
        #expect(all[1].times == .init(validity: .seconds(3600), isTold: false, reports: false))
        #expect(all[1].recipe is AliyunRecipe)
    }

    @Test(
        "what a recipe lacks is named, under the name that the operator wrote",
        arguments: [
            (["DAYU_SMS_GATEWAY": "kannel"], ["DAYU_SMS_USER", "DAYU_SMS_SECRET"]),
            (
                ["DAYU_SMS_GATEWAY": "http", "DAYU_SMS2_GATEWAY": "tencent", "DAYU_SMS2_USER": "u"],
                ["DAYU_SMS2_SECRET", "DAYU_SMS2_APPLICATION", "DAYU_SMS2_SIGN_NAME", "DAYU_SMS2_TEMPLATES"]
            ),
            (["DAYU_SMS_GATEWAY": "file", "DAYU_SMS2_GATEWAY": "http"], ["DAYU_SMS_GATEWAY"]),
            (["DAYU_SMS_CALLBACK": "intake"], ["DAYU_SMS_CALLBACK"]),
            (["DAYU_SMS_VALIDITY": "1s"], ["DAYU_SMS_VALIDITY"]),
        ])
    func lacking(environment: [String: String], names: [String]) {
        var reader = SettingsReader(environment: environment)
        _ = Outlet(from: &reader, country: .china)
        #expect(reader.faults.map { String($0.prefix { $0 != ":" }) } == names, "\(reader.faults)")
    }
}
