import Models
import Testing

@testable import Analytics

/// What one complaint adds, step by step through its life.
@Suite struct CountedComplaintTests {
    private let town: RegionID
    private let reach: ReachID
    private let received: Instant

    init() throws {
        town = try id("town-1")
        reach = try id("reach-1")
        received = try #require(Instant(rfc3339: "2026-11-10T08:00:00+08:00"))
    }

    private func given(_ receivedAt: Instant? = nil, _ live: (inout Life) -> Void) throws -> [Scope: Tally] {
        var life = try Life(1, receivedAt: receivedAt ?? received)
        live(&life)
        let complaint = try life.facts.reduce(nil) { try CountedComplaint.evolve($0, $1, in: Place.city) }
        return try #require(complaint).share
    }

    private static func tally(_ set: (inout Tally) -> Void) -> Tally {
        var tally = Tally()
        set(&tally)
        return tally
    }

    private func chief(_ id: String) -> Scope { Scope(kind: .chief, id: id) }

    @Test func receivedCountsForTheCity() throws {
        #expect(
            try given { _ in } == [
                .city: Self.tally {
                    $0.received = 1
                    $0.open = 1
                }
            ])
    }

    @Test func assignedCountsForEveryScope() throws {
        let share = try given { $0.assign(.chief("c-1"), region: town, reach: reach) }
        let open = Self.tally {
            $0.received = 1
            $0.open = 1
        }
        let scopes: [Scope] = [
            .city, Scope(kind: .region, id: "town-1"), Scope(kind: .region, id: "district-1"),
            Scope(kind: .region, id: "city"), Scope(kind: .reach, id: "reach-1"), chief("c-1"),
        ]
        #expect(share == Dictionary(uniqueKeysWithValues: scopes.map { ($0, open) }))
    }

    @Test func anOfficeIsNoChief() throws {
        let share = try given { life in
            life.assign(.office("town-1"), region: town)
            life.accept(.office("town-1"))
        }
        #expect(Set(share.keys.map(\.kind)) == [.city, .region])
        #expect(share[.city]?.accepted == 1)
    }

    @Test func timesRunFromReceptionForTheCityAndFromAssignmentForTheChief() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town, after: .seconds(10))
            life.escalate(.chief("c-1"), to: .chief("c-2"), after: .seconds(3600))
            life.assign(.chief("c-2"), region: town, why: .escalated, after: .zero)
            life.accept(.chief("c-2"), after: .seconds(100))
            life.resolve(.chief("c-2"), after: .seconds(1000))
        }
        #expect(
            share[.city]
                == Self.tally {
                    $0.received = 1
                    $0.accepted = 1
                    $0.secondsToAccept = 3710
                    $0.timesToAccept = DurationSketch([3710])
                    $0.resolved = 1
                    $0.resolvedOnTime = 1
                    $0.secondsToResolve = 4710
                    $0.timesToResolve = DurationSketch([4710])
                    $0.escalated = 1
                })
        #expect(
            share[chief("c-2")]
                == Self.tally {
                    $0.received = 1
                    $0.accepted = 1
                    $0.acceptedOnTime = 1
                    $0.secondsToAccept = 100
                    $0.timesToAccept = DurationSketch([100])
                    $0.resolved = 1
                    $0.resolvedOnTime = 1
                    $0.secondsToResolve = 1100
                    $0.timesToResolve = DurationSketch([1100])
                })
        #expect(
            share[chief("c-1")]
                == Self.tally {
                    $0.received = 1
                    $0.escalated = 1
                    $0.unanswered = 1
                })
    }

    @Test func neverAnsweredIsCountedForWhomItWasAndStays() throws {
        let waiting = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.lapse(.chief("c-1"))
        }
        #expect(waiting[.city]?.unanswered == 1 && waiting[chief("c-1")]?.unanswered == 1)
        let late = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.lapse(.chief("c-1"))
            life.accept(.chief("c-1"))
        }
        for scope in [Scope.city, chief("c-1")] {
            #expect(late[scope]?.unanswered == 0 && late[scope]?.accepted == 1)
            #expect(late[scope]?.acceptedOnTime == 0, "it was too late")
        }
        let other = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.escalate(.chief("c-1"), to: .chief("c-2"))
            life.assign(.chief("c-2"), region: town, why: .escalated)
            life.accept(.chief("c-2"))
            life.resolve(.chief("c-2"))
        }
        #expect(other[.city]?.unanswered == 0 && other[.city]?.acceptedOnTime == 0)
        #expect(other[chief("c-1")]?.unanswered == 1, "that somebody else answered changes nothing")
        #expect(other[chief("c-2")]?.acceptedOnTime == 1)
        let rejected = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.lapse(.chief("c-1"))
            life.add(.rejected(.init(by: .office("city"), reason: .outsideJurisdiction)))
        }
        #expect(rejected[.city]?.unanswered == 0, "an office answered")
    }

    @Test func onTimeIsCountedFromTheLastReopening() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.accept(.chief("c-1"))
            life.lapse(.chief("c-1"), deadline: .resolve)
            life.resolve(.chief("c-1"))
        }
        #expect(share[.city]?.resolvedOnTime == 0 && share[.city]?.acceptedOnTime == 1)
        let again = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.accept(.chief("c-1"))
            life.lapse(.chief("c-1"), deadline: .resolve)
            life.resolve(.chief("c-1"))
            life.reopen()
            life.assign(.chief("c-1"), region: town, why: .reopened)
            life.resolve(.chief("c-1"))
        }
        #expect(again[.city]?.resolvedOnTime == 1 && again[chief("c-1")]?.resolvedOnTime == 1)
    }

    @Test(arguments: Grade.allCases)
    func eachGradeIsCounted(_ grade: Grade) throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.resolve(.chief("c-1"))
            life.rate(grade)
        }
        let city = try #require(share[.city])
        #expect(city.rated == 1 && share[chief("c-1")]?.rated == 1)
        #expect(city.verySatisfied == (grade == .verySatisfied ? 1 : 0))
        #expect(city.satisfied == (grade.isSatisfied ? 1 : 0))
        #expect(city.neutral == (grade == .neutral ? 1 : 0))
        #expect(city.dissatisfied == (grade == .dissatisfied ? 1 : 0))
    }

    @Test func aPassedDeadlineStaysWithWhoeverHasItNow() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.escalate(.chief("c-1"), to: .chief("c-2"))
            life.assign(.chief("c-2"), region: town, why: .escalated)
        }
        #expect(share[.city]?.overdue == 1)
        #expect(share[chief("c-2")]?.overdue == 1)
        #expect(share[chief("c-1")]?.overdue == 0)
        #expect(share[chief("c-1")]?.open == 0)
    }

    @Test func whatIsOverdueAtTheTopStays() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.lapse(.chief("c-1"))
        }
        #expect(share[chief("c-1")]?.overdue == 1)
        let resolved = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.lapse(.chief("c-1"))
            life.resolve(.chief("c-1"))
        }
        #expect(resolved[.city]?.overdue == 0)
    }

    @Test func aDeadlineThatLapsedAtTheTopIsTheHoldersAsAnEscalatedOneIs() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.escalate(.chief("c-1"), to: .chief("c-2"))
            life.assign(.chief("c-2"), region: town, why: .escalated)
            life.lapse(.chief("c-2"))
        }
        #expect(share[.city]?.escalated == 2)
        #expect(share[chief("c-1")]?.escalated == 1 && share[chief("c-2")]?.escalated == 1)
        #expect(share[chief("c-2")]?.overdue == 1)
    }

    @Test func whatCameBackIsOpenBeforeItIsAssignedAgain() throws {
        for end in [ComplaintEvent.reopened(.init(by: .citizen, why: .asked)), .parted(.init(why: .full))] {
            let share = try given { life in
                life.assign(.chief("c-1"), region: town)
                life.close(.office)
                life.add(end)
            }
            #expect(share[.city]?.open == 1 && share[chief("c-1")]?.open == 1)
        }
    }

    @Test func aSuperiorMayActForTheOneItWasAssignedTo() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.accept(.chief("c-9"), after: .seconds(30))
        }
        #expect(share[chief("c-1")]?.accepted == 0)
        #expect(share[chief("c-1")]?.open == 1)
        #expect(
            share[chief("c-9")]
                == Self.tally {
                    $0.accepted = 1
                    $0.acceptedOnTime = 1
                    $0.secondsToAccept = 30
                    $0.timesToAccept = DurationSketch([30])
                })
    }

    @Test func reopeningTakesTheResolutionBackAndKeepsTheRating() throws {
        let dissatisfied = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.accept(.chief("c-1"))
            life.resolve(.chief("c-1"))
            life.rate(.dissatisfied)
            life.reopen()
            life.assign(.chief("c-1"), region: town, why: .reopened)
        }
        for scope in [Scope.city, chief("c-1")] {
            #expect(dissatisfied[scope]?.resolved == 0)
            #expect(dissatisfied[scope]?.secondsToResolve == 0)
            #expect(dissatisfied[scope]?.rated == 1)
            #expect(dissatisfied[scope]?.satisfied == 0)
            #expect(dissatisfied[scope]?.open == 1)
            #expect(dissatisfied[scope]?.accepted == 1)
            #expect(dissatisfied[scope]?.received == 1)
        }
    }

    @Test func theLastRatingCountsForTheOneWhoResolved() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.resolve(.chief("c-1"))
            life.rate(.dissatisfied)
            life.reopen()
            life.assign(.chief("c-2"), region: town, why: .reopened)
            life.resolve(.chief("c-2"))
            life.rate(.verySatisfied)
            life.close(.rated)
        }
        #expect(share[.city]?.rated == 1)
        #expect(share[.city]?.satisfied == 1)
        #expect(share[.city]?.resolved == 1)
        #expect(
            share[chief("c-1")]
                == Self.tally {
                    $0.received = 1
                    $0.reopened = 1
                })
        #expect(share[chief("c-2")]?.satisfied == 1)
    }

    @Test func whatIsBeingCheckedIsOpenAndCountsOnceItWasFound() throws {
        for isChecked in [true, false] {
            let reported = { (life: inout Life) in
                life.assign(.chief("c-1"), region: self.town)
                life.resolve(.chief("c-1"), checker: .sewers, after: .seconds(100))
            }
            let before = try given(nil, reported)
            for scope in [Scope.city, chief("c-1")] {
                #expect(before[scope]?.open == 1 && before[scope]?.resolved == 0)
                #expect(before[scope]?.secondsToResolve == 0)
            }
            let after = try given { life in
                reported(&life)
                if isChecked {
                    life.verify(passed: true, after: .seconds(50_000))
                } else {
                    life.leaveUnchecked(after: .seconds(50_000))
                }
            }
            for (scope, seconds) in [(Scope.city, Int64(160)), (chief("c-1"), 100)] {
                #expect(after[scope]?.open == 0 && after[scope]?.resolved == 1)
                #expect(after[scope]?.secondsToResolve == seconds, "the checker's time is not the chief's")
            }
        }
    }

    @Test func whatWasFoundNotResolvedIsOpen() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.resolve(.chief("c-1"), checker: .sewers)
            life.verify(passed: false)
            life.assign(.chief("c-2"), region: town, why: .unverified)
        }
        #expect(share[.city]?.open == 1 && share[.city]?.resolved == 0)
        #expect(share[chief("c-1")] == Self.tally { $0.received = 1 })
        #expect(share[chief("c-2")]?.open == 1)
    }

    @Test func whatAnOfficeClosedUncheckedWasNotResolved() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.resolve(.chief("c-1"), checker: .sewers)
            life.close(.office)
        }
        #expect(share[.city] == Self.tally { $0.received = 1 })
    }

    @Test func aDepartmentHasFiguresOfItsOwn() throws {
        let share = try given { life in
            life.assign(.sewers, region: town, reach: reach, why: .responsible)
            life.accept(Actor(role: .department, id: "sewers"))
            life.escalate(.sewers, to: .office("town-1"))
        }
        #expect(Set(share.keys.map(\.kind)) == [.city, .region, .reach, .department])
        #expect(share[.city]?.accepted == 1 && share[.city]?.escalated == 1)
        let own = try #require(share[Scope(kind: .department, id: "sewers")])
        #expect(own.received == 1 && own.accepted == 1 && own.escalated == 1 && own.unanswered == 0)
    }

    @Test func aCorrectionMovesItToAnotherReachAndRegion() throws {
        let other: RegionID = try id("town-3")
        let share = try given { life in
            life.assign(.chief("c-1"), region: town, reach: reach)
            life.add(.edited(.init(by: .office("city"), correction: .init())))
            life.assign(.chief("c-2"), region: other, reach: try? id("reach-2"), why: .edited)
        }
        let scopes: Set = [
            Scope.city, Scope(kind: .region, id: "town-3"), Scope(kind: .region, id: "district-2"),
            Scope(kind: .region, id: "city"), Scope(kind: .reach, id: "reach-2"), chief("c-1"), chief("c-2"),
        ]
        #expect(Set(share.keys) == scopes)
        #expect(share[chief("c-1")]?.open == 0 && share[chief("c-2")]?.open == 1)
    }

    @Test func whatIsMergedIsNotOpenUntilItParts() throws {
        let merged = { (life: inout Life) in
            life.assign(.chief("c-1"), region: self.town)
            life.merge()
        }
        let share = try given(nil, merged)
        #expect(share[.city] == Self.tally { $0.received = 1 } && share[chief("c-1")]?.open == 0)
        let parted = try given { life in
            merged(&life)
            life.add(.parted(.init(why: .closed)))
            life.assign(.chief("c-1"), region: town, why: .parted)
        }
        #expect(parted[.city]?.open == 1 && parted[chief("c-1")]?.open == 1)
    }

    @Test func whatSupervisorsAskFor() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.escalate(.chief("c-1"), to: .chief("c-2"))
            life.assign(.chief("c-2"), region: town, why: .escalated)
            life.escalate(.chief("c-2"), to: .office("city"))
            life.assign(.office("city"), region: town, why: .escalated)
            life.supervise(.chief("c-2"))
            life.lapse(.office("city"), deadline: .resolve)
            life.supervise(.office("city"), order: 2)
            life.resolve(.chief("c-1"))
            life.rate(.dissatisfied)
            life.reopen()
            life.assign(.chief("c-1"), region: town, why: .reopened)
        }
        let whole = try #require(share[.city])
        #expect(whole.escalated == 3 && whole.supervised == 2 && whole.reopened == 1)
        let (first, second) = (try #require(share[chief("c-1")]), try #require(share[chief("c-2")]))
        #expect(first.escalated == 1 && first.supervised == 0 && first.reopened == 1)
        #expect(second.escalated == 1 && second.supervised == 1 && second.reopened == 0)
    }

    @Test func aCheckersDelayIsNotTheComplaints() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.resolve(.chief("c-1"), checker: .sewers)
            life.leaveUnchecked()
            life.reopen(.asked)
        }
        #expect(share[.city]?.open == 1)
        #expect(share[.city]?.overdue == 0 && share[.city]?.escalated == 0)
    }

    @Test func moreTimeForgivesNoDeadlineThatHasPassed() throws {
        let share = try given { life in
            life.assign(.chief("c-1"), region: town)
            life.lapse(.chief("c-1"), deadline: .resolve)
            let until = life.clock + .seconds(86_400)
            life.add(.extended(.init(by: .office("city"), until: until)))
        }
        #expect(share[.city]?.overdue == 1)
    }

    @Test(arguments: [
        ("2026-10-31T23:59:59.999+08:00", "2026-10-31"), ("2026-11-01T00:00:00+08:00", "2026-11-01"),
        ("2026-10-31T16:00:00Z", "2026-11-01"),
    ])
    func theDayIsTheCitys(_ moment: String, _ day: String) throws {
        let life = try Life(1, receivedAt: try #require(Instant(rfc3339: moment)))
        #expect(try CountedComplaint.evolve(nil, life.facts[0], in: Place.city)?.period == day)
    }

    @Test func aFactIsTakenOnce() throws {
        var life = try Life(1, receivedAt: received)
        life.assign(.chief("c-1"), region: town)
        life.accept(.chief("c-1"))
        let once = try life.facts.reduce(nil) { try CountedComplaint.evolve($0, $1, in: Place.city) }
        let again = try life.facts.reduce(once) { try CountedComplaint.evolve($0, $1, in: Place.city) }
        #expect(once == again)
        #expect(try CountedComplaint.evolve(nil, life.facts[1], in: Place.city) == nil)
    }
}
