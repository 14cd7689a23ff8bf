import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("What a phone answers")
struct AnswerTests {
    private static let chief = Actor(role: .chief, id: "wang")
    private static let second = TrackingCode(digest: Array("the second".utf8))
    private static let citizen = Town.recipient(.complainant, Town.code.compact, "0086-000-0000-0101")

    private static func act(needsPicture: Bool = false) -> NoticeQuestion {
        NoticeQuestion(.act, by: chief, needsPicture: needsPicture)
    }

    /// A number that was asked about complaints.
    private func asked(
        _ question: NoticeQuestion = act(), about complaints: [TrackingCode] = [Town.code],
        _ answers: PhoneAnswers = .all, to recipient: Recipient = Desk.recipient
    ) throws -> Desk {
        var desk = Desk(answers: answers)
        try desk.confirm()
        for complaint in complaints { try ask(question, about: complaint, to: recipient, in: &desk) }
        return desk
    }

    private func ask(
        _ question: NoticeQuestion, about complaint: TrackingCode, to recipient: Recipient = Desk.recipient,
        version: Int = 1, in desk: inout Desk
    ) throws {
        let request = NoticeRequest(
            reference: "\(complaint.compact).\(version)/\(recipient.key)", recipient: recipient,
            complaint: complaint, about: .assigned, text: "notice of \(complaint)", question: question)
        try desk.request(request)
        desk.now = desk.now + .seconds(1)
    }

    @discardableResult
    private func say(_ text: String, id: String = "1", in desk: inout Desk) throws -> PhoneAnswer? {
        let message = PhoneMessage(
            handle: Desk.recipient.handle, gateway: GatewayID(literal: "sms"), id: id, text: text)
        let before = desk.answers.count
        _ = try desk.take(
            Record(
                Outgoing(
                    .messages, key: Desk.key, id: "message/sms/\(id)", source: "dayu-intake",
                    type: PhoneMessage.type, trail: Trail(at: desk.now, traceparent: "00-trace"),
                    data: JSON.encode(message)), offset: 0))
        return desk.answers.count > before ? desk.answers.last : nil
    }

    private func actions(_ desk: Desk) throws -> [ComplaintAction] {
        try desk.raised.filter { $0.topic == .actions }.map {
            try JSON.decode(ComplaintAction.self, from: try #require($0.event.data))
        }
    }

    private func words(_ desk: Desk) throws -> [String?] {
        try desk.raised.filter { $0.topic == .words }.map {
            try JSON.decode(Words.self, from: try #require($0.event.data)).text
        }
    }

    @Test(
        "a chief accepts, notes, resolves or says that it is not his",
        arguments: [
            ("1", ComplaintAction.Verb.accept, nil as String?), (" 1。", .accept, nil),
            ("１", .accept, nil), ("2 已到现场", .note(isPublic: true), "已到现场"),
            ("2已到现场", .note(isPublic: true), "已到现场"), ("3：已清理", .resolve, "已清理"),
            ("0", .transfer(to: nil), "0"), ("0 隔壁河段", .transfer(to: nil), "隔壁河段"),
        ])
    func official(_ text: String, _ verb: ComplaintAction.Verb, _ said: String?) throws {
        var desk = try asked()
        let answer = try #require(try say(text, in: &desk))
        #expect(answer.outcome == .acted && answer.complaint == Town.code && answer.action == verb.name)
        let action = try #require(try actions(desk).first)
        #expect(action.by == Self.chief && action.verb == verb && action.complaint == Town.code)
        #expect(try words(desk) == (said.map { [$0] } ?? []) && (action.words != nil) == (said != nil))
        // The words are on the log before the action, under its cause.
        if said != nil {
            #expect(desk.raised.map(\.topic) == [.words, .actions])
            #expect(
                desk.raised[0].key
                    == WordsKey(complaint: Town.code, cause: desk.raised[1].event.asCause).description)
        }
        #expect(desk.replies.isEmpty)
    }

    @Test(
        "a citizen grades, or adds a text",
        arguments: [
            ("1", ComplaintAction.Verb.rate(.verySatisfied), nil as String?),
            ("4 还在流", .rate(.dissatisfied), "还在流"),
            ("还是很臭", .note(isPublic: true), "还是很臭"), ("10号又排了", .note(isPublic: true), "10号又排了"),
        ])
    func complainant(_ text: String, _ verb: ComplaintAction.Verb, _ said: String?) throws {
        var desk = try asked(NoticeQuestion(.grade, by: .citizen), to: Self.citizen)
        try say(text, in: &desk)
        let action = try #require(try actions(desk).first)
        #expect(action.by == .citizen && action.verb == verb)
        #expect(try words(desk) == (said.map { [$0] } ?? []))
    }

    @Test("a message that comes twice is answered once, also after a restart from the log")
    func twice() throws {
        var desk = try asked()
        try say("1", in: &desk)
        #expect(try say("1", in: &desk) == nil)
        desk.partition = Partition(load: { _ in nil })
        for record in desk.requests + desk.log { try desk.partition.recall(record, with: desk.dispatch) }
        #expect(try say("1", in: &desk) == nil)
        #expect(try actions(desk).count == 1)
        #expect(try say("2 看过了", id: "2", in: &desk)?.outcome == .acted)
        #expect(
            desk.raised.filter { $0.topic == .actions }.map(\.event.id) == ["answer/sms/1", "answer/sms/2"])
    }

