import Crypto
import Models
import Text

/// Decides which answer follows which frame. It is pure: it returns what is to be done, and is told the
/// results.
struct StationDialogue {
    struct Settings: Sendable {
        /// A station is silent after this time without a frame.
        var silentAfter = Duration.seconds(2 * 3600)
        /// How far back missed hours are requested; zero: never.
        var askBack = Duration.seconds(86_400)
        var gate = StationGate.Settings()
    }

    /// What kind of frames they were, for the figures.
    enum Outcome: String, CaseIterable, Sendable {
        case reading, notTaken = "not-taken", other, notice, answer, unknown, unproved, limited, bad
    }

    private enum Limit {
        static let clock = Duration.seconds(300)
        static let device = 64
        static let hour = Duration.seconds(3600)
    }

    private(set) var book: StationBook
    private(set) var counts: [Outcome: Int] = [:]
    private(set) var refusedConnections = 0
    private var gate: StationGate
    private let settings: Settings
    private var directory = StationDirectory([])
    /// The stations that were heard on a connection, and the time of their last data.
    private var lines: [Int: [StationID: PartTime]] = [:]

    init(_ settings: Settings, openedAt: Instant) {
        self.settings = settings
        gate = StationGate(settings.gate)
        book = StationBook(openedAt: openedAt)
    }

    mutating func adopt(_ directory: StationDirectory) {
        self.directory = directory
        let stations = Set(directory.calling.keys)
        book.keep(stations)
        gate.keep(stations)
    }

    /// Whether a station was heard on this connection that proved its identity.
    func isProved(_ line: Int) -> Bool { lines[line] != nil }

    /// A new connection. It is closed if too many come from its address.
    mutating func open(_ line: Int, from address: IPAddress?, at now: Instant) -> [Reaction] {
        guard let address, !directory.isNamed(address),
            let refusal = gate.open(line, from: address, at: now)
        else { return [] }
        refusedConnections += 1
        return [.note(Call(proof: .none, refusal: refusal.rawValue, address: address)), .close]
    }

    /// - Parameter hasSpoken: whether a single byte came on the connection.
    mutating func close(_ line: Int, hasSpoken: Bool, at now: Instant) {
        gate.close(line, hasSpoken: hasSpoken, at: now)
        guard let stations = lines.removeValue(forKey: line)?.keys else { return }
        for station in stations where book[station].line == line { book[station].line = nil }
    }

    // MARK: Frames

    mutating func hear(
        _ data: [UInt8], on line: Int, from address: IPAddress?, at now: Instant
    ) -> [Reaction] {
        var packet = Packet(data)
        let station: Station
        var reactions: [Reaction]
        switch identify(packet, line, address, now) {
        case .proved(let known, let proof):
            station = known
            reactions = meet(station, proof, packet, line, address, now)
        case .unknown:
            return refuse(unknown: packet, address, now) + [note(refused: nil, Self.notInRegistry, address)]
        case .unproved(let named):
            counts[.unproved, default: 0] += 1
            return refuse(packet, .password) + tell(.unproved, named, address, Self.notProved, now)
                + [note(refused: named.id, Self.notProved, address)]
        case .limited(let named, let refusal):
            return turnAway(named, refusal, line, address)
        }
        guard let command = packet.command else {
            counts[.bad, default: 0] += 1
            book[station.id].standing.badFrames += 1
            return reactions + refuse(packet, .command)
                + tell(.badFrame, station, address, "it has no CN", now)
        }
        switch command {
        case 9011...9014:
            counts[.answer, default: 0] += 1
            reactions += take(answer: packet, command, of: station, now)
        // A heartbeat is a notice (HJ 212-2025 table 12); 9021 is the heartbeat of earlier loggers.
        case 9015, 9021, 2012, 2022:
            counts[.notice, default: 0] += 1
            reactions += answer(packet, .noticeAnswer)
        case 1013:
            counts[.notice, default: 0] += 1
            reactions += answer(packet, .noticeAnswer) + [.answer(time(for: station, packet, now).bytes)]
        case 1000...3999:
            packet.addTime(lines[line]?[station.id]?.time(of: packet, command))
            reactions += take(data: packet, command, of: station, address, now)
        default:
            counts[.other, default: 0] += 1
            reactions +=
                refuse(packet, .command) + tell(.data, station, address, "CN \(command) is not known", now)
        }
        return reactions
    }

