/// Where the services' HTTP ports are. The services read the same variables.
struct Addresses {
    /// One instance of a service.
    struct Instance: Hashable {
        let service: String
        /// host:port
        let address: String
    }

    let instances: [Instance]
    /// The public API, without a slash at the end.
    let disclosure: String

    static let services = ["intake", "routing", "notification", "disclosure", "analytics", desk]
    private static let adminPorts = [9101, 9102, 9103, 9104, 9105, 9106]
    private static let desk = "desk"

    struct Fault: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    init(environment: [String: String]) throws(Fault) {
        func setting(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func port(_ name: String, preset: Int) throws(Fault) -> Int {
            guard let text = setting(name) else { return preset }
            guard let port = Int(text), (1...65_535).contains(port) else {
                throw Fault(description: "\(name): \"\(text)\" is not a port")
            }
            return port
        }
        let named = try Self.hosts(setting("DAYU_STATUS_HOSTS") ?? "")
        var instances: [Instance] = []
        for (service, preset) in zip(Self.services, Self.adminPorts) {
            let port = try port("DAYU_\(service.uppercased())_ADMIN_PORT", preset: preset)
            let own = named.filter { $0.service == service }
            // Not every city has a desk. Where there is one, its address stands in the messages.
            if service == Self.desk, own.isEmpty, setting("DAYU_DESK_SITE") == nil { continue }
            instances +=
                own.isEmpty ? [Instance(service: service, address: "127.0.0.1:\(port)")] : own
        }
        self.instances = instances
        let port = try port("DAYU_DISCLOSURE_PORT", preset: 8081)
        let url = setting("DAYU_STATUS_DISCLOSURE") ?? "http://127.0.0.1:\(port)"
        disclosure = url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    /// `intake=10.0.0.5:9101,routing=10.0.0.6:9102,routing=10.0.0.7:9102`
    private static func hosts(_ text: String) throws(Fault) -> [Instance] {
        var instances: [Instance] = []
        for part in text.split(separator: ",") {
            let words = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard words.count == 2, services.contains(words[0]), words[1].contains(":"),
                words[1].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".:-[]_".contains($0)) })
            else {
                throw Fault(
                    description: "DAYU_STATUS_HOSTS: \"\(part)\" is not SERVICE=HOST:PORT with one of "
                        + services.joined(separator: ", "))
            }
            instances.append(Instance(service: words[0], address: words[1]))
        }
        return instances
    }
}

extension Surroundings {
    /// Nil if a setting is wrong; then the fault was printed.
    func addresses(for command: String) -> Addresses? {
        do throws(Addresses.Fault) {
            return try Addresses(environment: environment)
        } catch {
            Terminal.complain("dayu \(command): \(error)")
            return nil
        }
    }
}
