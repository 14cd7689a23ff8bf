import Models

/// The state of the suite at one moment. What could not be found out is nil or says why. `faults` sums up.
struct Status: Encodable {
    struct Kafka: Encodable {
        let servers: String
        /// The beginning of every topic's and group's name.
        let prefix: String
        var cluster: String?
        var missingTopics: [String] = []
        /// Topics that belong together but have different numbers of partitions.
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

    /// One instance of a service, as its admin port describes it.
    struct Service: Encodable {
        enum State: String, Encodable {
            case ready
            case notReady = "not ready"
            /// One of its threads hangs on a request.
            case stuck
            case unreachable
        }

        let name: String
        let address: String
        let state: State
        /// Why it is not ready, or what it reports although it is ready.
        let notes: [String]
        /// Records on its disk that wait for Kafka; only of a service that has a spool.
        var spool: Int64?
        /// Troubles in its metrics that somebody should look after.
        var troubles: [String] = []
        /// How far it is on each partition that it reads.
        var standing: [Standing] = []
        /// What its loops lost that write dead letters about it.
        var losses: [LoopLoss] = []

        /// How far a loop is from the end of a partition, in offsets.
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
        /// Without the prefix, like the topics' names.
        let name: String
        /// Nil if the broker does not tell.
        var members: Int?
        /// A projection keeps its positions in its own store, so only its service knows them. Empty while the
        /// service does not answer.
        var lag: [Lag] = []
    }

    struct Lag: Encodable {
        let topic: String
        /// Records that wait to be processed.
        let records: Int64
        /// False if the number is the distance on the log, which includes the ends of transactions.
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
        /// How many records about dead letters are no longer on the log, at most.
        var gone: Int64 = 0
        /// The open letters about records that were lost before they were read.
        var lost: [Lost] = []
    }

    struct Complaints: Encodable {
        struct Oldest: Encodable {
            let trackingCode: String
            let status: String
            let receivedAt: Instant
        }

        let open: Int
        /// There are more complaints than were counted, and older ones.
        let isAtLeast: Bool
        let oldest: Oldest?
    }

    let at: Instant
    var kafka: Kafka
    var services: [Service] = []
    var groups: [Group] = []
    var deadLetters: Letters?
    /// Losses whose dead letters are gone.
    var untoldLosses: [String] = []
    var complaints: Complaints?
    var notices: Notices?
    /// What of the registry may be lost.
    var registryGap: String?
    /// Parts of the registry that have ended: keys, a calendar.
    var ended: [String] = []
    /// What is in order today but not for much longer.
    var warnings: [String] = []
    /// Other questions that got no answer.
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
        faults += untoldLosses
        faults += [registryGap, notices?.fault].compactMap(\.self) + ended
        return faults + unanswered
    }

    var isWell: Bool { faults.isEmpty }

    var exitCode: ExitCode {
        if !isWell { return .fault }
        return warnings.isEmpty ? .done : .warning
    }

    /// A key or calendar that has ended is a fault; one that will soon end is a warning.
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
