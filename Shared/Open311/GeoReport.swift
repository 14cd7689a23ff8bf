/// The addresses of GeoReport v2. Intake takes what is posted, Disclosure answers what is asked, and each
/// sends a client that came to the wrong one to the other.
public enum GeoReport {
    /// Everything of the standard is below it.
    public static let folder = "/open311"
    public static let base = "\(folder)/v2"

    public static func path(_ name: String, _ format: Format) -> String { "\(base)/\(name).\(format)" }

    /// To these one posts: requests, and updates of them (mySociety's extension).
    public static let postedRequests = Format.allCases.map { path("requests", $0) }
    public static let postedUpdates = Format.allCases.map { path("servicerequestupdates", $0) }
    public static let posted = postedRequests + postedUpdates

    /// These one reads, as patterns of routes; the last segment also names the format.
    public static let read =
        Format.allCases.flatMap { format in
            ["/open311/discovery.\(format)"]
                + ["discovery", "services", "requests", "servicerequestupdates"].map { path($0, format) }
        } + ["services", "requests", "tokens"].map { "\(base)/\($0)/{file}" }
}
