import Models

/// Which parameter a code stands for.
enum StationCodes {
    static func parameter(_ code: String) -> Parameter? {
        let code = code.lowercased()
        // The standard's own example C.14 leaves the letter out: `01018-Rtd`.
        let isBare = code.utf8.count == 5 && code.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return Parameter(rawValue: isBare ? "w\(code)" : code) ?? others[code]
    }

    /// Whether the code is the parameter's own code and not another name for it.
    static func isOwn(_ code: String, of parameter: Parameter) -> Bool {
        code.lowercased() == parameter.rawValue
    }

    /// The codes of HJ/T 212-2005 (HJ 212-2017 table B.1, third column), and second codes of table B.1 for
    /// parameters between which the limits of GB 3838 do not differ.
    private static let others: [String: Parameter] = [
        "b01": .flow, "003": .suspendedSolids,
        "001": .pH, "010": .biochemicalOxygenDemand, "011": .chemicalOxygenDemand, "020": .mercury,
        "022": .cadmium, "024": .hexavalentChromium, "026": .arsenic, "027": .lead, "029": .copper,
        "030": .zinc, "035": .selenium, "060": .ammoniaNitrogen, "065": .totalNitrogen, "070": .cyanide,
        "071": .sulphide, "072": .fluoride, "080": .petroleum, "101": .totalPhosphorus,
        "110": .volatilePhenol, "520": .anionicSurfactant, "550": .faecalColiforms,
        "w20138": .copper, "w20139": .zinc, "w20140": .selenium, "w20141": .arsenic, "w20142": .mercury,
        "w20143": .cadmium, "w20144": .lead,
    ]

    /// HJ 212 has the metals in µg/L, some stations send them in mg/L, and GB 3838 has them in mg/L. HJ 212
    /// has no unit for chlorophyll a, and probes send µg/L (mg/m³) or mg/L. Nobody may guess a factor of a
    /// thousand.
    static func needsUnit(_ parameter: Parameter) -> Bool {
        switch parameter {
        case .mercury, .cadmium, .hexavalentChromium, .arsenic, .lead, .selenium, .chlorophyllA: true
        default: false
        }
    }

    /// HJ 212-2017 table 8, and P of HJ/T 212-2005: power failure.
    static func flag(_ letter: String) -> Measurement.Flag? {
        switch letter {
        case "N": .valid
        case "F": .stopped
        case "M": .maintenance
        case "S": .entered
        case "D", "P": .fault
        case "C": .calibration
        case "T": .overRange
        case "B": .communication
        default: nil
        }
    }
}
