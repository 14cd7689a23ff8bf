import Foundation
import Geo
import Models
import Processing
import Support
import Testing

@testable import Analytics

/// The facts of one complaint in the making, as Routing writes them.
struct Life {
    let code: TrackingCode
    private(set) var facts: [ComplaintFact] = []
    private(set) var clock: Instant

    init(_ number: Int, receivedAt: Instant) throws {
        code = .named("\(number)")
        clock = receivedAt
        let submission = Submission(
            complaint: code, category: try #require(CategoryCode("odour")),
            place: Coordinate(longitude: 120.1, latitude: 30.2), channel: .web, submittedAt: receivedAt)
        add(.received(.init(submission: submission)), after: .zero)
    }

    mutating func add(_ event: ComplaintEvent, after delay: Duration = .seconds(60)) {
        clock = clock + delay
        facts.append(
            ComplaintFact(
                complaint: code, version: facts.count + 1,
                trail: Trail(at: clock, cause: "cause/\(facts.count)"), event: event))
    }

    mutating func assign(
        _ assignee: Assignee, region: RegionID, reach: ReachID? = nil,
        why: ComplaintEvent.Assigned.Why = .nearest,
        after delay: Duration = .seconds(60)
    ) {
        add(
            .assigned(
                .init(
                    assignee: assignee, river: nil, reach: reach, region: region, why: why,
                    distanceMetres: nil,
                    due: Due(accept: clock + .seconds(3600), resolve: clock + .seconds(86_400)))),
            after: delay)
    }

    mutating func accept(_ actor: Actor, after delay: Duration = .seconds(60)) {
        add(.accepted(.init(by: actor)), after: delay)
    }

    mutating func resolve(_ actor: Actor, checker: Assignee? = nil, after delay: Duration = .seconds(60)) {
        let closesAt = clock + .seconds(604_800)
        add(
            .resolved(.init(by: actor, closesAt: closesAt, checker: checker)), after: delay)
    }

    mutating func verify(passed: Bool, after delay: Duration = .seconds(60)) {
        let by = Actor(role: .checker, id: "sewers")
        let closesAt = passed ? clock + .seconds(604_800) : nil
        add(.verified(.init(by: by, passed: passed, closesAt: closesAt)), after: delay)
    }

    /// The checker says nothing in his time.
    mutating func leaveUnchecked(after delay: Duration = .seconds(60)) {
        let closesAt = clock + .seconds(604_800)
        add(
            .unchecked(.init(checker: .sewers, due: clock, superior: .office("city"), closesAt: closesAt)),
            after: delay)
    }

    mutating func supervise(_ over: Assignee, order: Int = 1, after delay: Duration = .zero) {
        let due = Due(accept: clock + .seconds(86_400), resolve: clock + .seconds(86_400))
        add(.supervised(.init(order: order, by: .office("city"), over: over, due: due)), after: delay)
    }

    mutating func rate(_ grade: Grade, after delay: Duration = .seconds(60)) {
        add(.rated(.init(grade: grade)), after: delay)
    }

    mutating func escalate(
        _ from: Assignee, to: Assignee, deadline: Deadline = .accept, after delay: Duration = .seconds(3600)
    ) {
        add(.escalated(.init(deadline: deadline, due: clock, from: from, to: to)), after: delay)
    }

    /// A deadline passes, and nobody stands above.
    mutating func lapse(
        _ assignee: Assignee, deadline: Deadline = .accept, after delay: Duration = .seconds(3600)
    ) {
        add(.lapsed(.init(deadline: deadline, due: clock, assignee: assignee)), after: delay)
    }

    mutating func reopen(_ why: ComplaintEvent.Reopened.Why = .rated, after delay: Duration = .seconds(60)) {
        add(.reopened(.init(by: .citizen, why: why)), after: delay)
    }

    mutating func merge(after delay: Duration = .seconds(60)) {
        add(.merged(.init(by: .office("city"), into: .named("other"))), after: delay)
    }

    mutating func close(_ reason: ComplaintEvent.Closed.Reason, after delay: Duration = .seconds(60)) {
        add(.closed(.init(by: .system, reason: reason)), after: delay)
    }
}

extension Assignee {
    static func chief(_ id: String) -> Assignee {
        Assignee(kind: .chief, id: id, name: Name(zh: "张三", en: "Zhang San"), level: .town)
    }

    static let sewers = Assignee(
        kind: .department, id: "sewers", name: Name(zh: "排水", en: "Sewers"), level: .district)

    static func office(_ region: String) -> Assignee {
        Assignee(kind: .office, id: region, name: Name(zh: "值班室", en: "Duty office"), level: .district)
    }
}

extension Actor {
    static func chief(_ id: String) -> Actor { Actor(role: .chief, id: id) }
    static func office(_ region: String) -> Actor { Actor(role: .office, id: region) }
}

/// A town with its district and its city, and another town.
enum Place {
    static let above = ["town-1": "district-1", "town-2": "district-1", "town-3": "district-2"]

    static var city: City {
        City(utcOffset: .seconds(8 * 3600)) { region in
            guard let district = above[region.rawValue] else { return [region] }
            return [region] + [district, "city"].compactMap { RegionID($0) }
        }
    }
}
