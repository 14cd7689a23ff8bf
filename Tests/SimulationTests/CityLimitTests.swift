import Models
import Processing
import Testing

@testable import Notification

@Suite("The city's limit")
struct CityLimitTests {
    private static let city = SendLimit("160/h,3200/d", greatest: 3200) ?? .none

    @Test("a flood waits on the log and leaves as the limit allows; urgent messages pass it; nothing is lost")
    func flood() throws {
        let box = Letterbox()
        let ordinary = PatientGateway(window: 50, milliseconds: 10) { box.cluster.now }
        let urgent = PatientGateway(window: 50, milliseconds: 10) { box.cluster.now }
        let pushers = [
            box.pusher(ordinary, city: Self.city), box.pusher(urgent, .urgent, city: Self.city),
        ]
        func run(seconds: Int, each: Int64 = 5) throws {
            for _ in 0..<(seconds / Int(each)) {
                try box.turnDispatch()
                for pusher in pushers { try pusher.turn() }
                box.cluster.advance(milliseconds: each * 1000)
            }
        }
        try run(seconds: 20, each: 1)
        try box.ask(300)
        try box.ask(4, isUrgent: true)
        try run(seconds: 3600)
        // Half, what the share began with, and what comes while the loops wait for records.
        #expect((80...100).contains(ordinary.received.count), "\(ordinary.received.count)")
        #expect(urgent.received.count == 4)
        #expect(box.committed <= Int64(ordinary.received.count * 3), "the rest is on the log")
        try run(seconds: 4 * 3600)
        #expect(box.ended.count == 304 && box.ended.values.allSatisfy { $0 == .accepted })
        #expect(ordinary.received.count == 300 && Set(ordinary.received).count == 300)
    }

    @Test("partitions share it evenly, urgent messages have half, and no hour has more than its number")
    func shares() {
        var spent = 0
        for kind in Pushing.Kind.allCases {
            var share = CityShare(Self.city, of: kind, partitions: 4, at: .zero)
            // The first day is for coming to rest.
            for second in 1..<86_400 { while share.take(at: .seconds(second)) {} }
            var count = 0
            for second in 86_400..<2 * 86_400 { while share.take(at: .seconds(second)) { count += 1 } }
            #expect((399...401).contains(count), "\(kind): \(count)")
            spent += count * 4
        }
        #expect(spent <= 3210)
        var unlimited = CityShare(.none, of: .ordinary, partitions: 4, at: .zero)
        let count = (0..<10_000).count { _ in unlimited.take(at: .zero) }
        #expect(count == 10_000)
    }

    @Test("a share begins with a tenth of an hour's, and with less where it left with less")
    func beginning() {
        let city = SendLimit("1600/h", greatest: 1600) ?? .none
        func count(_ share: inout CityShare, at moment: Duration) -> Int {
            var count = 0
            while share.take(at: moment) { count += 1 }
            return count
        }
        var share = CityShare(city, of: .ordinary, partitions: 2, at: .zero)
        #expect(count(&share, at: .zero) == 40)
        var again = CityShare(city, of: .ordinary, partitions: 2, at: .seconds(9))
        again.keep(atMost: share)
        #expect(count(&again, at: .seconds(9)) == 1, "to hand a partition about gives nothing")
        var rested = CityShare(city, of: .ordinary, partitions: 2, at: .seconds(7200))
        rested.keep(atMost: share)
        #expect(count(&rested, at: .seconds(7200)) == 40)
    }
}
