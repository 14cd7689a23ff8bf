import Models
import Processing
import Support
import Testing

@Suite("An agenda")
struct AgendaTests {
    @Test("gives the earliest first, and of one moment the first that was put in", arguments: 1...20)
    func order(_ seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        var agenda = Agenda<Int>()
        var entries: [(at: Instant, number: Int)] = []
        for number in 0..<200 {
            let at = Instant(millisecondsSince1970: .random(in: 0..<40, using: &chance))
            entries.append((at, number))
            agenda.put(number, at: at)
        }
        entries.sort { ($0.at, $0.number) < ($1.at, $1.number) }
        #expect(agenda.next == entries[0].at)
        var taken: [Int] = []
        while let (_, number) = agenda.take(until: Instant(millisecondsSince1970: 20)) {
            taken.append(number)
        }
        #expect(taken == entries.filter { $0.at.millisecondsSince1970 <= 20 }.map(\.number))
        #expect(agenda.next == entries.first { $0.at.millisecondsSince1970 > 20 }?.at)
    }
}
