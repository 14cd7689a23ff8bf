import Models
import Processing
import Readings
import Text

/// What the rows of `stations.csv` mean.
extension RowReading {
    mutating func station() -> RegistryEntity? {
        let id: StationID? = identifier()
        let section = pointReference("section")
        let name = text("name")
        let device = text("device_number", characters: Limit.identifierBytes)
        let password = optional(
            "password_sha256", as: { KeyHash($0) }, example: "a SHA-256 of 64 lower-case hexadecimal digits")
        let addresses = list(
            "addresses", as: { AddressBlock($0) }, example: "an IP address or a block such as 10.1.0.0/16")
        let zone = optional("time_zone", as: Self.timeZone, example: "a zone such as Asia/Shanghai")
        let takes = takes()
        let units = units()
        // In a frame, these characters end a field (HJ 212-2017 §6.3.4).
        if let device,
            device.utf8.contains(where: { !(0x21...0x7E).contains($0) || ";,=&#".utf8.contains($0) })
        {
            fault("device_number \"\(device)\" holds characters that no HJ 212 frame can carry")
        }
        guard let id, let section, let name, let device else { return nil }
        return .station(
            Station(
                id: id, section: section, name: name, deviceNumber: device, units: units,
                passwordHash: password, addresses: addresses, timeZone: zone, takes: takes))
    }

    /// The values of now, of minutes and of an hour measure the same water. So only one of these series is
    /// taken, and that of days in addition.
    private mutating func takes() -> [Station.Series] {
        let takes = list(
            "takes", as: { Station.Series(rawValue: String($0)) },
            example: "2011 (now), 2051 (minutes), 2061 (hours) or 2031 (days)")
        let ofSameWater = takes.filter { $0 != .days }
        if ofSameWater.count > 1 {
            let names = ofSameWater.map(\.rawValue).joined(separator: " and ")
            fault("takes names \(names), which measure the same water: it would be counted several times")
        }
        return takes.isEmpty ? Station.usualSeries : takes
    }

    /// `w20115=μg/L w20120=μg/L`: the factor codes of HJ 212, each with the unit its device sends.
    private mutating func units() -> [Parameter: String] {
        var units: [Parameter: String] = [:]
        for text in value("units").split(separator: " ") {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let parameter = Parameter(rawValue: parts[0]) else {
                fault("units \"\(text)\" is not a factor code and a unit, such as w20115=μg/L")
                continue
            }
            if parameter.scale(from: parts[1]) == nil {
                let ours = parameter.unit.isEmpty ? "none" : parameter.unit
                fault("units \"\(text)\" is not a known unit of this factor; ours is \(ours)")
            }
            if units.updateValue(parts[1], forKey: parameter) != nil {
                fault("units names \(parameter.rawValue) twice")
            }
        }
        return units
    }
}
