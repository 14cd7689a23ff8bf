extension Gateway {
    /// One permission of a gateway's key.
    ///
    /// Written `complaints`, `readings`, `readings:section/jiekou`, `readings:station/station-jiekou`,
    /// `actions:office/hangzhou`, `receipts`, `messages`.
    public enum Scope: Hashable, Sendable {
        /// To post complaints.
        case complaints
        /// To post readings of every section.
        case readings
        /// To post readings of one section, whatever station they come from.
        case readingsOfSection(SectionID)
        /// To post readings of one station, for the section that the station belongs to.
        case readingsOfStation(StationID)
        /// To act as an official. An office includes all officials of its region and of all regions below it.
        case actions(Official)
        /// To report what became of short messages.
        case receipts
        /// To hand over short messages that phones sent.
        case messages

        public init?(_ text: some StringProtocol) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let of = parts.count == 2 ? String(parts[1]) : nil
            let scope: Scope? =
                switch (parts[0], of) {
                case ("complaints", nil): .complaints
                case ("readings", nil): .readings
                case ("readings", let of?): Self.readings(of)
                case ("actions", let of?): Official(of).map(Scope.actions)
                case ("receipts", nil): .receipts
                case ("messages", nil): .messages
                default: nil
                }
            guard let scope else { return nil }
            self = scope
        }

        private static func readings(_ source: String) -> Scope? {
            switch RegistryKey(source) {
            case let key? where key.kind == .section: SectionID(key.id).map(Scope.readingsOfSection)
            case let key? where key.kind == .station: StationID(key.id).map(Scope.readingsOfStation)
            default: nil
            }
        }
    }
}

extension Gateway.Scope: CustomStringConvertible {
    public var description: String {
        switch self {
        case .complaints: "complaints"
        case .readings: "readings"
        case .readingsOfSection(let id): "readings:section/\(id)"
        case .readingsOfStation(let id): "readings:station/\(id)"
        case .actions(let official): "actions:\(official)"
        case .receipts: "receipts"
        case .messages: "messages"
        }
    }
}

extension Gateway.Scope: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let scope = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a scope such as complaints or actions:office/hangzhou")
        }
        self = scope
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

// MARK: - What a gateway may do

extension Gateway {
    public var mayPostComplaints: Bool { scopes.contains(.complaints) }
    public var mayPostReceipts: Bool { scopes.contains(.receipts) }
    public var mayPostMessages: Bool { scopes.contains(.messages) }

    /// Whether there is a section whose readings the gateway may post.
    public var mayPostSomeReadings: Bool {
        scopes.contains { scope in
            switch scope {
            case .readings, .readingsOfSection, .readingsOfStation: true
            case .complaints, .actions, .receipts, .messages: false
            }
        }
    }

    /// Whether the gateway may post a reading of a section.
    ///
    /// A scope for a station covers readings of the station's section that name this station or no station.
    public func mayPostReading(
        of section: SectionID, from station: StationID? = nil, in registry: Registry
    ) -> Bool {
        scopes.contains { scope in
            switch scope {
            case .readings: true
            case .readingsOfSection(let id): id == section
            case .readingsOfStation(let id):
                registry.stations[id]?.section == section && (station ?? id) == id
            case .complaints, .actions, .receipts, .messages: false
            }
        }
    }

    /// Whether the gateway may act as this official. The official must be in the registry.
    public func mayAct(as official: Official, in registry: Registry) -> Bool {
        guard let region = registry.region(of: official) else { return false }
        return scopes.contains { scope in
            switch scope {
            case .actions(.office(let office)): registry.isRegion(region, within: office)
            case .actions(let other): other == official
            case .complaints, .readings, .readingsOfSection, .readingsOfStation, .receipts, .messages: false
            }
        }
    }
}