    @Test(
        "asked about several, he names the end of the code; else one message asks which, and nothing happens")
    func several() throws {
        var desk = try asked(about: [Town.code, Self.second])
        #expect(try say("1", in: &desk)?.outcome == .askedWhich)
        #expect(try actions(desk).isEmpty)
        let reply = try #require(desk.replies.first)
        #expect(desk.replies.count == 1 && reply.recipient == Desk.recipient && reply.question == nil)
        let fields = try #require(reply.fields)
        #expect(fields.code == reply.complaint.description && reply.text == "【大禹】\(fields.sentence)")
        #expect(reply.text.contains(Town.code.description) && reply.text.contains(Self.second.description))
        #expect(reply.text.contains("1 \(Self.second.compact.suffix(4))。") && Segments.count(reply.text) <= 2)
        try desk.readOwn()
        #expect(desk.jobs.last?.text == reply.text)
        for (id, name) in [
            ("2", String(Town.code.compact.suffix(5))), ("3", Self.second.description.lowercased()),
        ] {
            let answer = try say("2 \(name) 看过了", id: id, in: &desk)
            #expect(answer?.complaint == (id == "2" ? Town.code : Self.second))
        }
        #expect(try words(desk) == ["看过了", "看过了"])
        let unknown = TrackingCode(digest: Array("nobody knows it".utf8))
        #expect(try say("1 \(unknown)", id: "4", in: &desk)?.outcome == .askedWhich)
    }

    @Test(
        "asked about one, he names the end of another one's code: nothing is done to the one",
        arguments: ["1 H0C4", "1h0c4", "3 7k2q 已清理", "1 T1H0-C"])
    func another(_ text: String) throws {
        var desk = try asked()
        try #require(!["H0C4", "7K2Q", "T1H0C"].contains { Town.code.compact.hasSuffix($0) })
        #expect(try say(text, in: &desk)?.outcome == .askedWhich)
        #expect(try actions(desk).isEmpty && desk.replies.count == 1)
    }

    @Test(
        "what is no code is a text",
        arguments: ["3 100mg", "3 COD35", "3 done", "3 seen", "3 2026", "3 50m3 清运", "3 pH7", "3 2026年11月"])
    func noCode(_ text: String) throws {
        var desk = try asked()
        #expect(try say(text, in: &desk)?.outcome == .acted)
        #expect(try words(desk) == [String(text.dropFirst(2))])
    }

    @Test(
        "a numbered list is no order",
        arguments: [
            "1、已派人 2、明天清理", "1. on the way\n2. clean-up tomorrow", "3）清理 4）复查", "1.已派人；2.明天清理",
            "1 派人\n2 清理",
        ])
    func list(_ text: String) throws {
        var desk = try asked()
        #expect(try say(text, in: &desk)?.outcome == .notUnderstood)
        #expect(try actions(desk).isEmpty)
    }

    @Test("a second number in the text makes no list", arguments: ["3、清理4次", "3. 清运4.5吨", "3 清 4 车"])
    func noList(_ text: String) throws {
        var desk = try asked()
        #expect(try say(text, in: &desk)?.outcome == .acted)
        #expect(try actions(desk).map(\.verb) == [.resolve])
    }

    @Test("what is over is not asked any more: passed on, or said to be done")
    func over() throws {
        var desk = try asked(about: [Town.code, Self.second])
        try ask(NoticeQuestion(.over, by: Self.chief), about: Self.second, version: 2, in: &desk)
        #expect(try say("3 已清理", in: &desk)?.complaint == Town.code)
        #expect(try say("1", id: "2", in: &desk)?.outcome == .passedOver)
        #expect(desk.replies.isEmpty)
    }

