import Models

@testable import Notification

/// A message about several notices, against the requests that it stands for. It is worked out anew and does
/// not ask the product's own wording.
struct GroupedText {
    private let text: String
    private let requests: [NoticeRequest]
    /// Those that may go with others although they were to go alone.
    private let late: Set<String>
    private let desk: String?

    /// - Parameter desk: the address of the officials' desk; the city writes English.
    init(_ text: String, _ requests: [NoticeRequest], late: Set<String> = [], desk: String?) {
        self.text = text
        self.late = late
        self.requests = requests
        self.desk = desk
    }

    private var lines: [Substring] { text.split(separator: "\n") }

    var faults: [String] {
        var faults: [String] = []
        let languages = Set(requests.map { $0.manner?.language ?? .en })
        if languages.count != 1 { faults.append("stands for people who chose several languages") }
        let isChinese = languages == [.zh]
        let words = lines.first.map(String.init) ?? ""
        if !words.hasPrefix(isChinese ? "【大禹】" : "[Dayu] ") {
            faults.append("is in another language: \(words)")
        }
        let told = isChinese ? chineseCount(words) : englishCount(words)
        if told != requests.count { faults.append("tells of \(told) and stands for \(requests.count)") }
        let codes = Set(requests.map(\.complaint.description))
        let named = Set(
            words.matches(of: /[0-9A-Z]{4}(-[0-9A-Z]{4}){2}-[0-9A-Z]/).map { String($0.output.0) })
        if !named.isSubset(of: codes) {
            faults.append("names \(named.subtracting(codes)), which none is about")
        }
        if requests.contains(where: { $0.manner?.isAlone == true && !late.contains($0.reference) }) {
            faults.append("holds one whose link stands nowhere else")
        }
        let isCitizens = requests.allSatisfy(\.recipient.kind.isCitizen)
        let addresses = isCitizens || desk == nil ? Set(requests.compactMap(\.manner?.address)) : [desk ?? ""]
        let address = lines.count > 1 ? String(lines[1]) : nil
        if !(address.map(addresses.contains) ?? addresses.isEmpty) {
            faults.append("leads to \(address ?? "nowhere")")
        }
        if lines.count > 2 || Segments.count(text) > 2 { faults.append("is too long: \(text)") }
        return faults
    }

    /// The sum of the counts in `Complaints: 3 new, 1 at risk, first due …`.
    private func englishCount(_ words: String) -> Int {
        guard let start = words.firstRange(of: "Complaints: ") else { return 0 }
        var sum = 0
        for part in words[start.upperBound...].split(separator: ", ") {
            guard let count = part.split(separator: " ").first.flatMap({ Int($0) }) else { break }
            sum += count
        }
        return sum
    }

    /// The same in `新投诉3件、催办1件，最早…`.
    private func chineseCount(_ words: String) -> Int {
        words.matches(of: /([0-9]+)件/).compactMap { Int($0.output.1) }.reduce(0, +)
    }
}
