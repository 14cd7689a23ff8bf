public import HTTP
public import Models

extension SettingsReader {
    /// Where a service serves the public, and how much it accepts from one address and from all.
    ///
    /// - Parameter prefix: what its settings begin with, such as `DAYU_INTAKE`.
    public mutating func server(
        _ prefix: String, port: Int, threads: Int, serving what: String
    ) -> (settings: ServerSettings, proxies: Proxies) {
        var server = ServerSettings()
        server.address = text(
            "\(prefix)_ADDRESS", preset: server.address, help: "the address at which \(what) listens; numeric"
        )
        server.port = self.port("\(prefix)_PORT", preset: port, help: "the port of \(what)")
        server.threads = integer(
            "\(prefix)_THREADS", preset: threads, in: 1...64, help: "threads that answer")
        let share = integer(
            "\(prefix)_CONNECTIONS_PER_ADDRESS", preset: 1024, in: 0...server.connections,
            help: "open connections from one address or IPv6 network, except from proxies; 0: no limit")
        server.connectionsPerClient = share > 0 ? share : nil
        server.headSeconds = seconds(
            "\(prefix)_HEAD_TIME", preset: server.headSeconds, help: "how long the head of a request may take"
        )
        server.bodySeconds = seconds(
            "\(prefix)_BODY_TIME", preset: server.bodySeconds, help: "how long the body of a request may take"
        )
        server.bodyBytesInFlight = integer(
            "\(prefix)_BODY_BYTES", preset: server.bodyBytesInFlight, in: 1_048_576...68_719_476_736,
            help: "how many bytes all request bodies may hold together while they are read")
        let bodies = integer(
            "\(prefix)_BODY_BYTES_PER_ADDRESS", preset: server.bodyBytesInFlight / 16,
            in: 0...server.bodyBytesInFlight,
            help: "how many of these bytes one client may hold with several bodies; 0: no limit")
        server.bodyBytesPerClient = bodies > 0 ? bodies : nil
        let proxies = self.proxies("\(prefix)_PROXIES")
        server.clients = proxies.clients
        return (server, proxies)
    }

    private mutating func seconds(_ name: String, preset: Int, help: String) -> Int {
        let time = duration(name, preset: .seconds(preset), help: help)
        if time < .seconds(1) { fault("\(name): is less than 1s") }
        return Int(time.components.seconds)
    }

    private mutating func proxies(_ name: String) -> Proxies {
        let text = optionalText(
            name,
            help: """
                the reverse proxies in front of the service: addresses or blocks such as 10.0.0.0/8, separated by \
                commas; X-Forwarded-For counts only if it comes from them
                """)
        let words = (text ?? "").split(separator: ",").map(\.trimmedBlanks)
        for word in words where AddressBlock(word) == nil {
            fault("\(name): \"\(word)\" is not an address or a block such as 10.0.0.0/8")
        }
        return Proxies(words.compactMap { AddressBlock($0) })
    }
}

/// The reverse proxies in front of a service. The client address that they name is believed.
public struct Proxies: Sendable {
    private let blocks: [AddressBlock]

    public init(_ blocks: [AddressBlock] = []) {
        self.blocks = blocks
    }

    /// A client is an IPv4 address or an IPv6 network; whoever has one IPv6 address has the others of its
    /// network as well (RFC 6177). A proxy stands for many clients.
    public var clients: Clients {
        Clients(
            connecting: { address in
                guard let address = IPAddress(address), !contain(address) else { return nil }
                return address.network.description
            },
            sending: { request in
                guard let client = client(of: request), !contain(client) else { return nil }
                return client.network.description
            })
    }

    private func contain(_ address: IPAddress) -> Bool { blocks.contains { $0.contains(address) } }

    /// The client of a request, as far as we can trust the headers. Each proxy adds the address that called
    /// it at the end of `X-Forwarded-For`. Read from the end, everything before the first address that is not
    /// a proxy may be invented.
    public func client(of request: Request) -> IPAddress? {
        guard var client = IPAddress(request.peerAddress) else { return nil }
        guard contain(client) else { return client }
        var named = request.headers.all("X-Forwarded-For").flatMap { $0.split(separator: ",") }
        while contain(client), let word = named.popLast(), let address = IPAddress(word.trimmedBlanks) {
            client = address
        }
        return client
    }

    /// The request as if its client had connected directly.
    public func seenThrough(_ request: Request) -> Request {
        var request = request
        request.peerAddress = client(of: request)?.description ?? request.peerAddress
        return request
    }
}

extension Substring {
    fileprivate var trimmedBlanks: Substring {
        let start = drop { $0 == " " }
        return start.lastIndex { $0 != " " }.map { start[...$0] } ?? ""
    }
}
