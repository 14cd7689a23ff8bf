import Dispatch
import FoundationEssentials
import HTTP
import Host
import Models
import Processing
import Synchronization
import Text

/// The stations' door: listens for stations that speak HJ 212, passes their bytes to the dialogue, and does
/// what the dialogue decides.
///
/// A frame is answered when its content is on the log or in the spool. If neither takes it, there is no
/// answer, and the station sends it again.
struct StationsDoor {
    private enum Limit {
        static let waitMilliseconds: Int32 = 200
        /// How many frames of one connection may wait to be stored; beyond that, the door pauses reading from
        /// it.
        static let unstored = 64
        /// How many bytes may arrive without a frame: whoever sends more is not a station.
        static let strangeBytes = 65_536
        /// How long a client may be connected without naming itself.
        static let introduction = Duration.seconds(60)
        /// A frame that has begun must end within one to two of these periods.
        static let frameTime = Duration.seconds(15)
        static let tick = Duration.seconds(1)
        static let drain = Duration.seconds(5)
    }

    private struct Line {
        let address: IPAddress?
        var decoder = FrameDecoder()
        var unstored = 0
        let openedAt: ContinuousClock.Instant
        var heardAt: ContinuousClock.Instant
        /// How many bytes had arrived at the last check for frames that do not end.
        var mark = 0
    }

    private let settings: StationSettings
    private let context: HostContext
    private let registry: RegistryCopy
    private let writer: RecordWriter
    private let security: SecurityLog
    private let reception: @Sendable (Atlas) -> Reception

    init(
        _ settings: StationSettings, _ context: HostContext, _ registry: RegistryCopy, _ writer: RecordWriter,
        _ security: SecurityLog, reception: @escaping @Sendable (Atlas) -> Reception
    ) {
        self.settings = settings
        self.context = context
        self.registry = registry
        self.writer = writer
        self.security = security
        self.reception = reception
    }

    /// - Parameter board: gets what the admin port shows.
    func run(_ board: StationBoard) throws {
        let health = context.health.part("stations")
        // Before the registry is known, every station would be refused as unknown.
        health.ready("the registry is not known yet, so no station may connect")
        while registry.atlas.registry.isEmpty {
            if context.stop.wait(for: .milliseconds(100)) { return }
        }
        var desk = try Desk(self, board)
        health.ready()
        context.log.info("stations may connect", ["address": .text(settings.host), "port": .of(desk.port)])
        while !context.stop.isRaised { desk.step() }
        desk.drain()
    }

    /// Outcomes of records, on their way from the writer's thread to the door's.
    private final class Outcomes: Sendable {
        struct Entry: Sendable {
            let line: Int
            let taken: StationDialogue.Taken
            let outcome: RecordWriter.Outcome
        }

        private let entries = Mutex<[Entry]>([])
        private let waker: StreamsWaker

        init(_ waker: StreamsWaker) { self.waker = waker }

        func add(_ entry: Entry) {
            entries.withLock { $0.append(entry) }
            waker.wake()
        }

        func take() -> [Entry] {
            entries.withLock { entries in
                defer { entries.removeAll(keepingCapacity: true) }
                return entries
            }
        }
    }

    /// The work of the door's one thread.
    private struct Desk: ~Copyable {
        private let door: StationsDoor
        private let board: StationBoard
        private var streams: Streams
        private let outcomes: Outcomes
        private var dialogue: StationDialogue
        private var lines: [Int: Line] = [:]
        private var unstored = 0
        private var stations: [StationID: Station] = [:]
        private var outfalls: Set<SectionID> = []
        private var tickAt = ContinuousClock.now
        private var markAt = ContinuousClock.now
        private let figures: StationFigures

        init(_ door: StationsDoor, _ board: StationBoard) throws {
            self.door = door
            self.board = board
            streams = try Streams(
                address: door.settings.host, port: door.settings.port, connections: door.settings.connections)
            outcomes = Outcomes(streams.waker)
            dialogue = StationDialogue(door.settings.dialogue, openedAt: .now)
            figures = StationFigures(door.context.metrics)
            adoptRegistry()
        }

        var port: UInt16 { streams.port }

        mutating func step() {
            tick()
            for event in streams.wait(milliseconds: Limit.waitMilliseconds) { take(event) }
            answerStored()
        }

        /// Takes no more frames, and answers those that are still to be stored.
        mutating func drain() {
            let deadline = ContinuousClock.now + Limit.drain
            for name in lines.keys { streams.read(name, false) }
            while unstored > 0, .now < deadline {
                _ = streams.wait(milliseconds: Limit.waitMilliseconds)
                answerStored()
            }
        }

        // MARK: Events

        private mutating func take(_ event: Streams.Event) {
            switch event {
            case .opened(let name, let from):
                let address = IPAddress(from)
                lines[name] = Line(address: address, openedAt: .now, heardAt: .now)
                act(on: dialogue.open(name, from: address, at: .now), name)
            case .received(let name, let bytes):
                guard var line = lines[name] else { return }
                let found = line.decoder.take(bytes)
                line.heardAt = .now
                lines[name] = line
                hear(found, name, line.address)
                if lines[name] != nil, line.decoder.bytesSinceFrame > Limit.strangeBytes { close(name) }
            case .closed(let name):
                if let found = lines[name]?.decoder.finish() { hear(found, name, lines[name]?.address) }
                forget(name)
            }
        }

