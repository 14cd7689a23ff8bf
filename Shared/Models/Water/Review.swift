/// What an office decides about measurements that others reported.
///
/// It names measurements and does not repeat figures, so that a review never changes one.
public struct Review: Hashable, Sendable, Codable {
    public enum Verdict: String, CaseIterable, Sendable, Codable {
        case valid, withdrawn
    }

    public let section: SectionID
    public let observedAt: Instant
    public let period: Period
    public let origin: Origin
    /// Empty: all provisional measurements of the reading.
    public let parameters: [Parameter]
    public let verdict: Verdict
    public let reviewer: Actor
    /// The gateway whose key the office used; nil if it decided at its desk.
    public let gateway: GatewayID?
    /// Measurements that were reported after this moment were not seen, so they are not reviewed.
    public let seenAt: Instant

    public init(
        _ key: ReadingKey, parameters: [Parameter] = [], verdict: Verdict, reviewer: Actor,
        gateway: GatewayID?, seenAt: Instant
    ) {
        section = key.section
        observedAt = key.observedAt
        period = key.period
        origin = key.origin
        self.parameters = parameters
        self.verdict = verdict
        self.reviewer = reviewer
        self.gateway = gateway
        self.seenAt = seenAt
    }

    public var key: ReadingKey {
        ReadingKey(section: section, observedAt: observedAt, period: period, origin: origin)
    }
}

extension Reading {
    /// The report that a review makes about this reading; nil if it has no news.
    public func report(of review: Review) -> Report? {
        report(by: review.reviewer, gateway: review.gateway) { parameter, measurement, part in
            guard part.reportedAt <= review.seenAt,
                review.parameters.isEmpty
                    ? measurement.status == .provisional : review.parameters.contains(parameter)
            else { return nil }
            return switch review.verdict {
            case .valid: measurement.asValid
            case .withdrawn: Measurement(.withdrawn, status: .valid)
            }
        }
    }

    /// A report that makes valid all provisional measurements reported by this moment; nil if there are none.
    public func report(validByAge moment: Instant) -> Report? {
        report(by: .system, gateway: nil) { _, measurement, part in
            measurement.status == .provisional && part.reportedAt <= moment ? measurement.asValid : nil
        }
    }

    private func report(
        by reviewer: Actor, gateway: GatewayID?,
        saying judge: (Parameter, Measurement, Part) -> Measurement?
    ) -> Report? {
        var judged: [Parameter: Measurement] = [:]
        for part in parts {
            for (parameter, measurement) in part.measurements where !measurement.isWithdrawn {
                guard let said = judge(parameter, measurement, part), said != measurement else { continue }
                judged[parameter] = said
            }
        }
        guard !judged.isEmpty else { return nil }
        return Report(
            section: section, gateway: gateway, observedAt: observedAt, period: period, origin: origin,
            reviewer: reviewer, measurements: judged)
    }

    /// When the oldest provisional measurement was reported; nil if there is none.
    public var provisionalSince: Instant? {
        parts.first { part in
            part.measurements.values.contains { $0.status == .provisional && !$0.isWithdrawn }
        }?.reportedAt
    }
}

extension Report {
    /// The class of its figures if the publisher gave a different one; nil if both are the same or one is
    /// missing.
    public func otherClass(in body: WaterBody) -> WaterClass? {
        guard let publishedClass,
            let ours = Standard.grade(measurements.figures, of: body).waterClass, ours != publishedClass
        else { return nil }
        return ours
    }
}

extension Assessment {
    /// Whether the publisher gave another class.
    public var differs: Bool {
        guard let waterClass, let published = reading.publishedClass else { return false }
        return waterClass != published
    }
}
