/// Something in the folder that is wrong or worth a look, and where: `reaches.csv:12: …`, a form that lets
/// editors jump to the line.
struct Finding: Hashable, Comparable, CustomStringConvertible {
    enum Weight: Hashable {
        /// Nothing is published while there is such a finding.
        case fault
        /// Complaints find another way. It is reported but does not prevent publishing.
        case warning
    }

    let file: String
    /// Nil if the finding is about the file as a whole.
    let line: Int?
    let what: String
    let weight: Weight

    init(_ file: String, _ line: Int?, _ what: String, weight: Weight = .fault) {
        self.file = file
        self.line = line
        self.what = what
        self.weight = weight
    }

    var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return weight == .warning ? "\(place): warning: \(what)" : "\(place): \(what)"
    }

    static func < (left: Finding, right: Finding) -> Bool {
        (left.file, left.line ?? 0, left.what) < (right.file, right.line ?? 0, right.what)
    }
}
