import Models
import Processing
import Support
import Testing

@Suite("Records from whoever may write to the log")
struct LogFuzzTests {
    @Test(
        "whatever a record holds, its reader takes it or refuses it, and falls over none",
        arguments: LogReader.all)
    func records(_ reader: LogReader) throws {
        print("FUZZ_SEED=\(FuzzTests.seed) swift test --filter LogFuzzTests: \(reader)")
        try #require(!reader.records.isEmpty, "nothing is recorded for it")
        var chance = SplitMix64(seed: FuzzTests.seed)
        let started = ContinuousClock.now
        while started.duration(to: .now) < .seconds(FuzzTests.seconds) {
            for _ in 0..<20 {
                let record = mutant(of: reader.records, &chance)
                reader.read(record)
                reader.decide?(record)
            }
        }
    }

    @Test("what is recorded, each reader takes", arguments: LogReader.all)
    func sound(_ reader: LogReader) {
        for record in reader.records {
            reader.read(record)
            reader.decide?(record)
        }
    }

    /// One part or several of a known record in another way, or taken from another.
    private func mutant(of known: [Record], _ chance: inout SplitMix64) -> Record {
        var record = chance.one(of: known)
        for _ in 0...Int.random(in: 0...2, using: &chance) {
            let other = chance.one(of: known)
            var headers = record.headers
            switch Int.random(in: 0..<9, using: &chance) {
            case 0...2:
                let values = [record, other].compactMap(\.value)
                record = record.with(value: .some(values.isEmpty ? [] : Mutant.of(values, &chance)))
            case 3: record = record.with(key: .some(Mutant.of([record, other].compactMap(\.key), &chance)))
            case 4: record = record.with(value: .some(chance.once(in: 2) ? nil : other.value))
            case 5: record = record.with(key: .some(chance.once(in: 4) ? nil : other.key))
            case 6: record = record.with(topic: other.topic)
            case 7 where !headers.isEmpty:
                let header = chance.one(of: headers)
                headers.append(
                    Record.Header(
                        name: header.name, value: Mutant.of([header.value], &chance)))
                record = record.with(headers: headers.filter { $0.name != header.name } + headers.suffix(1))
            default:
                if !headers.isEmpty, chance.once(in: 2) {
                    headers.remove(at: Int.random(in: headers.indices, using: &chance))
                    record = record.with(headers: headers)
                } else {
                    record = record.with(headers: other.headers)
                }
            }
        }
        return record
    }
}