    mutating func hear(
        _ fault: FrameFault, on line: Int, from address: IPAddress?, at now: Instant
    ) -> [Reaction] {
        let packet = Packet(fault.data)
        let station: Station
        var reactions: [Reaction]
        switch identify(packet, line, address, now) {
        case .proved(let known, let proof):
            station = known
            reactions = meet(station, proof, packet, line, address, now)
        case .unknown:
            counts[.bad, default: 0] += 1
            let telling = badFrame(packet, fault, address)
            // For an unknown sender the first bad frame is reported, and the others are counted.
            return isProved(line) ? [.tell(telling)] : noteOnce(telling, now)
        case .unproved(let named):
            counts[.bad, default: 0] += 1
            return noteOnce(badFrame(packet, fault, address), now)
                + [note(refused: named.id, Self.notProved, address)]
        case .limited(let named, let refusal):
            return turnAway(named, refusal, line, address)
        }
        counts[.bad, default: 0] += 1
        book[station.id].standing.badFrames += 1
        reactions += tell(.badFrame, station, address, fault.reason, now)
        guard case .sum = fault.kind, !(9011...9014).contains(packet.command ?? 0) else { return reactions }
        return reactions + refuse(packet, packet.isOfSurfaceWater ? .sumOfSurfaceWater : .sum)
    }

    private func badFrame(_ packet: Packet, _ fault: FrameFault, _ address: IPAddress?) -> Telling {
        Telling(
            subject: .badFrame, device: packet.device?.excerpt(Limit.device), address: address?.description,
            reason: fault.reason)
    }

    private mutating func noteOnce(_ telling: Telling, _ now: Instant) -> [Reaction] {
        let isNews = book.note(unknown: telling.device ?? "?", from: telling.address, at: now)
        return isNews ? [.tell(telling)] : []
    }

    // MARK: Who calls

    private enum Caller {
        case proved(Station, SecurityEntry.Proof)
        case unknown
        case unproved(Station)
        /// Its password was not looked at.
        case limited(Station?, StationGate.Refusal)
    }

    private static let notInRegistry = "the registry has no such station"
    private static let notProved = "neither its password nor its address is that of stations.csv"

    /// A broken frame counts like any other: whoever guesses a password could send it in such a frame.
    private mutating func identify(
        _ packet: Packet, _ line: Int, _ address: IPAddress?, _ now: Instant
    ) -> Caller {
        let station = packet.device.flatMap { directory.station($0) }
        if let station, let address, station.calls(from: address) { return .proved(station, .address) }
        let wasProved = station.map { lines[line]?[$0.id] != nil } ?? isProved(line)
        if !wasProved, let refusal = gate.refusal(of: station?.id, from: address, at: now) {
            return .limited(station, refusal)
        }
        guard let station else {
            // A logger may bring a station that is not registered yet, beside others that are.
            if !wasProved { gate.failed(nil, on: line, from: address, at: now) }
            return .unknown
        }
        guard hasPassword(packet, of: station) else {
            gate.failed(station.id, on: line, from: address, at: now)
            return .unproved(station)
        }
        gate.proved(station.id, on: line, from: address)
        return .proved(station, .password)
    }

    private func hasPassword(_ packet: Packet, of station: Station) -> Bool {
        guard let hash = station.passwordHash, let password = packet.password, !password.isEmpty else {
            return false
        }
        return ConstantTime.areEqual(SHA256.hash(password), hash.bytes)
    }

