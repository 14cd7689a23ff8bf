import Models
import Processing
import Testing
import Text

@testable import Analytics

@Suite("A spike that nothing supports alarms nobody")
struct SuspectTests {
    /// One bad reading raises an alarm, so that only the rule about spikes can hold it back.
    private static func station(spikes: Bool = true) -> Monitored {
        var rules = AlarmRules()
        (rules.targetReadings, rules.limitReadings, rules.spikes) = (1, 1, spikes)
        return Monitored(rules: rules)
    }

    private static let usual: [Parameter: Double] = [.ammoniaNitrogen: 0.4, .totalPhosphorus: 0.1]
    private static let spike: [Parameter: Double] = [.ammoniaNitrogen: 2.6, .totalPhosphorus: 0.1]

    private static func settled(spikes: Bool = true) throws -> Monitored {
        var station = station(spikes: spikes)
        for _ in 1...4 { try station.measure(usual) }
        return station
    }

    @Test("it waits for the next sample: that one confirms it, or it was the instrument")
    func waits() throws {
        var station = try Self.settled()
        #expect(try station.measure(Self.spike).isEmpty, "nobody supports it yet")
        #expect(try !station.measure(Self.spike).alarmEvents.isEmpty, "the next one does")
        var other = try Self.settled()
        #expect(try other.measure(Self.spike).isEmpty)
        for _ in 1...3 { #expect(try other.measure(Self.usual).isEmpty) }
    }

    @Test("the setting turns the rule off")
    func off() throws {
        var station = try Self.settled(spikes: false)
        #expect(try !station.measure(Self.spike).alarmEvents.isEmpty)
    }

    @Test("polluted water changes more than one parameter: two jumps support each other")
    func two() throws {
        var station = try Self.settled()
        #expect(try !station.measure([.ammoniaNitrogen: 2.6, .totalPhosphorus: 0.5]).alarmEvents.isEmpty)
    }

    @Test("without a day's readings before it nobody knows what is usual")
    func fresh() throws {
        var station = Self.station()
        for _ in 1...2 { try station.measure(Self.usual) }
        #expect(try !station.measure(Self.spike).alarmEvents.isEmpty)
    }

    @Test("what people analysed and what an office reviewed is sure")
    func sure() throws {
        for isManual in [true, false] {
            var station = try Self.settled()
            let moment = Monitored.moment(5)
            let report = Report(
                section: Monitored.section, observedAt: moment, origin: isManual ? .manual : .automatic,
                measurements: [
                    .ammoniaNitrogen: Measurement(.measured(2.6), status: isManual ? .provisional : .valid)
                ])
            #expect(try !station.take(Monitored.record(report), at: moment).alarmEvents.isEmpty)
        }
    }

    @Test("a sample that a slow analyser sends again is no support")
    func repeated() throws {
        var station = try Self.settled()
        for hour in 5...7 {
            let report = Report(
                section: Monitored.section, observedAt: Monitored.moment(hour),
                measurements: [
                    .ammoniaNitrogen: Measurement(.measured(2.6), sampledAt: Monitored.moment(5))
                ])
            #expect(try station.take(Monitored.record(report), at: Monitored.moment(hour)).isEmpty)
        }
    }

    @Test("a slow rise is no jump, and oxygen jumps downward, pH both ways")
    func kinds() throws {
        var rising = Self.station()
        var raised = false
        for value in [0.4, 0.6, 0.9, 1.2, 1.6, 2.1] {
            raised = try !rising.measure([.ammoniaNitrogen: value]).alarmEvents.isEmpty || raised
        }
        #expect(raised)
        for (parameter, usual, jump) in [
            (Parameter.dissolvedOxygen, 7.0, 1.5), (.pH, 7.5, 9.2), (.pH, 7.5, 5.8),
        ] {
            var station = Self.station()
            for _ in 1...4 { try station.measure([parameter: usual]) }
            #expect(try station.measure([parameter: jump]).isEmpty, "\(parameter) \(jump)")
            #expect(try !station.measure([parameter: jump]).alarmEvents.isEmpty, "\(parameter) \(jump)")
        }
    }

    @Test("three single spikes of three parameters in a row are not three bad readings")
    func rows() throws {
        var station = Monitored()
        let usual: [Parameter: Double] = [
            .ammoniaNitrogen: 0.4, .totalPhosphorus: 0.06, .permanganateIndex: 3,
        ]
        for _ in 1...4 { try station.measure(usual) }
        for (parameter, value) in [
            (Parameter.ammoniaNitrogen, 1.8), (.totalPhosphorus, 0.35), (.permanganateIndex, 14),
        ] {
            #expect(try station.measure(usual.merging([parameter: value]) { $1 }).isEmpty)
        }
    }
}
