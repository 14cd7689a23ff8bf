import HTTP
import Host
import Links
import Models
import Processing
import Testing

@testable import Intake

@Suite("How often somebody may ask")
struct RateTests {
    private static let rate = Rate(perMinute: 60)

    @Test("a minute's worth at once, and then one for each that comes back")
    func bucket() {
        var bucket = TokenBucket(fullAt: .zero)
        func take(at now: Duration) -> Duration? { bucket.take(Self.rate.refill, at: now) }
        for _ in 0..<60 { #expect(take(at: .zero) == nil) }
        #expect(take(at: .zero) == .seconds(1))
        #expect(take(at: .milliseconds(250)) == .milliseconds(750))
        #expect(take(at: .seconds(1)) == nil)
        #expect(take(at: .seconds(1)) == .seconds(1))
        // No rest, however long, gives more than a minute's worth.
        for _ in 0..<60 { #expect(take(at: .seconds(86_400)) == nil) }
        #expect(take(at: .seconds(86_400)) != nil)
    }

    @Test("what was refused costs nothing")
    func refused() {
        var bucket = TokenBucket(fullAt: .zero)
        func take(at second: Int) -> Duration? {
            bucket.take(Rate(perMinute: 1).refill, at: .seconds(second))
        }
        #expect(take(at: 0) == nil)
        for second in 1..<60 { #expect(take(at: second) == .seconds(60 - second)) }
        #expect(take(at: 60) == nil)
    }

    @Test("memory is bounded, and who was there a moment ago is remembered")
    func bounded() {
        var buckets = Buckets<Int>(limit: 10)
        func take(from key: Int) -> Duration? { buckets.take(from: key, Rate(perMinute: 1), at: .zero) }
        for stranger in 0..<1000 {
            #expect(take(from: stranger) == nil)
            #expect(take(from: stranger) != nil)
            // One who keeps asking is not forgotten for all the others.
            #expect((take(from: -1) == nil) == (stranger == 0))
            #expect(buckets.count <= 20)
        }
        #expect(take(from: 0) == nil)
    }
}

@Suite("Who is let in")
struct AdmissionTests {
    private let metrics = Metrics()

    private func ask(
        _ admission: Admission, _ audience: Admission.Audience, key: String? = nil,
        from address: String = "192.0.2.1",
        on complaint: String = Counter.complaint.code.compact, counter: Counter = Counter(),
        at seconds: Int = 0
    ) -> Problem? {
        let headers: Headers = key.map { [("Authorization", "Bearer \($0)")] } ?? []
        let request = Request(
            method: .post, headers: headers, peerAddress: address, parameters: ["complaint": complaint])
        do throws(Problem) {
            try admission.check(request, for: audience, counter.api, at: .seconds(seconds))
            return nil
        } catch {
            return error
        }
    }

    @Test("an address has its rate; beyond it 429 says when to come again")
    func address() {
        let admission = Admission(.init(address: Rate(perMinute: 2)), metrics)
        #expect(ask(admission, .everybody) == nil)
        #expect(ask(admission, .holders, key: Counter.complaint.text) == nil)
        let refused = ask(admission, .everybody)
        #expect(refused?.status == 429)
        #expect(refused?.headers["Retry-After"] == "31")
        #expect(metrics.render().contains("dayu_requests_limited_total{of=\"address\"} 1\n"))
        #expect(ask(admission, .everybody, from: "192.0.2.2") == nil)
        #expect(ask(admission, .everybody, at: 30) == nil)
    }

    @Test("a form counts for a reader until its body has shown a gateway's key, and then for the gateway")
    func forms() {
        let admission = Admission(.init(reader: Rate(perMinute: 2), gateway: Rate(perMinute: 4)), metrics)
        func send(_ key: String?) -> Problem? {
            if let problem = ask(admission, .forms) { return problem }
            let headers: Headers = key.map { [("Authorization", "Bearer \($0)")] } ?? []
            let request = Request(method: .post, headers: headers, peerAddress: "192.0.2.1")
            do throws(Problem) {
                try admission.checkForm(request, Counter().api, at: .zero)
                return nil
            } catch {
                return error
            }
        }
        for _ in 1...4 { #expect(send(Counter.app.text) == nil) }
        #expect(send(Counter.app.text)?.detail?.contains("gateway") == true)
        #expect(send("hunter2")?.status == 401)
        #expect(send(nil)?.status == 401)
        #expect(send(nil)?.status == 429)
    }

    @Test("an IPv6 network counts as one, for its owner has all its addresses")
    func network() {
        let admission = Admission(.init(address: Rate(perMinute: 1)), metrics)
        #expect(ask(admission, .everybody, from: "2001:db8::1") == nil)
        #expect(ask(admission, .everybody, from: "2001:db8::ffff:2")?.status == 429)
        #expect(ask(admission, .everybody, from: "2001:db8:0:1::1") == nil)
    }

    @Test("who reads has a rate of his own, whatever proof he shows that is no key")
    func readers() {
        let admission = Admission(.init(address: Rate(perMinute: 1), reader: Rate(perMinute: 2)), metrics)
        #expect(ask(admission, .everybody) == nil)
        #expect(ask(admission, .readers, key: "hunter2") == nil)
        #expect(ask(admission, .readers, key: Counter.former.text) == nil)
        #expect(ask(admission, .readers)?.headers["Retry-After"] == "31")
        #expect(metrics.render().contains("dayu_requests_limited_total{of=\"reader\"} 1\n"))
        #expect(admission.checkStray(Request(peerAddress: "192.0.2.1"), at: .zero)?.status == 429)
        #expect(admission.checkStray(Request(peerAddress: "192.0.2.2"), at: .zero) == nil)
    }

    @Test("a gateway reads by its own rate, and what it reads is not taken from what it posts")
    func readingGateway() {
        let rates = Admission.Rates(reader: Rate(perMinute: 1), gateway: Rate(perMinute: 2))
        let admission = Admission(rates, metrics)
        for _ in 0..<2 { #expect(ask(admission, .readers, key: Counter.office.text) == nil) }
        #expect(ask(admission, .readers, key: Counter.office.text)?.status == 429)
        #expect(ask(admission, .everybody, key: Counter.office.text) == nil)
        #expect(ask(admission, .readers) == nil)
    }

    @Test("a gateway has the rate of its row, or else the one of all, from wherever it calls")
    func gateway() {
        var counter = Counter()
        counter.registry = Registry(
            Counter.registry.entities.map { entity in
                guard case .gateway(let gateway) = entity, gateway.id.rawValue == "app" else { return entity }
                return .gateway(
                    Gateway(
                        id: gateway.id, name: gateway.name, channel: gateway.channel, scopes: gateway.scopes,
                        requestsPerMinute: 3))
            })
        let admission = Admission(.init(address: Rate(perMinute: 1), gateway: Rate(perMinute: 2)), metrics)
        for (key, limit) in [(Counter.app, 3), (Counter.office, 2)] {
            for number in 0..<limit {
                let address = "192.0.2.\(number)"
                #expect(ask(admission, .everybody, key: key.text, from: address, counter: counter) == nil)
            }
            #expect(ask(admission, .everybody, key: key.text, counter: counter)?.status == 429)
        }
        #expect(metrics.render().contains("dayu_requests_limited_total{of=\"gateway\"} 2\n"))
    }

    @Test("where a key is needed nobody is read without one, and guessing keys has its limit")
    func keys() {
        let admission = Admission(.init(address: Rate(perMinute: 2)), metrics)
        #expect(ask(admission, .gateways, key: Counter.office.text) == nil)
        #expect(ask(admission, .gateways)?.status == 401)
        #expect(ask(admission, .gateways, key: Counter.former.text)?.status == 401)
        #expect(ask(admission, .gateways, key: Counter.former.text)?.status == 429)
        #expect(ask(admission, .gateways, key: Counter.office.text) == nil)
    }

    /// A request here has a head alone: what is decided is decided before the body.
    @Test("where a proof is needed its lack, its end and its falseness are seen in the head")
    func proofs() throws {
        let admission = Admission(.init(), metrics)
        let handle = try #require(LinkHandle("AAECAwQFBgcICQoLDA0ODw"))
        var counter = Counter()
        counter.book = [
            handle: ActionLink(
                complaint: Counter.complaint.code, actor: .citizen, expiresAt: Counter.now + .seconds(60))
        ]
        let id = Counter.complaint.text
        for audience in [Admission.Audience.gateways, .deputies, .holders, .linkHolders] {
            #expect(ask(admission, audience, counter: counter)?.status == 401, "\(audience)")
            #expect(ask(admission, audience, key: "hunter2", counter: counter)?.status == 401, "\(audience)")
        }
        for audience in [Admission.Audience.holders, .linkHolders] {
            #expect(ask(admission, audience, key: handle.text, counter: counter) == nil)
            let other = "BAECAwQFBgcICQoLDA0ODw"
            #expect(ask(admission, audience, key: other, counter: counter)?.status == 401)
        }
        #expect(ask(admission, .holders, key: id, counter: counter) == nil)
        #expect(ask(admission, .linkHolders, key: id, counter: counter)?.status == 401, "an id is no link")
        #expect(ask(admission, .deputies, key: Counter.office.text) == nil)
        #expect(ask(admission, .deputies, key: Counter.office.text, on: "x")?.status == 404)
        #expect(ask(admission, .deputies, on: id)?.status == 400, "an id stands in no address")
        counter.erased = [Counter.complaint.code]
        #expect(ask(admission, .holders, key: id, counter: counter)?.status == 401)
        counter.moment = Counter.now + .seconds(61)
        let ended = ask(admission, .linkHolders, key: handle.text, counter: counter)
        #expect(ended?.status == 401 && ended?.type == "urn:dayu:link-expired")
    }

    /// One request with many actions, as the door takes it.
    private func act(_ count: Int, at second: Int, _ admission: Admission) -> Problem? {
        var counter = Counter()
        counter.registry = Registry(Counter.registry.entities)
        let key = Counter.office.text
        if let refusal = ask(admission, .deputiesOfMany, key: key, at: second) { return refusal }
        let request = Request(
            method: .post, headers: [("Authorization", "Bearer \(key)")], peerAddress: "192.0.2.1")
        do throws(Problem) {
            try admission.take(forMore: count - 1, request, counter.api, at: .seconds(second))
            return nil
        } catch { return error }
    }

    @Test(
        "whoever waits as long as he is told gets through, with many as with one", arguments: [1, 4, 19, 50])
    func patient(_ count: Int) throws {
        let admission = Admission(.init(gateway: Rate(perMinute: 20)), metrics)
        for _ in 0..<20 { #expect(act(1, at: 0, admission) == nil) }
        var (second, waits) = (0, 0)
        while let refusal = act(count, at: second, admission) {
            #expect(refusal.status == 429)
            second += try #require(refusal.headers["Retry-After"].flatMap { Int($0) })
            waits += 1
            guard waits < 3 else { break }
        }
        #expect(waits <= 2 && second <= 63, "once for the request, once for all that is in it")
    }

    @Test("many actions in one request count like as many requests, more than a minute's like a minute's")
    func many() throws {
        let admission = Admission(.init(address: Rate(perMinute: 1), gateway: Rate(perMinute: 60)), metrics)
        func act(_ count: Int, at second: Int) -> Int? { self.act(count, at: second, admission)?.status }
        #expect(act(40, at: 0) == nil)
        #expect(act(40, at: 0) == 429, "20 are left")
        #expect(act(1, at: 0) == nil)
        #expect(act(40, at: 30) == nil, "30 came back")
        #expect(act(1000, at: 60) == 429)
        #expect(act(1000, at: 200) == nil, "a full minute is enough")
        #expect(act(1, at: 200) == 429)
        #expect(act(1, at: 201) == nil)
    }

    @Test("a refused request with many actions counts for its address")
    func refusedMany() throws {
        let admission = Admission(.init(address: Rate(perMinute: 5), gateway: Rate(perMinute: 20)), metrics)
        #expect(act(20, at: 0, admission) == nil)
        for second in 20..<25 {
            #expect(act(20, at: second, admission)?.detail?.contains("gateway") == true)
        }
        #expect(act(20, at: 25, admission)?.detail?.contains("address") == true)
        #expect(ask(admission, .reporters, at: 25)?.status == 429)
        #expect(act(20, at: 90, admission) == nil, "and who waits gets through")
    }

    @Test("without a rate there is no limit")
    func unlimited() {
        let admission = Admission(.init(), metrics)
        for _ in 0..<1000 { #expect(ask(admission, .everybody) == nil) }
    }
}
