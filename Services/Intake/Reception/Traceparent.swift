import FoundationEssentials

/// W3C Trace Context level 1, §3.2: `00-<trace>-<parent>-<flags>`.
enum Traceparent {
    /// The caller's trace where he has one, else a new one.
    static func continued(_ header: String?, chance: UUID) -> String {
        if let header, isValid(header) { return header }
        let hex = chance.uuidString.lowercased().filter { $0 != "-" }
        return "00-\(hex)-\(hex.suffix(16))-01"
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