    @Test("only a number that was asked can answer, and only for a week")
    func strangers() throws {
        var desk = Desk(answers: .all)
        #expect(try say("1", in: &desk)?.outcome == .passedOver)
        var late = try asked()
        late.now = late.now + Conversation.openFor
        #expect(try say("1", in: &late)?.outcome == .passedOver)
        #expect(try actions(desk).isEmpty && actions(late).isEmpty)
        var told = Desk(answers: .all)
        try told.ask()
        #expect(try say("1", in: &told)?.outcome == .passedOver, "told, and not asked")
    }

    @Test("what needs a picture, or ends a complaint where the setting demands it, needs the link")
    func needsLink() throws {
        for (question, answers, text) in [
            (Self.act(needsPicture: true), PhoneAnswers.all, "3 已清理"), (Self.act(), .safe, "3 已清理"),
            (NoticeQuestion(.grade, by: .citizen), .safe, "1"),
            (NoticeQuestion(.grade, by: .citizen), .safe, "3"),
        ] {
            var desk = try asked(question, answers)
            #expect(try say(text, in: &desk)?.outcome == .needsLink)
            #expect(try actions(desk).isEmpty && desk.replies[0].text.contains("链接"))
            #expect(Segments.count(desk.replies[0].text) == 1)
        }
        var unhappy = try asked(NoticeQuestion(.grade, by: .citizen), .safe)
        #expect(try say("4", in: &unhappy)?.outcome == .acted, "that reopens it")
        var accepts = try asked(Self.act(needsPicture: true), .safe)
        #expect(try say("1", in: &accepts)?.outcome == .acted)
    }

    @Test("where answers do not count, a message only confirms the number")
    func none() throws {
        var desk = try asked(.none)
        #expect(try say("1", in: &desk) == nil)
        #expect(try actions(desk).isEmpty && desk.replies.isEmpty)
    }

    private func asked(_ answers: PhoneAnswers) throws -> Desk { try asked(Self.act(), answers) }

    private func asked(_ question: NoticeQuestion, _ answers: PhoneAnswers) throws -> Desk {
        try asked(question, about: [Town.code], answers)
    }

    @Test(
        "the manual offers what he can do: 1 until he has accepted, 3 where neither picture nor link is needed"
    )
    func manual() throws {
        for (question, answers, offers) in [
            (Self.act(), PhoneAnswers.all, true), (Self.act(), .safe, false),
            (Self.act(needsPicture: true), .all, false),
        ] {
            var desk = try asked(question, answers)
            try say("？", id: "a", in: &desk)
            #expect(desk.replies.last?.text.contains("1受理") == true)
            try say("1", id: "b", in: &desk)
            try say("？", id: "c", in: &desk)
            // Also after another notice about the same complaint.
            let next = NoticeRequest(
                reference: "\(Town.code.compact).9/\(Desk.recipient.key)", recipient: Desk.recipient,
                complaint: Town.code, about: .urged, text: "urged", question: question)
            try desk.request(next)
            try say("？", id: "d", in: &desk)
            #expect(desk.replies.count == 3)
            #expect(desk.replies.map { $0.text.contains("1受理") } == [true, false, false])
            #expect(desk.replies.allSatisfy { $0.text.contains("3加") == offers && $0.text.contains("2加进展") })
        }
    }

    @Test("a citizen is offered the grades that count: where the end needs the link, only the last one")
    func grades() throws {
        for language in [Contact.Language?.none, .en] {
            for (answers, offers) in [(PhoneAnswers.all, [1, 2, 3, 4]), (.safe, [4])] {
                let question = NoticeQuestion(.grade, by: .citizen, language: language)
                for digit in 1...4 {
                    var desk = try asked(question, answers)
                    let outcome = try say("\(digit)", in: &desk)?.outcome
                    #expect((outcome == .acted) == offers.contains(digit), "\(answers) \(digit)")
                }
                var desk = try asked(question, answers)
                try say("9", in: &desk)
                let text = try #require(desk.replies.last?.text)
                let sentence = text.drop { !"：:".contains($0) }
                #expect((1...4).filter { sentence.contains("\($0)") } == offers, "\(text)")
                #expect(Segments.count(text) == 1, "\(text)")
            }
        }
    }

    @Test("what can't be understood gets a reply, three a day at most: two programs must come to rest")
    func unclear() throws {
        var desk = try asked()
        for number in 1...10 { try say("收到", id: "\(number)", in: &desk) }
        #expect(desk.replies.count == 3 && desk.replies[0].text.contains("回复1受理"))
        // The last one says that it is the last, and where one can act all the same.
        #expect(desk.replies.map { $0.text.contains("24小时内不再自动回复") } == [false, false, true])
        #expect(desk.replies.allSatisfy { $0.text.contains("回复1受理") && Segments.count($0.text) <= 2 })
        #expect(desk.answers.map(\.outcome).suffix(7).allSatisfy { $0 == .passedOver })
        desk.now = desk.now + .seconds(86_400)
        #expect(try say("2", id: "11", in: &desk)?.outcome == .notUnderstood, "no text")
        // A reply that does not arrive is no reason to pass the complaint up.
        #expect(Duty(desk.replies[0]) == nil)
    }

