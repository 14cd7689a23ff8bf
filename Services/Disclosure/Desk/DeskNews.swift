import Dispatch
import HTTP
import Host
import Links
import Models
import Store
import Synchronization
import Text

/// Tells each open desk at once when a complaint has come to somebody in its scope (Server-Sent Events,
/// WHATWG HTML §9.2).
///
/// An event names the complaints, and the page reads them as it reads any other. Its id is a place in the
/// arrivals of this file (`desk_arrivals`). A list says up to which place it knows them, and the page that
/// shows it listens from there on (`after`); a page that was away says where it was (`Last-Event-ID`). So
/// neither misses anything. A page that comes from another file is told to read its list anew.
///
/// No thread belongs to a desk: one loop looks for arrivals and writes to all of them.
final class DeskNews: Sendable {
    enum Limit {
        static let streams = 2_000
        /// Pages that one person has open.
        static let perPerson = 12
        static let pause = DispatchTimeInterval.milliseconds(500)
        /// A line now and then keeps proxies from closing the connection, and tells us who has left.
        static let beat = Duration.seconds(15)
        /// Whoever missed more reads the list anew.
        static let atOnce = 50
        /// How long a page waits before it comes again.
        static let retryMilliseconds = 3_000
    }

    private struct Listener {
        let stream: BodyStream
        let request: Request
        let person: Actor
        /// The last arrival that it was told of.
        var last: Int64
        var spokenAt: ContinuousClock.Instant
    }

    private let readers: Readers
    private let gate: DeskGate
    private let now: @Sendable () -> Instant
    private let onFailure: @Sendable (any Error) -> Void
    private let listeners = Mutex<[Listener]>([])

    init(
        _ readers: Readers, _ gate: DeskGate, now: @escaping @Sendable () -> Instant,
        onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.readers = readers
        self.gate = gate
        self.now = now
        self.onFailure = onFailure
    }

    var count: Int { listeners.withLock { $0.count } }

    // MARK: Somebody listens

    func listen(_ request: Request) -> Response {
        do {
            let session = try gate.session(of: request)
            let place = try readers.read { reader, _, _ in try reader.arrivals() }
            // A browser that connects anew asks with the same address, and says what it has heard since.
            let said = request.headers["Last-Event-ID"].flatMap { $0.isEmpty ? nil : $0 }
            let known = (said ?? request.query["after"]).map { place.sequence(of: $0) }
            let stream = BodyStream()
            try add(
                Listener(
                    stream: stream, request: request, person: session.person,
                    last: known.flatMap(\.self) ?? place.last, spokenAt: .now))
            // A program that has no list hears of what comes from now on.
            let isLost = known.map { $0 == nil } ?? false
            stream.write(
                Self.event(isLost ? "again" : "here", "{}", id: isLost || known == nil ? place.id : nil))
            var response = Response(status: 200, body: .stream(stream))
            response.headers["Content-Type"] = "text/event-stream; charset=utf-8"
            response.headers["Cache-Control"] = "no-store"
            // nginx hands each event on at once (ngx_http_proxy_module).
            response.headers["X-Accel-Buffering"] = "no"
            return response
        } catch let problem as Problem {
            return problem.response
        } catch {
            onFailure(error)
            return Self.unreadable.response
        }
    }

    private static let unreadable = Problem(
        status: 503, detail: "The desk can't be read now.", headers: [("Retry-After", "5")])

    private func add(_ listener: Listener) throws(Problem) {
        try listeners.withLock { listeners throws(Problem) in
            listeners.removeAll { !$0.stream.isOpen }
            let own = listeners.count { $0.person == listener.person }
            guard listeners.count < Limit.streams, own < Limit.perPerson else {
                throw Problem(
                    status: 503, detail: "too many pages listen for new complaints",
                    headers: [("Retry-After", "60")])
            }
            listeners.append(listener)
        }
    }

    // MARK: Telling them

    func run(until stop: StopFlag) {
        while !stop.wait(for: Limit.pause) { turn(at: .now) }
        for listener in listeners.withLock({ $0 }) { listener.stream.end() }
    }

