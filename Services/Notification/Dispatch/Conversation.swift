import Models
import Text

/// Something that the owner of a number was asked, and may answer from his phone.
struct Asked: Codable, Equatable, Sendable {
    /// The notice's.
    let reference: String
    let complaint: TrackingCode
    let about: ComplaintEvent.Kind
    let question: NoticeQuestion
    let recipient: Recipient
    let at: Instant
    /// Whether he has said that he takes it up, so that `1` means another one.
    var isAccepted = false

    func isAbout(_ complaint: TrackingCode?, by actor: Actor?) -> Bool {
        self.complaint == complaint && question.by == actor
    }
}

/// What a number was asked, and what came back.
struct Conversation: Codable, Equatable, Sendable {
    /// Oldest first; of each complaint and capacity the last question only.
    private(set) var asked: [Asked] = []
    /// The messages that were answered, oldest first: a gateway may bring one twice.
    private(set) var heard: [String] = []
    /// When the suite last wrote back.
    private(set) var replies: [Instant] = []
    /// Whether he wants no messages as somebody who complained, or who follows.
    private(set) var isStopped = false

    /// Requests are kept as long, and a restore finds no older question.
    static let openFor: Duration = .seconds(7 * 86_400)
    private static let askedLimit = 50
    private static let heardLimit = 50
    /// Two programs that answer each other come to rest.
    static let repliesInADay = 3

    func open(at now: Instant) -> [Asked] { asked.filter { now - $0.at < Self.openFor } }

    /// When the first question to a citizen is to be closed: no store keeps his number for longer.
    var closesAt: Instant? {
        asked.lazy.filter(\.recipient.kind.isCitizen).map { $0.at + Self.openFor }.min()
    }

    func mayReply(at now: Instant) -> Bool { repliesOfToday(now) < Self.repliesInADay }

    /// Whether the next reply is the last one for a while.
    func isLastReply(at now: Instant) -> Bool { repliesOfToday(now) == Self.repliesInADay - 1 }

    private func repliesOfToday(_ now: Instant) -> Int {
        replies.count { now - $0 < .seconds(86_400) }
    }

    /// - Parameter isErased: what was asked is forgotten, and nothing is asked.
    mutating func ask(_ request: NoticeRequest, at moment: Instant, isErased: Bool) {
        guard let question = request.question else { return }
        // What he has taken up stays so, until it is given to him anew.
        let isAccepted =
            request.about != .assigned && request.about != .supervised
            && asked.contains { $0.isAbout(request.complaint, by: question.by) && $0.isAccepted }
        asked.removeAll { $0.complaint == request.complaint && $0.question.by == question.by }
        guard question.kind != .over, !isErased else { return }
        asked.append(
            Asked(
                reference: request.reference, complaint: request.complaint, about: request.about,
                question: question, recipient: request.recipient, at: moment, isAccepted: isAccepted))
        asked.removeAll { moment - $0.at >= Self.openFor }
        if asked.count > Self.askedLimit { asked.removeFirst(asked.count - Self.askedLimit) }
    }

    private mutating func accept(_ isMeant: (Asked) -> Bool) {
        for index in asked.indices where isMeant(asked[index]) && asked[index].question.kind == .act {
            asked[index].isAccepted = true
        }
    }

    /// Whether the settlement changes what may be answered.
    func isChanged(by settlement: NoticeSettlement) -> Bool {
        asked.contains { asked in
            asked.isAbout(settlement.complaint, by: settlement.by)
                && (settlement.isOver || asked.question.kind == .act && !asked.isAccepted)
        }
    }

    /// A citizen's number was erased.
    mutating func forget(_ reference: String) {
        asked.removeAll { $0.reference == reference && $0.recipient.kind.isCitizen }
    }

    func holds(_ reference: String) -> Bool {
        asked.contains { $0.reference == reference && $0.recipient.kind.isCitizen }
    }

    mutating func take(_ answer: PhoneAnswer, at moment: Instant) {
        if answer.outcome != .closed, answer.outcome != .settled {
            guard !heard.contains(answer.message) else { return }
            heard.append(answer.message)
            if heard.count > Self.heardLimit { heard.removeFirst(heard.count - Self.heardLimit) }
        }
        switch answer.outcome {
        case .acted:
            // Who has said that it is done, or not his, or how he likes it, is not asked any more.
            let ends: [ComplaintAction.Name] = [.resolve, .transfer, .rate]
            if answer.action.map(ends.contains) == true {
                asked.removeAll { $0.complaint == answer.complaint }
            }
            if answer.action == .accept { accept { $0.complaint == answer.complaint } }
        case .askedWhich, .needsLink, .notUnderstood:
            replies = Array((replies + [moment]).suffix(Self.repliesInADay))
        case .passedOver: break
        case .settled where answer.action == .accept: accept { $0.isAbout(answer.complaint, by: answer.by) }
        case .settled: asked.removeAll { $0.isAbout(answer.complaint, by: answer.by) }
        case .closed: asked.removeAll { $0.recipient.kind.isCitizen && moment - $0.at >= Self.openFor }
        case .stopped: isStopped = true
        case .resumed: isStopped = false
        }
    }
}

/// An answer as somebody typed it: a digit, the end of a complaint's code if he is asked about several, and a
/// text.
struct TypedAnswer: Equatable {
    let digit: Int?
    let complaint: Asked?
    /// Whether he named a complaint that he was not asked about.
    let isAboutAnother: Bool
    let text: String

