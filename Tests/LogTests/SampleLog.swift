import Geo
import Links
import Models
import Processing
import Text

@testable import Operator

/// One record of every kind that this version writes: first with every field, then with as few as it can
/// have, then with each value of its enumerations.
///
/// The people in it are invented, and so are their numbers.
struct SampleLog {
    /// A record and the value that it holds.
    struct Sample {
        let outgoing: Outgoing
        /// Nil for a tombstone.
        let value: Any?
    }

    private(set) var samples: [Sample] = []

    static let start = Instant(millisecondsSince1970: 1_795_412_495_120)
    private let now = start
    private let later = start + .seconds(86_400)
    private let code = TrackingCode(digest: [UInt8](0..<32))
    private let other = TrackingCode(digest: [UInt8](1..<33))
    private let place = Coordinate(longitude: 120.1551, latitude: 30.2741)
    private let outline = Outline(text: true, pictures: 2)
    private let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private let handle = NumberHandle([UInt8](16..<32))
    private let phone: PhoneNumber = {
        guard let number = PhoneNumber(e164: "+8600000000701") else { preconditionFailure("a number") }
        return number
    }()
    private let assignee = Assignee(
        kind: .chief, id: "chief-liuxia", name: Name(zh: "王某", en: "Wang"), title: "街道河长", level: .town)
    private let office = Assignee(
        kind: .office, id: "xihu", name: Name(zh: "西湖区", en: "Xihu"), level: .district)
    private let actor = Actor(role: .chief, id: "chief-liuxia")

    init() {
        addSubmissions()
        addActions()
        addEvents()
        addRefusals()
        addReadings()
        addSummaries()
        addAlarms()
        addBreaches()
        addNotices()
        addIndicators()
        addPublications()
        addSources()
        addRegistry()
        addGateways()
        addDeadLetters()
    }

    // MARK: How a record is made

    /// What Intake writes came from outside: it has no cause.
    private var outside: Trail { Trail(at: now, traceparent: traceparent) }

    private mutating func add<Value: Encodable>(
        _ topic: Topic, key: String, id: String, source: String, type: EventType, subject: String? = nil,
        version: Int? = nil, trail: Trail, _ value: Value?
    ) {
        let event = CloudEvent(
            id: id, source: source, type: type.description, subject: subject ?? key, version: version,
            trail: trail, data: value.map { JSON.encode($0) })
        samples.append(Sample(outgoing: Outgoing(topic: topic, key: key, event: event), value: value))
    }

    // MARK: Complaints

    private mutating func addSubmissions() {
        func submission(
            _ channel: Channel = .web, _ datum: Datum = .wgs84, isFull: Bool = false
        ) -> Submission {
            Submission(
                complaint: code, fingerprint: isFull ? "8d2f06c1e5b7a394" : nil,
                category: CategoryCode(literal: "odour"), place: isFull ? place : nil,
                datum: datum, river: isFull ? RiverID(literal: "yuhang-canal") : nil,
                reach: isFull ? ReachID(literal: "yuhang-canal-3") : nil,
                region: isFull ? RegionID(literal: "yuhang") : nil,
                responsible: isFull ? DepartmentID(literal: "ecology") : nil, channel: channel,
                gateway: isFull ? GatewayID(literal: "hotline") : nil, anonymous: isFull, contactable: isFull,
                words: isFull ? outline : nil, submittedAt: now)
        }
        let submissions =
            [submission(.hotline, isFull: true), submission()] + Channel.allCases.map { submission($0) }
            + Datum.allCases.map { submission(.app, $0, isFull: true) }
        for submission in submissions {
            add(
                .submissions, key: code.compact, id: "\(code.compact).submission", source: "dayu-intake",
                type: EventType("complaint", "submitted"), trail: outside, submission)
        }
        let contacts = [
            Contact(name: "王某", phone: .number(phone), language: .en), Contact(name: "王某", phone: nil),
            Contact(name: nil, phone: try? CallableNumber("12345", country: nil)), nil,
        ]
        for contact in contacts {
            add(
                .contacts, key: code.compact, id: "\(code.compact).contact", source: "dayu-intake",
                type: EventType("contact", "given"), trail: outside, contact)
        }
        let key = WordsKey(complaint: code, cause: "dayu-intake/\(code.compact).submission")
        for words in [
            Words(
                text: "河水发黑,有臭味。\nIt smells \"bad\".", media: ["https://media.example/1.jpg"], address: "桥下"),
            Words(text: "臭"), Words(media: ["https://media.example/1.jpg"]), nil,
        ] {
            add(
                .words, key: key.description, id: "\(code.compact).submission.words", source: "dayu-intake",
                type: EventType("words", "written"), subject: code.compact, trail: outside, words)
        }
        add(
            .words, key: key.description, id: "erased/\(key)/\(now)", source: "dayu",
            type: EventType("words", "erased"), subject: code.compact, trail: Trail(at: now), Words?.none)
        add(
            .contacts, key: code.compact, id: "erased/\(code.compact)/\(now)", source: "dayu",
            type: EventType("contact", "erased"), trail: Trail(at: now), Contact?.none)
        let follow = Follow(complaint: code, phone: phone, handle: handle)
        add(
            .follows, key: follow.key.description, id: "follow/\(follow.key)", source: "dayu-intake",
            type: Follow.begun, trail: outside, follow)
        add(
            .follows, key: follow.key.description, id: "unfollow/\(follow.key)", source: "dayu-intake",
            type: Follow.ended, subject: code.compact, trail: outside, Follow?.none)
        add(
            .followCounts, key: code.compact, id: "\(code.compact)/follows",
            source: "dayu-notification.addressing", type: FollowCount.type, trail: Trail(at: now),
            FollowCount(complaint: code, follows: 2))
        let links = [
            ActionLink(
                complaint: code, actor: Actor(role: .follower, id: handle.text), expiresAt: later,
                number: handle),
            ActionLink(complaint: code, actor: actor, expiresAt: later, revokedAt: now),
            ActionLink(complaint: code, actor: .citizen, expiresAt: later),
            ActionLink(complaint: code, actor: .citizen, expiresAt: later, number: handle),
        ]
        let clerk = Actor(role: .office, id: "hangzhou", clerk: ClerkID(literal: "clerk-7"))
        for link in [
            DeskLink(desk: clerk, expiresAt: later), DeskLink(desk: actor, expiresAt: later, revokedAt: now),
            DeskLink(desk: actor, expiresAt: later, holder: "number/41c7"),
        ] {
            add(
                .links, key: "AAECAwQFBgcICQoLDA0ODw", id: "desk/printed/\(link.owner)/\(link.expiresAt)",
                source: "dayu", type: DeskLink.type, subject: link.owner, trail: Trail(at: now), link)
        }
        add(
            .access, key: "office/hangzhou", id: "office/hangzhou/\(code.compact)/\(now)",
            source: "dayu-desk",
            type: ContactViewed.type, subject: code.compact, trail: Trail(at: now),
            ContactViewed(complaint: code, by: clerk))
        add(
            .access, key: clerk.accessKey, id: "\(clerk.accessKey)/\(code.compact)/opened/\(now)",
            source: "dayu-desk", type: ComplaintOpened.type, subject: code.compact, trail: Trail(at: now),
            ComplaintOpened(complaint: code, by: clerk))
        for sentence in ["高样例，请打开您的工作台，请勿转发。", nil] {
            add(
                .messages, key: handle.text, id: "desk/00112233445566778899aabbccddeeff",
                source: "dayu-intake", type: DeskLinkAsked.type, trail: Trail(at: now),
                DeskLinkAsked(
                    reference: "desk/00112233445566778899aabbccddeeff", handle: handle, phone: phone,
                    text: "【大禹】高样例，打开您的工作台：https://desk.example.org/desk#AAECAwQFBgcICQoLDA0ODw 请勿转发。",
                    sentence: sentence, link: "AAECAwQFBgcICQoLDA0ODw", expiresAt: later))
        }
        for link in links {
            add(
                .links, key: "AAECAwQFBgcICQoLDA0ODw", id: "\(code.compact)/\(link.expiresAt)/chief",
                source: "dayu-intake", type: EventType("link", "written"), subject: code.compact,
                trail: outside, link)
        }
    }

