import Models

/// What stations measure. Each section has its own water: it is warmer and has less oxygen in summer, has
/// more oxygen and a higher pH in the afternoon, and is polluted now and then for some days.
struct Waters {
    private let plan: CityPlan
    private let zone: Zone
    private let sections: [(section: Section, station: StationID?, gateway: Gateway)]

    /// The source that is shown with the figures everywhere.
    static let source = "模拟数据（非真实监测） / simulated, not measured"

    init(_ plan: CityPlan, _ registry: Registry, in zone: Zone) {
        self.plan = plan
        self.zone = zone
        let gateways = registry.gateways.values.sorted { $0.id < $1.id }
        sections = registry.sections.values.sorted { $0.id < $1.id }.compactMap { section in
            let station = registry.stations.values.filter { $0.section == section.id }.map(\.id).min()
            return gateways.first { $0.mayPostReading(of: section.id, from: station, in: registry) }
                .map { (section, station, $0) }
        }
    }

    // MARK: When

    /// Stations report every four hours. A year of such readings is more than the broker in memory keeps
    /// (`dayu broker`). So of the readings older than a month, only every third is written.
    ///
    /// The time is half past the hour, because real stations measure at full hours. So an invented and a real
    /// reading are never taken as the same reading.
    private static let step = Duration.hours(4)
    private static let past = Duration.hours(0.5)
    private static let wholeFor = Duration.days(30)
    private static let thinning = 3

    /// The first moment after this one at which stations report.
    func next(after moment: Instant) -> Instant {
        let step = Self.step.wholeMilliseconds
        let behind = (Self.late + Self.past).wholeMilliseconds
        var number = (moment.millisecondsSince1970 - behind) / step + 1
        while true {
            let measured = Instant(millisecondsSince1970: number * step) + Self.past
            // Each day keeps other ones of the three, so that all hours of the day occur.
            let isKept = (number + number / 6) % Int64(Self.thinning) == 0
            if isKept || plan.until - measured <= Self.wholeFor { return measured + Self.late }
            number += 1
        }
    }

    /// The time that a station needs for its analysis.
    private static let late = Duration.seconds(20 * 60)

    // MARK: What

    func reports(at moment: Instant) -> [(report: Report, gateway: Gateway)] {
        let measured = moment - Self.late
        return sections.map { section, station, gateway in
            let report = Report(
                section: section.id, station: station, observedAt: measured, source: Self.source,
                measurements: figures(of: section, at: measured).mapValues {
                    // The past counts as reviewed, so that no readings wait for a review when the services
                    // start.
                    Measurement(.measured($0), status: .valid)
                })
            return (report, gateway)
        }
    }

    private func figures(of section: Section, at moment: Instant) -> [Parameter: Double] {
        let name = section.id.rawValue
        var own = Chance(seed: plan.seed, "water", name)
        var now = Chance(seed: plan.seed, "water", name, moment.description)
        let local = moment + zone.offset(at: moment)
        let hour = Double(local.millisecondsSince1970 % 86_400_000) / 3_600_000
        let warmth = Season(zone.day(at: moment)).warmth
        let afternoon = wave(hour, period: 24, peak: 15)
        let isStill = section.body == .lake
        let inflow = inflow(into: name, at: moment)
        func value(_ middle: Double, _ spread: Double) -> Double { now.around(middle, spread: spread) }

        let temperature = 6 + 24 * warmth + afternoon * 0.8 + now.swing()
        let life = isStill ? 0.8 : 0.4
        var oxygen = 12.9 - 0.19 * temperature
        oxygen += afternoon * life * (0.5 + warmth) + now.swing() * 0.4
        oxygen /= 1 + inflow * 0.9
        var acidity = 7.4 + own.swing() * 0.3
        acidity += afternoon * 0.25 * life + now.swing() * 0.08
        let phosphorus = own.between(0.01, 0.018) * (isStill ? 1 : 4)
        let nitrogen = own.between(0.9, 1.7) * (isStill ? 0.25 : 1)
        var figures: [Parameter: Double] = [
            .waterTemperature: temperature.rounded(to: 1),
            .pH: acidity.rounded(to: 2),
            .dissolvedOxygen: max(0.2, oxygen).rounded(to: 2),
            .conductivity: value(own.between(120, 420) * (1 + inflow * 0.4), 0.05).rounded(to: 1),
            .turbidity: value(own.between(3, 30) * (1 + inflow), 0.4).rounded(to: 1),
            .permanganateIndex: value(own.between(1.3, 2.6) * (1 + inflow), 0.08).rounded(to: 2),
            .ammoniaNitrogen: value(own.between(0.03, 0.2) * (1 + inflow * 9), 0.3).rounded(to: 3),
            .totalPhosphorus: value(phosphorus * (1 + inflow), 0.15).rounded(to: 3),
            .totalNitrogen: value(nitrogen * (1 + inflow), 0.1).rounded(to: 2),
        ]
        if isStill {
            let bloom = (0.3 + warmth) * (1 + afternoon * 0.2)
            figures[.chlorophyllA] = value(0.004 * bloom, 0.3).rounded(to: 4)
            figures[.algalDensity] = value(2_000_000 * bloom, 0.4).rounded()
        }
        return figures
    }

    /// How strong a pollution is: 0 on most days; on some days it rises to about 1 and falls again.
    private func inflow(into section: String, at moment: Instant) -> Double {
        let day = moment.millisecondsSince1970 / 86_400_000
        let span: Int64 = 12
        var chance = Chance(seed: plan.seed, "inflow", section, "\(day / span)")
        guard chance.happens(Self.inflowShare) else { return 0 }
        let length = chance.between(1.5, 5)
        let middle = chance.between(length / 2, Double(span) - length / 2)
        let strength = chance.between(0.5, 1.3)
        let place = Double(moment.millisecondsSince1970 % (span * 86_400_000)) / 86_400_000
        let distance = abs(place - middle) / (length / 2)
        return distance < 1 ? strength * (1 - distance * distance) : 0
    }

    private static let inflowShare = 0.06
}

extension Double {
    fileprivate func rounded(to digits: Int) -> Double {
        let scale = [1.0, 10, 100, 1000, 10_000][digits]
        return (self * scale).rounded() / scale
    }
}