    /// So many characters of a code tell which one of a few is meant.
    static let leastOfCode = 4

    init(_ message: PhoneMessage, among open: [Asked]) {
        var rest = Substring(message.plain).drop(while: Self.isSeparator)
        var digit: Int?
        if let first = rest.first, first.isASCII, let value = first.wholeNumberValue {
            let after = rest.dropFirst()
            // 10 and 3.5 are numbers in a sentence.
            let isNumber =
                after.first.map { $0.isASCII && ($0.isNumber || $0.isLetter) } == true
                || (after.first.map { ".:/%-".contains($0) } == true
                    && after.dropFirst().first?.isNumber == true)
                || Self.counts(after) || Self.begins(after, aListAt: value)
            if !isNumber {
                digit = value
                rest = after.drop(while: Self.isSeparator)
            }
        }
        let token = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        let name = token.filter { $0 != "-" }.uppercased()
        let isCode = name.count >= Self.leastOfCode
        let meant = isCode ? open.filter { $0.complaint.compact.hasSuffix(name) } : []
        self.digit = digit
        complaint = Set(meant.map(\.complaint)).count == 1 ? meant.last : nil
        isAboutAnother = complaint == nil && (TrackingCode(String(token)) != nil || Self.isEndOfCode(name))
        if complaint != nil { rest = rest.dropFirst(token.count).drop(while: Self.isSeparator) }
        text = String(rest)
    }

    /// Whether somebody may mean the end of a code: letters and digits of codes, and no quantity (100mg).
    private static func isEndOfCode(_ name: String) -> Bool {
        guard (leastOfCode...TrackingCode.length).contains(name.count),
            name.allSatisfy(TrackingCode.characters.contains), name.contains(where: \.isNumber),
            name.contains(where: \.isLetter)
        else { return false }
        return !units.contains(String(name.drop(while: \.isNumber)))
    }

    /// Units whose letters occur in codes; others can't be taken for one.
    private static let units: Set<String> = [
        "M", "M2", "M3", "MG", "KG", "G", "T", "KM", "CM", "MM", "H", "D",
    ]

    /// Whether what follows a number is the first entry of a list, whose second entry has the next number:
    /// 1、已派人 2、明天清理. Such a message tells of several things and orders none.
    private static func begins(_ text: Substring, aListAt number: Int) -> Bool {
        guard let mark = text.first, mark.isWhitespace || listMarks.contains(mark) else { return false }
        var isStart = false
        var place = text.startIndex
        while place < text.endIndex {
            let next = text.index(after: place)
            // Between blanks a number may count something, so only a new line begins an entry there.
            if isStart, text[place].wholeNumberValue == number + 1, next < text.endIndex,
                mark.isWhitespace ? text[next].isWhitespace : text[next] == mark,
                text[text.index(after: next)...].first?.isNumber != true
            {
                return true
            }
            isStart = mark.isWhitespace ? text[place].isNewline : !text[place].isNumber
            place = next
        }
        return false
    }

    private static let listMarks = Set(".、)）．:：")

    /// Whether a digit before this text counts something: 3天内完成, 2小时后到现场, 3 days. Such a sentence is
    /// no order, and must not close a complaint.
    private static func counts(_ text: Substring) -> Bool {
        let text = text.drop(while: \.isWhitespace)
        guard !words.contains(where: text.hasPrefix) else { return false }
        let isCounter = text.first.map(counters.contains) == true
        if isCounter || longCounters.contains(where: text.hasPrefix) { return true }
        let word = text.prefix(while: \.isLetter).lowercased()
        return englishCounters.contains { word == $0 || word == $0 + "s" }
    }

    private static let counters = Set("天日个個周週月年号號次分秒点點米吨人名件处處台辆条座组户楼层百千万元")
    private static let longCounters = [
        "小时", "小時", "钟头", "鐘頭", "星期", "礼拜", "厘米", "公里", "公斤", "平方", "立方",
    ]
    /// Words that begin like a counter.
    private static let words = [
        "处理", "處理", "处置", "人员", "人員", "次日", "周边", "周围", "日常", "分管", "点位", "组织", "元旦",
    ]
    private static let englishCounters = [
        "day", "hour", "minute", "week", "month", "year", "time", "metre", "meter", "km", "ton", "am", "pm",
        "people", "person", "worker", "of", "or", "more",
    ]

    private static func isSeparator(_ character: Character) -> Bool {
        character.isWhitespace || ",.:;，。：；、)）-".contains(character)
    }
}

// MARK: JSON

extension Asked: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        reference = try json.field("reference")
        complaint = try json.field("complaint")
        about = try json.field("about")
        question = try json.field("question")
        recipient = try json.field("recipient")
        at = try json.field("at")
        isAccepted = try json.field("isAccepted", default: false)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("about", about)
            json.field("at", at)
            json.field("complaint", complaint)
            json.field("isAccepted", isAccepted)
            json.field("question", question)
            json.field("recipient", recipient)
            json.field("reference", reference)
        }
    }
}

extension Conversation: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        asked = try json.field("asked")
        heard = try json.field("heard")
        replies = try json.field("replies")
        isStopped = try json.field("isStopped")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("asked", asked)
            json.field("heard", heard)
            json.field("isStopped", isStopped)
            json.field("replies", replies)
        }
    }
}
