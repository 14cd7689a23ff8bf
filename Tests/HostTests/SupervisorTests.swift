import Foundation
import Glibc
import Testing

@testable import Host

@Suite("What systemd is told")
struct SupervisorTests {
    /// The socket on which systemd would listen.
    private final class Listener {
        private let descriptor: Int32

        init(at path: [UInt8]) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            try #require(descriptor >= 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count + (path[0] == 0 ? 0 : 1))
            let bound = withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(bound == 0)
        }

        deinit { close(descriptor) }

        func next() -> String? {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 20_000) == 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
        }

        /// The next word, leaving out those that are not meant.
        func next(where isMeant: (String) -> Bool) -> String? {
            for _ in 0..<200 {
                guard let word = next() else { return nil }
                if isMeant(word) { return word }
            }
            return nil
        }
    }

    private static func path() -> String { "/tmp/dayu-notify-\(UUID().uuidString)" }

    @Test("it has started, it works, it stops", arguments: ["path", "abstract"])
    func life(kind: String) throws {
        let path = Self.path()
        let isAbstract = kind == "abstract"
        let listener = try Listener(at: isAbstract ? [0] + Array(path.dropFirst().utf8) : Array(path.utf8))
        defer { unlink(path) }
        let supervisor = try #require(
            Supervisor(environment: [
                "NOTIFY_SOCKET": isAbstract ? "@" + path.dropFirst() : path, "WATCHDOG_USEC": "400000",
            ]))
        let health = Health()
        let part = health.part("dayu-routing")
        supervisor.start(health)
        #expect(listener.next() == "READY=1\nSTATUS=dayu-routing: starting\nWATCHDOG=1")
        part.ready("3 records wait")
        let works = "STATUS=ready; dayu-routing: 3 records wait\nWATCHDOG=1"
        #expect(listener.next { $0 == works } != nil)
        let started = ContinuousClock.now
        for _ in 0..<4 { #expect(listener.next() == works) }
        #expect(ContinuousClock.now - started < .seconds(10), "it is fed four times in its time")
        supervisor.stopping()
        #expect(listener.next { $0 != works } == "STOPPING=1\nSTATUS=stopping")
        #expect(listener.next() == works, "while it stops it is still alive")
    }

    @Test("a loop that stands still is not fed, and is fed again once it reads")
    func standstill() {
        let health = Health()
        let progress = health.part(Health.progress)
        progress.ready()
        #expect(Supervisor.state(of: health) == "STATUS=ready\nWATCHDOG=1")
        progress.notReady("nothing was read for 30 s: dayu-routing at a/3, 4 offsets wait")
        #expect(
            Supervisor.state(of: health)
                == "STATUS=progress: nothing was read for 30 s: dayu-routing at a/3, 4 offsets wait")
        progress.ready()
        #expect(Supervisor.state(of: health).hasSuffix("WATCHDOG=1"))
    }

    @Test("a thread that hangs on a request is not fed")
    func hangingRequest() {
        let health = Health()
        health.watch("serving") { .seconds(11) }
        #expect(
            Supervisor.state(of: health) == "STATUS=serving: a thread has worked on one request for 11 s")
    }

    @Test(
        "what waits for others is fed: a service that is not ready, a full disk, a service that stopped working"
    )
    func hindered() {
        let health = Health()
        health.part(Health.progress).notReady("nothing was read for 30 s")
        health.hinder("dayu-routing, store", "can't be written: the disk is full")
        #expect(Supervisor.state(of: health).hasSuffix("\nWATCHDOG=1"))
        #expect(Supervisor.state(of: health).contains("the disk is full"))
        health.hinder("dayu-routing, store", nil)
        #expect(
            !Supervisor.state(of: health).contains("WATCHDOG=1"), "the disk has room, the loop still stands")
        health.hinder("stopped", "another number of partitions")
        #expect(Supervisor.state(of: health).contains("WATCHDOG=1"))
        let other = Health()
        other.part("dayu-routing").notReady("waiting for the group")
        #expect(Supervisor.state(of: other) == "STATUS=dayu-routing: waiting for the group\nWATCHDOG=1")
    }

    @Test("a status is one line, and not a long one")
    func oneLine() {
        let health = Health()
        health.part("a").notReady("x\ny" + String(repeating: "z", count: 2_000))
        let lines = Supervisor.state(of: health).split(separator: "\n")
        #expect(lines.count == 2 && lines[0].count < 600 && lines[1] == "WATCHDOG=1")
    }

    @Test("nobody listens, or nowhere: nothing is sent, and nothing fails")
    func nobody() throws {
        #expect(Supervisor(environment: [:]) == nil)
        for path in ["", "relative", "@", "/" + String(repeating: "a", count: 200)] {
            #expect(Supervisor(environment: ["NOTIFY_SOCKET": path]) == nil, "\(path)")
        }
        try #require(Supervisor(environment: ["NOTIFY_SOCKET": "/tmp/nobody-\(UUID())"])).stopping()
    }

    @Test("a supervisor that does not read holds nobody up")
    func fullSocket() throws {
        let path = Self.path()
        let listener = try Listener(at: Array(path.utf8))
        defer { unlink(path) }
        let supervisor = try #require(Supervisor(environment: ["NOTIFY_SOCKET": path]))
        for _ in 0..<20_000 { supervisor.stopping() }
        #expect(listener.next() == "STOPPING=1\nSTATUS=stopping")
    }
}
