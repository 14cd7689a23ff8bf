import Models
import Processing
import Support
import Testing
import Text

@testable import Notification

@Suite("Notices that wait become one message")
struct GroupingTests {
    private static let digest = NoticeManner(isDigest: true, gist: "新投诉")
    private static let window = Dispatch.usualWindow
    private static let citizen = Town.recipient(.complainant, Town.code.compact, "0086-000-0000-0101")

    private func reference(_ number: Int, _ recipient: Recipient = Desk.recipient) -> String {
        Desk.request(number, for: recipient).reference
    }

    /// Three that wait for each other, and go.
    private func gone(for recipient: Recipient = Desk.recipient) throws -> Desk {
        var desk = Desk()
        try desk.confirm()
        for number in 1...3 {
            #expect(try desk.ask(number, for: recipient, manner: Self.digest).map(\.kind) == [.deferred])
            try desk.wait(.seconds(60))
        }
        try desk.wait(Self.window)
        return desk
    }

    private func isRestored(_ desk: Desk) throws -> Bool {
        var (desk, restored) = (desk, Partition<Dispatch>(load: { _ in nil }))
        for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
        return try restored.state(of: Desk.key) == desk.state
    }

    @Test("what falls into one window is one message, about the latest and with the others")
    func window() throws {
        var desk = try gone()
        #expect(desk.told.suffix(3).map(\.kind) == [.grouped, .grouped, .attempted])
        #expect(desk.told.suffix(3).map(\.reference) == [reference(1), reference(2), reference(3)])
        #expect(desk.jobs.map(\.reference) == [reference(3)])
        #expect(desk.jobs[0].text == "【大禹】新投诉3件：\(Town.code)。")
        #expect(
            desk.alarm == Town.start + .seconds(120) + Dispatch.expiresAfter,
            "as long as the latest is of use")
        #expect(try isRestored(desk))
        #expect(desk.partition.takeCounts()["notice.grouped"] == 2)
        for number in 1...3 {
            #expect(try desk.ask(number, manner: Self.digest) == [], "asked again, it is the same notice")
        }
    }

    @Test("one alone goes in its own words, when its window is over")
    func alone() throws {
        var desk = Desk()
        try desk.ask(manner: Self.digest)
        #expect(try desk.wait(Self.window - .seconds(1)) == [])
        #expect(try desk.wait(.seconds(1)).map(\.kind) == [.attempted])
        #expect(desk.jobs.map(\.text) == ["notice 1"])
    }

    @Test("what can't wait goes alone and at once; so does everything without a window")
    func now() throws {
        var desk = Desk()
        try desk.ask(1, manner: Self.digest)
        #expect(try desk.ask(2, manner: NoticeManner()).map(\.kind) == [.attempted])
        #expect(try desk.ask(3, isUrgent: true).map(\.kind) == [.attempted])
        #expect(desk.jobs.map(\.text) == ["notice 2", "notice 3"])
        let dispatch = Dispatch(window: .zero)
        let request = Desk.request(manner: Self.digest)
        let facts = try dispatch.decide(
            nil, .requested(request, Trail(at: Town.start)), at: Town.start, caughtUp: true)
        guard case .happened(.attempted, _, _, _)? = facts.last else {
            Issue.record("\(facts)")
            return
        }
    }

    @Test("an official's notices and a complainant's are not mixed on one number")
    func apart() throws {
        var desk = Desk()
        try desk.confirm()
        try desk.ask(1, manner: Self.digest)
        try desk.ask(2, for: Self.citizen, manner: Self.digest)
        try desk.wait(Self.window)
        #expect(desk.jobs.map(\.text).sorted() == ["notice 1", "notice 2"])
    }

    @Test(
        "what says alone how to act goes alone, in the order of the requests, and leaves the others together")
    func apartFromAll() throws {
        let alone = NoticeManner(
            isAlone: true, quiet: QuietHours(from: 22 * 60, until: 7 * 60, zone: .beijing))
        var desk = Desk(
            limits: NumberLimits(official: SendLimit(perHour: 2, perDay: 300), complainant: .none))
        // 23:00 in Beijing.
        desk.now = Town.start + .seconds(7 * 3600)
        for number in [3, 1, 2, 5, 4] {
            #expect(try desk.ask(number, manner: alone).map(\.kind) == [.deferred])
            desk.now = desk.now + .seconds(1)
        }
        var taken = 0
        for _ in 0..<24 {
            try desk.wait(.seconds(1800))
            for job in desk.jobs[taken...] {
                let number = try #require(job.text.split(separator: " ").last.flatMap { Int($0) })
                try desk.hear(.taken, attempt: 1, of: number)
                try desk.hear(.accepted, attempt: 1, of: number)
            }
            taken = desk.jobs.count
        }
        #expect(desk.jobs.map(\.text) == [3, 1, 2, 5, 4].map { "notice \($0)" })
        #expect(desk.told.allSatisfy { $0.kind != .grouped })
        let jobs = desk.jobs.count
        try desk.ask(6, manner: Self.digest)
        try desk.ask(7, manner: Self.digest)
        try desk.wait(.seconds(3600))
        #expect(desk.jobs.count == jobs + 1 && desk.jobs.last?.text.contains("新投诉2件") == true)
    }

    @Test("what is to go alone goes with others before it would not go at all; its number had no room for it")
    func overLimit() throws {
        var desk = Desk(limits: NumberLimits(official: SendLimit(perHour: 60, perDay: 2), complainant: .none))
        let alone = NoticeManner(isAlone: true, gist: "新投诉")
        for number in 1...5 {
            #expect(try desk.ask(number, manner: alone).map(\.kind) == [number > 2 ? .deferred : .attempted])
            if number <= 2 {
                try desk.hear(.taken, attempt: 1, of: number)
                try desk.hear(.accepted, attempt: 1, of: number)
            }
            try desk.wait(.seconds(10))
        }
        try desk.wait(.seconds(86_400 - 45))
        #expect(desk.jobs.count == 3 && desk.jobs.last?.text.contains("新投诉3件") == true, "\(desk.jobs)")
        #expect(desk.told.suffix(3).map(\.kind) == [.grouped, .grouped, .attempted])
        #expect(try isRestored(desk))
    }

    @Test("a reply goes alone, also when it had to wait: only its own words answer")
    func replies() throws {
        var desk = Desk(limits: NumberLimits(official: SendLimit(perHour: 1, perDay: 9), complainant: .none))
        try desk.ask(1)
        let reply = NoticeRequest(
            reference: "\(Dispatch.replyPrefix)sms/9", recipient: Desk.recipient, complaint: Town.code,
            about: .assigned, text: "a reply", fields: NoticeFields(code: "c", sentence: "s"))
        #expect(try desk.request(reply).map(\.kind) == [.deferred])
        for number in 2...3 { #expect(try desk.ask(number, manner: Self.digest).map(\.kind) == [.deferred]) }
        try desk.hear(.taken, attempt: 1)
        try desk.hear(.accepted, attempt: 1)
        try desk.wait(.seconds(3600))
        try desk.hear(.taken, attempt: 1, of: 3)
        try desk.hear(.accepted, attempt: 1, of: 3)
        try desk.wait(.seconds(3600))
        #expect(desk.jobs.map(\.text) == ["notice 1", "【大禹】新投诉2件：\(Town.code)。", "a reply"])
        try #require(desk.jobs.count == 3)
        // It says nothing of what happened, so it goes by the template for everything else.
        #expect(desk.jobs[2].about == nil && desk.jobs[2].fields?.sentence == "s")
        #expect(try isRestored(desk))
    }

    @Test("what one number is told in two languages is two messages, each in one")
    func languages() throws {
        var desk = Desk()
        try desk.confirm()
        for (number, language) in [Contact.Language.en, .en, .zh].enumerated() {
            let gist = language == .en ? "resolved" : "已办结"
            let manner = NoticeManner(isDigest: true, gist: gist, language: language)
            try desk.ask(number + 1, for: Self.citizen, manner: manner)
        }
        // The city's language, where he chose none.
        try desk.ask(4, for: Self.citizen, manner: NoticeManner(isDigest: true, gist: "已办结"))
        try desk.wait(Self.window)
        let texts = desk.jobs.map(\.text).sorted()
        #expect(texts.count == 2)
        #expect(texts.first?.hasPrefix("[Dayu] Complaints: 2 resolved") == true, "\(texts)")
        #expect(texts.last?.hasPrefix("【大禹】投诉进展：已办结2件") == true, "\(texts)")
    }

    @Test(
        "they end together where the message arrives", arguments: [SMSReceipt.Outcome.accepted, .delivered])
    func arrives(_ outcome: SMSReceipt.Outcome) throws {
        var desk = try gone()
        #expect(try desk.hear(.taken, attempt: 1, of: 3).map(\.kind) == [.taken])
        #expect(try desk.hear(outcome, attempt: 1, of: 3).count == 1)
        #expect(desk.alarm == nil && desk.state?.waiting.isEmpty == true)
        #expect(desk.state?.ended.map(\.reference).sorted() == (1...3).map { reference($0) })
        #expect(try isRestored(desk))
    }

    @Test("it is tried again as one message, in the same words, also after a restart from the log")
    func again() throws {
        var desk = try gone()
        try desk.hear(.taken, attempt: 1, of: 3)
        try desk.hear(.deferred, attempt: 1, of: 3)
        desk.partition = Partition(load: { _ in nil })
        for record in desk.requests + desk.log { try desk.partition.recall(record, with: desk.dispatch) }
        #expect(try desk.wait(Dispatch.pauses[0]).map(\.kind) == [.attempted])
        #expect(desk.jobs.map(\.attempt) == [1, 2] && desk.jobs[0].text == desk.jobs[1].text)
    }

    @Test("where it does not arrive, each complaint goes up, once, whenever the word comes")
    func fails() throws {
        for isLate in [false, true] {
            var desk = try gone()
            try desk.hear(.taken, attempt: 1, of: 3)
            if isLate { try desk.hear(.accepted, attempt: 1, of: 3) }
            let told = try desk.hear(.undelivered, attempt: 1, of: 3, reason: "UNDELIV")
            #expect(told.map(\.reference) == [reference(1), reference(2), reference(3)])
            #expect(told.allSatisfy { $0.kind == .failed })
            #expect(desk.raised.map(\.event.id) == (1...3).map { "unreached/\(reference($0))" })
            for outcome in [SMSReceipt.Outcome.undelivered, .accepted, .unknown] {
                #expect(try desk.hear(outcome, attempt: 1, of: 3) == [])
            }
            #expect(desk.raised.count == 3)
            #expect(try isRestored(desk))
        }
    }

    @Test("a gateway that knows the message by its own name means all of it")
    func named() throws {
        var desk = try gone()
        try desk.hear(.accepted, attempt: 1, of: 3)
        let receipt = SMSReceipt(
            handle: Desk.recipient.handle, reference: "", attempt: 0, outcome: .undelivered,
            gatewayReference: "g")
        #expect(desk.state?.named(receipt)?.reference == reference(3))
    }

    @Test("an erasure ends a complainant's message only if it concerns all of it; its words were nobody's")
    func erased() throws {
        var desk = try gone(for: Self.citizen)
        try desk.withdraw(3, for: Self.citizen)
        try desk.withdraw(1, for: Self.citizen)
        #expect(desk.withdrawals.isEmpty && desk.told.last?.kind == .attempted)
        try desk.withdraw(2, for: Self.citizen)
        #expect(desk.told.suffix(3).map(\.kind) == [.failed, .failed, .failed])
        #expect(desk.withdrawals.map(\.reference) == [reference(3, Self.citizen)])
        #expect(desk.alarm == nil)
        #expect(try isRestored(desk))
        var official = try gone()
        try official.withdraw(2)
        #expect(official.withdrawals.isEmpty && official.told.last?.kind == .attempted)
    }

    @Test("while a job waits for a pusher, what comes after it waits, and becomes one message")
    func heldUp() throws {
        var desk = Desk()
        try desk.ask(1)
        try desk.wait(.seconds(59))
        #expect(try desk.ask(2).map(\.kind) == [.attempted], "not yet")
        try desk.wait(.seconds(1))
        for number in 3...5 { #expect(try desk.ask(number).map(\.kind) == [.deferred]) }
        #expect(try desk.ask(6, isUrgent: true).map(\.kind) == [.attempted])
        try desk.hear(.taken, attempt: 1, of: 1)
        try desk.hear(.taken, attempt: 1, of: 2)
        #expect(try desk.wait(Dispatch.usualWindow).filter { $0.kind == .attempted }.count == 1)
        #expect(desk.jobs.last?.text.contains("3件") == true)
    }

    @Test(
        "whatever comes in whatever order, each notice stands in one message",
        arguments: 0..<10 as Range<UInt64>)
    func once(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var desk = Desk(
            limits: NumberLimits(
                official: SendLimit(perHour: 2, perDay: 8), complainant: SendLimit(perHour: 1, perDay: 4)))
        try desk.confirm()
        let quiet = QuietHours(from: 22 * 60, until: 7 * 60, zone: .beijing)
        for number in 1...25 {
            let manner = NoticeManner(
                isDigest: random.once(in: 2), quiet: random.once(in: 2) ? quiet : nil, gist: "g")
            let recipient = random.once(in: 3) ? Self.citizen : Desk.recipient
            try desk.ask(number, for: recipient, manner: manner, isUrgent: random.once(in: 6))
            if random.once(in: 3) { try desk.ask(number, for: recipient, manner: manner) }
            if let job = desk.jobs.last, random.once(in: 2) {
                let parts = job.reference.split(separator: "/")[0].split(separator: ".")
                let asked = try #require(Int(parts[parts.count - 1]))
                let recipient = job.reference.contains("complainant") ? Self.citizen : Desk.recipient
                try desk.hear(.taken, attempt: job.attempt, of: asked, for: recipient)
                try desk.hear(
                    random.once(in: 2) ? .accepted : .deferred, attempt: job.attempt, of: asked,
                    for: recipient)
            }
            try desk.wait(.seconds(Int.random(in: 0...5000, using: &random)))
            if random.once(in: 5) {
                #expect(try isRestored(desk), "seed \(seed)")
                desk.partition = Partition(load: { _ in nil })
                for record in desk.requests + desk.log {
                    try desk.partition.recall(record, with: desk.dispatch)
                }
            }
        }
        for _ in 1...200 { try desk.wait(.seconds(1800)) }
        let grouped = desk.told.filter { $0.kind == .grouped }.map(\.reference)
        let leading = Set(desk.jobs.map(\.reference))
        #expect(Set(grouped).count == grouped.count && leading.isDisjoint(with: grouped), "seed \(seed)")
        let limited = desk.told.filter { $0.kind == .failed && $0.attempt == 0 }.map(\.reference)
        let all = leading.union(grouped).union(limited)
        #expect(all.count == 25, "seed \(seed): \(all.count) of 25 notices have a message or an end")
    }
}

@Suite("Quiet hours")
struct QuietTests {
    private static let quiet = QuietHours(from: 22 * 60, until: 7 * 60, zone: .beijing)
    private static let manner = NoticeManner(quiet: quiet)
    /// 2027-01-15 23:00 in Beijing.
    private static let night = Town.start + .seconds(7 * 3600)
    private static let morning = night + .seconds(8 * 3600)

    @Test("a notice of the night comes in the morning, with all others of that night")
    func night() throws {
        var desk = Desk()
        desk.now = Self.night
        for number in 1...2 {
            let told = try desk.ask(number, manner: Self.manner)
            guard case .deferred(let deferred)? = told.first, told.count == 1 else {
                Issue.record("\(told)")
                return
            }
            #expect(deferred.until == Self.morning && deferred.reason == "quiet hours")
        }
        #expect(desk.partition.takeCounts() == ["notice.quiet": 2])
        #expect(try desk.wait(.seconds(8 * 3600 - 1)) == [])
        #expect(try desk.wait(.seconds(1)).map(\.kind) == [.grouped, .attempted])
        #expect(desk.jobs[0].quietFrom == Self.morning + .seconds(15 * 3600))
    }

    @Test("what may come at any hour comes at once, and takes nobody else with it")
    func loud() throws {
        var desk = Desk()
        desk.now = Self.night
        try desk.ask(1, manner: Self.manner)
        #expect(try desk.ask(2).map(\.kind) == [.attempted])
        #expect(desk.jobs[0].quietFrom == nil)
    }

    @Test("a pause that ends at night ends in the morning; so does the wait of a job that was given back")
    func again() throws {
        for outcome in [SMSReceipt.Outcome.deferred, .unsent] {
            var desk = Desk()
            desk.now = Self.night + .seconds(-3601)
            try desk.ask(manner: Self.manner)
            #expect(desk.jobs[0].quietFrom == Self.night + .seconds(-3600))
            try desk.wait(.seconds(2))
            if outcome == .deferred { try desk.hear(.taken, attempt: 1) }
            let told = try desk.hear(outcome, attempt: 1)
            guard case .deferred(let deferred)? = told.first else {
                Issue.record("\(told)")
                return
            }
            #expect(deferred.until == Self.morning)
        }
    }
}

@Suite("One message about several notices")
struct WordingTests {
    private func request(_ number: Int, _ gist: String, due: Int?, address: String? = nil) -> NoticeRequest {
        let code = TrackingCode(digest: Array("\(number + 10) complaint".utf8))
        let dueAt = due.map { Town.start + .seconds($0 * 3600) }
        return NoticeRequest(
            reference: "\(code.compact).1/chief/wang", recipient: Desk.recipient, complaint: code,
            about: .assigned,
            text: "t",
            fields: NoticeFields(
                code: code.description, sentence: "s", due: due.map { "01-15 \(16 + $0):00" }),
            manner: NoticeManner(isDigest: true, gist: gist, dueAt: dueAt, address: address))
    }

    @Test("counts them by what they are about, says what is due first, and leads to the desk in one segment")
    func desk() {
        let wording = Wording(desk: "https://desk.example.org")
        let requests =
            (1...5).map { request($0, "新投诉", due: 7 - $0) } + [request(6, "催办", due: nil)]
        let written = wording.message(about: requests)
        #expect(written.text == "【大禹】新投诉5件、催办1件，最早01-15 18:00到期。\nhttps://desk.example.org")
        #expect(Segments.count(written.text) == 1)
    }

    @Test(
        "without a desk it names the complaints, as many as two segments hold, and has the first one's link")
    func codes() {
        let requests = (1...12).map {
            request(
                $0, "新投诉", due: 13 - $0, address: "https://r.example.org/act#AAAAAAAAAAAAAAAAAAAA\($0 + 10)")
        }
        let written = Wording().message(about: requests)
        #expect(written.text.contains(requests[11].complaint.description))
        #expect(written.text.hasSuffix("#AAAAAAAAAAAAAAAAAAAA22") && written.text.contains("等。"))
        #expect(Segments.count(written.text) == 2)
        let english = Wording(language: .en).message(about: Array(requests.prefix(2)))
        #expect(english.text.hasPrefix("[Dayu] Complaints: 2 新投诉, first due 01-15"))
    }

    @Test("too many kinds are only counted together")
    func kinds() {
        let gists = (1...30).map { request($0, "这一类投诉的第\($0)种", due: nil) }
        let written = Wording().message(about: gists)
        #expect(written.text.hasPrefix("【大禹】有新进展30件") && Segments.count(written.text) <= 2)
    }
}
