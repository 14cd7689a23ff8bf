import Models
import Support
import Testing
import Text

@testable import Intake

@Suite("Which answer follows which frame")
struct StationDialogueTests {
    private typealias Segment = StationCounter
    private static let hour = "DataTime=20261129090000;w01001-Avg=7.1,w01001-Flag=N"

    private static func answer(_ cn: Int, flag: String? = "8", inside: String = "") -> String {
        let head = "QN=20261129100000000;ST=91;CN=\(cn);PW=\(Segment.password);MN=\(Segment.device);"
        return head + (flag.map { "Flag=\($0);" } ?? "") + "CP=&&\(inside)&&"
    }

    // MARK: Data

    @Test("data are answered with 9014 when they are stored, and not before")
    func data() throws {
        var counter = StationCounter()
        let reactions = counter.hear(Segment.segment(cp: Self.hour))
        #expect(reactions.answers.isEmpty && reactions.taken.count == 1)
        let taken = try #require(reactions.taken.first)
        #expect(taken.answer?.segment == Self.answer(9014))
        #expect(taken.refusal?.segment == Self.answer(9011, inside: "QnRtn=2"))
        #expect(counter.dialogue.book[Segment.bridge.id].standing.readings == 0)
        _ = counter.dialogue.stored(taken, at: counter.now)
        #expect(counter.dialogue.book[Segment.bridge.id].standing.readings == 1)
        #expect(counter.dialogue.counts == [.reading: 1])
    }

    @Test(
        "data of which nothing can be read are refused and not acknowledged",
        arguments: ["0F1E2D3C4B5A69788796A5B4C3D2E1F0", "q83vEjRWeJCrze8SNFZ4kA==", "\u{1}\u{2}\u{3}"])
    func encrypted(_ inside: String) {
        var counter = StationCounter()
        let reactions = counter.hear(Segment.segment(cp: inside))
        #expect(reactions.taken.isEmpty)
        #expect(reactions.answers == [Self.answer(9011, inside: "QnRtn=2")])
        let standing = counter.dialogue.book[Segment.bridge.id].standing
        #expect(standing.lastError?.contains("encrypted") == true && standing.badFrames == 1)
        #expect(reactions.told.map(\.subject) == [.data] && counter.dialogue.counts == [.bad: 1])
        // An empty packet says nothing, and there is nothing to keep.
        #expect(counter.hear(Segment.segment(cp: "")).answers == [Self.answer(9014)])
    }

    @Test("the version of the flag is repeated; without A there is no answer")
    func flags() {
        for (flag, expected) in [(9, "8"), (5, "4"), (7, "4"), (1, "0"), (11, "8")] {
            var counter = StationCounter()
            let taken = counter.hear(Segment.segment(flag: flag, cp: Self.hour)).taken
            #expect(taken.first?.answer?.segment == Self.answer(9014, flag: expected))
        }
        for flag in [8, 4, 0, nil] {
            var counter = StationCounter()
            let taken = counter.hear(Segment.segment(flag: flag, cp: Self.hour)).taken
            #expect(taken.count == 1 && taken.first?.answer == nil)
            #expect(counter.hear(Segment.segment(cn: "9015", flag: flag, cp: "")).isEmpty)
        }
    }

