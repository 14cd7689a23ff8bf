import Links
import Models
import Processing
import Testing
import Text

@testable import Operator

/// Shared/Models/README.md says what the code does.
@Suite("The page about the log")
struct PageTests {
    private let page: Page

    init() throws { page = try Page() }

    @Test(
        "it has every topic and none besides, with its key's family, who writes and reads it, and how long it is kept"
    )
    func topics() {
        let gateway = Topic.gateway(GatewayID(literal: "id"))
        let topics = Topic.allCases + [gateway]
        #expect(page.topics.keys.sorted() == topics.map { name(of: $0) }.sorted())
        for topic in topics {
            let cells = page.topics[name(of: topic)] ?? []
            guard cells.count == 6 else {
                Issue.record("the row of \(name(of: topic)) has \(cells.count + 1) cells")
                continue
            }
            #expect(cells[1] == topic.family.rawValue, "\(topic.rawValue): family")
            #expect(cells[2] == writers(of: topic), "\(topic.rawValue): written by")
            #expect(cells[3] == readers(of: topic), "\(topic.rawValue): read by")
            #expect(cells[4] == topic.retention.text, "\(topic.rawValue): kept")
            #expect(cells[5] == (topic.isRestricted ? "yes" : "no"), "\(topic.rawValue): restricted")
        }
    }

    private func name(of topic: Topic) -> String {
        topic.family == .gateway ? "gateways.<id>" : topic.rawValue
    }

    private func writers(of topic: Topic) -> String {
        if topic.family == .gateway { return "the gateway" }
        return names { $0.writes.contains(topic) } ?? "dayu"
    }

    private func readers(of topic: Topic) -> String {
        names { loop in
            (loop.inputs + loop.alsoReads).contains(topic) || topic.family == .gateway && loop.readsGateways
        } ?? "dayu"
    }

    private func names(where isOne: (ServiceLoop) -> Bool) -> String? {
        let services = Set(ServiceLoop.all.filter(isOne).map(\.service.rawValue)).sorted()
        return services.isEmpty ? nil : services.joined(separator: ", ")
    }

    @Test("it has every header and none besides")
    func headers() {
        let written = Set(SampleLog().samples.flatMap { $0.outgoing.event.headers.map(\.name) })
        #expect(page.headers == written)
    }

    @Test("it has every type of event and none besides")
    func types() {
        #expect(Set(page.types.keys.map { "org.dayu.\($0).v1" }) == LogTypes.all)
    }

