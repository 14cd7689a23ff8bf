/// The limits of every value that comes from outside. Exceeding one is the sender's fault, and the fault
/// names the limit. Each module adds those of its own values.
public enum Limit {
    /// The name of a member of a JSON object, or one of a few words.
    ///
    /// Swift hashes and compares texts by canonical equivalence (Unicode, UAX #15). For a text with many
    /// combining marks, that takes time that grows with the square of its length. So texts must be short
    /// before they are hashed or compared.
    public static let wordBytes = 64
}