    /// Whoever has no session any more is told nothing more.
    func turn(at moment: ContinuousClock.Instant) {
        var told = listeners.withLock { $0 }
        guard !told.isEmpty else { return }
        do {
            let place = try readers.read { reader, _, _ in try reader.arrivals() }
            for index in told.indices { try tell(&told[index], place, at: moment) }
        } catch {
            onFailure(error)
        }
        listeners.withLock { listeners in
            let known = Dictionary(told.map { ($0.stream, $0) }) { $1 }
            listeners = listeners.map { known[$0.stream] ?? $0 }.filter(\.stream.isOpen)
        }
    }

    private func tell(
        _ listener: inout Listener, _ place: DeskArrivals, at moment: ContinuousClock.Instant
    ) throws {
        let isBeat = moment - listener.spokenAt >= Limit.beat
        guard isBeat || listener.last < place.last, listener.stream.isOpen else { return }
        guard (try? gate.session(of: listener.request)) != nil else { return listener.stream.end() }
        if listener.last < place.last {
            let (person, last, now) = (listener.person, listener.last, now())
            let codes = try readers.read { reader, _, gazetteer in
                let scope = DeskPerson(actor: person, registry: gazetteer.registry, now: now).scope
                return try reader.arrived(in: scope, after: last, limit: Limit.atOnce + 1)
            }
            listener.last = place.last
            if codes.count > Limit.atOnce {
                listener.stream.write(Self.event("again", "{}", id: place.id))
                listener.spokenAt = moment
            } else if !codes.isEmpty {
                let data = JSON.encode(["complaints": codes.map(\.description)])
                let text = String(decoding: data, as: UTF8.self)
                listener.stream.write(Self.event("arrived", text, id: place.id))
                listener.spokenAt = moment
            }
        }
        if moment - listener.spokenAt >= Limit.beat {
            listener.stream.write(Array(":\n\n".utf8))
            listener.spokenAt = moment
        }
    }

    /// JSON has no line feeds outside of texts, and inside they are escaped.
    private static func event(_ name: String, _ data: String, id: String?) -> [UInt8] {
        let id = id.map { "id: \($0)\n" } ?? ""
        return Array("retry: \(Limit.retryMilliseconds)\n\(id)event: \(name)\ndata: \(data)\n\n".utf8)
    }
}

/// How far the arrivals of a file go.
struct DeskArrivals: Equatable, Sendable {
    let file: String
    /// The first and the last sequence that the file has; 0 for none.
    let first: Int64
    let last: Int64

    var id: String { "\(file)-\(last)" }

    /// The arrival that an event's id names; nil if what came after it is not known here.
    func sequence(of id: String) -> Int64? {
        let parts = id.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, parts[0] == file, let sequence = Int64(parts[1]),
            (max(first - 1, 0)...last).contains(sequence)
        else { return nil }
        return sequence
    }
}

extension Reader {
    func arrivals() throws -> DeskArrivals {
        let sql = """
            SELECT (SELECT name FROM desk_file), coalesce(min(sequence), 0), coalesce(max(sequence), 0)
            FROM desk_arrivals
            """
        return try database.prepare(sql).first { row in
            DeskArrivals(file: row.text(0), first: row.integer(1), last: row.integer(2))
        } ?? DeskArrivals(file: "", first: 0, last: 0)
    }

    /// Each complaint once, the oldest arrival first.
    func arrived(in scope: DeskPerson.Scope, after last: Int64, limit: Int) throws -> [TrackingCode] {
        let condition = scope.condition
        let sql = """
            SELECT code FROM desk_arrivals WHERE sequence > ? \(condition.map { "AND \($0.sql)" } ?? "")
            GROUP BY code ORDER BY min(sequence) LIMIT ?
            """
        let values = [.integer(last)] + (condition?.values ?? []) + [.integer(limit)]
        return try database.prepare(sql).all(values) { TrackingCode($0.text(0)) }.compactMap(\.self)
    }
}
