import Models
import Processing
import Support
import Testing
import Text

@testable import Analytics

/// Readings as a bad year brings them: late, twice, corrected, with gaps and missing values, over restarts
/// and changes of the target.
@Suite("Alarms over any sequence of readings")
struct AlarmingProperties {
    private static let seeds: Range<UInt64> = 1..<60

    private struct Sequence {
        var station: Monitored
        var random: SplitMix64
        var now = Monitored.start
        var restarts = 0

        init(seed: UInt64) {
            random = SplitMix64(seed: seed)
            var rules = AlarmRules()
            rules.targetReadings = .random(in: 1...4, using: &random)
            rules.limitReadings = .random(in: 1...3, using: &random)
            rules.goodReadings = .random(in: 1...6, using: &random)
            station = Monitored(target: random.one(of: [.II, .III, .V, nil]), rules: rules)
        }

        mutating func run(steps: Int, restarting: Bool) throws {
            for _ in 0..<steps {
                switch Int.random(in: 0..<20, using: &random) {
                case 0: station.adopt(Monitored.registry(random.one(of: [.I, .II, .III, .IV, nil])))
                case 1: now = now + .seconds(.random(in: 0...900_000, using: &random))
                case 2:
                    if let due = try station.nextAlarm(), due <= now { try station.wake(at: now) }
                case 3 where restarting:
                    restarts += 1
                    try station.restart()
                case 4:
                    if let again = station.read.randomElement(using: &random) {
                        try station.take(again, at: now)
                    }
                default: try measure()
                }
            }
        }

        private mutating func measure() throws {
            now = now + .seconds(.random(in: 600...14_400, using: &random))
            let age = random.once(in: 6) ? Int.random(in: 0...300_000, using: &random) : 0
            var values: [Parameter: Double] = [:]
            if !random.once(in: 5) {
                values[.dissolvedOxygen] = random.one(of: [0.5, 1.9, 2, 2.1, 2.5, 4, 5.5, 7.5, 9])
            }
            if random.once(in: 3) { values[.ammoniaNitrogen] = random.one(of: [0.1, 0.9, 1.9, 2.1, 4]) }
            if random.once(in: 4) { values[.pH] = random.one(of: [5.5, 6, 6.1, 7, 8.9, 9.5]) }
            try station.take(Monitored.record(values, at: now + .seconds(-age)), at: now)
        }
    }

