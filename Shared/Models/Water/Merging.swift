extension Reading {
    /// A reading of which this is the first that is said.
    public init(_ report: Report, reportedAt moment: Instant) {
        self.init(report.key)
        take(report, reportedAt: moment)
    }

    /// Takes in what is said of it, and changes nothing where nothing of it is news.
    ///
    /// 1. A parameter that is not known yet is added.
    /// 2. A valid measurement takes the place of a provisional one, and never the other way round.
    /// 3. Of two with the same status the one that was reported later holds. That is a matter of when it was
    ///    reported and not of when it came: what waited in a spool does not undo its own correction. Of two
    ///    reported at the same moment the one that comes later holds.
    /// 4. The same measurement again is no news, and its first author stays its author.
    ///
    /// A withdrawal is a measurement like any other here. The class that the publisher gave follows 3 and 4.
    public mutating func take(_ report: Report, reportedAt moment: Instant) {
        precondition(report.key == key, "\(report.key) is no report of \(key)")
        let news = report.measurements.filter { parameter, measurement in
            guard let (known, part) = said(of: parameter) else { return true }
            return measurement.replaces(known, reportedAt: part.reportedAt, by: moment)
        }
        let givenClass = report.publishedClass.flatMap { isNews($0, at: moment) ? $0 : nil }
        // A review speaks of another's figures: it does not say where they come from, and they keep it.
        let authors = Dictionary(grouping: news) { parameter, _ in
            let own = Author(station: report.station, gateway: report.gateway, source: report.source)
            return report.reviewer == nil ? own : own.orElse(said(of: parameter)?.part)
        }
        forget(news.keys, publishedClass: givenClass != nil)
        for (author, group) in authors {
            parts.append(
                Part(
                    reportedAt: moment, station: author.station, gateway: author.gateway,
                    source: author.source,
                    reviewer: report.reviewer,
                    measurements: Dictionary(uniqueKeysWithValues: group)))
        }
        if let givenClass { give(givenClass, report, at: moment) }
        parts.sort(by: Part.inOrder)
    }

    /// Who measured.
    private struct Author: Hashable {
        let station: StationID?
        let gateway: GatewayID?
        let source: String?

        func orElse(_ part: Part?) -> Author {
            Author(
                station: station ?? part?.station, gateway: gateway ?? part?.gateway,
                source: source ?? part?.source)
        }
    }

    private func said(of parameter: Parameter) -> (measurement: Measurement, part: Part)? {
        for part in parts {
            if let measurement = part.measurements[parameter] { return (measurement, part) }
        }
        return nil
    }

    private func isNews(_ given: WaterClass, at moment: Instant) -> Bool {
        guard let part = parts.last(where: { $0.publishedClass != nil }) else { return true }
        return part.publishedClass != given && moment >= part.reportedAt
    }

    /// What a report replaces leaves the part it stands in; a part of which nothing is left goes.
    private mutating func forget(_ parameters: some Sequence<Parameter>, publishedClass: Bool) {
        for index in parts.indices {
            for parameter in parameters { parts[index].measurements[parameter] = nil }
            if publishedClass { parts[index].publishedClass = nil }
        }
        parts.removeAll { $0.measurements.isEmpty && $0.publishedClass == nil }
    }

    /// The class stands with the figures of its report; alone where all of them are known already.
    private mutating func give(_ given: WaterClass, _ report: Report, at moment: Instant) {
        let place = parts.firstIndex {
            $0.reportedAt == moment && $0.gateway == report.gateway && $0.source == report.source
                && $0.reviewer == report.reviewer
        }
        if let place {
            parts[place].publishedClass = given
        } else {
            parts.append(
                Part(
                    reportedAt: moment, station: report.station, gateway: report.gateway,
                    source: report.source, reviewer: report.reviewer, publishedClass: given, measurements: [:]
                ))
        }
    }
}

extension Measurement {
    fileprivate func replaces(_ known: Measurement, reportedAt then: Instant, by moment: Instant) -> Bool {
        guard self != known else { return false }
        return status == known.status ? moment >= then : status > known.status
    }
}

extension Reading.Part {
    /// By time; of one moment by what is in them, so that the same parts always stand in the same order.
    fileprivate static func inOrder(_ left: Self, _ right: Self) -> Bool {
        if left.reportedAt != right.reportedAt { return left.reportedAt < right.reportedAt }
        return left.firstCode < right.firstCode
    }

    private var firstCode: String { measurements.keys.map(\.rawValue).min() ?? "" }
}