    @Test(
        "it has every field of every value, and none that is gone; what it calls optional may be absent, and nothing else"
    )
    func fields() throws {
        #expect(page.faults == [])
        var walk = Walk(page)
        for sample in SampleLog().samples {
            guard let data = sample.outgoing.event.data else { continue }
            let type = try EventType(sample.outgoing.event.type)
            let name = "\(type.subject).\(type.name)"
            walk.value(try JSONValue(data), of: page.types[name] ?? name, at: name)
        }
        for fault in walk.faults.sorted() { Issue.record("\(fault)") }
        for shape in page.shapes.keys.sorted() where walk.visited.contains(shape) {
            for row in page.rows(of: shape) {
                let isThere = walk.present[shape]?.contains(row.name) ?? false
                #expect(
                    isThere, "\(shape) has no \(row.name) in any sample: it is gone, or the samples lack it")
                let isMissing = walk.absent[shape]?.contains(row.name) ?? false
                #expect(isMissing == row.isOptional, "\(row.name) of \(shape): optional or not")
            }
        }
        let bases = Set(page.shapes.values.compactMap(\.base))
        #expect(Set(page.shapes.keys).subtracting(walk.visited).subtracting(bases) == [])
    }

    @Test("what was recorded has no field that the page does not know, and lacks none that it must have")
    func recorded() throws {
        var walk = Walk(page)
        for record in try Recorded.all() where record.topic.family != .gateway {
            guard let data = record.data else { continue }
            let type = try EventType(try record.event().type)
            let name = "\(type.subject).\(type.name)"
            walk.value(try JSONValue(data), of: page.types[name] ?? name, at: name)
        }
        #expect(walk.faults.sorted() == [])
        #expect(walk.visited.count > 40)
    }

    @Test("the samples fill every optional field of every value, so that no new one is forgotten")
    func full() {
        var filled: Set<String> = []
        var seen: Set<String> = []
        func look(_ value: Any) {
            let mirror = Mirror(reflecting: value)
            for child in mirror.children {
                if let label = child.label, mirror.displayStyle == .struct {
                    let inner = Mirror(reflecting: child.value)
                    if inner.displayStyle == .optional {
                        let field = "\(mirror.subjectType).\(label)"
                        seen.insert(field)
                        if !inner.children.isEmpty { filled.insert(field) }
                    }
                }
                look(child.value)
            }
        }
        for sample in SampleLog().samples { sample.value.map(look) }
        #expect(seen.subtracting(filled).sorted() == [])
        #expect(seen.count > 40, "the samples are looked at")
    }

    @Test("its enumerations have every value, and none besides")
    func enumerations() {
        func values<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> [String] {
            type.allCases.map(\.rawValue)
        }
        let expected: [String: [String]] = [
            "Role": values(Role.self), "Channel": values(Channel.self), "Datum": values(Datum.self),
            "Level": values(Level.self), "Assignee kind": values(Assignee.Kind.self),
            "Why assigned": values(ComplaintEvent.Assigned.Why.self), "Deadline": values(Deadline.self),
            "Grade": values(Grade.self), "Why reopened": values(ComplaintEvent.Reopened.Why.self),
            "Why rejected": values(ComplaintEvent.Rejected.Reason.self),
            "Why parted": values(ComplaintEvent.Parted.Why.self),
            "Why withheld": values(Passage.Reason.self),
            "Why closed": values(ComplaintEvent.Closed.Reason.self),
            "Kind of event": values(ComplaintEvent.Kind.self), "Verb": values(ComplaintAction.Name.self),
            "Why refused": values(ActionRefusal.Reason.self), "Period": values(Period.self),
            "Origin": values(Origin.self), "Class": values(WaterClass.self), "Body": values(WaterBody.self),
            "Flag": values(Measurement.Flag.self), "Status": values(Measurement.Status.self),
            "Verdict": values(Review.Verdict.self),
            "Parameter": values(Parameter.self), "Alarm item": values(AlarmItem.self),
            "Why noted": values(AlarmEvent.Noted.Why.self),
            "Why ended": values(BreachEvent.Ended.Why.self), "Outcome": values(SMSReceipt.Outcome.self),
            "Why failed": values(NoticeEvent.Failed.Why.self),
            "Recipient kind": ["chief", "office", "department", "complainant", "follower"],
            "Contact language": values(Contact.Language.self),
            "Kind of question": values(NoticeQuestion.Kind.self),
            "What it overtakes": values(NoticeManner.Overtaking.self),
            "What was made of it": values(PhoneAnswer.Outcome.self),
            "Scope kind": values(Models.Scope.Kind.self), "Urgency": values(Urgency.self),
            "Kind of water": values(WaterKind.self), "Kind of outfall": values(Outfall.Kind.self),
            "Series": values(Station.Series.self), "Kind of day": values(CalendarDay.Kind.self),
            "Unit of time": values(Allowance.Unit.self), "Shape": values(Source.Shape.self),
            "What came": values(SourceStanding.Outcome.self), "Word": values(AssetWord.Key.self),
            "Kind of publication": values(Publication.Kind.self),
            "What an office decides": values(Publication.Verdict.self),
        ]
        #expect(page.enumerations.keys.sorted() == expected.keys.sorted())
        for (name, values) in expected {
            #expect(Set(page.enumerations[name] ?? []) == Set(values), "\(name)")
            #expect(page.enumerations[name]?.count == values.count, "\(name): none stands twice")
        }
    }
}
