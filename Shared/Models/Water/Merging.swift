extension Reading {
    /// A reading made from its first report.
    public init(_ report: Report, reportedAt moment: Instant) {
        self.init(report.key)
        take(report, reportedAt: moment)
    }

    /// Takes in a report about this reading. If the report has no news, nothing changes.
    ///
    /// 1. A parameter that is not known yet is added.
    /// 2. A valid measurement replaces a provisional one, never the other way round.
    /// 3. Of two with the same status, the one that was reported later wins. The time of the report counts,
    ///    not its arrival: a report that waited in a spool does not undo its own correction. Of two that were
    ///    reported at the same moment, the one that arrives later wins.
    /// 4. The same measurement again is no news, and it keeps its first author.
    ///
    /// A withdrawal is treated like any other measurement here. The class that the publisher gave follows
    /// rules 3 and 4.
    public mutating func take(_ report: Report, reportedAt moment: Instant) {
        precondition(report.key == key, "\(report.key) is no report of \(key)")
        let news = report.measurements.filter { parameter, measurement in
            guard let (known, part) = said(of: parameter) else { return true }
            return measurement.replaces(known, reportedAt: part.reportedAt, by: moment)
        }
        let givenClass = report.publishedClass.flatMap { isNews($0, at: moment) ? $0 : nil }
        // A review is about figures of another author: it does not say where they come from, so they keep
        // their source.
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

    /// The author of measurements.
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

    /// A replaced measurement is removed from its part, and a part that becomes empty is removed.
    private mutating func forget(_ parameters: some Sequence<Parameter>, publishedClass: Bool) {
        for index in parts.indices {
            for parameter in parameters { parts[index].measurements[parameter] = nil }
            if publishedClass { parts[index].publishedClass = nil }
        }
        parts.removeAll { $0.measurements.isEmpty && $0.publishedClass == nil }
    }

    /// The class is stored in the part with its report's figures; in a part of its own if all of these were
    /// known already.
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
    /// By time; at the same time by their content, so that the same parts always have the same order.
    fileprivate static func inOrder(_ left: Self, _ right: Self) -> Bool {
        if left.reportedAt != right.reportedAt { return left.reportedAt < right.reportedAt }
        return left.firstCode < right.firstCode
    }

    private var firstCode: String { measurements.keys.map(\.rawValue).min() ?? "" }
}
