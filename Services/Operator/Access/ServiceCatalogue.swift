import Models

/// One loop of a service and its topics: DESIGN's table of topics, ordered by service.
///
/// `dayu acl print` allows exactly these topics. Kafka refuses a loop that reads or writes another topic, so
/// a new topic must be added here first. `dayu status` takes the consumer groups from here.
struct ServiceLoop {
    enum Kind {
        /// Joins a group, and writes in transactions together with its group's positions.
        case processor
        /// Joins a group that shares out the partitions, and writes without transactions.
        case sharedProjection
        /// Reads every partition in each instance, outside any group.
        case reader
        /// Reads nothing.
        case writer
    }

    let service: Executable
    /// `dayu-routing`. The name of the loop's group is the topics' prefix and this name.
    let name: String
    let kind: Kind
    /// The topics that it processes; the positions are those of its group.
    let inputs: [Topic]
    /// Whether it also processes the topics of all gateways. They are not in `inputs`, because only the
    /// registry knows which gateways there are.
    let readsGateways: Bool
    /// The other topics that it reads: the registry, and those from which it restores its state.
    let alsoReads: [Topic]
    let writes: [Topic]

    /// An executable, with a Kafka user of its own.
    enum Executable: String, CaseIterable {
        case intake, routing, notification, disclosure, analytics
        /// Disclosure for officials.
        case desk

        var name: String { "dayu-\(rawValue)" }
    }

    init(
        _ service: Executable, part: String? = nil, _ kind: Kind, inputs: [Topic] = [],
        readsGateways: Bool = false, alsoReads: [Topic] = [], writes: [Topic] = []
    ) {
        self.service = service
        name = ([service.name] + [part].compactMap(\.self)).joined(separator: ".")
        self.kind = kind
        self.inputs = inputs
        self.readsGateways = readsGateways
        self.alsoReads = alsoReads
        self.writes = writes
    }

    static let all = [
        ServiceLoop(.intake, part: "registry", .reader, inputs: [.registry]),
        ServiceLoop(
            .intake, part: "writer", .writer,
            writes: [
                .contacts, .words, .links, .submissions, .actions, .reports, .receipts, .messages, .follows,
                .publications,
            ]),
        ServiceLoop(.intake, part: "outcomes", .reader, inputs: [.events, .refusals]),
        ServiceLoop(.intake, part: "links", .reader, inputs: [.links]),
        ServiceLoop(.intake, part: "pictures", .reader, inputs: [.words]),
        ServiceLoop(
            .intake, part: "gateways", .processor, readsGateways: true, alsoReads: [.registry],
            writes: [
                .contacts, .words, .links, .submissions, .actions, .reports, .restrictedDeadLetters,
            ]),
        ServiceLoop(
            .intake, part: "sources", .processor, inputs: [.sources], alsoReads: [.registry],
            writes: [.reports, .sources]),
        ServiceLoop(
            .routing, .processor, inputs: [.submissions, .actions], alsoReads: [.registry, .events],
            writes: [.events, .actions, .refusals, .words, .contacts, .deadLetters]),
        ServiceLoop(
            .notification, part: "addressing", .processor, inputs: [.contacts, .words, .follows, .events],
            alsoReads: [.registry],
            writes: [.links, .noticeRequests, .followCounts, .deadLetters, .restrictedDeadLetters]),
        ServiceLoop(
            .notification, part: "dispatch", .processor, inputs: [.noticeRequests, .receipts, .messages],
            alsoReads: [.noticeEvents],
            writes: [
                .noticeEvents, .noticeRequests, .jobs, .urgentJobs, .jobWithdrawals, .receipts, .actions,
                .words, .deadLetters, .restrictedDeadLetters,
            ]),
        ServiceLoop(
            .notification, part: "pusher", .processor, inputs: [.jobs], alsoReads: [.jobWithdrawals],
            writes: [.receipts, .restrictedDeadLetters]),
        ServiceLoop(
            .notification, part: "urgent-pusher", .processor, inputs: [.urgentJobs],
            alsoReads: [.jobWithdrawals], writes: [.receipts, .restrictedDeadLetters]),
        ServiceLoop(
            .disclosure, .reader,
            inputs: [
                .registry, .words, .events, .followCounts, .assessments, .summaries, .breaches,
                .indicators, .publications,
            ]),
        ServiceLoop(
            .desk, .reader,
            inputs: [
                .registry, .words, .events, .followCounts, .assessments, .summaries, .breaches,
                .indicators, .publications, .contacts, .links, .noticeEvents, .access,
            ]),
        ServiceLoop(.desk, part: "writer", .writer, writes: [.access]),
        ServiceLoop(
            .analytics, part: "grading", .processor, inputs: [.reports],
            alsoReads: [.registry, .assessments], writes: [.assessments, .deadLetters]),
        ServiceLoop(
            .analytics, part: "alarming", .processor, inputs: [.assessments],
            alsoReads: [.registry, .alarms],
            writes: [.words, .alarms, .submissions, .actions, .deadLetters]),
        ServiceLoop(
            .analytics, part: "summarising", .processor, inputs: [.assessments],
            alsoReads: [.registry, .summaries], writes: [.summaries, .deadLetters]),
        ServiceLoop(
            .analytics, part: "inspecting", .processor, inputs: [.summaries],
            alsoReads: [.registry, .breaches],
            writes: [.words, .breaches, .submissions, .actions, .deadLetters]),
        ServiceLoop(
            .analytics, part: "counting", .sharedProjection, inputs: [.events], alsoReads: [.registry],
            writes: [.indicators, .deadLetters]),
    ]

    var isInGroup: Bool {
        switch kind {
        case .processor, .sharedProjection: true
        case .reader, .writer: false
        }
    }
}