    private mutating func addActions() {
        let full = Correction(
            category: CategoryCode(literal: "odour"), place: place, river: RiverID(literal: "yuhang-canal"),
            reach: ReachID(literal: "yuhang-canal-3"))
        var verbs: [ComplaintAction.Verb] = [
            .accept, .note(isPublic: true), .note(isPublic: false), .urge,
            .transfer(to: .reach(ReachID(literal: "yuhang-canal-3"))),
            .transfer(to: .office(RegionID(literal: "xihu"))),
            .transfer(to: .department(DepartmentID(literal: "ecology"))), .transfer(to: nil), .resolve,
            .verify(passed: true), .verify(passed: false), .reopen, .merge(into: other), .edit(full),
            .edit(Correction(category: CategoryCode(literal: "odour"))),
            .edit(Correction(place: place)), .extend(until: later), .close, .join(follower: other),
            .raise(over: Actor(role: .chief, id: "chief-liuxia")),
        ]
        verbs += Grade.allCases.map { .rate($0) }
        verbs += ComplaintEvent.Rejected.Reason.allCases.map { .reject($0) }
        verbs += ComplaintEvent.Parted.Why.allCases.map { .part($0) }
        let parts: [Passage.Part] = [.all, .text, .picture(1)]
        verbs += parts.map { .release(Passage(version: 1, part: $0)) }
        verbs += Passage.Reason.allCases.map { .withhold(Passage(version: 1, part: .text), $0) }
        verbs.append(.erase(until: now))
        verbs += ComplaintEvent.Kind.allCases.map { kind in
            .inform(of: other, event: kind, cause: "dayu-intake/action/1")
        }
        var actions = verbs.flatMap { verb in
            [outline, nil].map { ComplaintAction(complaint: code, by: actor, verb: verb, words: $0) }
        }
        // Who follows a complaint never acts on it.
        actions += Role.allCases.filter { $0 != .follower }.map {
            ComplaintAction(
                complaint: code, by: Actor(role: $0, id: $0 == .citizen || $0 == .system ? nil : "xihu"),
                verb: .note(isPublic: true))
        }
        var named: Set<ComplaintAction.Name> = []
        actions += verbs.filter { named.insert($0.name).inserted }.map {
            ComplaintAction(complaint: code, by: .citizen, verb: $0, fingerprint: "8d2f06c1e5b7a394")
        }
        named = []
        actions += verbs.filter { named.insert($0.name).inserted }.map {
            ComplaintAction(
                complaint: code, by: .citizen, verb: $0, gateway: GatewayID(literal: "hotline"),
                words: outline)
        }
        for (number, action) in actions.enumerated() {
            add(
                .actions, key: code.compact, id: "action/\(number)", source: "dayu-intake",
                type: EventType("action", action.verb.name.rawValue), trail: outside, action)
        }
    }

    private mutating func addEvents() {
        let events = ComplaintEvent.Kind.allCases.flatMap { self.events($0) }
        for (index, event) in events.enumerated() {
            // Half of them came from a request whose trace is known.
            let fact = ComplaintFact(
                complaint: code, version: index + 1,
                trail: Trail(
                    at: now, cause: "dayu-intake/action/\(index)",
                    traceparent: index.isMultiple(of: 2) ? traceparent : nil),
                event: event)
            let outgoing = Outgoing(
                topic: .events, key: code.compact, event: fact.cloudEvent(source: "dayu-routing"))
            samples.append(Sample(outgoing: outgoing, value: Mirror(reflecting: event).children.first?.value))
        }
    }

