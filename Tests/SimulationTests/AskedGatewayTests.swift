import Foundation
import Glibc
import HTTP
import Kafka
import Links
import Models
import Processing
import Support
import Synchronization
import Testing
import Text

@testable import Host
@testable import Notification

@Suite("A gateway that is asked what became of messages")
struct AskedGatewayTests {
    /// Tencent on this machine. It takes every message at once, and is slow to tell what became of any.
    private final class Cloud: Sendable {
        private final class Book: Sendable {
            let questions = Mutex<[Promise]>([])
            let count = Atomic(0)
            let refuses = Atomic(false)
        }

        private let book = Book()
        let server: Server

        init() throws {
            var router = Router()
            router.on(.post, "/") { [book] request in
                guard request.headers["x-tc-action"] == "PullSmsSendStatus" else {
                    return .now(Self.json(#"{"SendStatusSet": [{"Code": "Ok", "SerialNo": "s-0"}]}"#))
                }
                guard !book.refuses.load(ordering: .relaxed) else {
                    return .now(Self.json(#"{"Error": {"Code": "UnsupportedOperation"}}"#))
                }
                return .later { promise in
                    book.questions.withLock { $0.append(promise) }
                    book.count.add(1, ordering: .sequentiallyConsistent)
                }
            }
            server = try Server(ServerSettings(), router)
        }

        func refuse(_ refuses: Bool) { book.refuses.store(refuses, ordering: .relaxed) }

        var questions: Int { book.count.load(ordering: .sequentiallyConsistent) }

        /// Says of one message that it arrived, to everybody who has asked.
        func tell() {
            let asked = book.questions.withLock { asked in
                defer { asked = [] }
                return asked
            }
            let status = """
                {"SerialNo": "s-1", "PhoneNumber": "+8600000010001", "ReportStatus": "SUCCESS",
                 "Description": "DELIVRD"}
                """
            for promise in asked { promise.answer(Self.json(#"{"PullSmsSendStatusSet": [\#(status)]}"#)) }
        }

        private static func json(_ said: String) -> Response {
            Response(status: 200, body: Array(#"{"Response": \#(said)}"#.utf8))
        }
    }

    private let context = HostContext(
        name: "dayu-test", cluster: ClusterSettings(bootstrapServers: "127.0.0.1:1"),
        topics: TopicNames(prefix: "t."), dataFolder: "/nowhere", batch: BatchSettings(), workers: 1,
        log: Log(service: "dayu-test", threshold: .error), metrics: Metrics(), health: Health(),
        stop: StopFlag())

    /// With one connection for messages.
    private func line(_ name: String, _ cloud: Cloud) throws -> Gateways.Line {
        let recipe = TencentRecipe(
            url: "http://127.0.0.1:\(cloud.server.port)", keyID: "k", secret: "s", application: "1",
            region: "r",
            signName: "河长办", templates: try #require(Templates("*=1:sentence")), to: "{phone}",
            country: .china)
        return Gateways.Line(
            name: name,
            gateway: HTTPGateway(
                recipe, timeout: .seconds(5), window: 1,
                way: .init(name: name, numbers: Town.numbers, callback: nil),
                pull: ReportPull(recipe, every: .milliseconds(1), for: .seconds(600))),
            standing: GatewayStanding(name, perSecond: nil, context),
            times: .init(validity: .seconds(600), isTold: false, reports: true))
    }

    /// Whether this comes true while the gateways are polled.
    private func comes(
        _ gateways: inout Gateways, within time: Duration, _ isTrue: ([SMSReceipt]) -> Bool
    ) -> Bool {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {
            if isTrue(gateways.poll(within: .milliseconds(20))) { return true }
            usleep(5000)
        }
        return false
    }

    /// On a thread of its own: the shared ones may all be taken by other tests.
    private func after(_ time: Duration, _ act: @escaping @Sendable () -> Void) {
        let microseconds = UInt32(time / .microseconds(1))
        Thread.detachNewThread {
            usleep(microseconds)
            act()
        }
    }

    private var job: SMSJob {
        get throws {
            let phone = try #require(PhoneNumber(e164: "+8600000010001"))
            return SMSJob(
                reference: "r", attempt: 1, handle: Town.numbers.handle(of: phone), phone: phone, text: "t",
                expiresAt: .now + .seconds(3600))
        }
    }

    @Test("as long as it is left alone, it is not asked either")
    func paused() throws {
        let cloud = try Cloud()
        var gateways = Gateways([try line("tencent-1", cloud)])
        gateways.lines[0].standing.note(.busy(.seconds(60)), "429")
        #expect(!comes(&gateways, within: .milliseconds(300)) { _ in cloud.questions > 0 })
        gateways.lines[0].standing.note(.works, "taken")
        #expect(comes(&gateways, within: .seconds(10)) { _ in cloud.questions == 1 })
    }

    @Test("whoever does not tell is told of, until he does")
    func tellsNothing() throws {
        let cloud = try Cloud()
        cloud.refuse(true)
        var gateways = Gateways([try line("tencent-1", cloud)])
        let note =
            "sms gateway tencent-1, reports: it does not tell what became of messages: UnsupportedOperation"
        #expect(comes(&gateways, within: .seconds(10)) { _ in context.health.notes == [note] })
        cloud.refuse(false)
        #expect(comes(&gateways, within: .seconds(10)) { _ in cloud.questions == 1 })
        #expect(context.health.notes == [note])
        cloud.tell()
        #expect(comes(&gateways, within: .seconds(10)) { _ in context.health.notes == [] })
    }

    @Test("a slow answer to a question keeps no message waiting")
    func slow() throws {
        let cloud = try Cloud()
        var gateways = Gateways([try line("tencent-1", cloud)])
        #expect(comes(&gateways, within: .seconds(10)) { _ in cloud.questions == 1 })
        let job = try job
        gateways.submit(job, by: gateways.route(for: job, at: .now))
        #expect(comes(&gateways, within: .seconds(4)) { $0.map(\.outcome) == [.accepted] })
        cloud.tell()
        #expect(comes(&gateways, within: .seconds(4)) { $0.map(\.outcome) == [.delivered] })
    }

    @Test("several that are silent are waited for together")
    func together() throws {
        let clouds = [try Cloud(), try Cloud()]
        var gateways = Gateways([try line("tencent-1", clouds[0]), try line("tencent-2", clouds[1])])
        #expect(comes(&gateways, within: .seconds(10)) { _ in clouds.allSatisfy { $0.questions == 1 } })
        // One after the other, they would take twice as long. A busy machine may lose a try or two.
        let times = (0..<3).map { _ in
            ContinuousClock().measure { _ = gateways.poll(within: .seconds(1)) }
        }
        #expect(times.contains { $0 >= .milliseconds(900) && $0 < .milliseconds(1900) }, "\(times)")
        // Servers that nobody mentions any more end, and so do the questions.
        #expect(clouds.map(\.questions) == [1, 1] && gateways.isAsked)
    }

    @Test("asked to stop, the pusher waits for its answer, and writes what it tells")
    func stops() throws {
        let box = Letterbox()
        let cloud = try Cloud()
        let stop = StopFlag()
        let pusher = box.pusher(Gateways([try line("tencent-1", cloud)]), stop: stop)
        for _ in 0..<1000 where cloud.questions == 0 {
            try pusher.turn()
            usleep(5000)
        }
        #expect(cloud.questions == 1 && box.receipts == [])
        stop.raise()
        after(.milliseconds(300)) { cloud.tell() }
        let began = ContinuousClock.now
        try pusher.end()
        #expect(began.duration(to: .now) < .seconds(1.4), "it does not wait longer than it must")
        #expect(box.receipts.map(\.outcome) == [.delivered])
        #expect(box.receipts.first?.gatewayReference == "s-1")
    }

    @Test("asked to stop, the pusher ends within two seconds although one is silent, and asks nothing more")
    func hangs() throws {
        let box = Letterbox()
        let clouds = [try Cloud(), try Cloud()]
        let pusher = box.pusher(
            Gateways([try line("tencent-1", clouds[0]), try line("tencent-2", clouds[1])]), stop: StopFlag())
        for _ in 0..<1000 where !clouds.allSatisfy({ $0.questions == 1 }) {
            try pusher.turn()
            usleep(5000)
        }
        // There may be more behind what the first one tells.
        after(.milliseconds(300)) { clouds[0].tell() }
        let began = ContinuousClock.now
        try pusher.end()
        #expect(began.duration(to: .now) < .seconds(2.5))
        #expect(box.receipts.map(\.outcome) == [.delivered])
        #expect(clouds.map(\.questions) == [1, 1])
    }
}
