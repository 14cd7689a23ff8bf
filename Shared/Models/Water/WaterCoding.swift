public import Text

// The JSON of readings, which are nearly all of the traffic besides complaints: see `JSONReadable`.

extension WaterClass: JSONCoded {}
extension WaterBody: JSONCoded {}
extension Parameter: JSONCoded {}
extension Period: JSONCoded {}
extension Origin: JSONCoded {}
extension Measurement.Flag: JSONCoded {}
extension Measurement.Status: JSONCoded {}

/// By code, in the order of the codes.
extension Dictionary: JSONWritable where Key == Parameter, Value: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            for (parameter, value) in sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                json.member(parameter.rawValue, value)
            }
        }
    }
}

extension Dictionary: JSONReadable where Key == Parameter, Value: JSONReadable {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init()
        try json.eachParameter { (parameter, value) throws(Malformed) in self[parameter] = try Value(value) }
    }
}

extension JSONNode {
    /// The members of an object, each named by the code of a parameter, in the order of the text.
    func eachParameter(
        _ read: (Parameter, JSONNode) throws(Malformed) -> Void
    ) throws(Malformed) {
        try eachMember { (name, value) throws(Malformed) in
            guard let parameter = Parameter(rawValue: name) else {
                throw Malformed(name, "is not a known parameter")
            }
            do throws(Malformed) { try read(parameter, value) } catch { throw error.within(name) }
        }
    }
}

extension Measurement: Codable {
    private enum CodingKeys: CodingKey {
        case value, below, withdrawn, flag, status, written, unit, sampledAt
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let value: Value
        do {
            value = try Value(
                measured: try container.decodeIfPresent(Double.self, forKey: .value),
                below: try container.decodeIfPresent(Double.self, forKey: .below),
                isWithdrawn: try container.decodeIfPresent(Bool.self, forKey: .withdrawn))
        } catch let error as Malformed {
            throw DecodingError.dataCorrupted(
                .init(codingPath: container.codingPath, debugDescription: error.description))
        }
        self.init(
            value, flag: try container.decodeIfPresent(Flag.self, forKey: .flag) ?? .valid,
            status: try container.decodeIfPresent(Status.self, forKey: .status) ?? .provisional,
            written: try container.decodeIfPresent(String.self, forKey: .written),
            unit: try container.decodeIfPresent(String.self, forKey: .unit),
            sampledAt: try container.decodeIfPresent(Instant.self, forKey: .sampledAt))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(value.measured, forKey: .value)
        try container.encodeIfPresent(value.below, forKey: .below)
        try container.encodeIfPresent(isWithdrawn ? true : nil, forKey: .withdrawn)
        try container.encodeIfPresent(unusualFlag, forKey: .flag)
        try container.encodeIfPresent(unusualStatus, forKey: .status)
        try container.encodeIfPresent(written, forKey: .written)
        try container.encodeIfPresent(unit, forKey: .unit)
        try container.encodeIfPresent(sampledAt, forKey: .sampledAt)
    }

    /// Left out if it has the most common value.
    fileprivate var unusualFlag: Flag? { flag == .valid ? nil : flag }
    /// A measurement without a status is provisional.
    fileprivate var unusualStatus: Status? { status == .provisional ? nil : status }
}

extension Measurement: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            try Value(
                measured: try json.field("value"), below: try json.field("below"),
                isWithdrawn: try json.field("withdrawn")),
            flag: try json.field("flag", default: .valid),
            status: try json.field("status", default: .provisional),
            written: try json.field("written"), unit: try json.field("unit"),
            sampledAt: try json.field("sampledAt"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("below", value.below)
            json.field("flag", unusualFlag)
            json.field("sampledAt", sampledAt)
            json.field("status", unusualStatus)
            json.field("unit", unit)
            json.field("value", value.measured)
            json.field("withdrawn", isWithdrawn ? true : nil)
            json.field("written", written)
        }
    }
}

extension Measurement.Value {
    fileprivate var measured: Double? { if case .measured(let value) = self { value } else { nil } }
    fileprivate var below: Double? { if case .below(let limit) = self { limit } else { nil } }

    fileprivate init(measured: Double?, below: Double?, isWithdrawn: Bool?) throws(Malformed) {
        switch (measured, below, isWithdrawn ?? false) {
        case (let value?, nil, false): self = .measured(value)
        case (nil, let limit?, false): self = .below(limit)
        case (nil, nil, true): self = .withdrawn
        case (_, _, _): throw Malformed("", "must have exactly one of value, below and withdrawn")
        }
    }
}

extension Report: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            section: try json.field("section"), station: try json.field("station"),
            gateway: try json.field("gateway"), observedAt: try json.field("observedAt"),
            period: try json.field("period"),
            origin: try json.field("origin"), source: try json.field("source"),
            reviewer: try json.field("reviewer"), publishedClass: try json.field("publishedClass"),
            measurements: try json.field("measurements"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("gateway", gateway)
            json.field("measurements", measurements)
            json.field("observedAt", observedAt)
            json.field("origin", origin)
            json.field("period", period)
            json.field("publishedClass", publishedClass)
            json.field("reviewer", reviewer)
            json.field("section", section)
            json.field("source", source)
            json.field("station", station)
        }
    }
}

extension Reading.Part: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            reportedAt: try json.field("reportedAt"), station: try json.field("station"),
            gateway: try json.field("gateway"), source: try json.field("source"),
            reviewer: try json.field("reviewer"), publishedClass: try json.field("publishedClass"),
            measurements: try json.field("measurements"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("gateway", gateway)
            json.field("measurements", measurements)
            json.field("publishedClass", publishedClass)
            json.field("reportedAt", reportedAt)
            json.field("reviewer", reviewer)
            json.field("source", source)
            json.field("station", station)
        }
    }
}

extension Reading: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        section = try json.field("section")
        observedAt = try json.field("observedAt")
        period = try json.field("period")
        origin = try json.field("origin")
        parts = try json.field("parts")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("observedAt", observedAt)
            json.field("origin", origin)
            json.field("parts", parts)
            json.field("period", period)
            json.field("section", section)
        }
    }
}

extension Assessment: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            reading: try json.field("reading"), body: try json.field("body"),
            waterClass: try json.field("class"), classes: try json.field("classes"),
            decisive: try json.field("decisive"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("body", body)
            json.field("class", waterClass)
            json.field("classes", classes)
            json.field("decisive", decisive)
            json.field("reading", reading)
        }
    }
}
