/// Says that the registry was published again after its first records had been lost.
///
/// The topic is compacted, and compaction leaves a log's first offset as it is. So if the log does not begin
/// with the first offset of all, retention or a broker in memory has removed entities that are still meant to
/// be there. `dayu registry publish` writes what is missing, and then this record under a key of its own.
public struct RegistryRenewal: Hashable, Sendable, Codable {
    public static let key = "renewal"
    public static let type = EventType("registry", "renewed")

    /// The first offset of the log at that time.
    public let start: Int64

    public init(start: Int64) { self.start = start }

    /// What is missing of a registry whose log begins at `start`; nil if it is whole.
    ///
    /// - Parameter renewal: the last one on the log.
    public static func gap(before start: Int64, after renewal: Self?) -> String? {
        guard start > renewal?.start ?? 0 else { return nil }
        return
            "the offsets before \(start) of the registry are gone, and what was published there may be missing: "
            + "dayu registry publish brings it back"
    }
}
