extension StringProtocol {
    var trimmed: SubSequence {
        guard let start = firstIndex(where: { !$0.isWhitespace }),
            let end = lastIndex(where: { !$0.isWhitespace })
        else { return self[endIndex...] }
        return self[start...end]
    }

    /// Replaces characters by plainer ones that they look like: full-width forms, Roman numerals, subscripts,
    /// superscripts (`10⁴` as `10^4`), the signs of units.
    ///
    /// This is the part of Unicode's compatibility mapping (UAX #15) that such tables use; the standard
    /// library does not offer the whole mapping.
    var folded: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return String(self) }
        var scalars = String.UnicodeScalarView()
        var isRaised = false
        for scalar in unicodeScalars {
            if let raised = scalar.lowered {
                if !isRaised { scalars.append("^") }
                isRaised = true
                scalars.append(raised)
                continue
            }
            isRaised = false
            switch scalar.value {
            case 0xFF01...0xFF5E: scalars.append(Unicode.Scalar(UInt8(scalar.value - 0xFF01 + 0x21)))
            case 0x3000, 0x00A0: scalars.append(" ")
            case 0x2160...0x2164:
                let numeral = ["I", "II", "III", "IV", "V"][Int(scalar.value - 0x2160)]
                scalars.append(contentsOf: numeral.unicodeScalars)
            case 0x2080...0x2089: scalars.append(Unicode.Scalar(UInt8(scalar.value - 0x2080 + 0x30)))
            case 0x00B5, 0x03BC: scalars.append("u")
            case 0x00D7: scalars.append("x")
            case 0x03B1: scalars.append("a")
            case 0x2103: scalars.append(contentsOf: "°C".unicodeScalars)
            case 0x2212: scalars.append("-")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}

extension Unicode.Scalar {
    /// The digit or sign that a superscript stands for.
    fileprivate var lowered: Unicode.Scalar? {
        switch value {
        case 0x00B9: "1"
        case 0x00B2, 0x00B3: Unicode.Scalar(UInt8(value - 0x00B2 + 0x32))
        case 0x2070, 0x2074...0x2079: Unicode.Scalar(UInt8(value - 0x2070 + 0x30))
        case 0x207A: "+"
        case 0x207B: "-"
        default: nil
        }
    }
}
