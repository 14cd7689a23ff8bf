import Geo
import Models
import Processing
import Readings
import Testing
import Text

@testable import Analytics

@Suite("A water that is worse than it may be is a complaint")
struct AlarmingTests {
    private var station = Monitored()

    /// Of class IV, by oxygen alone, and above the limit that is watched for itself.
    private static let poor = 3.5
    private static let good = 6.0

    // MARK: Raising

    @Test("worse than the target class: the third reading in a row raises one alarm")
    mutating func targetClass() throws {
        #expect(try station.oxygen(Self.poor, Self.poor).isEmpty)
        let outgoing = try station.measure([.dissolvedOxygen: Self.poor])
        #expect(outgoing.map(\.topic) == [.alarms, .words, .submissions])
        let since = Monitored.moment(1)
        let alarm = Alarm(section: Monitored.section, item: .waterClass, since: since)
        guard case .raised(let raised) = try #require(outgoing.alarmEvents.first) else {
            Issue.record("not raised")
            return
        }
        #expect(raised.alarm == alarm)
        #expect(raised.limit == .target(.III))
        #expect(
            raised.exceeded == [Exceedance(parameter: .dissolvedOxygen, value: Self.poor, ratio: nil)])
        #expect(raised.readings.map(\.observedAt) == (1...3).map(Monitored.moment))
        #expect(raised.complaint == alarm.complaint)
        #expect(try station.oxygen(Self.poor, Self.poor, Self.poor).isEmpty, "it is open")
    }

    @Test("the complaint is one of the station, at the section, in the words of its figures")
    mutating func submission() throws {
        let values: [Parameter: Double] = [
            .dissolvedOxygen: 4.2, .ammoniaNitrogen: 1.3, .totalPhosphorus: 0.31, .permanganateIndex: 6.3,
        ]
        for _ in 1...3 { try station.measure(values) }
        let record = try #require(station.written.first { $0.topic == .submissions })
        let submission = try #require(try station.written.submissions.first)
        let alarm = Alarm(section: Monitored.section, item: .waterClass, since: Monitored.moment(1))
        #expect(record.key == alarm.complaint.compact && submission.complaint == alarm.complaint)
        #expect(record.event.id == "\(alarm)/raised" && record.event.trail.traceparent == "00-trace")
        let reading = "tonglu/\(Monitored.moment(3))/instant/automatic"
        #expect(record.event.trail.cause == "dayu-analytics.grading/\(reading)")
        #expect(record.event.type == "org.dayu.complaint.submitted.v1")
        #expect(submission.channel == .station && submission.gateway == nil)
        #expect(submission.category.rawValue == "station-alarm")
        #expect(submission.river?.rawValue == "fuchun-river")
        #expect(submission.reach?.rawValue == "fuchun-river.tonglu")
        #expect(submission.place == Coordinate(longitude: 119.715, latitude: 29.828))
        let words = try #require(
            try station.written.words["\(alarm.complaint.compact)/\(record.event.asCause)"])
        #expect(submission.words == words.outline && submission.words == Outline(text: true))
        #expect(words.address == "桐庐断面" && words.media.isEmpty)
        #expect(submission.faults.isEmpty && words.faults.isEmpty)
        #expect(
            words.text == """
                水质劣于目标Ⅲ类，连续3次：总磷0.31 mg/L（超目标Ⅲ类0.55倍）、氨氮1.3 mg/L（超目标Ⅲ类0.3倍）、\
                高锰酸盐指数6.3 mg/L（超目标Ⅲ类0.05倍）。富春江桐庐断面自动监测：\
                总磷▄▄▄ 01-15 17:00 0.31，18:00 0.31，19:00 0.31。数据恢复正常后自动办结。
                """)
    }

    /// A value and what it is held to, as two readings in a row tell it.
    @Test(
        "beyond a limit: two readings in a row, and what equals the limit keeps it",
        arguments: [
            (Parameter.dissolvedOxygen, 1.99, AlarmItem.dissolvedOxygen, "溶解氧1.99 mg/L，低于警戒限值2，连续2次。"),
            (.dissolvedOxygen, 2, nil, ""),
            (.ammoniaNitrogen, 2.5, .ammoniaNitrogen, "氨氮2.5 mg/L（超警戒限值0.25倍、超Ⅲ类1.5倍），高于警戒限值2，连续2次。"),
            (.ammoniaNitrogen, 2, nil, ""),
            (.pH, 5.9, .pH, "pH5.9，超出警戒范围6～9，连续2次。"), (.pH, 6, nil, ""),
            (.pH, 9.04, .pH, "pH9.04，超出警戒范围6～9，连续2次。"), (.pH, 9, nil, ""),
            // Not watched for themselves: the class tells of them.
            (.totalPhosphorus, 9, nil, ""), (.totalNitrogen, 50, nil, ""), (.turbidity, 900, nil, ""),
        ] as [(Parameter, Double, AlarmItem?, String)])
    mutating func limits(parameter: Parameter, value: Double, item: AlarmItem?, text: String) throws {
        #expect(try station.measure([parameter: value]).isEmpty, "one alone may be the instrument")
        let outgoing = try station.measure([parameter: value])
        #expect(try outgoing.alarmEvents.map(\.alarm.item) == [item].compactMap { $0 })
        #expect(try outgoing.texts.allSatisfy { $0.hasPrefix(text) }, "\(outgoing)")
        #expect(try outgoing.texts.count == outgoing.submissions.count)
    }

    @Test("a good reading between bad ones ends the row, and total nitrogen is none at all")
    mutating func rows() throws {
        try station.oxygen(Self.poor, Self.poor, Self.good, Self.poor, Self.poor)
        for _ in 1...6 { try station.measure([.totalNitrogen: 50, .faecalColiforms: 1e6]) }
        #expect(station.written.isEmpty)
        try station.oxygen(Self.poor)
        #expect(
            try station.events.map(\.alarm.since) == [Monitored.moment(4)], "what lacks a value is no end")
    }

    @Test("a lake is held to the limits of lakes")
    mutating func lake() throws {
        var lake = Monitored(body: .lake)
        for _ in 1...3 {
            try station.measure([.totalPhosphorus: 0.06])
            try lake.measure([.totalPhosphorus: 0.06])
        }
        #expect(try station.open().isEmpty)
        #expect(try lake.open() == [.waterClass])
    }

    @Test("what an alarm of its own tells, the class need not tell again")
    mutating func covered() throws {
        try station.oxygen(6, 1.5, 1.5, 1.5, 1.5, 1.5)
        #expect(try station.open() == [.dissolvedOxygen])
        // Above the alarm's limit again, and still no class III.
        try station.oxygen(3, 3, 3, 3, 3)
        #expect(try station.open() == [.dissolvedOxygen])
        try station.oxygen(3)
        #expect(try station.open() == [.waterClass], "the acute part is over, the rest is told")
        #expect(try station.written.submissions.count == 2)
        // Something else than the oxygen is told at once.
        var other = Monitored()
        for _ in 1...3 { try other.measure([.dissolvedOxygen: 1.5, .totalPhosphorus: 0.25]) }
        #expect(try other.open() == [.dissolvedOxygen, .waterClass])
    }

    // MARK: Clearing

    @Test("six good readings in a row clear it, with the curve")
    mutating func cleared() throws {
        try station.oxygen(4.5, 1.8, 1.5)
        let alarm = Alarm(section: Monitored.section, item: .dissolvedOxygen, since: Monitored.moment(2))
        try station.oxygen(2.1, 3.2, 5.1, 6.4, 7, 7.2)
        #expect(try station.written.actions.isEmpty, "2.1 is within the margin: no more bad, not yet good")
        let outgoing = try station.measure([.dissolvedOxygen: 6.9])
        #expect(outgoing.map(\.topic) == [.alarms, .words, .actions])
        guard case .cleared(let cleared) = try #require(outgoing.alarmEvents.first) else {
            Issue.record("not cleared")
            return
        }
        #expect(cleared.alarm == alarm && cleared.through == Monitored.moment(10))
        #expect(cleared.readings.count == 10)
        let action = try #require(try outgoing.actions.first)
        #expect(action.by == .system && action.complaint == alarm.complaint && action.faults.isEmpty)
        #expect(action.verb == .resolve && action.words == Outline(text: true))
        #expect(
            try outgoing.texts == [
                """
                已恢复正常：自01-15 18:00起共8小时，最近连续6次读数符合要求，自动办结。\
                溶解氧▄▁▁▂▃▅▆███ 01-15 17:00 4.5，18:00 1.8，19:00 1.5，20:00 2.1，21:00 3.2，22:00 5.1，\
                23:00 6.4，01-16 00:00 7，01:00 7.2，02:00 6.9。
                """
            ])
        #expect(try station.open().isEmpty)
    }

    @Test(
        "good again is well inside the limit",
        arguments: [
            (AlarmLimit.atLeast(2), 1.9, Finding.beyond), (.atLeast(2), 2, .between),
            (.atLeast(2), 2.19, .between),
            (.atLeast(2), 2.2, .good), (.atMost(2), 2.01, .beyond), (.atMost(2), 2, .between),
            (.atMost(2), 1.8, .good), (.within(6...9), 9.1, .beyond), (.within(6...9), 9, .between),
            (.within(6...9), 8.85, .good), (.within(6...9), 6.1, .between), (.within(6...9), 6.2, .good),
        ] as [(AlarmLimit, Double, Finding)])
    func hysteresis(limit: AlarmLimit, value: Double, finding: Finding) {
        #expect(limit.finding(of: value, margin: 0.1) == finding)
    }

    @Test("the next alarm is another one, of readings after the last")
    mutating func again() throws {
        station.adopt(Monitored.registry(nil))
        try station.oxygen(1.5, 1.5)
        try station.oxygen(8, 8, 8, 8, 8, 8)
        #expect(try station.open().isEmpty)
        // A late correction of what had cleared it does not bring the old alarm back.
        for hour in 3...8 { try station.measure([.dissolvedOxygen: 1], hour: hour) }
        #expect(try station.open().isEmpty)
        try station.oxygen(1.4, 1.4)
        let raised = try station.events.filter { $0.kind == .raised }.map(\.alarm.since)
        #expect(raised == [Monitored.moment(1), Monitored.moment(9)])
        #expect(Set(try station.written.submissions.map(\.complaint)).count == 2)
    }

    // MARK: What comes in a strange way

    @Test("the past raises nothing: neither what is imported nor what comes too late")
    mutating func history() throws {
        let later = Monitored.moment(1000)
        for hour in 1...500 { try station.measure([.dissolvedOxygen: 1], hour: hour, at: later) }
        #expect(station.written.isEmpty)
        for hour in 952...953 { try station.measure([.dissolvedOxygen: 1], hour: hour, at: later) }
        #expect(try station.events.map(\.alarm.since) == [Monitored.moment(952)], "48 hours back are now")
    }

    @Test("readings that are far apart are not in a row; a sample a week is")
    mutating func gaps() throws {
        for week in 0...2 { try station.measure([.dissolvedOxygen: Self.poor], hour: week * 200) }
        #expect(station.written.isEmpty)
        for week in 3...4 { try station.measure([.dissolvedOxygen: Self.poor], hour: 400 + (week - 2) * 168) }
        guard case .raised(let raised) = try #require(try station.events.first) else {
            Issue.record("not raised")
            return
        }
        #expect(raised.alarm.since == Monitored.moment(400))
        #expect(raised.readings.map(\.observedAt) == [400, 568, 736].map(Monitored.moment))
    }

    @Test("late readings find their place, and the same one twice is one")
    mutating func outOfOrder() throws {
        for hour in [3, 3, 3, 3] { try station.measure([.dissolvedOxygen: Self.poor], hour: hour) }
        #expect(station.written.isEmpty)
        try station.measure([.dissolvedOxygen: Self.poor], hour: 1)
        #expect(station.written.isEmpty)
        try station.measure([.dissolvedOxygen: Self.poor], hour: 2)
        #expect(try station.events.map(\.alarm.since) == [Monitored.moment(1)])
        // What is late and good does not tell of now.
        for hour in -9 ... -1 { try station.measure([.dissolvedOxygen: 9], hour: hour) }
        #expect(try station.events.count == 1)
    }

    @Test("the target that counts is the one that stands now")
    mutating func target() throws {
        try station.oxygen(5.5, 5.5, 5.5, 5.5, 5.5, 5.5)
        #expect(try station.open().isEmpty, "class III, as it must be")
        station.adopt(Monitored.registry(.II))
        try station.oxygen(5.5)
        #expect(try station.open() == [.waterClass])
        station.adopt(Monitored.registry(nil, function: .III))
        try station.oxygen(5.5)
        #expect(try station.open().isEmpty, "without a target its use says what it must be")
        station.adopt(Monitored.registry(.I))
        try station.oxygen(5.5, 5.5, 5.5)
        #expect(try station.open() == [.waterClass])
        station.adopt(Monitored.registry(nil))
        try station.oxygen(5.5, 5.5, 5.5, 5.5)
        #expect(try station.open().isEmpty, "nothing is asked of it any more")
        station.adopt(Registry())
        try station.oxygen(0.1, 0.1, 0.1)
        #expect(try station.open().isEmpty, "a section that is gone has no place and no chief")
    }

    // MARK: While it lasts

    @Test("an alarm that lasts is noted after a day, then after twice as long each time")
    mutating func lasting() throws {
        for _ in 1...1000 { try station.oxygen(1.5) }
        let notes = try station.written.alarmEvents.compactMap { event in
            if case .noted(let noted) = event { noted } else { nil }
        }
        let hours = notes.map { ($0.latest - Monitored.moment(2)).wholeSeconds / 3600 }
        #expect(hours == [24, 72, 168, 360, 744])
        #expect(notes.map(\.number) == [1, 2, 3, 4, 5] && notes.allSatisfy { $0.why == .lasting })
        let actions = try station.written.actions
        #expect(actions.count == 5)
        #expect(actions.allSatisfy { $0.verb == .note(isPublic: true) && $0.by == .system })
        let texts = try station.written.texts.dropFirst()
        #expect(texts.first?.hasPrefix("尚未恢复正常，已持续25小时。溶解氧▄▄▄") == true && texts.count == 5)
        #expect(try station.written.words.values.allSatisfy { $0.faults.isEmpty })
    }

    @Test("a station that stops: the alarm stays, and the silence is noted once")
    mutating func silence() throws {
        try station.oxygen(1.5, 1.5)
        let due = Monitored.moment(26)
        #expect(try station.nextAlarm() == due)
        #expect(try station.wake(at: due + .seconds(-1)).isEmpty)
        let outgoing = try station.wake(at: due)
        #expect(try outgoing.actions.map(\.verb) == [.note(isPublic: true)])
        #expect(try outgoing.texts == ["01-15 18:00之后没有新的监测数据，无法判断是否恢复正常。"])
        #expect(try station.nextAlarm() == nil)
        #expect(try station.wake(at: due + .seconds(999_999)).isEmpty)
        #expect(try station.open() == [.dissolvedOxygen], "silence is no recovery")
        station.pass(hours: 100)
        try station.oxygen(9)
        #expect(try station.nextAlarm() == Monitored.moment(103 + 24), "it speaks again and may stop again")
        try station.oxygen(9, 9, 9, 9, 9)
        #expect(try station.open().isEmpty)
        #expect(try station.nextAlarm() == nil)
        #expect(try station.events.map(\.kind) == [.raised, .noted, .noted, .cleared])
    }

    // MARK: Records

    @Test("each text is written before the record that refers to it, at the complaint and its cause")
    mutating func words() throws {
        try station.oxygen(1.5, 1.5)
        try station.wake(at: Monitored.moment(26))
        station.pass(hours: 100)
        try station.oxygen(9, 9, 9, 9, 9, 9)
        let written = station.written
        #expect(try written.words.count == 4 && written.texts.count == 4)
        #expect(Set(try written.alarmEvents.map(\.kind)) == [.raised, .noted, .cleared])
        for (words, order) in zip(written, written.dropFirst()) where words.topic == .words {
            #expect([.submissions, .actions].contains(order.topic), "\(order.topic)")
            let key = try WordsKey(words.key)
            #expect(key.complaint.compact == order.key && key.cause == order.event.asCause)
            #expect(key.cause.hasPrefix("dayu-analytics.alarming/tonglu/"))
            #expect(Topic.partitionKey(of: words.key) == Topic.partitionKey(of: order.key))
            #expect(words.event.subject == order.key && words.event.trail == order.event.trail)
            let outline = try JSON.decode(Words.self, from: try #require(words.event.data)).outline
            let data = try #require(order.event.data)
            let told =
                order.topic == .submissions
                ? try JSON.decode(Submission.self, from: data).words
                : try JSON.decode(ComplaintAction.self, from: data).words
            #expect(told == outline && told != nil)
        }
        let texts = try written.texts
        for outgoing in written where outgoing.topic != .words {
            let data = String(decoding: outgoing.event.data ?? [], as: UTF8.self)
            #expect(texts.allSatisfy { !data.contains($0) } && !data.contains("桐庐"), "\(outgoing.topic)")
        }
    }

    @Test("anybody can find the complaint of an alarm by its code, derived in the open")
    func code() {
        let alarm = Alarm(section: Monitored.section, item: .pH, since: Monitored.moment(1))
        let other = Alarm(section: Monitored.section, item: .pH, since: Monitored.moment(2))
        // printf 'dayu alarm\n%s' "$alarm" | sha256sum
        #expect(alarm.description == "tonglu/w01001/2027-01-15T09:00:00.000Z")
        #expect(alarm.complaint.compact == "D15C12K8XR2ED")
        #expect(alarm.complaint != other.complaint)
    }

    @Test("the public topic holds the tracking code and no text")
    mutating func isPublic() throws {
        try station.oxygen(1.5, 1.5, 8, 8, 8, 8, 8, 8)
        let complaint = try #require(try station.written.submissions.first).complaint
        for outgoing in station.written where outgoing.topic == .alarms {
            let text = String(decoding: outgoing.event.data ?? [], as: UTF8.self)
            #expect(text.contains(complaint.compact))
            #expect(outgoing.key == "tonglu")
        }
        #expect(Set(station.written.map { "\($0.topic) \($0.event.id)" }).count == station.written.count)
    }

    @Test("a batch that is aborted tells the same under the same identities")
    mutating func repeated() throws {
        var other = station
        try station.oxygen(4, 1.5, 1.4)
        try other.oxygen(4, 1.5)
        var aborted = other
        try aborted.oxygen(1.4)
        try other.oxygen(1.4)
        #expect(other.written == aborted.written && other.written == station.written)
    }

    @Test("what is no assessment is set aside")
    func malformed() throws {
        let whole = Monitored.record([.pH: 7], at: Monitored.start)
        let broken = [
            Monitored.record([.pH: 7], at: Monitored.start, key: "other"),
            Monitored.record([.pH: 77], at: Monitored.start),
            Record(
                topic: .assessments, partition: 0, offset: 0, timestamp: Monitored.start, key: whole.key,
                value: nil, headers: whole.headers),
            Record(
                topic: .assessments, partition: 0, offset: 0, timestamp: Monitored.start, key: whole.key,
                value: Array("{}".utf8), headers: whole.headers),
        ]
        for record in broken {
            var partition = Partition<Alarming>(load: { _ in nil })
            let outcome = try partition.take(
                record, with: station.alarming, at: Monitored.start, caughtUp: false)
            guard case .done(let outgoing, .refused) = outcome else {
                Issue.record("\(record) was taken")
                continue
            }
            #expect(outgoing.map(\.topic) == [.deadLetters])
            try partition.recall(record, with: station.alarming)
            #expect(!partition.hasChanges)
        }
    }
}