        private mutating func hear(_ found: [FrameDecoder.Found], _ name: Int, _ address: IPAddress?) {
            // A frame may have closed its connection.
            for found in found where lines[name] != nil {
                switch found {
                case .frame(let data): act(on: dialogue.hear(data, on: name, from: address, at: .now), name)
                case .fault(let fault): act(on: dialogue.hear(fault, on: name, from: address, at: .now), name)
                }
            }
        }

        private mutating func act(on reactions: [StationDialogue.Reaction], _ name: Int?) {
            for reaction in reactions {
                switch reaction {
                case .answer(let bytes): if let name { streams.send(bytes, to: name) }
                case .send(let bytes, let line): streams.send(bytes, to: line)
                case .tell(let telling): door.tell(telling)
                case .take(let taken): if let name { store(taken, name) }
                case .note(let call):
                    door.security.note(SecurityEntry(call, at: .now), from: call.address)
                case .close: if let name { close(name) }
                }
            }
        }

        // MARK: Storing

        private mutating func store(_ taken: StationDialogue.Taken, _ name: Int) {
            let sender = Sender(
                proof: .station(taken.station), channel: .station, idempotencyKey: nil, content: [],
                traceparent: nil)
            let circumstances = Circumstances(
                now: .now, identity: UUID(), trace: UUID(), span: .random(in: 0 ... .max))
            do throws(TurnedAway) {
                let receipt = try door.reception(door.registry.atlas).take(
                    .readings([taken.report]), from: sender, in: circumstances)
                count(name, 1)
                let records = receipt.stages.flatMap(\.self)
                door.writer.write(records) { [outcomes] outcome in
                    outcomes.add(Outcomes.Entry(line: name, taken: taken, outcome: outcome))
                }
            } catch {
                act(on: dialogue.notStored(taken, "\(error)", at: .now), name)
            }
        }

        private mutating func answerStored() {
            for entry in outcomes.take() {
                count(entry.line, -1)
                switch entry.outcome {
                case .written, .spooled:
                    figures.stored()
                    if let answer = entry.taken.answer { streams.send(answer, to: entry.line) }
                    act(on: dialogue.stored(entry.taken, at: .now), entry.line)
                case .refused(let reason):
                    if let refusal = entry.taken.refusal { streams.send(refusal, to: entry.line) }
                    act(on: dialogue.notStored(entry.taken, reason, at: .now), entry.line)
                case .failed(let reason):
                    act(on: dialogue.notStored(entry.taken, reason, at: .now), entry.line)
                }
            }
        }

        private mutating func count(_ name: Int, _ change: Int) {
            unstored += change
            guard lines[name] != nil else { return }
            lines[name]?.unstored += change
            streams.read(name, lines[name]?.unstored ?? 0 < Limit.unstored)
        }

        // MARK: Time

        private mutating func tick() {
            guard .now >= tickAt else { return }
            tickAt = .now + Limit.tick
            adoptRegistry()
            act(on: dialogue.tick(at: .now), nil)
            if .now >= markAt { giveUpFrames() }
            closeLate()
            let standings = dialogue.book.standings(at: .now)
            board.put(standings)
            figures.show(dialogue, standings, connections: streams.count)
        }

        private mutating func adoptRegistry() {
            let registry = door.registry.atlas.registry
            let points = Set(
                registry.outfalls.values.filter { $0.enterprise != nil }.map(\.point)
            ).subtracting(registry.sections.keys)
            guard registry.stations != stations || points != outfalls || stations.isEmpty else { return }
            (stations, outfalls) = (registry.stations, points)
            dialogue.adopt(StationDirectory(stations.values, outfalls: points))
        }

        private mutating func giveUpFrames() {
            markAt = .now + Limit.frameTime
            for name in Array(lines.keys) {
                guard var line = lines[name] else { continue }
                let found = line.decoder.giveUp(startedBefore: line.mark)
                line.mark = line.decoder.position
                lines[name] = line
                hear(found, name, line.address)
            }
        }

        private mutating func closeLate() {
            var late: [Int] = []
            let now = ContinuousClock.now
            for (name, line) in lines {
                let isLate =
                    dialogue.isProved(name)
                    ? now - line.heardAt > door.settings.idle : now - line.openedAt > Limit.introduction
                if isLate { late.append(name) }
            }
            for name in late { close(name) }
        }

        private mutating func close(_ name: Int) {
            streams.close(name)
            forget(name)
        }

        private mutating func forget(_ name: Int) {
            let hasSpoken = lines.removeValue(forKey: name).map { $0.decoder.position > 0 } ?? false
            dialogue.close(name, hasSpoken: hasSpoken, at: .now)
        }
    }

    /// Never logs a password, nor the device number of a known station.
    private func tell(_ telling: StationDialogue.Telling) {
        let fields: [String: Log.Field] = [
            "station": telling.station.map { .of($0) }, "device": telling.device.map { .text($0) },
            "address": telling.address.map { .text($0) }, "reason": telling.reason.map { .text($0) },
        ].compactMapValues(\.self)
        if telling.subject == .heardAgain {
            context.log.info(telling.subject.rawValue, fields)
        } else {
            context.log.warning(telling.subject.rawValue, fields)
        }
    }
}