    @Test("a request that stands among the parameters is repeated there (HJ/T 212-2005)")
    func requestInside() {
        var counter = StationCounter()
        let segment = Segment.segment(qn: nil, flag: 1, cp: "QN=20261129100000000;" + Self.hour)
        #expect(
            counter.hear(segment).taken.first?.answer?.segment
                == "ST=91;CN=9014;PW=s3cret;MN=\(Segment.device);Flag=0;CP=&&QN=20261129100000000&&")
        let none = Segment.segment(qn: nil, cp: Self.hour)
        #expect(
            counter.hear(none).taken.first?.answer?.segment
                == "ST=91;CN=9014;PW=s3cret;MN=\(Segment.device);Flag=8;CP=&&&&")
    }

    @Test("of the same water in several series the registry's one is taken; the others are answered")
    func series() {
        var counter = StationCounter()
        for cn in ["2011", "2051", "2031"] {
            let reactions = counter.hear(Segment.segment(cn: cn, cp: Self.hour))
            #expect(reactions.taken.isEmpty && reactions.answers == [Self.answer(9014)])
        }
        #expect(counter.dialogue.book[Segment.bridge.id].standing.notTaken == 3)
    }

    @Test("checks, states and logs are answered and are no readings")
    func otherData() {
        var counter = StationCounter()
        _ = counter.hear(Segment.segment(cn: "9015", cp: ""))
        for cn in ["2062", "2066", "2021", "2041", "2081", "3020", "3019", "1011"] {
            let reactions = counter.hear(Segment.segment(cn: cn, cp: Self.hour))
            #expect(
                reactions == [.answer(reactions.first?.bytes ?? [])]
                    && reactions.answers == [Self.answer(9014)])
        }
    }

    @Test("data of which nothing can be used are answered, told and counted")
    func unusable() {
        var counter = StationCounter()
        let foreign = Segment.segment(cp: "DataTime=20261129090000;a34004-Avg=7")
        let reactions = counter.hear(foreign)
        #expect(reactions.answers == [Self.answer(9014)] && reactions.taken.isEmpty)
        #expect(reactions.told.map(\.subject) == [.data])
        // The same again is counted and not told again, within an hour.
        #expect(counter.hear(foreign).told.isEmpty)
        #expect(counter.dialogue.book[Segment.bridge.id].standing.notTaken == 2)
        #expect(counter.dialogue.counts == [.notTaken: 2])
        counter.now = counter.now + .seconds(3601)
        #expect(counter.hear(foreign).told.map(\.subject).contains(.data))
    }

    @Test(
        "data whose time can't be right are refused and not acknowledged, told, and counted as broken",
        arguments: [
            ("w01001-Avg=7", "the DataTime is missing"),
            ("DataTime=;w01001-Avg=7", "the DataTime is missing"),
            ("DataTime=20261329090000;w01001-Avg=7", "can't be read"),
            ("DataTime=20361129090000;w01001-Avg=7", "is in the future"),
        ])
    func wrongTime(_ cp: String, _ reason: String) {
        var counter = StationCounter()
        for count in 1...2 {
            let reactions = counter.hear(Segment.segment(cp: cp))
            #expect(reactions.taken.isEmpty && reactions.answers == [Self.answer(9011, inside: "QnRtn=2")])
            #expect(reactions.told.map(\.subject) == (count == 1 ? [.data] : []))
            let standing = counter.dialogue.book[Segment.bridge.id].standing
            #expect(standing.badFrames == count && standing.readings == 0)
            #expect(standing.lastError?.contains(reason) == true, "\(standing.lastError ?? "none")")
        }
        #expect(counter.dialogue.counts == [.bad: 2])
        // Whoever waits for no answer gets none.
        #expect(counter.hear(Segment.segment(flag: 8, cp: cp)).answers.isEmpty)
    }

    @Test("parts of one message are parts of one reading, in any order, with the time of the part before")
    func parts() {
        for place in ["head", "inside"] {
            var counter = StationCounter()
            func part(_ number: Int, _ cp: String) -> [UInt8] {
                let parts = "PNUM=2;PNO=\(number);"
                return place == "head"
                    ? Segment.segment(flag: 11, more: parts, cp: cp)
                    : Segment.segment(flag: 11, cp: parts + cp)
            }
            let second = counter.hear(part(2, "DataTime=20261129090000;w01009-Avg=8")).taken
            let first = counter.hear(part(1, Self.hour)).taken
            let third = counter.hear(part(9, "w21003-Avg=0.2")).taken
            #expect(Set([first, second, third].map { $0.first?.report.key }).count == 1)
            #expect([first, second, third].allSatisfy { $0.first?.answer != nil })
            var reading = Reading(first[0].report, reportedAt: counter.now)
            for taken in second + third { reading.take(taken.report, reportedAt: counter.now) }
            #expect(reading.figures == [.pH: 7.1, .dissolvedOxygen: 8, .ammoniaNitrogen: 0.2])
        }
    }

    @Test("a part without a time gets none of an earlier message")
    func strayParts() {
        func part(_ number: Int, of request: String?, _ cp: String) -> [UInt8] {
            Segment.segment(
                qn: request, flag: 11, more: "PNUM=2;PNO=\(number);", cp: cp)
        }
        let times: [(String?, String?)] = [
            ("20261129090000000", "20261129100000000"), (nil, nil),
        ]
        for (former, later) in times {
            var counter = StationCounter()
            #expect(counter.hear(part(1, of: former, Self.hour)).taken.count == 1)
            #expect(counter.hear(part(2, of: former, "w01009-Avg=8")).taken.count == 1)
            // The first part of the next message was lost.
            #expect(counter.hear(part(2, of: later, "w01009-Avg=1.1")).taken.isEmpty)
        }
    }

    // MARK: Notices

    @Test("heartbeats and notices are answered with 9013")
    func notices() {
        var counter = StationCounter()
        for cn in ["9015", "9021", "2012"] {
            #expect(counter.hear(Segment.segment(cn: cn, cp: "")).answers == [Self.answer(9013)])
        }
        #expect(counter.dialogue.counts == [.notice: 3])
    }

    @Test(
        "who asks for the time is told it: by 1012, or by 1015 for the logger of a station for surface water")
    func time() {
        let cases = [
            (
                st: "21", flag: 5, cp: "PolId=w01018", cn: 1012,
                inside: "PolId=w01018;SystemTime=20261129100000"
            ),
            (st: "32", flag: 5, cp: "", cn: 1012, inside: "SystemTime=20261129100000"),
            (st: "21", flag: 9, cp: "", cn: 1015, inside: "SystemTime=20261129100000"),
        ]
        for (st, flag, cp, cn, inside) in cases {
            var counter = StationCounter()
            let answers = counter.hear(Segment.segment(st: st, cn: "1013", flag: flag, cp: cp)).answers
            #expect(answers.count == 2 && answers[0] == Self.answer(9013, flag: "\(flag - 1)"))
            #expect(
                answers[1] == "QN=20261129100000000;ST=\(st);CN=\(cn);PW=s3cret;MN=\(Segment.device);"
                    + "Flag=\(flag);CP=&&\(inside)&&")
        }
    }

    @Test("an answer is answered by nobody, whoever sends it")
    func answers() {
        for mn in [Segment.device, "nobody"] {
            for cn in ["9011", "9012", "9013", "9014"] {
                var counter = StationCounter()
                let reactions = counter.hear(Segment.segment(cn: cn, mn: mn, cp: "QnRtn=1"))
                #expect(reactions.answers.isEmpty && reactions.taken.isEmpty && reactions.sent.isEmpty)
            }
        }
    }

    // MARK: Refusals

    @Test("who is not in the registry is refused with QnRtn=4, counted, and told once")
    func unknown() {
        var counter = StationCounter()
        for mn in ["nobody", "", "ABCD", "é"] {
            let reactions = counter.hear(Segment.segment(mn: mn, cp: Self.hour))
            #expect(reactions.answers.map { $0.hasSuffix("CP=&&QnRtn=4&&") } == [true])
            #expect(reactions.taken.isEmpty && reactions.told.map(\.subject) == [.unknownDevice])
        }
        let again = counter.hear(Segment.segment(mn: "nobody", cp: Self.hour))
        #expect(again.told.isEmpty && counter.dialogue.counts == [.unknown: 5])
        let listed = counter.dialogue.book.standings(at: counter.now).unknown
        #expect(listed.first { $0.device == "nobody" }?.frames == 2)
        #expect(!counter.dialogue.isProved(1))
    }

    @Test("a list of strangers does not grow without end")
    func strangers() {
        var settings = StationDialogue.Settings()
        settings.gate.attempts = nil
        var counter = StationCounter(settings)
        for number in 0..<300 { _ = counter.hear(Segment.segment(mn: "m\(number)", cp: "")) }
        #expect(
            counter.dialogue.book.standings(at: counter.now).unknown.count == StationBook.Limit.unknownDevices
        )
    }

    @Test("a password or an address of the registry is needed, QnRtn=3 without")
    func proof() {
        let cases: [(mn: String, pw: String?, address: IPAddress?, isTaken: Bool)] = [
            (Segment.device, Segment.password, nil, true), (Segment.device, "123456", Segment.home, false),
            (Segment.device, "", Segment.home, false), (Segment.device, nil, nil, false),
            ("T1_mill", nil, Segment.home, true), ("T1_mill", "", Segment.home, true),
            ("T1_mill", Segment.password, Segment.elsewhere, false), ("T1_mill", nil, nil, false),
        ]
        for (mn, pw, address, isTaken) in cases {
            var counter = StationCounter()
            let reactions = counter.hear(Segment.segment(cn: "9015", pw: pw, mn: mn, cp: ""), from: address)
            #expect(reactions.answers.count == 1)
            #expect(reactions.answers[0].hasSuffix("QnRtn=3&&") != isTaken, "\(mn) \(pw ?? "none")")
            #expect(counter.dialogue.isProved(1) == isTaken)
        }
    }

    @Test("a station without password and address can't call")
    func withoutProof() {
        let mute = Segment.station("mute", device: "M", password: nil)
        var counter = StationCounter(stations: [mute])
        #expect(counter.hear(Segment.segment(mn: "M", cp: Self.hour)).answers[0].hasSuffix("QnRtn=4&&"))
    }

    @Test("a command that nobody knows is refused with QnRtn=8")
    func unknownCommand() {
        for cn in ["9999", "0000", "abcd", ""] {
            var counter = StationCounter()
            let reactions = counter.hear(Segment.segment(cn: cn, cp: Self.hour))
            #expect(reactions.answers == [Self.answer(9011, inside: "QnRtn=8")] && reactions.told.count == 1)
        }
    }

    @Test("a wrong sum is refused, told with its reason, and counted for its station")
    func wrongSum() {
        for (flag, code) in [(9, 99), (5, 9)] {
            var counter = StationCounter()
            _ = counter.hear(Segment.segment(cn: "9015", flag: flag, cp: ""))
            let fault = FrameFault(.sum(Array("4B37".utf8)), data: Segment.segment(flag: flag, cp: Self.hour))
            let reactions = counter.dialogue.hear(fault, on: 1, from: nil, at: counter.now)
            #expect(reactions.answers == [Self.answer(9011, flag: "\(flag - 1)", inside: "QnRtn=\(code)")])
            #expect(reactions.told.map(\.subject) == [.badFrame] && reactions.taken.isEmpty)
            let standing = counter.dialogue.book[Segment.bridge.id].standing
            #expect(standing.frames == 2 && standing.badFrames == 1)
            #expect(standing.lastError?.contains("check sum") == true)
        }
    }

    @Test("a broken frame of somebody else is nobody's")
    func strangersFault() {
        var counter = StationCounter()
        let fault = FrameFault(.cutOff, declared: 99, data: Segment.segment(pw: "guess", cp: Self.hour))
        #expect(counter.dialogue.hear(fault, on: 1, from: nil, at: counter.now).answers.isEmpty)
        #expect(counter.dialogue.book[Segment.bridge.id].standing.frames == 0)
        #expect(counter.dialogue.counts == [.bad: 1])
    }

    // MARK: Chance

    @Test("real frames, and frames with bytes changed by chance, trap nothing")
    func chance() {
        for seed in 0..<200 as Range<UInt64> {
            var chance = SplitMix64(seed: seed)
            var counter = StationCounter(stations: [
                Segment.station("dx", device: "DXCBZ000000005", password: "123456", takes: [.now]),
                Segment.bridge,
            ])
            for _ in 0..<30 {
                var data = chance.one(of: RealFrames.all).data
                for _ in 0..<Int.random(in: 0...6, using: &chance) {
                    data[Int.random(in: 0..<data.count, using: &chance)] = chance.bytes(1)[0]
                }
                for reaction in counter.hear(data) {
                    if case .answer(let bytes) = reaction {
                        #expect(bytes.segment != "no frame", "seed \(seed)")
                    }
                }
            }
        }
    }

    @Test("a real frame of a river station becomes its reading")
    func realFrame() throws {
        let frame = try #require(RealFrames.right.first { $0.text.contains("MN=A110000_0001") })
        var counter = StationCounter(stations: [
            Segment.station("a", device: "A110000_0001", password: "123456", takes: [.now])
        ])
        let taken = counter.hear(frame.data).taken
        #expect(
            taken.first?.report.measurements.figures == [
                .waterTemperature: 28.6, .conductivity: 7.8, .pH: 6.5, .biochemicalOxygenDemand: 15.2,
                .permanganateIndex: 1.023,
            ])
        #expect(taken.first?.report.observedAt.description == "2026-07-06T02:30:00.000Z")
    }
}

extension StationDialogue.Reaction {
    fileprivate var bytes: [UInt8]? { if case .answer(let bytes) = self { bytes } else { nil } }
}