    /// No answer: an answer would say that the next password may be tried.
    private mutating func turnAway(
        _ station: Station?, _ refusal: StationGate.Refusal, _ line: Int, _ address: IPAddress?
    ) -> [Reaction] {
        counts[.limited, default: 0] += 1
        return [note(refused: station?.id, refusal.rawValue, address)] + (isProved(line) ? [] : [.close])
    }

    private func note(refused station: StationID?, _ refusal: String, _ address: IPAddress?) -> Reaction {
        .note(Call(station: station, proof: .none, refusal: refusal, address: address))
    }

    private mutating func refuse(
        unknown packet: Packet, _ address: IPAddress?, _ now: Instant
    ) -> [Reaction] {
        counts[.unknown, default: 0] += 1
        let telling = Telling(
            subject: .unknownDevice, device: packet.device?.excerpt(Limit.device),
            address: address?.description)
        return refuse(packet, .device) + noteOnce(telling, now)
    }

    /// From now on the station is on this connection: a station that connects again has left its old
    /// connection.
    private mutating func meet(
        _ station: Station, _ proof: SecurityEntry.Proof, _ packet: Packet, _ line: Int,
        _ address: IPAddress?, _ now: Instant
    ) -> [Reaction] {
        var reactions: [Reaction] = []
        if lines[line]?[station.id] == nil {
            lines[line, default: [:]][station.id] = PartTime()
            reactions.append(.note(Call(station: station.id, proof: proof, address: address)))
        }
        var entry = book[station.id]
        let wasSilent = entry.standing.isSilent
        entry.line = line
        entry.standing.address = address?.description
        entry.standing.heardAt = now
        entry.standing.isSilent = false
        entry.standing.frames += 1
        entry.password = packet.password ?? entry.password
        if packet.flag != nil { entry.version = packet.version }
        if let system = packet.system, system != "91" { entry.system = system }
        let sentAt = packet.request.flatMap { $0.utf8.count == 17 ? StationClock(station).instant($0) : nil }
        if let sentAt { entry.standing.clockAheadSeconds = (sentAt - now).wholeSeconds }
        book[station.id] = entry
        if wasSilent { reactions.append(.tell(Telling(subject: .heardAgain, station: station.id))) }
        // Data that had to wait may have an old time. A time in the future is always wrong.
        let isNotice = [1013, 9015, 9021].contains(packet.command)
        if let sentAt, sentAt - now > Limit.clock || isNotice && now - sentAt > Limit.clock {
            let ahead = (sentAt - now).wholeSeconds
            // Reported in whole minutes; otherwise each frame would give another text.
            let text = "it is about \(abs(ahead) / 60) minutes \(ahead > 0 ? "ahead" : "behind")"
            reactions += tell(.clock, station, address, text, now)
        }
        return reactions
    }

    // MARK: Data

    private mutating func take(
        data packet: Packet, _ command: Int, of station: Station, _ address: IPAddress?, _ now: Instant
    ) -> [Reaction] {
        guard let series = Station.Series(rawValue: String(command)) else {
            counts[.other, default: 0] += 1
            return answer(packet, .dataAnswer)
        }
        guard station.takes.contains(series) else {
            counts[.notTaken, default: 0] += 1
            book[station.id].standing.notTaken += 1
            return answer(packet, .dataAnswer)
        }
        if let fault = systemFault(of: packet, station) {
            counts[.bad, default: 0] += 1
            book[station.id].standing.badFrames += 1
            return tell(.data, station, address, fault, now) + refuse(packet, .system)
        }
        guard !packet.isUnreadable else {
            let reason = "nothing in CP can be read; encrypted data are not supported"
            return turnDown(packet, of: station, address, reason, now)
        }
        let data = StationData(packet, of: station, as: series, at: now)
        if let fault = data.timeFault { return turnDown(packet, of: station, address, fault, now) }
        counts[data.report == nil ? .notTaken : .reading, default: 0] += 1
        if data.report == nil { book[station.id].standing.notTaken += 1 }
        var reactions: [Reaction] = []
        if !data.remarks.isEmpty {
            reactions += tell(.data, station, address, data.remarks.joined(separator: "; "), now)
        }
        // Sending it again would change nothing.
        guard let report = data.report else { return reactions + answer(packet, .dataAnswer) }
        let taken = Taken(
            station: station, report: report, series: series,
            answer: packet.asksForAnswer ? StationMessage(.dataAnswer, to: packet).bytes : nil,
            refusal: packet.asksForAnswer
                ? StationMessage(.requestAnswer, to: packet, refusal: .refused).bytes : nil)
        return reactions + [.take(taken)]
    }

