import Models
import Testing
import Text

@Suite("Topics")
struct TopicTests {
    private static let gateway = Topic.gateway(GatewayID(literal: "hotline"))

    @Test(
        "every topic has a name of its own, by which it is found again", arguments: Topic.allCases + [gateway]
    )
    func names(topic: Topic) {
        #expect(Topic(rawValue: topic.rawValue) == topic)
        #expect(topic.name(prefix: "city.") == "city.\(topic.rawValue)")
        #expect((Topic.allCases + [Self.gateway]).filter { $0.rawValue == topic.rawValue } == [topic])
    }

    @Test("the names, to the letter: they are on clusters")
    func letters() {
        #expect(
            Topic.allCases.map(\.rawValue) == [
                "registry", "complaints.submissions", "complaints.contacts", "complaints.words",
                "complaints.actions", "complaints.events", "complaints.refusals", "readings.reports",
                "readings.assessments", "readings.alarms", "readings.summaries", "readings.breaches",
                "notices.requests", "notices.events", "sms.jobs", "sms.jobs.urgent", "sms.jobs.withdrawn",
                "sms.receipts",
                "sms.messages", "links", "follows", "follows.counts", "sources", "indicators", "publications",
                "access", "dead-letters", "dead-letters.restricted",
            ])
        #expect(Self.gateway.rawValue == "gateways.hotline")
    }

    @Test(
        "what is no topic is none",
        arguments: [
            "", "events", "complaints", "complaints.events ", "gateways", "gateways.", "gateways.A",
            "gateways.a b", "gateway.a", "Registry",
        ])
    func unknown(name: String) { #expect(Topic(rawValue: name) == nil) }

    @Test("in JSON a topic is its name")
    func json() throws {
        let topics = Topic.allCases + [Self.gateway]
        let bytes = JSON.encode(topics)
        #expect(bytes == JSON.encode(topics.map(\.rawValue)))
        #expect(try JSON.decode([Topic].self, from: bytes) == topics)
        #expect(throws: Malformed.self) { try JSON.decode([Topic].self, from: Array(#"["x"]"#.utf8)) }
    }

    @Test("topics of a family are keyed alike and have the same number of partitions")
    func families() {
        let families = Dictionary(grouping: Topic.allCases + [Self.gateway], by: \.family)
        #expect(
            families == [
                .complaint: [
                    .submissions, .contacts, .words, .actions, .events, .refusals, .follows, .followCounts,
                ],
                .section: [.reports, .assessments, .alarms, .summaries, .breaches],
                .number: [
                    .noticeRequests, .noticeEvents, .jobs, .urgentJobs, .jobWithdrawals, .receipts,
                    .messages,
                ],
                .link: [.links], .source: [.sources], .gateway: [Self.gateway],
                .single: [
                    .registry, .indicators, .publications, .access, .deadLetters, .restrictedDeadLetters,
                ],
            ])
    }

    @Test("what a person wrote or is, and what somebody can act with, is restricted, dead letters included")
    func restricted() {
        #expect(
            (Topic.allCases + [Self.gateway]).filter(\.isRestricted) == [
                .contacts, .words, .refusals, .noticeRequests, .jobs, .urgentJobs, .messages, .links,
                .follows, .access, .restrictedDeadLetters, Self.gateway,
            ])
        for topic in Topic.allCases + [Self.gateway] {
            #expect(topic.deadLetters == (topic.isRestricted ? .restrictedDeadLetters : .deadLetters))
            #expect(topic.deadLetters.isRestricted == topic.isRestricted)
        }
    }

    @Test("what is compacted, what stays, and what goes after how many days")
    func retention() {
        let expected: [Topic: Topic.Retention] = [
            .registry: .compacted, .contacts: .compacted, .words: .compacted, .indicators: .compacted,
            .summaries: .compacted, .publications: .compacted,
            .sources: .compacted, .follows: .compacted, .followCounts: .compacted,
            .links: .compactedFor(days: 400), .events: .forever, .assessments: .forever, .alarms: .forever,
            .breaches: .forever,
            .noticeEvents: .forever, .reports: .days(400), .access: .days(400), .submissions: .days(30),
            .actions: .days(30),
            .refusals: .days(30), .noticeRequests: .days(7), .jobs: .days(7), .urgentJobs: .days(7),
            .jobWithdrawals: .days(7), .receipts: .days(7), .messages: .days(7),
            Self.gateway: .days(7), .deadLetters: .days(90), .restrictedDeadLetters: .days(90),
        ]
        for topic in Topic.allCases + [Self.gateway] {
            #expect(topic.retention == expected[topic], "\(topic.rawValue)")
        }
    }

    @Test("a key's part before its first slash chooses the partition")
    func partitionKeys() {
        for (key, part) in [
            ("7KQ29XM4T1H0C", "7KQ29XM4T1H0C"), ("7KQ29XM4T1H0C/dayu-intake/1", "7KQ29XM4T1H0C"), ("", ""),
            ("/", ""), ("/a", ""), ("a/", "a"), ("河/长", "河"), ("a/\u{301}", "a"),
        ] {
            #expect(Topic.partitionKey(of: key) == part, "\(key)")
        }
    }
}
