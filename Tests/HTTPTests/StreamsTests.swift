import Glibc
import Testing

@testable import HTTP

@Suite("TCP connections on one thread")
struct StreamsTests {
    /// A blocking client on loopback.
    private final class Client {
        private let descriptor: Int32

        init(port: UInt16) {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            #expect(isConnected)
        }

        deinit { close(descriptor) }

        func send(_ text: String) { _ = write(descriptor, Array(text.utf8), text.utf8.count) }

        func receive(_ count: Int) -> String {
            var bytes = [UInt8](repeating: 0, count: count)
            let read = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
            return String(decoding: bytes.prefix(max(0, read)), as: UTF8.self)
        }
    }

    /// Waits until so many events came.
    private func events(_ streams: inout Streams, _ count: Int) -> [Streams.Event] {
        var all: [Streams.Event] = []
        let deadline = ContinuousClock.now + .seconds(10)
        while all.count < count, .now < deadline { all += streams.wait(milliseconds: 100) }
        return all
    }

    private func streams(connections: Int = 100) throws -> Streams {
        try Streams(address: "127.0.0.1", port: 0, connections: connections)
    }

    @Test("a connection opens, speaks, is answered and closes")
    func life() throws {
        var streams = try streams()
        var client: Client? = Client(port: streams.port)
        #expect(events(&streams, 1) == [.opened(1, from: "127.0.0.1")])
        client?.send("hello")
        #expect(events(&streams, 1) == [.received(1, Array("hello".utf8))])
        streams.send(Array("answer".utf8), to: 1)
        #expect(client?.receive(6) == "answer")
        client = nil
        #expect(events(&streams, 1) == [.closed(1)] && streams.count == 0)
        streams.send(Array("nobody".utf8), to: 1)
    }

    @Test("a wait ends when it is woken, also by a call before it")
    func woken() throws {
        var streams = try streams()
        let waker = streams.waker
        for _ in 0..<3 {
            waker.wake()
            waker.wake()
            let time = ContinuousClock().measure { #expect(streams.wait(milliseconds: 20_000).isEmpty) }
            #expect(time < .seconds(10))
        }
    }

    @Test("what is not read waits, and comes in the end")
    func paused() throws {
        var streams = try streams()
        let client = Client(port: streams.port)
        #expect(events(&streams, 1).count == 1)
        streams.read(1, false)
        client.send("later")
        for _ in 0..<3 { #expect(streams.wait(milliseconds: 20).isEmpty) }
        streams.read(1, true)
        #expect(events(&streams, 1) == [.received(1, Array("later".utf8))])
    }

    @Test("whoever does not read what he is sent is closed at some time")
    func deaf() throws {
        var streams = try streams()
        let client = Client(port: streams.port)
        #expect(events(&streams, 1).count == 1)
        let piece = [UInt8](repeating: 7, count: 65_536)
        for _ in 0..<400 where streams.count == 1 { streams.send(piece, to: 1) }
        #expect(streams.wait(milliseconds: 0) == [.closed(1)])
        withExtendedLifetime(client) {}
    }

    @Test("connections beyond the limit wait for their turn")
    func limit() throws {
        var streams = try streams(connections: 2)
        var clients = (0..<3).map { _ in Client(port: streams.port) }
        #expect(events(&streams, 2).count == 2)
        #expect(streams.wait(milliseconds: 50).isEmpty && streams.count == 2)
        clients.removeFirst()
        #expect(events(&streams, 2).count == 2 && streams.count == 2)
    }
}
