extension Headers {
    /// Whether whoever sends these takes gzip: it names it, or everything, and not with the weight 0
    /// (RFC 9110 §12.5.3).
    public var takeGzip: Bool {
        var takesEverything = false
        for offer in all("Accept-Encoding").flatMap({ $0.split(separator: ",") }) {
            let parts = offer.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first else { continue }
            let weight =
                parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            switch name {
            case "gzip", "x-gzip": return weight > 0
            case "*": takesEverything = weight > 0
            default: break
            }
        }
        return takesEverything
    }
}
