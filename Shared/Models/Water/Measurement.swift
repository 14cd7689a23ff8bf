public import Text

/// One parameter at one section at one time: a value, or how it could not be measured.
///
/// The report or the reading that holds it says what it belongs to (section, time, period, origin).
public struct Measurement: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        /// In `Parameter.unitOnLog`.
        case measured(Double)
        /// Below this limit of detection, in `Parameter.unitOnLog`. Only the limit is known; statistics count
        /// half of it.
        case below(Double)
        /// An earlier value is withdrawn. The withdrawal is kept, so that a late copy of that value does not
        /// become valid again.
        case withdrawn
    }

    /// Whether a value may be judged. HJ 212-2017 has a letter for all flags but the last.
    public enum Flag: String, CaseIterable, Sendable, Codable {
        /// N.
        case valid
        /// F: the device is out of operation.
        case stopped
        /// M.
        case maintenance
        /// S: somebody typed it in at the device.
        case entered
        /// D.
        case fault
        /// C.
        case calibration
        /// T: beyond the device's range.
        case overRange
        /// B: no connection to the device.
        case communication
        /// A quality check by the publisher or an office found it doubtful.
        case suspect
    }

    /// How certain it is. A provisional measurement becomes valid by review, or by itself after a time.
    public enum Status: String, CaseIterable, Sendable, Codable, Comparable {
        case provisional, valid

        public static func < (left: Status, right: Status) -> Bool { left == .provisional && right == .valid }
    }

    public let value: Value
    public let flag: Flag
    public let status: Status
    /// As its author wrote it, such as `0.01L`; only if the number alone does not say the same.
    public let written: String?
    /// The unit of `written`, if it is not `Parameter.unitOnLog`.
    public let unit: String?
    /// When the sample was taken, if that is not the time of the reading: a slow analyser sends the result of
    /// one sample repeatedly until it has the next.
    public let sampledAt: Instant?

    public init(
        _ value: Value, flag: Flag = .valid, status: Status = .provisional, written: String? = nil,
        unit: String? = nil, sampledAt: Instant? = nil
    ) {
        self.value = value.withoutNegativeZero
        self.flag = flag
        self.status = status
        self.written = written
        self.unit = unit
        self.sampledAt = sampledAt
    }

    /// A plain number.
    public init(_ value: Double) { self.init(.measured(value)) }

    public var isWithdrawn: Bool { value == .withdrawn }

    /// The same measurement after a review.
    public var asValid: Measurement {
        Measurement(value, flag: flag, status: .valid, written: written, unit: unit, sampledAt: sampledAt)
    }

    /// The number that is judged and used in calculations; nil if there is none.
    ///
    /// Only what is flagged valid counts. Below a limit of detection, half of the limit counts: such data
    /// "take part in computation and statistics with half of the limit" (《地表水环境质量监测数据统计技术规定(试行)》,
    /// 环办监测函〔2020〕82号, item 7). The rule speaks of all such data and not only of means, so a single reading
    /// is judged by it, too. If a limit of detection is above the limit of a class, the resulting class can
    /// be too good: so the limit is published beside the class.
    public var figure: Double? {
        guard flag == .valid else { return nil }
        return switch value {
        case .measured(let value): value
        case .below(let limit): limit / 2
        case .withdrawn: nil
        }
    }

    /// What a table in `Parameter.unit` shows. Below a limit of detection: the limit as it was written, or
    /// else `0.01L` as laboratories write it. Nil for a withdrawn value.
    public func text(of parameter: Parameter) -> String? {
        switch value {
        case .measured(let value): "\(parameter.shown(value))"
        case .below(let limit):
            (unitOfWritten(of: parameter) == parameter.unit ? written : nil) ?? "\(parameter.shown(limit))L"
        case .withdrawn: nil
        }
    }

    /// The unit of `written`.
    public func unitOfWritten(of parameter: Parameter) -> String { unit ?? parameter.unitOnLog }

    public func faults(of parameter: Parameter) -> [FieldFault] {
        var faults: [FieldFault] = []
        switch value {
        // A device that is broken or beyond its range may send anything: -99, 999.99.
        case .measured(let value) where flag != .valid:
            if !value.isFinite { faults.append(FieldFault("value", "is not a number")) }
        case .measured(let value) where parameter.plausible.contains(value): break
        case .measured(let value): faults.append(parameter.fault(of: value, "value"))
        case .below(let limit):
            if parameter.hasDetectionLimit {
                if !parameter.plausible.contains(limit) { faults.append(parameter.fault(of: limit, "below")) }
            } else {
                faults.append(FieldFault("below", "\(parameter.name.en) has no detection limit"))
            }
        case .withdrawn: break
        }
        func limit(_ name: String, _ text: String?) {
            if let text, text.utf8.count > Limit.writtenBytes {
                faults.append(FieldFault(name, "is longer than \(Limit.writtenBytes) bytes"))
            }
        }
        limit("written", written)
        limit("unit", unit)
        return faults
    }
}

extension Measurement.Value {
    fileprivate var withoutNegativeZero: Self {
        switch self {
        case .measured(let value): .measured(value == 0 ? 0 : value)
        case .below(let limit): .below(limit == 0 ? 0 : limit)
        case .withdrawn: .withdrawn
        }
    }
}

extension Limit {
    /// The length of a figure as written, or of its unit.
    public static let writtenBytes = 32
    /// The length of a text that says where figures come from.
    public static let sourceBytes = 360
}

extension Parameter {
    /// False for temperature, pH, transparency and flow: they have no value too small to be detected.
    public var hasDetectionLimit: Bool { ![.pH, .waterTemperature, .transparency, .flow].contains(self) }

    fileprivate func fault(of value: Double, _ field: String) -> FieldFault {
        FieldFault(field, whyImplausible(value))
    }

    public func whyImplausible(_ value: Double) -> String {
        let unit = unit.isEmpty ? "" : " \(unit)"
        let (least, most) = (shown(plausible.lowerBound), shown(plausible.upperBound))
        return "\(shown(value)) is outside \(least)…\(most)\(unit)"
    }
}

extension [Parameter: Measurement] {
    /// Measurements from plain numbers.
    public init(_ values: [Parameter: Double]) { self = values.mapValues { Measurement($0) } }

    /// The numbers that are judged.
    public var figures: [Parameter: Double] { compactMapValues(\.figure) }

    public var faults: [FieldFault] {
        sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { parameter, measurement in
            measurement.faults(of: parameter).map {
                FieldFault("measurements.\(parameter.rawValue).\($0.field)", $0.detail)
            }
        }
    }
}
