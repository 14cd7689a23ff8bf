import Models

/// How the suite does at one moment. What could not be learned is nil or says why; `faults` sums up.
struct Status: Encodable {
    struct Kafka: Encodable {
        let servers: String
        /// Stands before the name of every topic and group.
        let prefix: String
        var cluster: String?
        var missingTopics: [String] = []
        /// Topics that belong together and differ in partitions.
        var layoutFaults: [String] = []
        var error: String?
        /// Brokers whose clocks are wrong.
        var clocks: [String] = []
        /// What open transactions hold back.
        var held: [Held] = []

        struct Held: Encodable {
            let topic: String
            let partition: Int32
            let offsets: Int64
            let since: Instant?

            var fault: String {
                "\(offsets) records or fewer wait behind an open transaction on \(topic) partition \(partition)"
                    + (since.map { ", since \($0)" } ?? "")
            }
        }
    }

    /// One instance of a service, as its admin port tells.
    struct Service: Encodable {
        enum State: String, Encodable {
            case ready
            case notReady = "not ready"
            /// A thread of it hangs on a request.
            case stuck
            case unreachable
        }

        let name: String
        let address: String
        let state: State
        /// Why it is not ready, or what it has to say although it is.
        let notes: [String]
        /// Records on its disk that wait for Kafka; only of a service that has a spool.
        var spool: Int64?
        /// What its figures tell that somebody should look after.
        var troubles: [String] = []
        /// What it tells of the partitions that it reads.
        var standing: [Standing] = []

        /// How far a loop stands from the end of a partition, in offsets.
        struct Standing: Hashable {
            let loop: String
            let topic: String
            let lag: Int64
        }

        private enum CodingKeys: CodingKey {
            case name, address, state, notes, spool, troubles
        }
    }

    struct Group: Encodable {
        /// Without the prefix, as the topics.
        let name: String
        /// Nil where the broker does not tell.
        var members: Int?
        /// A projection keeps its positions in its own store, so only its service can tell; empty while that
        /// does not answer.
        var lag: [Lag] = []
    }

    struct Lag: Encodable {
        let topic: String
        /// Records that wait to be worked off.
        let records: Int64
        /// False where it is the distance in the log: the ends of transactions are counted with the records.
        let isExact: Bool
    }

    struct Letters: Encodable {
        struct Newest: Encodable {
            let origin: String
            let refusedAt: Instant
            let refusedBy: String
            let reason: String
        }

        struct Lost: Encodable {
            let origin: String
            let reason: String
        }

        let open: Int
        let newest: Newest?
        /// The open ones that tell of records that nobody had read.
        var lost: [Lost] = []
    }

    struct Complaints: Encodable {
        struct Oldest: Encodable {
            let trackingCode: String
            let status: String
            let receivedAt: Instant
        }

        let open: Int
        /// There are more than were counted, and older ones.
        let isAtLeast: Bool
        let oldest: Oldest?
    }

    let at: Instant
    var kafka: Kafka
    var services: [Service] = []
    var groups: [Group] = []
    var deadLetters: Letters?
    var complaints: Complaints?
    var notices: Notices?
    /// What the registry says and is over: keys, a calendar.
    var ended: [String] = []
    /// What is well today and will not be for long.
    var warnings: [String] = []
    /// What was asked and not answered, beside what stands above.
    var unanswered: [String] = []

    /// Nil while Intake can't be asked.
    var spool: Int64? {
        let told = services.compactMap(\.spool)
        return told.isEmpty ? nil : told.reduce(0, +)
    }

    /// What somebody should look after; empty when all is well. Work that waits (lag, a spool, a dead letter)
    /// is no fault: it is what the suite is built for.
    var faults: [String] {
        var faults: [String] = []
        if let error = kafka.error { faults.append("Kafka: \(error)") }
        if !kafka.missingTopics.isEmpty {
            faults.append("topics are missing: \(kafka.missingTopics.joined(separator: ", "))")
        }
        faults += kafka.layoutFaults + kafka.clocks + kafka.held.map(\.fault)
        for service in services {
            let who = "\(service.name) at \(service.address)"
            if service.state != .ready { faults.append("\(who) is \(service.state.rawValue)") }
            faults += service.troubles.map { "\(who): \($0)" }
        }
        faults += (deadLetters?.lost ?? []).map { letter in
            "\(letter.reason): dayu dead-letters dismiss \(letter.origin) once this is dealt with"
        }
        faults += [notices?.fault].compactMap(\.self) + ended
        return faults + unanswered
    }

    var isWell: Bool { faults.isEmpty }

    /// What has ended is a fault, what will end a warning.
    mutating func take(_ keys: [EndingKeys.Ending], _ calendar: CalendarEnd?) {
        let ends =
            keys.map { (what: $0.what, hasEnded: $0.hasEnded) }
            + [calendar].compactMap { $0.map { ($0.what, $0.hasEnded) } }
        for end in ends {
            if end.hasEnded { ended.append(end.what) } else { warnings.append(end.what) }
        }
    }

    private enum CodingKeys: CodingKey {
        case at, well, faults, warnings, kafka, services, groups, deadLetters, spool, complaints, notices
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(at, forKey: .at)
        try container.encode(isWell, forKey: .well)
        try container.encode(faults, forKey: .faults)
        try container.encode(warnings, forKey: .warnings)
        try container.encode(kafka, forKey: .kafka)
        try container.encode(services, forKey: .services)
        try container.encode(groups, forKey: .groups)
        try container.encode(deadLetters, forKey: .deadLetters)
        try container.encode(spool, forKey: .spool)
        try container.encode(complaints, forKey: .complaints)
        try container.encode(notices, forKey: .notices)
    }
}