    private func assigned(_ why: ComplaintEvent.Assigned.Why, isFull: Bool) -> ComplaintEvent {
        let candidate = Candidate(
            reach: ReachID(literal: "yuhang-canal-3"), river: RiverID(literal: "yuhang-canal"), level: .town,
            distanceMetres: 12.5, limitMetres: 200)
        return .assigned(
            .init(
                assignee: isFull ? assignee : office, river: isFull ? RiverID(literal: "yuhang-canal") : nil,
                reach: isFull ? ReachID(literal: "yuhang-canal-3") : nil, region: RegionID(literal: "xihu"),
                why: why, distanceMetres: isFull ? 12.5 : nil, due: due(isFull: isFull),
                chief: isFull ? ChiefID(literal: "chief-liuxia") : nil,
                superior: isFull ? ChiefID(literal: "chief-xihu") : nil, chosen: isFull ? candidate : nil,
                runnersUp: isFull ? [candidate] : []))
    }

    private func due(isFull: Bool) -> Due {
        isFull
            ? Due(accept: later, resolve: later, acceptAtRisk: later, resolveAtRisk: later)
            : Due(accept: later, resolve: later)
    }

    /// With words and without.
    private func both(_ event: (Outline?) -> ComplaintEvent) -> [ComplaintEvent] {
        [event(outline), event(nil)]
    }

    private func events(_ kind: ComplaintEvent.Kind) -> [ComplaintEvent] {
        switch kind {
        case .received:
            samples.compactMap { $0.value as? Submission }.prefix(2).map { .received(.init(submission: $0)) }
        case .assigned:
            [assigned(.nearest, isFull: true)]
                + ComplaintEvent.Assigned.Why.allCases.map { assigned($0, isFull: false) }
        case .accepted: [.accepted(.init(by: actor)), .accepted(.init(by: .citizen))]
        case .noted:
            both { .noted(.init(by: actor, isPublic: true, words: $0)) }
                + [.noted(.init(by: actor, isPublic: false, words: nil))]
        case .urged: both { .urged(.init(by: .citizen, words: $0)) }
        case .transferred:
            both {
                .transferred(
                    .init(by: actor, from: assignee, to: .office(RegionID(literal: "xihu")), words: $0))
            } + [
                .transferred(
                    .init(by: actor, from: office, to: .reach(ReachID(literal: "yuhang-canal-3")))),
                .transferred(
                    .init(by: actor, from: office, to: .department(DepartmentID(literal: "ecology")))),
                .transferred(.init(by: actor, from: office, to: nil)),
            ]
        case .warned:
            Deadline.allCases.map { .warned(.init(deadline: $0, due: later, assignee: assignee)) }
        case .lapsed:
            Deadline.allCases.map { .lapsed(.init(deadline: $0, due: later, assignee: office)) }
        case .escalated:
            [Deadline.accept, .resolve].map {
                .escalated(.init(deadline: $0, due: later, from: assignee, to: office))
            }
        case .unreached:
            [office, nil].map { .unreached(.init(official: assignee, to: $0)) }
        case .supervised:
            [true, false].map {
                .supervised(.init(order: 1, by: office, over: assignee, due: due(isFull: $0)))
            }
        case .extended: both { .extended(.init(by: actor, until: later, words: $0)) }
        case .resolved:
            both { .resolved(.init(by: actor, closesAt: later, words: $0)) } + [
                .resolved(
                    .init(by: actor, closesAt: later, checker: office, verifyBy: later, words: outline))
            ]
        case .verified:
            both { .verified(.init(by: actor, passed: true, closesAt: later, words: $0)) }
                + [.verified(.init(by: actor, passed: false, closesAt: nil))]
        case .unchecked:
            [office, nil].map {
                .unchecked(.init(checker: assignee, due: later, superior: $0, closesAt: later))
            }
        case .rated: Grade.allCases.flatMap { grade in both { .rated(.init(grade: grade, words: $0)) } }
        case .reopened:
            ComplaintEvent.Reopened.Why.allCases.flatMap { why in
                both {
                    .reopened(.init(by: .citizen, why: why, superior: $0 == nil ? nil : office, words: $0))
                }
            }
        case .edited:
            both { .edited(.init(by: actor, correction: Correction(place: place), words: $0)) } + [
                .edited(
                    .init(
                        by: actor,
                        correction: Correction(
                            category: CategoryCode(literal: "odour"), river: RiverID(literal: "yuhang-canal"),
                            reach: ReachID(literal: "yuhang-canal-3"))))
            ]
        case .rejected:
            ComplaintEvent.Rejected.Reason.allCases.flatMap { reason in
                both { .rejected(.init(by: actor, reason: reason, words: $0)) }
            }
        case .merged: both { .merged(.init(by: actor, into: other, words: $0)) }
        case .joined: [.joined(.init(follower: other))]
        case .parted: ComplaintEvent.Parted.Why.allCases.map { .parted(.init(why: $0)) }
        case .informed:
            both { .informed(.init(of: other, event: .noted, cause: "dayu-intake/action/1", words: $0)) }
                + ComplaintEvent.Kind.allCases.map {
                    .informed(.init(of: other, event: $0, cause: "dayu-intake/action/1"))
                }
        case .withheld:
            Passage.Reason.allCases.flatMap { reason in
                both {
                    .withheld(
                        .init(
                            by: actor, passage: Passage(version: 1, part: .picture(2)), reason: reason,
                            words: $0))
                }
            }
        case .released:
            both { .released(.init(by: actor, passage: Passage(version: 1, part: .all), words: $0)) }
        case .erased: [.erased(.init(by: .system, until: now))]
        case .closed:
            ComplaintEvent.Closed.Reason.allCases.flatMap { reason in
                both {
                    .closed(
                        .init(by: .system, reason: reason, reopensUntil: $0 == nil ? nil : later, words: $0))
                }
            }
        }
    }