    /// Why the packet can't come from such a station (HJ 212-2017 table 5, `ST`): an outfall's device reports
    /// as a source of waste water (32). If it says 21, its row in `stations.csv` or its setting is wrong, and
    /// a river's values would be held against a permit.
    ///
    /// At a section any `ST` is taken, as it always was: loggers of rivers are seen to send 32, too.
    private func systemFault(of packet: Packet, _ station: Station) -> String? {
        guard directory.isAtOutfall(station), let system = packet.system, system != "32" else { return nil }
        return "it is at an outfall and sends ST=\(system.excerpt(8)) instead of 32"
    }

    /// It is not acknowledged, so the station keeps it and sends it again, and it is not lost before somebody
    /// has looked at the settings. `QnRtn` has no code for a wrong time or for encrypted data (HJ 212-2017
    /// table 10), so it is the one for a refusal. The frame counts as broken.
    private mutating func turnDown(
        _ packet: Packet, of station: Station, _ address: IPAddress?, _ reason: String, _ now: Instant
    ) -> [Reaction] {
        counts[.bad, default: 0] += 1
        book[station.id].standing.badFrames += 1
        return tell(.data, station, address, reason, now) + refuse(packet, .refused)
    }

    /// The log or the spool has it.
    mutating func stored(_ taken: Taken, at now: Instant) -> [Reaction] {
        var entry = book[taken.station.id]
        let observedAt = taken.report.observedAt
        entry.standing.readings += 1
        entry.standing.observedAt = max(entry.standing.observedAt ?? observedAt, observedAt)
        book[taken.station.id] = entry
        return taken.series == .hours ? ask(taken.station, before: observedAt, now) : []
    }

    mutating func notStored(_ taken: Taken, _ reason: String, at now: Instant) -> [Reaction] {
        tell(.data, taken.station, nil, "its data could not be stored: \(reason)", now)
    }

    // MARK: Missed hours

    /// Requests the hours between the last stored one and this one.
    private mutating func ask(_ station: Station, before observedAt: Instant, _ now: Instant) -> [Reaction] {
        let last = book[station.id].lastHour
        book[station.id].lastHour = max(last ?? observedAt, observedAt)
        guard settings.askBack > .zero, book[station.id].request == nil else { return [] }
        let earliest = observedAt - min(settings.askBack, StationRequest.Limit.span)
        let first = max(last.map { $0 + Limit.hour } ?? earliest, earliest)
        guard first <= observedAt - Limit.hour, let line = book[station.id].line else { return [] }
        let clock = StationClock(station)
        let name = clock.text(now, milliseconds: true)
        let entry = book[station.id]
        let message = StationMessage(
            request: name, system: entry.system ?? (directory.isAtOutfall(station) ? "32" : "21"), .hours,
            password: entry.password,
            device: station.deviceNumber, flag: entry.version | 1,
            inside: "BeginTime=\(clock.text(first)),EndTime=\(clock.text(observedAt - Limit.hour))")
        book[station.id].request = StationRequest(
            name: name, message: message, times: 1, nextAt: now + StationRequest.Limit.wait)
        return [.send(message.bytes, line: line)]
    }

