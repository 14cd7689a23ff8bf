import Kafka
import Models
import Processing
import Text

extension Command {
    static let erase = Command(
        name: ["erase"],
        summary: "erases the texts and the contact of a complaint",
        details: """
            Erases everything that anybody wrote about these complaints so far, the complainant's contact, and the numbers
            that follow the complaints. It writes a tombstone for each text, contact and follow, takes back every link to the complaints, withdraws the texts of
            messages that are not sent yet, and adds a line to the timelines. The events stay. It prints what it did, and
            what Kafka still keeps and until when. It can't be undone.

            With --number it erases all complaints with that phone number, and whatever the number follows. A number without a country code belongs to the
            country of DAYU_CALLING_CODE (default: +86).

            An official gets a new link with his next message. Texts that are written after the erasure are kept: erase
            again. Exit code 1 if there was nothing to erase.
            """,
        operands: ["[CODE...]"],
        options: [
            Option(
                name: "--number", value: "PHONE", help: "all complaints whose contact has this phone number"),
            Option(name: "--dry-run", value: nil, help: "only says what it would erase"),
        ],
        targets: { $0.targets(hidden: ["--number"]) }
    ) { arguments, surroundings in
        let number = try EraseCommand.number(arguments, surroundings)
        var codes = Set(try EraseCommand.codes(arguments))
        guard !codes.isEmpty || number != nil else {
            throw Arguments.Misuse(what: "CODE or --number is missing")
        }
        let log = EraseCommand(surroundings)
        if let number { codes.formUnion(try log.complaints(of: number)) }
        let now = Instant.now
        let erasure = try log.read(codes, following: number?.phoneNumber, at: now)
        if arguments.has("--dry-run") {
            Terminal.say("nothing was erased; without --dry-run it would be:")
        } else {
            try log.write(erasure)
        }
        for line in ErasureText(erasure, at: now).lines { Terminal.say(line) }
        if codes.isEmpty { Terminal.complain("no complaint has this number") }
        return erasure.isEmpty ? .fault : .done
    }
}

/// The log as `dayu erase` reads and writes it.
struct EraseCommand {
    private let surroundings: Surroundings

    private static let flushMilliseconds: Int32 = 60_000

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    static func codes(_ arguments: Arguments) throws(Arguments.Misuse) -> [TrackingCode] {
        var codes: [TrackingCode] = []
        for text in arguments.operands {
            guard let code = TrackingCode(text) else {
                throw Arguments.Misuse(what: "\"\(Terminal.harmless(text))\" is not a tracking code")
            }
            codes.append(code)
        }
        return codes
    }

    /// Error messages about a number do not show the number.
    static func number(
        _ arguments: Arguments, _ surroundings: Surroundings
    ) throws(Arguments.Misuse) -> CallableNumber? {
        guard let text = arguments.text("--number") else { return nil }
        let country: CallingCode?
        if let name = surroundings.environment["DAYU_CALLING_CODE"], !name.isEmpty {
            country = CallingCode(name)
            if country == nil { throw Arguments.Misuse(what: "DAYU_CALLING_CODE is not a country code") }
        } else {
            country = .china
        }
        do throws(Malformed) {
            return try CallableNumber(text, country: country)
        } catch {
            throw Arguments.Misuse(what: "--number: \(error)")
        }
    }

    func complaints(of number: CallableNumber) throws -> Set<TrackingCode> {
        var search = ComplaintsOfNumber(number)
        try LogReading(surroundings).read(topic: surroundings.name(of: .contacts)) { record in
            search.take(key: record.keyBytes, value: record.valueBytes)
        }
        return search.complaints
    }

    func read(
        _ complaints: Set<TrackingCode>, following number: PhoneNumber? = nil, at now: Instant
    ) throws -> Erasure {
        var erasure = Erasure(complaints, following: number, at: now)
        guard !complaints.isEmpty || number != nil else { return erasure }
        for topic in [Topic.words, .contacts, .follows, .links, .noticeRequests] {
            try LogReading(surroundings).read(topic: surroundings.name(of: topic)) { record in
                erasure.take(
                    topic, key: record.keyBytes, value: record.valueBytes,
                    partition: record.topicPartition.partition)
            }
        }
        return erasure
    }

    /// The actions come first. If this stops half-way, something is left to remove, so the same command does
    /// all of it again. In the other order a complaint could be left without anything to remove and without
    /// the event that ends its id and that restored copies go by.
    func write(_ erasure: Erasure) throws {
        guard !erasure.isEmpty else { return }
        try send(erasure.actions.map { OutgoingRecord($0, prefix: surroundings.prefix) })
        try send(erasure.removals)
    }

    func send(_ removals: [Erasure.Removal]) throws {
        try send(
            removals.map { removal in
                var record = OutgoingRecord(removal.record, prefix: surroundings.prefix)
                record.partition = removal.partition
                return record
            })
    }

    private func send(_ records: [OutgoingRecord]) throws {
        guard !records.isEmpty else { return }
        let producer = try Producer(surroundings.cluster, clientID: Surroundings.clientID)
        for record in records { try producer.send(record) }
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
    }
}