    private mutating func addRefusals() {
        for (reason, verb) in zip(ActionRefusal.Reason.allCases, ComplaintAction.Name.allCases) {
            let refusal = ActionRefusal(
                complaint: code, action: "dayu-intake/action/1", verb: verb, by: actor, reason: reason,
                detail: "it was resolved already", at: now)
            add(
                .refusals, key: code.compact, id: refusal.action, source: "dayu-routing",
                type: EventType("action", "refused"), trail: Trail(at: now, cause: refusal.action), refusal)
        }
    }

    // MARK: Readings

    private mutating func addReadings() {
        let section = SectionID(literal: "jiekou")
        let plain = Dictionary(
            uniqueKeysWithValues: Parameter.allCases.map { ($0, Measurement(1.25)) })
        let full: [Parameter: Measurement] = [
            .ammoniaNitrogen: Measurement(
                .measured(0.42), flag: .suspect, status: .valid, written: "420", unit: "μg/L",
                sampledAt: now),
            .mercury: Measurement(.below(0.00004), written: "0.00004L"), .pH: Measurement(.withdrawn),
        ]
        let flags = Measurement.Flag.allCases.map { [Parameter.pH: Measurement(.measured(7), flag: $0)] }
        func report(
            _ measurements: [Parameter: Measurement], _ period: Period = .instant,
            _ origin: Origin = .automatic,
            _ published: WaterClass? = nil, isFull: Bool = false
        ) -> Report {
            Report(
                section: section, station: isFull ? StationID(literal: "station-jiekou") : nil,
                gateway: isFull ? GatewayID(literal: "laboratory") : nil,
                observedAt: now, period: period, origin: origin, source: isFull ? "中国环境监测总站" : nil,
                reviewer: isFull ? Actor(role: .office, id: "hangzhou") : nil, publishedClass: published,
                measurements: measurements)
        }
        let reports =
            [report(full, .day, .manual, .II, isFull: true), report(plain), report([:])]
            + flags.map { report($0) } + Period.allCases.map { report([:], $0) }
            + Origin.allCases.map { report([:], .instant, $0) }
            + WaterClass.allCases.map { report([:], .hour, .automatic, $0) }
        for report in reports {
            add(
                .reports, key: section.rawValue, id: "\(report.key)/0123456789abcdef", source: "dayu-intake",
                type: EventType("reading", "reported"), trail: outside, report)
        }
        let office = Actor(role: .office, id: "hangzhou")
        let clerk = Actor(role: .office, id: "hangzhou", clerk: ClerkID(literal: "hangzhou-1"))
        let gateway = GatewayID(literal: "city-desk")
        let reviews: [Review] = [
            Review(reports[0].key, verdict: .valid, reviewer: office, gateway: gateway, seenAt: now),
            Review(
                reports[0].key, parameters: [.pH, .mercury], verdict: .withdrawn, reviewer: office,
                gateway: gateway, seenAt: now),
            Review(reports[0].key, verdict: .valid, reviewer: clerk, gateway: nil, seenAt: now),
        ]
        for review in reviews {
            add(
                .reports, key: section.rawValue, id: "\(review.key)/review/0123456789abcdef",
                source: "dayu-intake", type: EventType("reading", "reviewed"), trail: outside, review)
        }
        let assessments = WaterBody.allCases.flatMap { body in
            [[reports[0], reports[1]], [reports[2]], []].map { told in
                Assessment(
                    Reading(
                        told.first?.key ?? reports[0].key,
                        parts: told.map {
                            Reading.Part(
                                reportedAt: now, station: $0.station, gateway: $0.gateway,
                                source: $0.source,
                                reviewer: $0.reviewer,
                                publishedClass: $0.publishedClass, measurements: $0.measurements)
                        }), of: body)
            }
        }
        let discharged = Assessment(ofDischarge: Reading(reports[1], reportedAt: now))
        for (version, assessment) in (assessments + [discharged]).enumerated() {
            add(
                .assessments, key: section.rawValue, id: "\(assessment.reading.id)/\(version + 1)",
                source: "dayu-analytics.grading", type: EventType("reading", "assessed"),
                version: version + 1, trail: Trail(at: now, cause: "dayu-intake/1", traceparent: traceparent),
                assessment)
        }
    }

    private mutating func addSummaries() {
        let series = Series(origin: .automatic, period: .hour)
        let readings: [ByParameter<CountedReading.Value>] = [
            [.pH: .init(figure: 7.5), .ammoniaNitrogen: .init(figure: nil)],
            [.petroleum: .init(figure: 0.005, isBelow: true, isProvisional: true)],
            [.petroleum: .init(figure: nil)],
        ]
        let summary = DaySummary(
            section: SectionID(literal: "jiekou"), day: Day(daysSince1970: 20_643),
            summary: Summary(
                day: readings.enumerated().map {
                    CountedReading(
                        observedAt: now + .seconds($0.offset), series: series, values: $0.element)
                }))
        let hours = [
            DischargeDay.Part(at: now, figures: [.chemicalOxygenDemand: 42.5, .flow: 12], flagged: [.pH]),
            DischargeDay.Part(at: later, figures: [.chemicalOxygenDemand: 0.00005]),
        ]
        let discharges = [
            DischargeDay(hours: hours, whole: hours[1]), DischargeDay(hours: hours),
        ].map { discharge in
            DaySummary(
                section: SectionID(literal: "outfall-1"), day: Day(daysSince1970: 20_643),
                summary: Summary(), discharge: discharge)
        }
        for (number, summary) in ([summary] + discharges).enumerated() {
            add(
                .summaries, key: summary.key, id: "\(summary.key)/\(number + 1)",
                source: "dayu-analytics.summarising", type: DaySummary.type,
                subject: summary.section.rawValue, version: number + 1,
                trail: Trail(at: now, cause: "dayu-analytics.grading/1", traceparent: traceparent), summary)
        }
    }

