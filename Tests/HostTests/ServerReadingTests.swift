import HTTP
import Models
import Testing

@testable import Host

@Suite("A server behind proxies")
struct ServerReadingTests {
    private func read(_ environment: [String: String]) -> (ServerSettings, Proxies, faults: [String]) {
        var reader = SettingsReader(environment: environment)
        let (settings, proxies) = reader.server("DAYU_X", port: 8080, threads: 2, serving: "it")
        return (settings, proxies, reader.faults)
    }

    private func client(_ proxies: Proxies, from peer: String, _ forwarded: String...) -> String? {
        var headers = Headers()
        for value in forwarded { headers.add("X-Forwarded-For", value) }
        return proxies.client(of: Request(headers: headers, peerAddress: peer))?.description
    }

    @Test("whom a named proxy names is the client; what a client says of himself counts for nothing")
    func forwarded() {
        let (_, proxies, faults) = read(["DAYU_X_PROXIES": "10.0.0.0/8, ::1"])
        #expect(faults.isEmpty)
        #expect(client(proxies, from: "192.0.2.1", "198.51.100.7") == "192.0.2.1")
        #expect(client(proxies, from: "10.0.0.1", "198.51.100.7") == "198.51.100.7")
        #expect(client(proxies, from: "::ffff:10.0.0.1", "198.51.100.7") == "198.51.100.7")
        // What stands before the last that is no proxy may be invented.
        #expect(client(proxies, from: "10.0.0.1", "203.0.113.9, 198.51.100.7,10.0.0.2") == "198.51.100.7")
        #expect(client(proxies, from: "::1", "203.0.113.9", "2001:db8::1") == "2001:db8::1")
        #expect(client(proxies, from: "10.0.0.1") == "10.0.0.1")
        #expect(client(proxies, from: "10.0.0.1", "unknown") == "10.0.0.1")
        #expect(client(proxies, from: "10.0.0.1", "198.51.100.7, nonsense") == "10.0.0.1")
        #expect(client(proxies, from: "10.0.0.1", "10.0.0.3, 10.0.0.2") == "10.0.0.3")
    }

    @Test("without a proxy nobody's header is believed")
    func none() {
        let (settings, proxies, _) = read([:])
        #expect(client(proxies, from: "127.0.0.1", "198.51.100.7") == "127.0.0.1")
        #expect(settings.clients.connecting("127.0.0.1") == "127.0.0.1")
    }

    @Test("an IPv6 network is one client, a proxy is none, and whoever is behind it is one")
    func clients() {
        let clients = read(["DAYU_X_PROXIES": "10.0.0.1"]).0.clients
        #expect(clients.connecting("10.0.0.1") == nil)
        #expect(clients.connecting("10.0.0.2") == "10.0.0.2")
        #expect(clients.connecting("2001:db8::1") == clients.connecting("2001:db8::2"))
        #expect(clients.connecting("2001:db8::1") != clients.connecting("2001:db8:0:1::1"))
        func sending(_ forwarded: String?, from peer: String) -> String? {
            clients.sending(
                Request(headers: forwarded.map { [("X-Forwarded-For", $0)] } ?? [], peerAddress: peer))
        }
        #expect(sending("198.51.100.7", from: "10.0.0.1") == "198.51.100.7")
        #expect(sending(nil, from: "10.0.0.1") == nil)
        #expect(sending("198.51.100.7", from: "192.0.2.1") == "192.0.2.1")
    }

    @Test("the limits are settings, and what is none is a fault")
    func limits() {
        let (settings, _, faults) = read([
            "DAYU_X_CONNECTIONS_PER_ADDRESS": "7", "DAYU_X_HEAD_TIME": "5s", "DAYU_X_BODY_TIME": "1m",
            "DAYU_X_BODY_BYTES": "2000000", "DAYU_X_PROXIES": "10.0.0.1",
        ])
        #expect(faults.isEmpty)
        #expect(
            settings.connectionsPerClient == 7 && settings.headSeconds == 5 && settings.bodySeconds == 60)
        #expect(settings.bodyBytesInFlight == 2_000_000)
        #expect(read(["DAYU_X_CONNECTIONS_PER_ADDRESS": "0"]).0.connectionsPerClient == nil)
        #expect(read([:]).0.bodyBytesPerClient == 4_194_304)
        #expect(read(["DAYU_X_BODY_BYTES_PER_ADDRESS": "0"]).0.bodyBytesPerClient == nil)
        #expect(
            read(["DAYU_X_BODY_BYTES": "2000000", "DAYU_X_BODY_BYTES_PER_ADDRESS": "2000001"]).faults.count
                == 1)
        #expect(read(["DAYU_X_PROXIES": "proxy.example"]).faults.count == 1)
        #expect(read(["DAYU_X_HEAD_TIME": "500ms"]).faults.count == 1)
    }

    @Test("the limit of open files is raised where it is too low, and only then")
    func openFiles() throws {
        #expect(OpenFiles.raised(soft: 1_048_576, hard: 1_048_576) == nil)
        let raised = try #require(OpenFiles.raised(soft: 1024, hard: 524_288))
        #expect(raised == (8192, 524_288))
        let privileged = try #require(OpenFiles.raised(soft: 1024, hard: 4096))
        #expect(privileged == (8192, 8192))
        let reason = OpenFiles.TooFew(allowed: 4096, reason: "Operation not permitted").description
        #expect(
            reason.contains("8192") && reason.contains("4096") && reason.contains("Operation not permitted"))
    }

    @Test("a thread that works on one request for more than ten seconds is told of")
    func stuck() {
        let health = Health()
        health.watch("http") { .seconds(10) }
        health.watch("idle") { nil }
        #expect(health.stuck.isEmpty)
        health.watch("http") { .seconds(14) }
        #expect(health.stuck == ["http: a thread has worked on one request for 14 s"])
    }
}