    /// `QnRtn` says whether a request will be done, `ExeRtn` how it ended (HJ 212-2017 tables 10 and 11).
    private mutating func take(
        answer packet: Packet, _ command: Int, of station: Station, _ now: Instant
    ) -> [Reaction] {
        guard let request = book[station.id].request, packet.request == request.name else { return [] }
        switch (command, packet.value(of: "QnRtn"), packet.value(of: "ExeRtn")) {
        case (9011, let code?, _) where code != "1":
            book[station.id].request = nil
            return tell(.missedHours, station, nil, "it answers QnRtn=\(code.excerpt(8))", now)
        // 100: the station has no data of that time.
        case (9012, _, let code?) where code != "1" && code != "100":
            book[station.id].request = nil
            return tell(.missedHours, station, nil, "it answers ExeRtn=\(code.excerpt(8))", now)
        case (9011, _, _), (9012, _, _), (9013, _, _), (9014, _, _): book[station.id].request = nil
        default: break
        }
        return []
    }

    // MARK: Time

    private func time(for station: Station, _ packet: Packet, _ now: Instant) -> StationMessage {
        let clock = StationClock(station)
        let instrument = packet.value(of: "PolId")
        let isLogger = packet.isOfSurfaceWater && instrument == nil
        return StationMessage(
            request: clock.text(now, milliseconds: true), system: packet.system,
            isLogger ? .setLoggerTime : .setInstrumentTime, password: packet.password, device: packet.device,
            flag: packet.version | 1,
            inside: (instrument.map { "PolId=\($0);" } ?? "") + "SystemTime=\(clock.text(now))")
    }

    /// Call it about once a second.
    mutating func tick(at now: Instant) -> [Reaction] {
        directory.calling.values.sorted { $0.id < $1.id }.flatMap { station in
            repeatRequest(to: station, now) + lookForSilence(of: station, now)
        }
    }

    private mutating func repeatRequest(to station: Station, _ now: Instant) -> [Reaction] {
        guard var request = book[station.id].request, request.nextAt <= now, let line = book[station.id].line
        else { return [] }
        guard request.times < StationRequest.Limit.times else {
            book[station.id].request = nil
            return tell(.missedHours, station, nil, "it does not answer", now)
        }
        request.times += 1
        request.nextAt = now + StationRequest.Limit.wait
        book[station.id].request = request
        return [.send(request.message.bytes, line: line)]
    }

    private mutating func lookForSilence(of station: Station, _ now: Instant) -> [Reaction] {
        let silence = now - book.lastSign(of: station.id)
        guard !book[station.id].standing.isSilent, silence > settings.silentAfter else { return [] }
        book[station.id].standing.isSilent = true
        let reason = "nothing for \(silence.wholeSeconds / 60) minutes"
        return [.tell(Telling(subject: .silent, station: station.id, reason: reason))]
    }

    // MARK: Answers

    private func answer(_ packet: Packet, _ command: StationMessage.Command) -> [Reaction] {
        packet.asksForAnswer ? [.answer(StationMessage(command, to: packet).bytes)] : []
    }

    /// An answer is never answered, whoever sent it.
    private func refuse(_ packet: Packet, _ refusal: StationMessage.Refusal) -> [Reaction] {
        guard packet.asksForAnswer, !(9011...9014).contains(packet.command ?? 0) else { return [] }
        return [.answer(StationMessage(.requestAnswer, to: packet, refusal: refusal).bytes)]
    }

    private mutating func tell(
        _ subject: Telling.Subject, _ station: Station, _ address: IPAddress?, _ reason: String,
        _ now: Instant
    ) -> [Reaction] {
        guard book.note("\(subject.rawValue): \(reason)", of: station.id, at: now) else { return [] }
        return [
            .tell(
                Telling(
                    subject: subject, station: station.id, address: address?.description, reason: reason))
        ]
    }
}

extension Packet {
    /// A part that does not repeat the time of its message gets the time of the part before it.
    fileprivate mutating func addTime(_ time: String?) {
        guard let time, value(of: "PNUM") != nil, value(of: "DataTime") == nil else { return }
        items.append([Field(name: "DataTime", value: time)])
    }
}