    private mutating func addBreaches() {
        let known = BreachCase(
            outfall: OutfallID(literal: "outfall-1"), parameter: .chemicalOxygenDemand, period: .hour,
            since: now)
        let breaches = [PermitLimit.atMost(50), .within(6...9), .atMost(0.00005)].map {
            Breach(parameter: .chemicalOxygenDemand, period: .day, at: now, value: 62, limit: $0)
        }
        let counts = breaches.map { BreachEvent.Count(hours: 3, days: 1, worst: $0) }
        var events = breaches.map { breach in
            BreachEvent.raised(
                .init(
                    breachCase: known, complaint: code, enterprise: EnterpriseID(literal: "paper-mill"),
                    first: breach))
        }
        events.append(.noted(.init(breachCase: known, complaint: code, number: 1, count: counts[0])))
        events.append(
            .noted(
                .init(breachCase: known, complaint: code, number: 2, count: counts[0], silentAfter: later)))
        events += BreachEvent.Ended.Why.allCases.map { why in
            .ended(
                .init(
                    breachCase: known, complaint: code, why: why, through: later,
                    count: why == .corrected ? .init(hours: 0, days: 0, worst: nil) : counts[0]))
        }
        for event in events {
            let cloudEvent = CloudEvent(
                id: event.id, source: "dayu-analytics.inspecting", type: event.type.description,
                subject: "outfall-1", trail: Trail(at: now, cause: "dayu-analytics.summarising/1"),
                data: event.data)
            let outgoing = Outgoing(topic: .breaches, key: "outfall-1", event: cloudEvent)
            samples.append(Sample(outgoing: outgoing, value: Mirror(reflecting: event).children.first?.value))
        }
    }

    private mutating func addAlarms() {
        let limits: [AlarmLimit] = [.target(.III), .atLeast(2), .atMost(1.5), .within(6...9)]
        let points = [AlarmReading(observedAt: now, values: [.ammoniaNitrogen: 2.5, .pH: 7.1])]
        var events: [AlarmEvent] = zip(AlarmItem.allCases, limits).flatMap { item, limit in
            let alarm = Alarm(section: SectionID(literal: "jiekou"), item: item, since: now)
            return [0.67, nil].map { (ratio: Double?) -> AlarmEvent in
                let exceedance = Exceedance(
                    parameter: .ammoniaNitrogen, value: 2.5, ratio: ratio, limit: ratio.map { _ in 1.5 },
                    overIII: ratio.map { _ in 1.5 })
                return .raised(
                    .init(
                        alarm: alarm, complaint: code, limit: limit, exceeded: [exceedance], readings: points)
                )
            }
        }
        let alarm = Alarm(section: SectionID(literal: "jiekou"), item: .waterClass, since: now)
        events += AlarmEvent.Noted.Why.allCases.map {
            .noted(.init(alarm: alarm, complaint: code, why: $0, number: 1, latest: now))
        }
        events.append(.cleared(.init(alarm: alarm, complaint: code, through: later, readings: points)))
        for event in events {
            let cloudEvent = CloudEvent(
                id: event.id, source: "dayu-analytics.alarming",
                type: EventType(AlarmEvent.subject, event.kind.rawValue).description, subject: "jiekou",
                trail: Trail(at: now, cause: "dayu-analytics.grading/1"), data: event.data)
            let outgoing = Outgoing(topic: .alarms, key: "jiekou", event: cloudEvent)
            samples.append(Sample(outgoing: outgoing, value: Mirror(reflecting: event).children.first?.value))
        }
    }

    // MARK: Notices