    @Test(
        "a sentence that begins with a number is no order",
        arguments: ["3天内完成", "2小时后到现场", "1周内处理", "3 days", "0点前到", "3人已到现场", "２個小時", "1处已清理"])
    func sentence(_ text: String) throws {
        var desk = try asked()
        #expect(try say(text, in: &desk)?.outcome == .notUnderstood)
        #expect(try actions(desk).isEmpty && desk.replies.count == 1)
    }

    @Test("an order needs no space before its text", arguments: ["2处理中", "2人员已到场", "2，日常巡查", "2 已到现场"])
    func closely(_ text: String) throws {
        var desk = try asked()
        #expect(try say(text, in: &desk)?.outcome == .acted)
    }

    @Test("STOP ends the messages about what he complained of, also after a restart; START begins them again")
    func stop() throws {
        var desk = try asked()
        for (index, order) in ["TD", "ｓｔｏｐ", "退订"].enumerated() {
            #expect(try say(order, id: "s\(index)", in: &desk)?.outcome == .stopped)
        }
        desk.partition = Partition(load: { _ in nil })
        for record in desk.requests + desk.log { try desk.partition.recall(record, with: desk.dispatch) }
        let told = try desk.ask(1, for: Self.citizen)
        #expect(
            told == [
                .failed(
                    .init(reference: Desk.request(1, for: Self.citizen).reference, attempt: 0, why: .stopped))
            ])
        #expect(try desk.ask(2).map(\.kind) == [.attempted], "as an official he is told all the same")
        #expect(try say("START", id: "r", in: &desk)?.outcome == .resumed)
        #expect(try desk.ask(3, for: Self.citizen).map(\.kind) == [.attempted])
    }

    @Test(
        "an erasure forgets what a citizen was asked, live and after a restart; no state or log holds his text"
    )
    func erased() throws {
        for isLate in [false, true] {
            var desk = try asked(NoticeQuestion(.grade, by: .citizen), to: Self.citizen)
            if isLate { try desk.hearDelivered("\(Town.code.compact).1/\(Self.citizen.key)") }
            try desk.withdraw(1, for: Self.citizen)
            #expect(try say("1", in: &desk)?.outcome == .passedOver)
            #expect(
                !String(decoding: JSON.encode(desk.state), as: UTF8.self).contains(Self.citizen.phone.digits))
            var restored = Partition<Dispatch>(load: { _ in nil })
            for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
            #expect(try restored.state(of: Desk.key) == desk.state)
        }
        var desk = try asked()
        try say("2 密语", in: &desk)
        let texts = [JSON.encode(desk.state)] + desk.log.compactMap(\.value)
        #expect(texts.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("密语") })
    }

    @Test("a message about several is an answer's ground, too")
    func grouped() throws {
        var desk = Desk(answers: .all)
        for (version, complaint) in [Town.code, Self.second].enumerated() {
            let request = NoticeRequest(
                reference: "\(complaint.compact).\(version)/chief/wang", recipient: Desk.recipient,
                complaint: complaint, about: .assigned, text: "t",
                manner: NoticeManner(isDigest: true, gist: "新投诉"),
                question: Self.act())
            try desk.request(request)
        }
        try desk.wait(Dispatch.usualWindow)
        #expect(desk.jobs.count == 1)
        #expect(try say("1 \(Town.code)", in: &desk)?.complaint == Town.code)
    }
}

@Suite("What a message asks")
struct QuestionTests {
    private func question(_ event: ComplaintEvent, _ part: Addressee.Part, _ answers: PhoneAnswers = .all)
        -> Notice
    {
        var manner = Manner()
        manner.answers = answers
        return Notice(
            fact: Town.fact(event, version: 3), addressee: Addressee(recipient: Desk.recipient, part: part),
            known: AddressingState(submission: Town.submission()), registry: Registry(Town.entities),
            link: nil,
            manner: manner)
    }

