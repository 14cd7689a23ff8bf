import Geo
import Models
import Testing

@testable import Routing

@Suite("A submission goes to the one who answers for the water")
struct AssignmentTests {
    private func assigned(
        _ submission: Submission, _ registry: Registry = City.registry(), rules: Rules = Rules()
    ) throws -> ComplaintEvent.Assigned {
        var story = Story(registry, rules: rules)
        #expect(try story.submit(submission).kinds == [.received, .assigned])
        return try #require(story.facts.map(\.event).assigned)
    }

    @Test("the lowest chief of the nearest reach, with the deadlines of the category")
    func nearest() throws {
        let assigned = try assigned(Story.submission())
        #expect(assigned.assignee.kind == .chief && assigned.assignee.id == "village")
        #expect(assigned.reach == City.id("canal-1") && assigned.river == City.id("canal"))
        #expect(assigned.region == City.id("district") && assigned.why == .nearest)
        #expect(assigned.due.is(accept: Story.start + .hours(4), resolve: Story.start + .hours(48)))
        let distance = try #require(assigned.distanceMetres)
        #expect(abs(distance - 22) <= 1, "0.0002 degrees of latitude are 22 metres, not \(distance)")
    }

    @Test("the events carry what a reader needs: versions from 1, the cause, the trace")
    func envelope() throws {
        var story = Story()
        try story.submit()
        #expect(story.facts.map(\.version) == [1, 2])
        #expect(Set(story.facts.map(\.cause)).count == 1 && story.facts[0].cause.contains("submission"))
        #expect(
            story.facts.allSatisfy {
                $0.trail.traceparent?.hasPrefix("00-0af7") == true && $0.at == Story.start
            })
        try story.wait(.hours(5))
        #expect(
            story.facts.last?.trail.traceparent?.hasPrefix("00-0af7") == true,
            "the trace goes on through an alarm")
    }

    @Test("what an enterprise discharges goes to the department that the submission names")
    func responsible() throws {
        let department = Department(
            id: City.id("ecology"), name: City.name("ecology"), region: City.id("district"),
            phone: "+86 000 0000 6100")
        func submission(at place: Coordinate) -> Submission {
            Submission(
                complaint: Story.id, category: City.id("odour"), place: place, region: City.id("district"),
                responsible: department.id, channel: .station, words: Outline(text: true),
                submittedAt: Story.start)
        }
        let registry = City.registry(with: [.department(department)])
        let near = try assigned(submission(at: City.atCanal), registry)
        #expect(near.assignee.kind == .department && near.assignee.id == "ecology")
        #expect(near.why == .responsible && near.reach == City.id("canal-1"))
        // An outfall belongs to its region wherever it is.
        let far = try assigned(submission(at: City.place(10, 10)), registry)
        #expect(far.assignee.id == "ecology" && far.region == City.id("district") && far.reach == nil)
        // A department that nobody can reach leaves it to the chief.
        let mute = City.registry(with: [
            .department(Department(id: department.id, name: department.name, region: department.region))
        ])
        #expect(try assigned(submission(at: City.atCanal), mute).assignee.id == "village")
    }

    @Test("under another category, that category says who answers")
    func corrected() {
        let matter = Matter(
            Submission(
                complaint: Story.id, category: City.id("odour"), place: City.atCanal,
                responsible: City.id("ecology"), channel: .station, submittedAt: Story.start))
        #expect(matter.corrected(by: Correction(category: City.id("oil"))).responsible == nil)
        #expect(matter.corrected(by: Correction(place: City.atCanal)).responsible == City.id("ecology"))
    }

    @Test("a chief without a phone passes it to the one above him")
    func noPhone() throws {
        let assigned = try assigned(Story.submission(at: City.place(120.12, 30.2601)))
        #expect(assigned.reach == City.id("canal-2") && assigned.assignee.id == "district")
    }

    @Test("where nobody above the first chief can be reached, the next chief of the reach")
    func nextChief() throws {
        let registry = City.registry(with: [
            City.chief("lonely", .village, above: "ghost", phone: nil),
            City.reach("canal-1", of: "canal", at: 30.250, chiefs: ["ghost", "lonely", "village"]),
        ])
        #expect(try assigned(Story.submission(), registry).assignee.id == "village")
    }

    @Test("a reach without any chief who can be reached goes to the office of its region")
    func noChief() throws {
        let registry = City.registry(with: [City.reach("canal-1", of: "canal", at: 30.250, chiefs: ["ghost"])]
        )
        let assigned = try assigned(Story.submission(), registry)
        #expect(
            assigned.assignee.kind == .office && assigned.assignee.id == "district"
                && assigned.why == .noChief)
        #expect(assigned.reach == City.id("canal-1"))
    }

    @Test("a reach that the citizen picked, even if another is nearer")
    func picked() throws {
        let assigned = try assigned(Story.submission(reach: "brook-1"))
        #expect(assigned.reach == City.id("brook-1") && assigned.why == .picked)
    }

    @Test(
        "a picked reach that is absurdly far, or unknown, is passed over for the nearest",
        arguments: ["far", "gone"])
    func pickedTooFar(_ reach: String) throws {
        let registry = City.registry(with: [City.reach("far", of: "canal", at: 31.5, chiefs: ["district"])])
        let assigned = try assigned(Story.submission(reach: reach), registry)
        #expect(assigned.reach == City.id("canal-1") && assigned.why == .nearest)
    }

    @Test("the river he named, though another river is nearer")
    func river() throws {
        let place = City.besideBrook
        #expect(try assigned(Story.submission(at: place)).reach == City.id("brook-1"))
        #expect(try assigned(Story.submission(at: place, river: "canal")).reach == City.id("canal-1"))
        #expect(try assigned(Story.submission(at: place, river: "unknown")).reach == City.id("brook-1"))
    }

    @Test("of two reaches as near, the one of the lower level, then the first by name")
    func ties() throws {
        let place = City.place(120.12, 30.25)
        for order in [["b", "a"], ["a", "b"]] {
            let registry = City.registry(
                with: order.map { City.reach($0, of: "canal", at: 30.25, chiefs: ["district"]) }
                    + [City.reach("0", of: "canal", at: 30.25, level: .city, chiefs: ["city"])])
            #expect(try assigned(Story.submission(at: place), registry).reach == City.id("a"))
        }
    }

    @Test("too far from every reach: the duty office of the smallest region that has one")
    func office() throws {
        let rules = Rules(reachDistance: Distance(metres: 100))
        for (place, office) in [
            (City.inTown, "district"), (City.inDistrict, "district"), (City.inCity, "city"),
        ] {
            let assigned = try assigned(Story.submission(at: place), rules: rules)
            #expect(assigned.assignee.kind == .office && assigned.assignee.id == office)
            #expect(assigned.reach == nil && assigned.why == .noReach && assigned.distanceMetres == nil)
        }
    }

    @Test("a region that names no office at all still keeps its complaints")
    func nobody() throws {
        let region = Region(
            id: City.id("bare"), name: City.name("bare"), level: .city,
            boundary: City.box(120.0, 30.1, 120.4, 30.4))
        let assigned = try assigned(Story.submission(at: City.inCity), Registry([.region(region)]))
        #expect(assigned.assignee.kind == .office && assigned.assignee.id == "bare")
    }

    @Test("beyond the boundary but at a reach of ours: it is ours")
    func beyond() throws {
        let registry = City.registry(with: [
            City.reach("outside", of: "canal", at: 30.45, chiefs: ["village"])
        ])
        let assigned = try assigned(Story.submission(at: City.place(120.12, 30.4501)), registry)
        #expect(assigned.reach == City.id("outside"))
    }

    // MARK: Without a place

    @Test("without a place: the reach that was picked, then the highest reach of the river, then the city")
    func placeless() throws {
        let more = [
            City.reach("canal-b", of: "canal", at: 30.27, level: .district, chiefs: ["district"]),
            City.reach("canal-a", of: "canal", at: 30.28, level: .district, chiefs: ["district"]),
        ]
        let registry = City.registry(with: more)
        let picked = try assigned(Story.submission(at: nil, river: "canal", reach: "canal-1"), registry)
        #expect(picked.reach == City.id("canal-1") && picked.why == .picked)
        #expect(picked.assignee.id == "village" && picked.chief == City.id("village"))
        for reach in [nil, "unknown"] {
            let named = try assigned(Story.submission(at: nil, river: "canal", reach: reach), registry)
            #expect(named.reach == City.id("canal-a") && named.why == .named, "equal levels go by name")
            #expect(named.river == City.id("canal") && named.assignee.id == "district")
        }
        for river in [nil, "unknown"] {
            let nowhere = try assigned(Story.submission(at: nil, river: river), registry)
            #expect(nowhere.assignee.kind == .office && nowhere.assignee.id == "city")
            #expect(nowhere.why == .noReach && nowhere.region == City.id("city") && nowhere.reach == nil)
            #expect(nowhere.due.is(accept: Story.start + .hours(4), resolve: Story.start + .hours(48)))
        }
        // A water says more than a region, and an unknown region nothing.
        let inTown = try assigned(Story.submission(at: nil, region: "town"), registry)
        #expect(inTown.assignee.kind == .office && inTown.region == City.id("town") && inTown.reach == nil)
        let unknown = try assigned(Story.submission(at: nil, region: "unknown"), registry)
        #expect(unknown.region == City.id("city"))
        let river = try assigned(Story.submission(at: nil, river: "canal", region: "town"), registry)
        #expect(river.reach == City.id("canal-a"))
        for submission in [
            Story.submission(at: nil, reach: "canal-1"), Story.submission(at: nil, river: "canal"),
            Story.submission(at: nil),
        ] {
            let assigned = try assigned(submission, registry)
            #expect(assigned.distanceMetres == nil && assigned.chosen == nil && assigned.runnersUp.isEmpty)
        }
    }

    @Test("without a place, in a registry without a city: the topmost region, with or without an office")
    func topmost() throws {
        func region(_ id: String, _ level: Level, above: String? = nil) -> RegistryEntity {
            .region(
                Region(
                    id: City.id(id), name: City.name(id), level: level, parent: above.map { City.id($0) }))
        }
        let regions = [region("t", .town, above: "d"), region("d", .district), region("e", .district)]
        let assigned = try assigned(Story.submission(at: nil), Registry(regions))
        #expect(assigned.assignee.kind == .office && assigned.assignee.id == "d")
        let province = try self.assigned(
            Story.submission(at: nil), City.registry(with: [region("province", .province)]))
        #expect(province.assignee.id == "city", "a province watches over cities and answers for no water")
    }

    @Test("without a place, a category's own department still answers")
    func placelessDepartment() throws {
        let assigned = try assigned(Story.submission(at: nil, category: "outfall"))
        #expect(assigned.assignee.id == "enforcement" && assigned.why == .responsible)
        #expect(assigned.region == City.id("city"))
    }

    @Test("outside every region: received, and rejected with a reason that can be shown")
    func outside() throws {
        var story = Story()
        #expect(try story.submit(Story.submission(at: City.inSea)).kinds == [.received, .rejected])
        guard case .rejected(let rejected) = story.facts.last?.event else {
            Issue.record("not rejected"); return
        }
        #expect(rejected.reason == .outsideJurisdiction && rejected.by == .system)
        #expect(rejected.words == nil, "the reason says it")
        #expect(story.complaint?.status == .rejected && story.alarm == nil)
    }

    @Test("a category that the registry does not know gets the deadlines of every day")
    func unknownCategory() throws {
        let due = try assigned(Story.submission(category: "unheard-of")).due
        #expect(due.is(accept: Story.start + .hours(24), resolve: Story.start + .hours(120)))
    }

    @Test(
        "times in the registry that no calendar holds neither trap nor make an event that can't be read back",
        arguments: [1e300, -1e300, 1e12, -5, .greatestFiniteMagnitude])
    func absurdHours(_ hours: Double) throws {
        let registry = City.registry(with: [City.category("odour", accept: hours, resolve: hours)])
        let due = try assigned(Story.submission(), registry).due
        #expect(due.accept >= Story.start && due.resolve >= due.accept)
    }

    @Test("what is tried out with short times holds for every category")
    func shortTimes() throws {
        let due = try assigned(Story.submission(), rules: Rules(acceptWithin: .seconds(5))).due
        #expect(due.is(accept: Story.start + .seconds(5), resolve: Story.start + .hours(48)))
        let long = try assigned(Story.submission(category: "spill"), rules: Rules(acceptWithin: .seconds(5)))
            .due
        #expect(long.resolve >= long.accept)
    }
}
