extension TrackingCode {
    /// The complaint of a key such as `7KQ29XM4T1H0C/…`, and what stands behind the first slash.
    ///
    /// Only one spelling of the code is accepted: a tombstone under another one would erase nothing.
    static func parts(ofKey text: String) -> (complaint: TrackingCode, rest: String)? {
        let code = Topic.partitionKey(of: text)
        guard let complaint = TrackingCode(String(code)), complaint.compact == code else { return nil }
        return (complaint, String(Substring(text.utf8.dropFirst(code.utf8.count + 1))))
    }
}