    @Test("one open alarm of a section and item, each with one complaint and at most one resolution")
    func oneAtATime() throws {
        var raised = 0
        var cleared = 0
        var restarts = 0
        for seed in Self.seeds {
            var sequence = Sequence(seed: seed)
            try sequence.run(steps: 200, restarting: true)
            var open: [AlarmItem: Alarm] = [:]
            var seen: Set<Alarm> = []
            for event in try sequence.station.events {
                let alarm = event.alarm
                switch event {
                case .raised:
                    #expect(open[alarm.item] == nil, "seed \(seed): \(alarm) beside another")
                    #expect(seen.insert(alarm).inserted, "seed \(seed): \(alarm) was raised twice")
                    open[alarm.item] = alarm
                    raised += 1
                case .noted: #expect(open[alarm.item] == alarm, "seed \(seed): a note of \(alarm)")
                case .cleared(let event):
                    #expect(open[alarm.item] == alarm, "seed \(seed): \(alarm) cleared")
                    #expect(event.through > alarm.since)
                    open[alarm.item] = nil
                    cleared += 1
                }
            }
            let submitted = try sequence.station.written.submissions.map(\.complaint)
            #expect(submitted.sorted() == seen.map(\.complaint).sorted(), "seed \(seed)")
            let resolved = try sequence.station.written.actions.filter { $0.verb.name == .resolve }
            #expect(
                Set(resolved.map(\.complaint)) == Set(seen.subtracting(open.values).map(\.complaint))
                    && Set(resolved.map(\.complaint)).count == resolved.count, "seed \(seed)")
            let everything =
                try sequence.station.written.submissions.flatMap(\.faults)
                + sequence.station.written.words.values.flatMap(\.faults)
            let actionFaults = try sequence.station.written.actions.flatMap(\.faults)
            #expect(everything.isEmpty && actionFaults.isEmpty, "seed \(seed)")
            #expect(try sequence.station.open() == Set(open.keys), "seed \(seed)")
            restarts += sequence.restarts
        }
        #expect(raised > 200 && cleared > 100 && restarts > 200, "\(raised) \(cleared) \(restarts)")
    }

    @Test("a stored state is what the log gives, whatever came in between")
    func restoring() throws {
        for seed in Self.seeds {
            var sequence = Sequence(seed: seed)
            try sequence.run(steps: 150, restarting: false)
            let state = try sequence.station.state()
            #expect(try sequence.station.restored() == state, "seed \(seed)")
            let bytes = JSON.encode(state)
            #expect(try JSON.decode(Alarming.State.self, from: bytes) == state, "seed \(seed)")
        }
    }

    @Test("reading on from a position that lies back changes nothing")
    func readAgain() throws {
        for seed in Self.seeds {
            var sequence = Sequence(seed: seed)
            try sequence.run(steps: 100, restarting: false)
            let state = try sequence.station.state()
            var again: Alarming.State? = state
            let alarming = sequence.station.alarming
            let alarms = sequence.station.written.filter { $0.topic == .alarms }
            for outgoing in alarms.suffix(.random(in: 0...alarms.count, using: &sequence.random)) {
                again = alarming.evolve(
                    again, try alarming.recall(Record(topic: .alarms, key: outgoing.key, outgoing.event)).fact
                )
            }
            #expect(again == state, "seed \(seed)")
        }
    }

    /// Written anew, from the readings alone: what the end of a sequence must look like.
    @Test("at the end the water that is bad has its alarm, and the water that is good has none")
    func ends() throws {
        var bad = 0
        var good = 0
        for seed in Self.seeds {
            var sequence = Sequence(seed: seed)
            try sequence.run(steps: 120, restarting: true)
            // The last word on every moment, in the order of the moments.
            var last: [Instant: Double?] = [:]
            for record in sequence.station.read {
                let data = try #require(record.value)
                let reading = try JSON.decode(Assessment.self, from: data).reading
                last[reading.observedAt] = reading.figures[.dissolvedOxygen]
            }
            let times = last.keys.sorted().suffix(AlarmRules.samplesLimit)
            let known = times.compactMap { time in last[time]?.map { (time, $0) } }
            let rules = sequence.station.rules
            let state = try sequence.station.state()
            let through = state.clearedThrough[.dissolvedOxygen]
            let since = state.open[.dissolvedOxygen]?.since
            let isTogether = { (row: ArraySlice<(Instant, Double)>) in
                zip(row, row.dropFirst()).allSatisfy { $1.0 - $0.0 <= rules.gap }
            }
            let worst = known.suffix(rules.limitReadings)
            // A single one may be a spike, which waits for the next (`SuspectTests`).
            if rules.limitReadings > 1, worst.count == rules.limitReadings,
                worst.allSatisfy({ $0.1 < 2 }), isTogether(worst),
                worst.allSatisfy({ reading in through.map { reading.0 > $0 } ?? true })
            {
                // Nobody was told where it was history when it came in.
                #expect(since != nil || isOld(worst, sequence), "seed \(seed)")
                bad += 1
            }
            let best = known.suffix(rules.goodReadings)
            if best.count == rules.goodReadings, best.allSatisfy({ $0.1 >= 2.2 }), isTogether(best),
                best.allSatisfy({ reading in since.map { reading.0 > $0 } ?? true })
            {
                #expect(since == nil, "seed \(seed)")
                good += 1
            }
        }
        #expect(bad > 2 && good > 4, "\(bad) \(good)")
    }

    private func isOld(_ row: ArraySlice<(Instant, Double)>, _ sequence: Sequence) -> Bool {
        row.last.map { sequence.now - $0.0 > sequence.station.rules.recentWithin } ?? true
    }

    @Test("the order in which readings come does not matter for what is open in the end")
    func anyOrder() throws {
        for seed in Self.seeds {
            var random = SplitMix64(seed: seed)
            let records = (1...40).map { hour in
                Monitored.record(
                    [.dissolvedOxygen: random.one(of: hour < 20 ? [1.5, 4, 8] : [1.5])],
                    at: Monitored.moment(hour))
            }
            let now = Monitored.moment(41)
            var straight = Monitored()
            for record in records { try straight.take(record, at: now) }
            var mixed = Monitored()
            for record in records.shuffled(using: &random) { try mixed.take(record, at: now) }
            #expect(try straight.state().samples == mixed.state().samples, "seed \(seed)")
            #expect(try mixed.open().contains(.dissolvedOxygen), "seed \(seed)")
        }
    }
}