    private mutating func addNotices() {
        let reference = "\(code.compact).2/chief/chief-liuxia"
        let trail = Trail(at: now, cause: "dayu-routing/\(code.compact).2", traceparent: traceparent)
        let fields = NoticeFields(
            code: code.description, sentence: "新投诉。", category: "异味", place: "沿山河", due: "11-23 14:05",
            link: "AAAAAAAAAAAAAAAAAAAAAA")
        let bareFields = NoticeFields(code: code.description, sentence: "新投诉。")
        let kinds: [Recipient.Kind] = [.chief, .office, .department, .complainant, .follower]
        let chief = Actor(role: .chief, id: "chief-liuxia")
        let questions: [Recipient.Kind: NoticeQuestion] = [
            .chief: NoticeQuestion(.act, by: chief, needsPicture: true, language: .en),
            .department: NoticeQuestion(.over, by: chief),
        ]
        let manners: [Recipient.Kind: NoticeManner] = [
            .chief: NoticeManner(
                isDigest: true, quiet: QuietHours(from: 1320, until: 420, zone: .beijing), gist: "新投诉",
                dueAt: later, address: "https://rivers.example.org/act#AAAAAAAAAAAAAAAAAAAAAA", language: .zh,
                overtakes: .all),
            .department: NoticeManner(isAlone: true),
        ]
        for kind in kinds {
            let request = NoticeRequest(
                reference: reference,
                recipient: Recipient(kind: kind, id: "chief-liuxia", phone: phone, handle: handle),
                complaint: code, about: .assigned, text: "有一件新的投诉,请于24小时内受理。「河水发黑」",
                bare: kind == .office ? nil : "有一件新的投诉,请于24小时内受理。",
                fields: kind == .office ? nil : fields, manner: manners[kind],
                question: questions[kind])
            add(
                .noticeRequests, key: handle.text, id: reference, source: "dayu-notification.addressing",
                type: EventType("notice", "requested"), trail: trail, request)
        }
        add(
            .noticeRequests, key: handle.text, id: "erased/\(reference)/\(now)", source: "dayu",
            type: EventType("notice", "withdrawn"), subject: code.compact, trail: Trail(at: now),
            NoticeWithdrawal(reference: reference, handle: handle, complaint: code))
        for isOver in [false, true] {
            add(
                .noticeRequests, key: handle.text, id: "\(code.compact).4/chief/chief-liuxia/settled",
                source: "dayu-notification.addressing", type: NoticeSettlement.type, trail: trail,
                NoticeSettlement(
                    handle: handle, complaint: code, by: chief, fact: "\(code.compact).4", isOver: isOver))
        }
        let urgent = NoticeRequest(
            reference: reference,
            recipient: Recipient(kind: .chief, id: "chief-liuxia", phone: phone, handle: handle),
            complaint: code, about: .warned, text: "即将超期。", fields: bareFields, isUrgent: true)
        add(
            .noticeRequests, key: handle.text, id: reference, source: "dayu-notification.addressing",
            type: EventType("notice", "requested"), trail: trail, urgent)
        let attempt = NoticeEvent.Attempt(reference: reference, attempt: 1)
        let asked = NoticeEvent.Attempt(
            reference: reference, attempt: 1, gateway: "kannel-1", mayArriveUntil: later, reportBy: later)
        let recipients: [Recipient.Kind?] = [nil, .chief]
        var events = recipients.map { kind in
            NoticeEvent.attempted(
                .init(reference: reference, attempt: 1, about: .assigned, complaint: code, recipient: kind))
        }
        events += [
            .grouped(
                .init(
                    reference: reference, into: "\(code.compact).3/chief/chief-liuxia", about: .assigned,
                    complaint: code, recipient: .chief)),
            .deferred(.init(reference: reference, attempt: 0, until: later, reason: "limit of this number")),
            .taken(attempt), .taken(asked), .unanswered(attempt), .unknown(attempt),
            .deferred(
                .init(
                    reference: reference, attempt: 1, until: later, reason: "no answer", returned: true,
                    gateway: "kannel-1", mayArriveUntil: later)),
            .deferred(.init(reference: reference, attempt: 1, until: later, reason: "busy")),
            .deferred(
                .init(
                    reference: reference, attempt: 1, until: later, reason: "MOBILE_IN_BLACK", returned: true,
                    declinedBy: "aliyun-1")),
            .deferred(.init(reference: reference, attempt: 1, until: later, reason: nil)),
            .deferred(
                .init(reference: reference, attempt: 1, until: later, reason: "disk full", unsent: true)),
            .accepted(.init(reference: reference, attempt: 1, gatewayReference: "g-1")),
            .accepted(.init(reference: reference, attempt: 1, gatewayReference: nil)), .delivered(attempt),
        ]
        for why in NoticeEvent.Failed.Why.allCases {
            events.append(.failed(.init(reference: reference, attempt: 0, why: why)))
            events.append(
                .failed(.init(reference: reference, attempt: 1, why: why, reason: "no such number")))
        }
        for event in events {
            let cloudEvent = CloudEvent(
                id: "\(reference)/\(event.attempt)/\(event.kind.rawValue)",
                source: "dayu-notification.dispatch",
                type: EventType("notice", event.kind.rawValue).description, subject: handle.text,
                trail: Trail(at: now, cause: reference, traceparent: traceparent), data: event.data)
            let outgoing = Outgoing(topic: .noticeEvents, key: handle.text, event: cloudEvent)
            samples.append(Sample(outgoing: outgoing, value: Mirror(reflecting: event).children.first?.value))
        }
        let job = SMSJob(
            reference: reference, attempt: 1, handle: handle, phone: phone, text: "有一件新的投诉。",
            expiresAt: later, about: .assigned, fields: fields,
            only: GatewayHold(gateway: "kannel-1", until: later), quietFrom: later)
        add(
            .jobs, key: handle.text, id: "\(reference)/1", source: "dayu-notification.dispatch",
            type: EventType("sms", "job"), trail: Trail(at: now, cause: reference), job)
        let urgentJob = SMSJob(
            reference: reference, attempt: 1, handle: handle, phone: phone, text: "即将超期。",
            expiresAt: later, isUrgent: true)
        add(
            .urgentJobs, key: handle.text, id: "\(reference)/1", source: "dayu-notification.dispatch",
            type: EventType("sms", "job"), trail: Trail(at: now, cause: reference), urgentJob)
        add(
            .jobWithdrawals, key: handle.text, id: "\(reference)/1/withdrawn",
            source: "dayu-notification.dispatch", type: JobWithdrawal.type,
            trail: Trail(at: now, cause: reference, traceparent: traceparent),
            JobWithdrawal(handle: handle, reference: reference, attempt: 1))
        let confirmed = NumberConfirmed(handle: handle)
        add(
            .messages, key: handle.text, id: "number/\(handle.text)", source: "dayu-intake",
            type: NumberConfirmed.type, trail: Trail(at: now, traceparent: traceparent), confirmed)
        let gateway = GatewayID(literal: "sms-centre")
        for message in [
            PhoneMessage(handle: handle, gateway: gateway, id: "mo-1", text: "1", receivedAt: now),
            PhoneMessage(handle: handle, gateway: gateway, id: "mo-2", text: "TD"),
        ] {
            add(
                .messages, key: handle.text, id: "message/sms-centre/\(message.id)", source: "dayu-intake",
                type: PhoneMessage.type, trail: Trail(at: now, traceparent: traceparent), message)
        }
        add(
            .noticeEvents, key: handle.text, id: "\(handle.text)/confirmed",
            source: "dayu-notification.dispatch", type: NumberConfirmed.type,
            trail: Trail(at: now, cause: "dayu-intake/number/\(handle.text)", traceparent: traceparent),
            confirmed)
        for answer in [
            PhoneAnswer(
                handle: handle, message: "sms-centre/mo-1", outcome: .acted, complaint: code,
                action: .accept),
            PhoneAnswer(handle: handle, message: "sms-centre/mo-2", outcome: .stopped),
            PhoneAnswer(
                handle: handle, message: "\(code.compact).4/chief/chief-liuxia", outcome: .settled,
                complaint: code, action: .accept, by: chief),
        ] {
            add(
                .noticeEvents, key: handle.text, id: "answer/\(answer.message)",
                source: "dayu-notification.dispatch", type: PhoneAnswer.type,
                trail: Trail(
                    at: now, cause: "dayu-intake/message/\(answer.message)", traceparent: traceparent),
                answer)
        }
        let receipts = SMSReceipt.Outcome.allCases.flatMap { outcome in
            [
                SMSReceipt(
                    job, outcome, gatewayReference: "g-1", reason: "busy", gateway: "kannel-1",
                    mayArriveUntil: later, reportBy: later), SMSReceipt(job, outcome),
            ]
        }
        // With what came later, so that the earlier samples stay as they were recorded.
        let declined = SMSReceipt(
            handle: handle, reference: reference, attempt: 1, outcome: .returned, reason: "MOBILE_IN_BLACK",
            gateway: "aliyun-1", isDeclined: true)
        let elsewhere = SMSJob(
            reference: reference, attempt: 2, handle: handle, phone: phone, text: "有一件新的投诉。",
            expiresAt: later, about: .assigned, fields: fields, declinedBy: ["aliyun-1"])
        add(
            .jobs, key: handle.text, id: "\(reference)/2", source: "dayu-notification.dispatch",
            type: EventType("sms", "job"), trail: Trail(at: now, cause: reference), elsewhere)
        for receipt in receipts + [declined] {
            add(
                .receipts, key: handle.text, id: "\(reference)/1/\(receipt.outcome.rawValue)",
                source: "dayu-notification.pusher", type: EventType("sms", "receipt"),
                trail: Trail(at: now, cause: "\(reference)/1"), receipt)
        }
    }

