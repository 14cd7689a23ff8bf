import Models
import Processing
import Text

@testable import Notification

/// Whether words stand before what refers to them, links before what tells of them, and neither anywhere else
/// after they were erased.
struct WordsAudit {
    private let auditor: Auditor
    private let world: World

    init(_ auditor: Auditor, _ world: World) {
        self.auditor = auditor
        self.world = world
    }

    func run() {
        auditOrder()
        auditStores()
    }

    // MARK: Order

    private func auditOrder() {
        var words: [String: Int32] = [:]
        var links: [String: ActionLinkFields] = [:]
        let topics: [Topic] = [.words, .links, .submissions, .actions, .events, .noticeRequests]
        for record in world.cluster.history(topics) where !auditor.malformed.contains(record) {
            guard let key = try? record.keyText() else { continue }
            switch record.topic {
            case .words: words[key] = record.partition
            case .links: links[key] = world.cluster.value(ActionLinkFields.self, of: record)
            case .noticeRequests: auditLink(of: record, links)
            default: auditReference(of: record, key, words)
            }
        }
    }

    /// A record under its complaint's code tells of words that are on the log already, on its own partition.
    private func auditReference(of record: Record, _ key: String, _ words: [String: Int32]) {
        guard let event = world.cluster.event(record), event.data != nil else {
            return auditor.expect(false, "\(record.topic.rawValue) \(key) can't be read")
        }
        let complaint: TrackingCode?
        let place: WordsKey?
        switch record.topic {
        case .events:
            let fact = world.cluster.fact(record)
            (complaint, place) = (fact?.complaint, fact?.words)
        case .submissions:
            let submission = world.cluster.value(Submission.self, of: record)
            complaint = submission?.complaint
            place = submission.flatMap { submission in
                submission.words.map { _ in WordsKey(complaint: submission.complaint, cause: event.asCause) }
            }
        default:
            let action = world.cluster.value(ComplaintAction.self, of: record)
            complaint = action?.complaint
            place = action.flatMap(Self.place(event.asCause))
        }
        auditor.expect(
            key == complaint?.compact,
            "\(record.topic.rawValue) of \(complaint?.compact ?? "") has key \(key)")
        guard let place else { return }
        let partition = words[place.description]
        auditor.expect(
            partition != nil, "\(record.topic.rawValue) \(event.id) stands before its words \(place)")
        guard let partition, place.complaint == complaint else { return }
        auditor.expect(
            partition == record.partition, "\(place) and \(event.id) lie on different partitions")
    }

    /// What complaints tell each other was said at the other one.
    private static func place(_ cause: String) -> (ComplaintAction) -> WordsKey? {
        { action in
            guard action.words != nil else { return nil }
            if case .inform(let of, _, let cause) = action.verb {
                return WordsKey(complaint: of, cause: cause)
            }
            return WordsKey(complaint: action.complaint, cause: cause)
        }
    }

    private func auditLink(of record: Record, _ links: [String: ActionLinkFields]) {
        guard let request = world.cluster.value(NoticeRequest.self, of: record) else { return }
        guard request.fields?.link != nil else {
            return auditor.expect(
                !request.text.contains("\(Workload.site)/"), "\(request.reference) bears a link and hides it")
        }
        guard let handle = request.text.split(separator: "#").last,
            request.text.contains("\(Workload.site)/")
        else { return auditor.expect(false, "\(request.reference) bears no link") }
        let link = links[String(handle)]
        auditor.expect(link != nil, "\(request.reference) bears a link that is not on the log yet")
        auditor.expect(
            link?.complaint ?? request.complaint == request.complaint,
            "\(request.reference) bears the link of another complaint")
    }

    /// Of a link only what is audited here.
    private struct ActionLinkFields: Decodable {
        let complaint: TrackingCode
    }

    // MARK: Erasure

    /// What each text begins with that was erased.
    var gone: Set<String> {
        var texts: [String: Set<String>] = [:]
        var last: [String: Record] = [:]
        for record in world.cluster.committedRecords(.words) where !auditor.malformed.contains(record) {
            guard let key = try? record.keyText() else { continue }
            last[key] = record
            texts[key, default: []].formUnion(Self.tokens(in: record.value ?? []))
        }
        let kept = last.values.reduce(into: Set<String>()) { $0.formUnion(Self.tokens(in: $1.value ?? [])) }
        return Set(texts.values.joined()).subtracting(kept)
    }

    private static func tokens(in data: [UInt8]) -> [String] {
        guard let words = try? JSON.decode(Words.self, from: data) else { return [] }
        return [words.text, words.address].compactMap(\.self).compactMap { text in
            guard text.hasPrefix(Workload.wordMark), let end = text.firstIndex(of: "。") else { return nil }
            return String(text[...end])
        }
    }

    /// Only Addressing keeps words, and none that were erased. What its store holds is what a restore gives
    /// (`StoreAudit`), so a restore brings back none either.
    private func auditStores() {
        let gone = gone
        if !gone.isEmpty { world.marks.hit(.erasureAudited) }
        for loop in Loop.allCases {
            for disk in world.currentDisks(of: loop).values {
                for (key, state) in disk.states {
                    if loop != .addressing {
                        auditor.expect(!state.holds(Workload.wordMark), "\(loop) stores words of \(key)")
                        // A reply needs the number of a citizen who was asked something.
                        let isAsked = loop == .dispatch && asksCitizen(state)
                        auditor.expect(
                            isAsked || !state.namesCitizen, "\(loop) stores who complained of \(key)")
                    } else {
                        auditor.expect(
                            !gone.contains(where: state.holds), "\(loop) stores erased words of \(key)")
                        auditor.expect(
                            !state.namesCitizen || !isContactErased(key), "\(loop) stores an erased contact")
                    }
                }
            }
        }
    }

    private func asksCitizen(_ state: [UInt8]) -> Bool {
        let known = try? DispatchState(stored: state)
        return known?.conversation.asked.contains(where: \.recipient.kind.isCitizen) == true
    }

    private func isContactErased(_ complaint: String) -> Bool {
        let last = world.cluster.committedRecords(.contacts).last { (try? $0.keyText()) == complaint }
        return last.map { $0.value == nil } ?? false
    }
}
