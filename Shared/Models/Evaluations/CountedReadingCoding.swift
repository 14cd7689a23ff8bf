public import Text

// How a store keeps what counts of a reading (see `JSONReadable`).

extension CountedReading.Value: Codable, JSONCoded {
    private enum CodingKeys: String, CodingKey {
        case figure, isBelow = "below", isProvisional = "provisional"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            figure: try container.decodeIfPresent(Double.self, forKey: .figure),
            isBelow: try container.decodeIfPresent(Bool.self, forKey: .isBelow) ?? false,
            isProvisional: try container.decodeIfPresent(Bool.self, forKey: .isProvisional) ?? false)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(isBelow ? true : nil, forKey: .isBelow)
        try container.encodeIfPresent(figure, forKey: .figure)
        try container.encodeIfPresent(isProvisional ? true : nil, forKey: .isProvisional)
    }

    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            figure: try json.field("figure"), isBelow: try json.field("below", default: false),
            isProvisional: try json.field("provisional", default: false))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("below", isBelow ? true : nil)
            json.field("figure", figure)
            json.field("provisional", isProvisional ? true : nil)
        }
    }
}

extension CountedReading: Codable, JSONCoded {
    private enum CodingKeys: CodingKey { case observedAt, origin, period, values }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            observedAt: try container.decode(Instant.self, forKey: .observedAt),
            series: Series(
                origin: try container.decode(Origin.self, forKey: .origin),
                period: try container.decode(Period.self, forKey: .period)),
            values: try container.decode([Parameter: Value].self, forKey: .values))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(observedAt, forKey: .observedAt)
        try container.encode(series.origin, forKey: .origin)
        try container.encode(series.period, forKey: .period)
        try container.encode(values, forKey: .values)
    }

    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            observedAt: try json.field("observedAt"),
            series: Series(origin: try json.field("origin"), period: try json.field("period")),
            values: try json.field("values"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("observedAt", observedAt)
            json.field("origin", series.origin)
            json.field("period", series.period)
            json.field("values", values)
        }
    }
}