    private mutating func addIndicators() {
        var tally = Tally()
        (tally.received, tally.open, tally.overdue, tally.accepted) = (12, 3, 1, 11)
        (tally.secondsToAccept, tally.resolved, tally.secondsToResolve) = (36_000, 9, 864_000)
        (tally.rated, tally.satisfied, tally.escalated, tally.supervised, tally.reopened) = (8, 7, 2, 1, 1)
        (tally.acceptedOnTime, tally.resolvedOnTime, tally.unanswered) = (10, 8, 1)
        (tally.verySatisfied, tally.neutral) = (4, 1)
        tally.timesToAccept = DurationSketch([1800, 3600, 3600])
        tally.timesToResolve = DurationSketch([86_400, 172_800])
        guard let day = Day("2026-11-05") else { preconditionFailure("a day") }
        for kind in Models.Scope.Kind.allCases {
            let indicator = Indicator(
                scope: Models.Scope(kind: kind, id: kind == .city ? "all" : "xihu"), period: day,
                partition: 3, tally: kind == .reach ? Tally() : tally)
            add(
                .indicators, key: indicator.key, id: "\(indicator.key)/17",
                source: "dayu-analytics.counting", type: EventType("indicator", "counted"),
                trail: Trail(at: now), indicator)
        }
    }

    private mutating func addPublications() {
        guard let month = Month("2026-10") else { preconditionFailure("a month") }
        for verdict in Publication.Verdict.allCases {
            let publication = Publication(
                .bulletin, month, verdict, by: Actor(role: .office, id: "hangzhou"),
                gateway: verdict == .released ? GatewayID(literal: "hotline") : nil, at: now,
                fingerprint: "00112233445566778899aabbccddeeff")
            add(
                .publications, key: publication.key, id: "\(publication.key)/\(now)", source: "dayu-intake",
                type: Publication.type, trail: Trail(at: now, traceparent: traceparent), publication)
        }
    }

    private mutating func addSources() {
        let source = SourceID(literal: "centre")
        let digest = "00112233445566778899aabbccddeeff"
        for outcome in SourceStanding.Outcome.allCases {
            var full = SourceStanding(
                source, row: digest, askedAt: now, nextAt: later, outcome: outcome, failures: 2)
            let bare = full
            (full.status, full.reason, full.failingSince) = (200, "answers 500", now)
            (full.answeredAt, full.broughtAt, full.brought, full.observedAt) = (now, now, 3, now)
            (full.entityTag, full.lastModified) = ("\"7\"", "Mon, 23 Nov 2026 05:41:35 GMT")
            full.document = digest
            for standing in [full, bare] {
                add(
                    .sources, key: source.rawValue, id: "centre/\(now)", source: "dayu-intake.sources",
                    type: SourceStanding.type, trail: Trail(at: now), standing)
            }
        }
        add(
            .sources, key: SeenReadings.key(of: source), id: "centre/\(now)/seen",
            source: "dayu-intake.sources", type: SeenReadings.type, subject: source.rawValue,
            trail: Trail(at: now),
            SeenReadings(source: source, readings: "AAECAwQFBgcICQoLDA0ODw=="))
    }

    // MARK: The registry

    private mutating func addRegistry() {
        for entity in SampleRegistry().entities {
            let event = CloudEvent(
                id: "\(entity.key)@\(now)", source: "dayu",
                type: EventType("registry", entity.kind.rawValue).description,
                subject: entity.key.description, trail: Trail(at: now), data: entity.data)
            let outgoing = Outgoing(topic: .registry, key: entity.key.description, event: event)
            samples.append(
                Sample(outgoing: outgoing, value: Mirror(reflecting: entity).children.first?.value))
        }
        add(
            .registry, key: "river/old", id: "river/old@\(now)", source: "dayu",
            type: EventType("registry", "river"), trail: Trail(at: now), String?.none)
        add(
            .registry, key: RegistryRenewal.key, id: "\(RegistryRenewal.key)@\(now)", source: "dayu",
            type: RegistryRenewal.type, trail: Trail(at: now), RegistryRenewal(start: 40))
    }

