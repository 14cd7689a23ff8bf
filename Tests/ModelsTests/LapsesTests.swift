import Testing

@testable import Models

@Suite("Which deeds are in time")
struct LapsesTests {
    @Test("a deadline that passed makes the deed late for the complaint, and for whoever had it")
    func late() {
        var lapses = Lapses<String>()
        #expect(lapses.isInTime(.accept) && lapses.isInTime(.accept, of: "low"))
        lapses.note(.accept, under: "low")
        #expect(!lapses.isInTime(.accept) && !lapses.isInTime(.accept, of: "low"))
        #expect(lapses.isInTime(.accept, of: "high"), "nobody answers for the delay of another")
        #expect(lapses.isInTime(.resolve) && lapses.isInTime(.resolve, of: "low"))
    }

    @Test("reopening gives more time to resolve, and none to accept")
    func reopened() {
        var lapses = Lapses<String>()
        lapses.note(.accept, under: "low")
        lapses.note(.resolve, under: "low")
        lapses.reopen()
        #expect(lapses.isInTime(.resolve) && lapses.isInTime(.resolve, of: "low"))
        #expect(!lapses.isInTime(.accept) && !lapses.isInTime(.accept, of: "low"))
        lapses.note(.resolve, under: "low")
        #expect(!lapses.isInTime(.resolve, of: "low"))
    }

    @Test("every number of days has one age, from its lowest to its highest")
    func ages() {
        for age in Backlog.Age.allCases {
            #expect(Backlog.Age(days: age.first) == age)
            #expect(Backlog.Age(days: age.last ?? 10_000) == age)
        }
        for (age, next) in zip(Backlog.Age.allCases, Backlog.Age.allCases.dropFirst()) {
            #expect(age.last == next.first - 1)
        }
        #expect(Backlog.Age(days: -1) == .days3)
    }
}
