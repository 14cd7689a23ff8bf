import Dispatch
import HTTP
import Models
import Synchronization
import Text

/// Asks the services how they are, over HTTP.
struct ServiceCheck {
    private static let timeout: Duration = .seconds(3)
    private static let replyBytes = 16_777_216
    private let client = Client(timeout: timeout, replyBytes: replyBytes)

    /// Asks all instances at once, so that one without an answer does not delay the others.
    func services(_ instances: [Addresses.Instance]) -> [Status.Service] {
        let found = Mutex<[Int: Status.Service]>([:])
        DispatchQueue.concurrentPerform(iterations: instances.count) { index in
            let service = service(instances[index])
            found.withLock { $0[index] = service }
        }
        return found.withLock { found in instances.indices.compactMap { found[$0] } }
    }

    private func service(_ instance: Addresses.Instance) -> Status.Service {
        let base = "http://\(instance.address)"
        do throws(ClientError) {
            let sent = Instant.now
            let health = try client.send(.get, "\(base)/healthz")
            let clock = health.headers["date"].flatMap {
                ClockDifference(date: $0, sent: sent, received: .now)
            }
            let ready = try client.send(.get, "\(base)/readyz")
            let metrics = try client.send(.get, "\(base)/metrics").body
            return Status.Service(
                instance, health: (health.status, String(decoding: health.body, as: UTF8.self)),
                readiness: (ready.status, String(decoding: ready.body, as: UTF8.self)),
                metrics: MetricsText(String(decoding: metrics, as: UTF8.self)), clock: clock)
        } catch {
            return Status.Service(instance, unreachable: error.description)
        }
    }

    // MARK: Complaints

    /// The part of a page of Disclosure's list of complaints that is used here.
    struct Page: Decodable {
        struct Complaint: Decodable {
            let trackingCode: String
            let status: String
            let receivedAt: Instant
        }

        let complaints: [Complaint]
        let next: String?
    }

    struct Unanswered: Error, CustomStringConvertible {
        let description: String
    }

    private static let pageLength = 500
    /// Enough pages for ten thousand open complaints of each status. Nobody counts more than that on a
    /// screen.
    private static let pages = 20

    /// Counts the open complaints of Disclosure's public list. Its store finds complaints by status, so only
    /// open ones are read. The log would have to be read from its beginning.
    func complaints(_ base: String) throws(Unanswered) -> Status.Complaints {
        var tally = OpenComplaints()
        for status in ComplaintStatus.allCases where status.isOpen {
            var cursor: String?
            for number in 1...Self.pages {
                let page = try page(base, status, before: cursor)
                tally.take(page)
                cursor = page.next
                if cursor == nil { break }
                if number == Self.pages { tally.isAtLeast = true }
            }
        }
        return tally.status
    }

    private func page(
        _ base: String, _ status: ComplaintStatus, before cursor: String?
    ) throws(Unanswered) -> Page {
        let after = cursor.map { "&before=\($0)" } ?? ""
        let url = "\(base)/api/complaints?status=\(status.rawValue)&limit=\(Self.pageLength)\(after)"
        do {
            let reply = try client.send(.get, url)
            guard reply.status == 200 else {
                throw Unanswered(description: "complaints: \(base) answers \(reply.status)")
            }
            return try JSON.decode(Page.self, from: reply.body)
        } catch let error as ClientError {
            throw Unanswered(description: "complaints: \(base): \(error)")
        } catch {
            throw Unanswered(description: "complaints: \(base): \(error)")
        }
    }
}

/// Counts complaints page by page, the newest first.
struct OpenComplaints {
    private var open = 0
    private var oldest: ServiceCheck.Page.Complaint?
    var isAtLeast = false

    mutating func take(_ page: ServiceCheck.Page) {
        open += page.complaints.count
        for complaint in page.complaints where complaint.receivedAt < oldest?.receivedAt ?? .distantFuture {
            oldest = complaint
        }
    }

    var status: Status.Complaints {
        Status.Complaints(
            open: open, isAtLeast: isAtLeast,
            oldest: oldest.map {
                .init(trackingCode: $0.trackingCode, status: $0.status, receivedAt: $0.receivedAt)
            })
    }
}

extension Instant {
    fileprivate static let distantFuture = Instant(millisecondsSince1970: .max)
}

extension Status.Service {
    /// What `/healthz`, `/readyz` and `/metrics` say (deploy/README.md, "Health").
    init(
        _ instance: Addresses.Instance, health: (status: Int, text: String) = (200, "ok"),
        readiness: (status: Int, text: String), metrics: MetricsText, clock: ClockDifference? = nil
    ) {
        let hangs = health.status == 200 ? [] : health.text.split(separator: "\n").map(String.init)
        let lines = readiness.text.split(separator: "\n").map(String.init)
        let (state, notes): (State, [String]) =
            switch readiness.status {
            case 200: (.ready, lines.first == "ready" ? Array(lines.dropFirst()) : lines)
            case 503: (.notReady, lines)
            default: (.notReady, ["/readyz answers \(readiness.status): is this its admin port?"])
            }
        self.init(
            name: "dayu-\(instance.service)", address: instance.address,
            state: hangs.isEmpty ? state : .stuck, notes: hangs + notes,
            spool: metrics.sum("dayu_spool_records"),
            troubles: metrics.troubles + [clock?.trouble].compactMap(\.self),
            standing: metrics.samples.filter { $0.name == "dayu_lag" }.compactMap(Standing.init),
            losses: metrics.losses)
    }

    init(_ instance: Addresses.Instance, unreachable reason: String) {
        self.init(
            name: "dayu-\(instance.service)", address: instance.address, state: .unreachable, notes: [reason])
    }
}

extension Status.Service.Standing {
    /// A sample of `dayu_lag`; nil if its labels are not those that the suite's loops write.
    init?(_ sample: MetricsText.Sample) {
        guard let loop = sample.labels["loop"], let topic = sample.labels["topic"],
            let lag = Int64(exactly: sample.value)
        else { return nil }
        self.init(loop: loop, topic: topic, lag: lag)
    }
}