    // MARK: What gateways write

    private mutating func addGateways() {
        let office = #""by":{"role":"office","id":"xihu"}"#
        func action(_ verb: String, _ fields: String) -> (String, String) {
            ("action", #"{"complaint":"\#(code.compact)","action":"\#(verb)",\#(office)\#(fields)}"#)
        }
        let place = #"{"longitude":120.1551,"latitude":30.2741}"#
        let texts = [
            (
                "complaint",
                #"{"category":"odour","text":"臭","media":["https://media.example/1.jpg"],"address":"桥下","#
                    + #""place":{"longitude":120.1551,"latitude":30.2741,"datum":"wgs84"},"#
                    + #""river":"yuhang-canal","reach":"yuhang-canal-3","anonymous":true,"#
                    + #""idempotencyKey":"2026-11-23/0001","contact":{"name":"王某","phone":"000 0000 0701"}}"#
            ),
            ("complaint", #"{"category":"odour","text":"臭","river":"yuhang-canal"}"#),
            ("complaint", #"{"category":"odour","text":"臭","place":\#(place),"contact":{"name":"王某"}}"#),
            ("complaint", #"{"category":"odour","text":"臭","place":\#(place),"contact":{"phone":"12345"}}"#),
            action("note", #","public":false,"text":"已转","media":[],"idempotencyKey":"a-1""#),
            action("accept", ""), action("transfer", #","to":{"department":"ecology"},"text":"非本河段""#),
            action("verify", #","passed":true,"text":"属实""#), action("rate", #","grade":"satisfied""#),
            action("reject", #","reason":"not-water","text":"噪声""#),
            action("merge", #","into":"\#(other.compact)""#),
            action(
                "edit",
                #","category":"odour","place":\#(place),"river":"yuhang-canal","reach":"yuhang-canal-3","#
                    + #""text":"位置更正""#),
            action("withhold", #","passage":{"version":1,"part":"picture-2"},"reason":"personal-data""#),
            action("release", #","passage":{"version":1,"part":"all"}"#),
            action("extend", #","until":"2026-12-01T00:00:00Z","text":"汛期""#),
            (
                "readings",
                #"{"readings":[{"section":"jiekou","observedAt":"2026-11-23T05:41:35Z","#
                    + #""values":{"w01001":7.1},"source":"市站"},{"section":"jiekou","#
                    + #""observedAt":"2026-11-23T04:41:35Z","values":{}}]}"#
            ),
            (
                "readings",
                #"{"readings":[{"section":"jiekou","observedAt":"2026-11-23T05:00:00Z","period":"hour","#
                    + #""origin":"manual","status":"valid","class":"II","measurements":{"#
                    + #""w21003":{"value":25,"unit":"μg/L","flag":"valid","written":"25.0","#
                    + #""status":"provisional","sampledAt":"2026-11-23T04:10:00Z"},"#
                    + #""w21011":{"below":0.01},"w01009":{"withdrawn":true}}}]}"#
            ),
            (
                "reviews",
                #"{"office":"xihu","reviews":[{"section":"jiekou","observedAt":"2026-11-23T05:00:00Z","#
                    + #""period":"hour","origin":"automatic","parameters":["w21003"],"verdict":"valid","#
                    + #""receivedAt":"2026-11-23T05:41:35Z"},{"section":"jiekou","#
                    + #""observedAt":"2026-11-23T04:00:00Z","verdict":"withdrawn"}]}"#
            ),
        ]
        for (index, (kind, text)) in texts.enumerated() {
            // A gateway leaves out what it does not know: its records have neither subject nor trace.
            let event = CloudEvent(
                id: "\(index)", source: "https://hotline.example",
                type: EventType("gateway", kind).description, trail: Trail(at: now), data: Array(text.utf8))
            let topic = Topic.gateway(GatewayID(literal: "hotline"))
            samples.append(Sample(outgoing: Outgoing(topic: topic, key: "any", event: event), value: nil))
        }
    }

    // MARK: Dead letters

    private mutating func addDeadLetters() {
        let topics: [Topic] = [.actions, .contacts, .gateway(GatewayID(literal: "hotline"))]
        for topic in topics {
            for (key, value) in [("k", "not JSON"), (nil, nil)] as [(String?, String?)] {
                let record = Record(
                    topic: topic, partition: 2, offset: 17, timestamp: now, key: key.map { Array($0.utf8) },
                    value: value.map { Array($0.utf8) },
                    headers: key == nil ? [] : [Record.Header(name: "ce_id", value: [1])])
                let letter = DeadLetter(
                    record, reason: "is not JSON at byte 0", refusedBy: "dayu-routing", at: now)
                let trail = Trail(at: now, traceparent: key == nil ? nil : traceparent)
                samples.append(Sample(outgoing: letter.outgoing(trail), value: letter))
            }
            let origin = DeadLetter.Origin(topic: topic, partition: 2, offset: 17)
            for records in [5, nil] as [Int64?] {
                let letter = DeadLetter(
                    DeadLetter.Lost(records: records), from: origin,
                    reason: "were lost before they were read",
                    reader: "dayu-routing", at: now)
                samples.append(Sample(outgoing: letter.outgoing(), value: letter))
            }
            let replay = DeadLetters.Replay(
                origin: origin, by: "dayu", at: now,
                to: DeadLetter.Origin(topic: topic, partition: 2, offset: 90))
            samples.append(Sample(outgoing: DeadLetters.record(of: replay), value: replay))
            let dismissal = DeadLetters.Dismissal(origin: origin, by: "dayu", at: now, reason: "a test")
            samples.append(Sample(outgoing: DeadLetters.record(of: dismissal), value: dismissal))
        }
    }
}
