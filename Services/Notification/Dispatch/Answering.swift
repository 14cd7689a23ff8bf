import Models
import Processing
import Text

/// What Dispatch makes of a message from a phone.
///
/// Only a number that was asked can answer, and only about what it was asked. Each message is answered once:
/// the log says so, and an action's record is named after the message.
extension Dispatch {
    func heard(
        _ message: PhoneMessage, _ state: DispatchState, _ trail: Trail, _ now: Instant
    ) -> [Fact] {
        let name = "\(message.gateway)/\(message.id)"
        let trail = trail.at(now)
        guard !state.conversation.heard.contains(name) else { return [] }
        func answered(
            _ outcome: PhoneAnswer.Outcome, _ asked: Asked? = nil, _ deed: Deed? = nil
        ) -> [Fact] {
            let answer = PhoneAnswer(
                handle: message.handle, message: name, outcome: outcome, complaint: asked?.complaint,
                action: deed?.action.verb.name)
            return [.answered(answer, trail, deed)]
        }
        if message.asksForNoMore { return answered(.stopped) }
        // Whoever has the phone wrote, so the number is his, whatever he wrote.
        let confirmed: [Fact] = state.isConfirmed ? [] : [.confirmed(message.handle, trail)]
        if message.asksForMore { return confirmed + answered(.resumed) }
        guard answers != .none else { return confirmed }
        let all = state.conversation.open(at: now)
        let typed = TypedAnswer(message, among: all)
        // Whoever says that he takes one up means none that he has taken up already.
        let waiting = typed.digit == 1 ? all.filter { !$0.isAccepted } : all
        let open = waiting.isEmpty ? all : waiting
        guard let latest = open.last else { return confirmed + answered(.passedOver) }
        func reply(_ outcome: PhoneAnswer.Outcome, _ asked: Asked) -> [Fact] {
            guard state.conversation.mayReply(at: now) else { return answered(.passedOver, asked) }
            let written = wording.spoken(in: asked.question.language).reply(
                outcome, to: asked, of: open, answers, isLast: state.conversation.isLastReply(at: now))
            let request = NoticeRequest(
                reference: "\(Self.replyPrefix)\(name)", recipient: asked.recipient,
                complaint: asked.complaint, about: asked.about, text: written.text,
                fields: NoticeFields(code: asked.complaint.description, sentence: written.sentence))
            return answered(outcome, outcome == .askedWhich ? nil : asked) + [.replied(request, trail)]
        }
        let complaints = Set(open.map(\.complaint))
        guard let asked = typed.complaint ?? (complaints.count == 1 && !typed.isAboutAnother ? latest : nil)
        else { return confirmed + reply(.askedWhich, latest) }
        switch verb(of: typed, to: asked) {
        case .nothing: return confirmed + answered(.passedOver, asked)
        case .unclear: return confirmed + reply(.notUnderstood, asked)
        case .needsLink: return confirmed + reply(.needsLink, asked)
        case .act(let verb, let text):
            let words = Words(text: text)
            let action = ComplaintAction(
                complaint: asked.complaint, by: asked.question.by, verb: verb, words: words.outline)
            return confirmed + answered(.acted, asked, Deed(action: action, words: words))
        }
    }

    /// What was done in another way than by an answer. Whatever still waits about it need not be said.
    func settled(
        _ settlement: NoticeSettlement, _ state: DispatchState, _ trail: Trail, _ now: Instant
    ) -> [Fact] {
        let dropped = state.held(about: settlement.complaint)
            .filter { $0.request.recipient.isWhoever(settlement.by) && $0.trail.at <= trail.at }
            .flatMap { fail($0, .overtaken, nil, state, now) }
        guard state.conversation.isChanged(by: settlement) else { return dropped }
        let by = settlement.by
        let answer = PhoneAnswer(
            handle: settlement.handle,
            message: [settlement.fact, by.role.rawValue, by.id].compactMap(\.self).joined(separator: "/"),
            outcome: .settled, complaint: settlement.complaint, action: settlement.isOver ? nil : .accept,
            by: by)
        return dropped + [.answered(answer, trail.at(now), nil)]
    }

    /// The end of what citizens were asked on a number.
    func closing(_ state: DispatchState, _ now: Instant) -> [Fact] {
        let conversation = state.conversation
        guard let closesAt = conversation.closesAt, closesAt <= now,
            let handle = conversation.asked.first?.recipient.handle
        else { return [] }
        let answer = PhoneAnswer(handle: handle, message: "\(now)", outcome: .closed)
        return [.answered(answer, Trail(at: now), nil)]
    }

    /// An action that somebody asked for from his phone, and what he said with it.
    struct Deed: Equatable, Sendable {
        let action: ComplaintAction
        let words: Words
    }

    /// References of replies begin so.
    static let replyPrefix = "answer/"

    private enum Meaning {
        case act(ComplaintAction.Verb, String?)
        case needsLink
        case unclear
        case nothing
    }

    private func verb(of typed: TypedAnswer, to asked: Asked) -> Meaning {
        let text = typed.text.isEmpty ? nil : typed.text
        switch (asked.question.kind, typed.digit) {
        case (.act, 0): return .act(.transfer(to: nil), text ?? "0")
        case (.act, 1): return .act(.accept, text)
        case (.act, 2): return text.map { .act(.note(isPublic: true), $0) } ?? .unclear
        case (.act, 3):
            guard asked.question.mayResolve(answers) else { return .needsLink }
            return text.map { .act(.resolve, $0) } ?? .unclear
        case (.act, _): return .unclear
        case (.grade, let digit?) where (1...Grade.allCases.count).contains(digit):
            let grade = Grade.allCases[digit - 1]
            return grade.mayBeAnswered(answers) ? .act(.rate(grade), text) : .needsLink
        case (.grade, _?): return .unclear
        case (.grade, nil), (.add, nil): return text.map { .act(.note(isPublic: true), $0) } ?? .nothing
        // A digit that nobody asked for may be a mistake; with words behind it, it belongs to them.
        case (.add, let digit?): return text.map { .act(.note(isPublic: true), "\(digit) \($0)") } ?? .nothing
        case (.over, _): return .nothing
        }
    }
}

extension Recipient {
    /// Whether the notices to him are those of the actor.
    fileprivate func isWhoever(_ actor: Actor) -> Bool {
        switch kind {
        case .complainant: actor.role == .citizen
        case .follower: actor.role == .follower && actor.id == id
        case .chief, .office, .department: kind.rawValue == actor.role.rawValue && actor.id == id
        }
    }
}

extension Dispatch {
    /// The words first, so that nobody reads of them before they are there.
    func records(of answer: PhoneAnswer, _ trail: Trail, _ deed: Deed?) -> [Outgoing] {
        let id = "\(Self.replyPrefix)\(answer.message)"
        let told = Outgoing(
            .noticeEvents, key: answer.handle.text, id: id, source: name, type: PhoneAnswer.type,
            trail: trail,
            data: JSON.encode(answer))
        guard let deed else { return [told] }
        let acted = Outgoing(
            .actions, key: deed.action.complaint.compact, id: id, source: name,
            type: EventType("action", deed.action.verb.name.rawValue), trail: trail,
            data: JSON.encode(deed.action))
        return [told] + (acted.saying(deed.words).map { [$0] } ?? []) + [acted]
    }
}
