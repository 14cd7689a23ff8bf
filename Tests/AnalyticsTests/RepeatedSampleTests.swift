import Models
import Processing
import Testing

@testable import Analytics

@Suite("A sample raises an alarm once, whoever tells of it and however often")
struct RepeatedSampleTests {
    private var station = Monitored()

    private func report(
        _ measurement: Measurement, minute: Int, period: Period = .instant, origin: Origin = .automatic
    ) -> Record {
        Monitored.record(
            Report(
                section: Monitored.section, observedAt: Monitored.start + .seconds(60 * minute),
                period: period, origin: origin, measurements: [.ammoniaNitrogen: measurement]))
    }

    private mutating func raised(_ records: [Record]) throws -> [Instant] {
        try records.flatMap { try station.take($0, at: Monitored.start + .seconds(7200)) }.alarmEvents
            .map(\.alarm.since)
    }

    @Test("a sample that a slow analyser sends again and again counts once")
    mutating func repeatedSample() throws {
        let sampledAt = Monitored.start
        let stuck = (10..<40).map {
            report(Measurement(.measured(9), sampledAt: sampledAt), minute: $0)
        }
        #expect(try raised(stuck) == [])
        let next = Measurement(.measured(9), sampledAt: sampledAt + .seconds(3000))
        #expect(
            try raised([report(next, minute: 60)]) == [Monitored.start + .seconds(600)],
            "the row begins with the first reading of the first sample")
    }

    @Test("without a word of when it was taken every reading is a sample of its own")
    mutating func ownSamples() throws {
        #expect(try raised((10..<12).map { report(Measurement(9), minute: $0) }).count == 1)
    }

    @Test("a moment's value, the hour's mean and the laboratory's analysis of one time count once")
    mutating func oneMoment() throws {
        let accounts = [
            report(Measurement(9), minute: 0), report(Measurement(9), minute: 0, period: .hour),
            report(Measurement(9), minute: 0, period: .day, origin: .manual),
        ]
        #expect(try raised(accounts) == [])
        #expect(try raised([report(Measurement(9), minute: 60)]).count == 1)
    }

    @Test("the laboratory's analysis is surer than the station's")
    mutating func surest() throws {
        let accounts = [
            report(Measurement(9), minute: 0), report(Measurement(9), minute: 60),
            report(Measurement(0.1), minute: 60, period: .hour, origin: .manual),
        ]
        #expect(try raised([accounts[0], accounts[2], accounts[1]]) == [])
    }

    @Test("a day's mean and what is flagged raise nothing; half of a limit is good")
    mutating func notCounted() throws {
        for minute in 0..<10 {
            let records = [
                report(Measurement(9), minute: minute, period: .day),
                report(Measurement(.measured(9), flag: .fault), minute: minute),
                report(Measurement(.below(0.05)), minute: 20 + minute),
            ]
            #expect(try raised(records) == [])
        }
    }

    @Test("good by fresh oxygen and an old ammonia is not good again and again")
    mutating func freshness() throws {
        for hour in 1...3 {
            try station.measure([.ammoniaNitrogen: 1.8, .dissolvedOxygen: 8], hour: hour)
        }
        #expect(try station.open() == [.waterClass])
        func good(_ hour: Int, sampled: Int) -> Record {
            Monitored.record(
                Report(
                    section: Monitored.section, observedAt: Monitored.moment(hour),
                    measurements: [
                        .dissolvedOxygen: Measurement(8),
                        .ammoniaNitrogen: Measurement(
                            .measured(0.2), sampledAt: Monitored.moment(sampled)),
                    ]))
        }
        for hour in 4..<20 { try station.take(good(hour, sampled: 4), at: Monitored.moment(hour)) }
        #expect(try station.open() == [.waterClass])
        for hour in 20...25 { try station.take(good(hour, sampled: hour), at: Monitored.moment(hour)) }
        #expect(try station.open() == [])
    }
}