    @Test("an assignee acts, a citizen grades, whoever passed it on is not asked any more")
    func kinds() {
        let assigned = Town.assigned().event
        let resolved = ComplaintEvent.resolved(.init(by: Town.chief, closesAt: Town.start))
        #expect(
            question(assigned, .holder).question == NoticeQuestion(.act, by: Town.chief, needsPicture: true))
        #expect(question(assigned, .former).question?.kind == .over)
        #expect(question(resolved, .complainant).question?.kind == .grade)
        #expect(question(.accepted(.init(by: Town.chief)), .complainant).question?.kind == .add)
        #expect(question(resolved, .checker).question == nil && question(resolved, .follower).question == nil)
        #expect(question(assigned, .holder, .none).question == nil)
    }

    @Test(
        "the last reply leads to the desk or to the link, in the reader's language, and has room for what he may do",
        arguments: [PhoneAnswer.Outcome.askedWhich, .needsLink, .notUnderstood])
    func lastReply(_ outcome: PhoneAnswer.Outcome) throws {
        let asked = (1...9).map { number in
            Asked(
                reference: "r", complaint: TrackingCode(digest: Array("complaint no \(number)".utf8)),
                about: .assigned,
                question: NoticeQuestion(.act, by: Town.chief), recipient: Desk.recipient, at: Town.start)
        }
        let desk = "https://desk.example.org"
        let english = outcome == .needsLink ? "please go to your desk:" : "go on at your desk:"
        for (language, words) in [(Language.zh, "请到工作台办理："), (.en, english)] {
            let wording = Wording(language: language, desk: desk)
            func reply(_ wording: Wording, isLast: Bool) -> String {
                let written = wording.reply(outcome, to: asked[0], of: asked, .all, isLast: isLast)
                let sentence = written.sentence
                #expect(!sentence.contains("大禹") && !sentence.contains("Dayu") && !sentence.contains("http"))
                #expect(written.text.contains(sentence) && written.text != sentence)
                return written.text
            }
            let end = language == .en ? "No more replies for 24 hours" : "24小时内不再自动回复"
            let last = reply(wording, isLast: true)
            #expect(
                last.hasSuffix("\(words)\n\(desk)") && last.contains(end) && Segments.count(last) <= 2,
                "\(last)")
            // Whoever has a desk has no link in his messages, so none is mentioned.
            #expect(!last.contains("链接") && !last.contains("link") && !last.contains("message"))
            let first = reply(wording, isLast: false)
            #expect(first.contains(desk) == (outcome == .needsLink) && !first.contains(end), "\(first)")
            let page = reply(Wording(language: language), isLast: true)
            let link = language == .en ? "use the link in our message" : "请点短信中的链接办理。"
            #expect(page.contains(end) && page.ranges(of: link).count == 1, "\(page)")
        }
    }

    /// What a chief is told how to answer, before and after he has accepted.
    @Test(
        "it offers what can be done now: until he has accepted, that first",
        arguments: [
            ComplaintEvent.warned(.init(deadline: .accept, due: Town.start, assignee: Town.assignee("wang"))),
            .warned(.init(deadline: .resolve, due: Town.start, assignee: Town.assignee("wang"))),
            .lapsed(.init(deadline: .resolve, due: Town.start, assignee: Town.assignee("wang"))),
            .urged(.init(by: .citizen, words: nil)),
            .supervised(
                .init(
                    order: 1, by: Town.assignee("wang"), over: Town.assignee("li"),
                    due: Due(accept: Town.start, resolve: Town.later))),
        ])
    func offered(_ event: ComplaintEvent) {
        for isAccepted in [false, true] {
            var known = AddressingState()
            known.take(Town.received())
            known.take(Town.assigned())
            if isAccepted { known.take(Town.fact(.accepted(.init(by: Town.chief)), version: 3)) }
            let part: Addressee.Part = event.kind == .supervised ? .superior : .holder
            var manner = Manner()
            manner.answers = .all
            let text = Notice(
                fact: Town.fact(event, version: 4),
                addressee: Addressee(recipient: Desk.recipient, part: part),
                known: known, registry: Registry(Town.entities), link: nil, manner: manner
            ).text(in: .zh)
            #expect(text.contains("回复1受理、0非我责。") == !isAccepted, "\(text)")
            #expect(text.contains("回复2加进展") == isAccepted, "\(text)")
        }
    }

    @Test("the message says how to answer, where answers count")
    func hints() {
        let assigned = Town.assigned().event
        #expect(question(assigned, .holder).text(in: .zh).contains("回复1受理、0非我责。"))
        #expect(!question(assigned, .holder, .none).text(in: .zh).contains("回复"))
        let resolved = ComplaintEvent.resolved(.init(by: Town.chief, closesAt: Town.start))
        #expect(question(resolved, .complainant).text(in: .en).contains("Reply 1 (very satisfied)"))
        #expect(question(resolved, .complainant, .safe).text(in: .zh).contains("不满意请回复4。"))
    }
}
