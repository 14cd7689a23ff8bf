import Glibc
import HTTP
import Kafka
import Models
import Processing
import Support
import Testing

@testable import Host
@testable import Notification

@Suite("A gateway that hangs")
struct HangingGatewayTests {
    /// A port that takes connections and says nothing: nobody accepts them.
    private struct Silence: ~Copyable {
        let port: UInt16
        private let socket: Int32

        init() throws {
            socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let socket = socket
            let isListening = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, length) == 0 && listen(socket, 64) == 0
                        && getsockname(socket, $0, &length) == 0
                }
            }
            try #require(isListening)
            port = UInt16(bigEndian: address.sin_port)
        }

        deinit { close(socket) }
    }

    /// Dispatch and a pusher in turn, and after each of the pusher's turns some milliseconds.
    private func turns(
        _ count: Int, of box: Letterbox, each milliseconds: Int64 = 0, until done: () -> Bool = { false },
        _ pusher: () throws -> Void
    ) throws {
        for _ in 0..<count where !done() {
            try box.turnDispatch()
            try pusher()
            if milliseconds > 0 { box.cluster.advance(milliseconds: milliseconds) }
        }
    }

    @Test("asked to stop, the pusher ends within two seconds, and only what was under way goes out again")
    func stops() throws {
        let box = Letterbox()
        let silence = try Silence()
        let dialect = HTTPGateway.Dialect(
            url: "http://127.0.0.1:\(silence.port)/", method: .post, form: .form,
            fields: try #require(HTTPGateway.Field.list("ref={reference}")), headers: [], country: .china,
            successStatus: 200...299)
        let stop = StopFlag()
        let hanging = box.pusher(HTTPGateway(dialect, timeout: .seconds(30), window: 4), stop: stop)
        try turns(20, of: box) { try hanging.turn() }
        try box.ask(10)
        try turns(20, of: box) { try hanging.turn() }
        // A gateway that never answered gets one message. The others wait on the log.
        #expect(box.receipts.filter { $0.outcome == .taken }.count == 1)
        #expect(box.receipts.count == 1)
        let waitsFrom = box.committed

        let started = ContinuousClock.now
        stop.raise()
        try hanging.turn()
        try hanging.end()
        // Its answer is waited for 30 s.
        #expect(started.duration(to: .now) < .seconds(20))
        #expect(box.committed == waitsFrom, "nothing is taken any more")
        let given = Set(box.receipts.filter { $0.outcome == .deferred }.map(\.reference))
        #expect(given.count == 1, "whose outcome is unknown")
        hanging.log.leave()

        let gateway = PatientGateway(window: 4, milliseconds: 100) { box.cluster.now }
        let heir = box.pusher(gateway)
        try turns(2000, of: box, each: 50, until: { box.ended.count >= 10 }) { try heir.turn() }
        #expect(box.ended.count == 10 && gateway.received.count == 10)
        #expect(Set(gateway.received).count == 10)
        let again = Set(box.receipts.filter { $0.outcome == .taken && $0.attempt == 2 }.map(\.reference))
        #expect(again == given)
    }

    /// Jobs wait behind one that the gateway does not answer; then what they say is erased.
    private func erasedBehindAHangingGateway(_ box: Letterbox) throws {
        let hanging = PatientGateway(window: 1, milliseconds: .max / 2) { 0 }
        let pusher = box.pusher(hanging)
        try turns(20, of: box) { try pusher.turn() }
        try box.ask(10, bare: "bare")
        try turns(20, of: box) { try pusher.turn() }
        #expect(hanging.texts == ["New complaint"])
        try box.withdraw(10)
        try turns(20, of: box) { try pusher.turn() }
        #expect(hanging.texts == ["New complaint"])
        try pusher.end()
        pusher.log.leave()
    }

    @Test("whose words are erased while they wait: the next pusher sends none of the erased words")
    func erased() throws {
        let box = Letterbox()
        try erasedBehindAHangingGateway(box)
        let gateway = PatientGateway(window: 4, milliseconds: 100) { box.cluster.now }
        let heir = box.pusher(gateway)
        try turns(2000, of: box, each: 50, until: { box.ended.count >= 10 }) { try heir.turn() }
        #expect(box.ended.values.allSatisfy { $0 == .accepted } && box.ended.count == 10)
        #expect(gateway.texts == [String](repeating: "bare", count: 10))
        #expect(box.receipts.count { $0.outcome == .withdrawn } == 9, "one was under way")
    }

    @Test("more of them wait than a pusher reads ahead: it hears of the erasure all the same")
    func erasedFarBehind() throws {
        let box = Letterbox()
        var isOpen = false
        let gateway = PatientGateway(window: 1, milliseconds: 1) { isOpen ? box.cluster.now : 0 }
        let pusher = box.pusher(gateway)
        func turn(_ count: Int) throws {
            try turns(count, of: box) { try pusher.turn() }
        }
        try turn(20)
        try box.ask(520, bare: "bare")
        try turn(30)
        #expect(gateway.texts == ["New complaint"])
        try box.withdraw(520)
        try turn(60)
        #expect(gateway.texts == ["New complaint"])
        isOpen = true
        for _ in 0..<400 where box.ended.count < 520 {
            try turn(100)
            box.cluster.advance(milliseconds: 50)
        }
        #expect(box.ended.count == 520 && box.ended.values.allSatisfy { $0 == .accepted })
        #expect(gateway.texts.count == 520 && gateway.texts.count { $0 != "bare" } == 1)
    }

    @Test("a pusher that knows of withdrawals and not how old its knowledge is, waits until it has read on")
    func knowsBeforeItTakes() throws {
        let box = Letterbox()
        try erasedBehindAHangingGateway(box)
        let gateway = PatientGateway(window: 4, milliseconds: 100) { box.cluster.now }
        let heir = box.pusher(gateway)
        // Reading fails for a while, and only the jobs arrive.
        let place = TopicPartition(.jobWithdrawals, 0)
        heir.log.silent = [place]
        try turns(100, of: box, each: 50) { try heir.turn() }
        #expect(gateway.received == [])
        heir.log.silent = []
        try turns(2000, of: box, each: 50, until: { box.ended.count >= 10 }) { try heir.turn() }
        #expect(gateway.texts == [String](repeating: "bare", count: 10))
    }
}
