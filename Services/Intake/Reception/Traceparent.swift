import FoundationEssentials

/// W3C Trace Context level 1, §3.2: `00-<trace>-<parent>-<flags>`.
enum Traceparent {
    /// The caller's trace if there is one; otherwise a new one made of the drawn values.
    static func continued(_ header: String?, trace: UUID, span: UInt64) -> String {
        if let header, isValid(header) { return header }
        let trace = trace.uuidString.lowercased().filter { $0 != "-" }
        // A span of zeros is not valid (§3.2.2.4).
        let digits = String(max(span, 1), radix: 16)
        return "00-\(trace)-\(String(repeating: "0", count: 16 - digits.count))\(digits)-01"
    }

    private static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let lengths = [2, 32, 16, 2]
        return parts.count == 4 && parts[0] == "00"
            && zip(parts, lengths).allSatisfy { part, length in
                part.utf8.count == length
                    && part.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
            } && parts[1].contains { $0 != "0" } && parts[2].contains { $0 != "0" }
    }
}
