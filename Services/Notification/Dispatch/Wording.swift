import Models

/// Writes one message about several notices to the same number.
struct Wording: Equatable, Sendable {
    var language = Language.zh
    var signature = Signature.usual
    var segments = 2
    /// The address of the officials' desk; nil: the message has the link of what is due first.
    var desk: String?

    /// The same in the language that a recipient chose.
    func spoken(in chosen: Contact.Language?) -> Wording {
        var spoken = self
        spoken.language = language.spoken(chosen)
        return spoken
    }

    struct Written: Equatable {
        let text: String
        /// The same without signature and link, for gateways that fill in templates.
        let sentence: String
        let address: String?
    }

    /// - Parameter requests: at least two, all to officials or all to citizens.
    func message(about requests: [NoticeRequest]) -> Written {
        let requests = requests.sorted(by: Self.isBefore)
        let isCitizens = requests.allSatisfy(\.recipient.kind.isCitizen)
        let address = (isCitizens ? nil : desk) ?? requests.lazy.compactMap(\.manner?.address).first
        let codes = requests.map(\.complaint.description).reduce(into: [String]()) { codes, code in
            if !codes.contains(code) { codes.append(code) }
        }
        let heads = [head(requests, isCitizens, isWhole: true), head(requests, isCitizens, isWhole: false)]
        func signed(_ sentence: String) -> String {
            let text = signature.signed(sentence, in: language)
            return address.map { "\(text)\n\($0)" } ?? text
        }
        let head = heads.first { Segments.count(signed($0)) <= segments } ?? heads[1]
        // The desk lists the complaints. Elsewhere their codes say which ones are meant.
        let room = address != nil && address == desk && Segments.count(signed(head)) == 1 ? 1 : segments
        let sentence =
            (1...codes.count).reversed().lazy.map {
                self.sentence(head, Array(codes.prefix($0)), codes.count)
            }
            .first { Segments.count(signed($0)) <= room } ?? sentence(head, [], codes.count)
        return Written(text: signed(sentence), sentence: sentence, address: address)
    }

    /// What is due first comes first; then in the order in which it happened.
    private static func isBefore(_ one: NoticeRequest, _ other: NoticeRequest) -> Bool {
        switch (one.manner?.dueAt, other.manner?.dueAt) {
        case (let one?, let other?) where one != other: one < other
        case (_?, nil): true
        case (nil, _?): false
        default: one.reference < other.reference
        }
    }

    /// - Parameter isWhole: counts each gist; else only all together.
    private func head(_ requests: [NoticeRequest], _ isCitizens: Bool, isWhole: Bool) -> String {
        var counts: [(gist: String, count: Int)] = []
        for request in requests {
            let gist = isWhole ? request.manner?.gist ?? usualGist : usualGist
            if let index = counts.firstIndex(where: { $0.gist == gist }) {
                counts[index].count += 1
            } else {
                counts.append((gist, 1))
            }
        }
        let due = isCitizens ? nil : requests.first { $0.manner?.dueAt != nil }?.fields?.due
        if language == .en {
            let list = counts.map { "\($0.count) \($0.gist)" }.joined(separator: ", ")
            return "Complaints: \(list)\(due.map { ", first due \($0)" } ?? "")"
        }
        let list = counts.map { "\($0.gist)\($0.count)件" }.joined(separator: "、")
        return "\(isCitizens ? "投诉进展：" : "")\(list)\(due.map { "，最早\($0)到期" } ?? "")"
    }

    private var usualGist: String { language == .en ? "with news" : "有新进展" }

    private func sentence(_ head: String, _ codes: [String], _ all: Int) -> String {
        guard !codes.isEmpty else { return language == .en ? "\(head)." : "\(head)。" }
        if language == .en {
            return "\(head): \(codes.joined(separator: ", "))\(codes.count < all ? ", …" : "")."
        }
        return "\(head)：\(codes.joined(separator: "、"))\(codes.count < all ? "等" : "")。"
    }
}
