import Models
import Processing
import Testing

@testable import Disclosure

@Suite("Single jumps are marked")
struct SpikeMarkTests {
    private func marks(_ facts: API.Facts) throws -> [Bool] {
        let world = try World(facts: facts)
        let values = [0.5, 0.5, 0.4, 0.5, 0.5, 3.0, 0.5]
        try world.apply(
            values.enumerated().map { hour, value in
                Record(Assessment("bridge", hours: hour, [.ammoniaNitrogen: value, .pH: 7]))
            })
        let reply = try world.ask("/api/sections/bridge/readings")
        return values.indices.map { reply.string("readings.\($0).suspect.0") == "w21003" }
    }

    @Test("of one parameter, where the setting does not turn it off")
    func marked() throws {
        // The newest comes first.
        #expect(try marks(World.facts) == [false, true, false, false, false, false, false])
        var facts = World.facts
        facts.marksSpikes = false
        #expect(try marks(facts).allSatisfy { !$0 })
    }
}
