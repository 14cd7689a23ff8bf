import Models
import Text

/// The registry's stations by the numbers of their devices.
struct StationDirectory: Sendable {
    private let devices: [String: Station]
    /// The stations that can prove their identity.
    let calling: [StationID: Station]
    private let addresses: Set<AddressBlock>
    /// The outfalls that may have stations.
    private let outfalls: Set<SectionID>

    init(_ stations: some Sequence<Station>, outfalls: Set<SectionID> = []) {
        self.outfalls = outfalls
        calling = Dictionary(
            stations.filter(\.canCall).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        addresses = Set(calling.values.flatMap(\.addresses))
        devices = Dictionary(calling.values.map { ($0.deviceNumber, $0) }, uniquingKeysWith: { $1 })
    }

    /// The sender chooses the length of the number, so it is limited before the look-up (`Limit.wordBytes`).
    func station(_ device: String) -> Station? {
        device.utf8.count <= Limit.identifierBytes ? devices[device] : nil
    }

    /// Whether the station measures what is discharged, and not a river.
    func isAtOutfall(_ station: Station) -> Bool { outfalls.contains(station.section) }

    /// Whether a station may call from this address without a password.
    func isNamed(_ address: IPAddress) -> Bool { addresses.contains { $0.contains(address) } }
}
