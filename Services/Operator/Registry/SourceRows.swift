import Models
import Processing
import Readings
import Text

/// What becomes of a table with faults, as the words of `POST /v1/readings?on-fault=…` say it.
enum OnFault: String, CaseIterable {
    case refuse, skip
}

/// What the rows of `sources.csv` mean.
extension RowReading {
    mutating func source() -> RegistryEntity? {
        let id: SourceID? = identifier()
        let gateway: GatewayID? = reference("gateway", to: .gateway)
        let address = address()
        if value("interval").isEmpty { fault("interval is empty") }
        let interval = optional(
            "interval", as: { Source.Interval($0) }, example: "an interval from 1s to 31d, such as 10m")
        let shape = choice("shape", of: Source.Shape.allCases)
        let credential = optional(
            "credential", as: { Source.isCredential($0) ? $0 : nil },
            example:
                "the name of a variable such as \(Source.credentialPrefix)CENTRE: capital letters, digits and _"
        )
        let skipsUnknown = flag("skip_unknown", preset: false)
        let onFault = optionalChoice("on_fault", of: OnFault.allCases)
        let columns = columns()
        if shape == .json {
            let given = [
                ("skip_unknown", skipsUnknown), ("on_fault", onFault == .skip), ("columns", columns != nil),
            ]
            for (name, isGiven) in given where isGiven {
                fault("\(name) is for tables, and the shape is json")
            }
        }
        if credential != nil, let address, !address.isEncrypted, !address.isLoopback {
            warn("the credential goes to \(address) unencrypted: everybody on the way can read it")
        }
        guard let id, let gateway, let address, let interval, let shape else { return nil }
        return .source(
            Source(
                id: id, gateway: gateway, address: address, interval: interval, shape: shape,
                credential: credential, skipsUnknown: skipsUnknown, skipsFaults: onFault == .skip,
                columns: columns))
    }

    private mutating func address() -> Source.Address? {
        guard let text = text("address", characters: Limit.mediaBytes) else { return nil }
        let address = Source.Address(text)
        if address == nil {
            fault(
                "address \"\(text)\" is not an http(s) address in ASCII, without a user and without a fragment"
            )
        }
        return address
    }

    private mutating func columns() -> String? {
        guard let text = optionalText("columns", characters: Limit.columnMapBytes) else { return nil }
        do throws(Malformed) {
            _ = try ColumnMap(text)
        } catch {
            for fault in error.faults { self.fault("columns \(fault.detail)") }
        }
        return text
    }
}
