import Models
import Testing

@testable import Intake

@Suite("Whoever can't prove which station he is may not try for ever")
struct StationGateTests {
    private typealias Segment = StationCounter

    private func guess(_ number: Int, mn: String = StationCounter.device) -> [UInt8] {
        Segment.segment(cn: "9015", pw: "\(number)", mn: mn, cp: "")
    }

    private let proved = StationCounter.segment(cn: "9015", cp: "")

    /// The first of these reactions that is not answered, and what it does.
    private func limit(
        _ counter: inout StationCounter, _ segment: (Int) -> [UInt8],
        from address: (Int) -> IPAddress? = { _ in
            StationCounter.elsewhere
        }
    ) -> Int? {
        for number in 0..<200 {
            let reactions = counter.hear(segment(number), on: 7, from: address(number))
            if reactions.answers.isEmpty {
                #expect(reactions.closes)
                #expect(reactions.noted.first?.refusal?.hasPrefix("too many") == true)
                return number
            }
        }
        return nil
    }

    @Test("an address that guesses a password is heard 30 times, and then once in two seconds")
    func guesses() {
        var counter = StationCounter()
        #expect(limit(&counter, { guess($0) }) == 30)
        #expect(counter.dialogue.counts == [.unproved: 30, .limited: 1])
        // Not even the right password is looked at.
        #expect(counter.hear(proved, on: 8).closes && !counter.dialogue.isProved(8))
        counter.now = counter.now + .seconds(2)
        #expect(counter.hear(guess(0), on: 9).answers.count == 1)
        #expect(counter.hear(guess(1), on: 9).closes)
        counter.now = counter.now + .seconds(2)
        #expect(!counter.hear(proved, on: 10).closes && counter.dialogue.isProved(10))
    }

    @Test("a broken frame is no way around it, nor is a number that the registry does not know")
    func others() {
        var counter = StationCounter()
        #expect(limit(&counter, { guess($0, mn: "m\($0)") }) == 30)
        counter = StationCounter()
        for number in 0..<30 {
            let fault = FrameFault(.sum(Array("4B37".utf8)), data: guess(number))
            let reactions = counter.dialogue.hear(fault, on: 7, from: Segment.elsewhere, at: counter.now)
            #expect(reactions.answers.isEmpty && !reactions.closes)
            #expect(reactions.noted.first?.refusal != nil, "the security log knows it")
        }
        let right = FrameFault(.sum(Array("4B37".utf8)), data: proved)
        let reactions = counter.dialogue.hear(right, on: 7, from: Segment.elsewhere, at: counter.now)
        #expect(reactions.answers.isEmpty && reactions.closes)
    }

    @Test("many addresses together have a limit for each station; it does not keep the station away")
    func together() {
        var counter = StationCounter()
        let home = IPAddress("198.51.100.99")
        #expect(!counter.hear(proved, on: 1, from: home).closes)
        let count = limit(&counter, { guess($0) }, from: { IPAddress("203.0.113.\($0)") })
        #expect(count == 60)
        #expect(counter.hear(proved, on: 2, from: IPAddress("203.0.113.250")).closes)
        // Another station, the station's own connection, and a new one from the same place.
        #expect(
            counter.hear(guess(0, mn: "T1_mill"), on: 3, from: IPAddress("203.0.113.251")).answers.count == 1)
        #expect(counter.hear(proved, on: 1, from: home).answers.count == 1)
        #expect(counter.hear(proved, on: 4, from: home).answers.count == 1)
    }

    @Test("a connection on which a station is proved stays, and so does an address of the registry")
    func exempt() {
        var counter = StationCounter()
        _ = counter.hear(proved, on: 1)
        #expect(limit(&counter, { guess($0) }) == 30)
        #expect(counter.hear(proved, on: 1).answers.count == 1)
        // On this connection another station's password may not be guessed either.
        let other = Segment.station("other", device: "OTHER", password: "x")
        counter.dialogue.adopt(StationDirectory([Segment.bridge, Segment.mill, other]))
        let reactions = counter.hear(Segment.segment(cn: "9015", pw: "x", mn: "OTHER", cp: ""), on: 1)
        #expect(reactions.answers.isEmpty && !reactions.closes)
        let mill = Segment.segment(cn: "9015", pw: nil, mn: "T1_mill", cp: "")
        for number in 0..<100 { _ = counter.hear(guess(number), on: 20, from: Segment.home) }
        #expect(counter.hear(mill, on: 21, from: Segment.home).answers.count == 1)
        #expect(counter.dialogue.open(22, from: Segment.home, at: counter.now).isEmpty)
    }

    @Test("an address has a number of connections on which nobody has proved himself, a network of IPv6, too")
    func connections() {
        var settings = StationDialogue.Settings()
        settings.gate.strangers = 3
        for (first, second) in [("198.51.100.1", "198.51.100.1"), ("2001:db8::1", "2001:db8::2")] {
            var counter = StationCounter(settings)
            func open(_ line: Int, _ address: String) -> [StationDialogue.Reaction] {
                counter.dialogue.open(line, from: IPAddress(address), at: counter.now)
            }
            for line in 1...3 { #expect(open(line, first).isEmpty) }
            let refused = open(4, second)
            #expect(
                refused.closes && refused.noted.first?.refusal == "too many connections from this address")
            #expect(counter.dialogue.refusedConnections == 1)
            #expect(open(5, "198.51.100.77").isEmpty, "another address is not concerned")
            // One is proved, one is closed: there is room for two.
            _ = counter.hear(proved, on: 1, from: IPAddress(first))
            counter.dialogue.close(2, hasSpoken: true, at: counter.now)
            #expect(open(6, first).isEmpty && open(7, second).isEmpty && open(8, first).closes)
        }
    }

    @Test("a proxy that only looks whether somebody listens locks nobody out")
    func looking() {
        var counter = StationCounter()
        for line in 0..<100 {
            #expect(counter.dialogue.open(line, from: Segment.elsewhere, at: counter.now).isEmpty)
            counter.dialogue.close(line, hasSpoken: false, at: counter.now)
        }
    }

    @Test("to connect and to say nothing that is a frame is an attempt, too")
    func noise() {
        var counter = StationCounter()
        func open(_ line: Int) -> [StationDialogue.Reaction] {
            counter.dialogue.open(line, from: Segment.elsewhere, at: counter.now)
        }
        for line in 0..<30 {
            #expect(open(line).isEmpty)
            counter.dialogue.close(line, hasSpoken: true, at: counter.now)
        }
        #expect(open(30).closes)
        counter.now = counter.now + .seconds(60)
        // Whoever proves himself may come and go.
        for line in 100..<200 {
            #expect(open(line).isEmpty)
            #expect(counter.hear(proved, on: line).answers.count == 1)
            counter.dialogue.close(line, hasSpoken: true, at: counter.now)
        }
    }

    @Test("without a limit nobody is turned away")
    func unlimited() {
        var settings = StationDialogue.Settings()
        settings.gate.attempts = nil
        var counter = StationCounter(settings)
        #expect(limit(&counter, { guess(0, mn: "m\($0)") }) == nil)
    }
}
