import Analytics
import Disclosure
import Foundation
import Geo
import Models
import Processing
import Text

/// What it costs Analytics to add up readings, beside reading and decoding the same assessments; and how long
/// summaries take to be read back, in Analytics and in Disclosure.
///
///     Measures summaries            10,000,000 readings and 1,000,000 summaries
///     Measures summaries 100000     as many readings, and a tenth of that in summaries
enum SummaryMeasure {
    /// As many as the national platform shows.
    private static let sections = 1800
    private static let hours = 24
    private static let batch = 10_000
    private static let start = Instant(millisecondsSince1970: 1_767_196_800_000)

    static func run() throws {
        let readings = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 10_000_000
        let days = max(1, readings / (sections * hours))
        var figures = ["readings": Double(days * sections * hours)]
        let before = peakKilobytes()
        let (decoding, adding) = try adding(days)
        figures["decodingSeconds"] = decoding
        figures["summarisingSeconds"] = adding
        figures["ratio"] = adding / decoding
        figures["summarisingMegabytes"] = Double(peakKilobytes() - before) / 1024
        try restore(max(1, readings / 10), &figures)
        try Program.report(figures)
    }

    // MARK: Adding up

    /// The same records twice: once they are only decoded, and once they are added up.
    private static func adding(_ days: Int) throws -> (decoding: Double, adding: Double) {
        let summarising = OpenSummarising(registry: registry)
        var (decoding, adding) = (0.0, 0.0)
        var (bytes, written) = (0, 0)
        for day in 0..<days {
            // A day's readings come hour by hour, as stations send them.
            let records = (0..<hours).flatMap { hour in
                (0..<sections).map { record($0, day: day, hour: hour) }
            }
            decoding += try seconds {
                for record in records {
                    let event = try record.cloudEvent()
                    let assessment = try JSON.decode(Assessment.self, from: event.data ?? [])
                    bytes += assessment.reading.figures.count
                }
            }
            adding += try seconds {
                for start in stride(from: 0, to: records.count, by: batch) {
                    let part = records[start..<min(start + batch, records.count)]
                    written += try summarising.take(part, at: self.start).count
                }
            }
            precondition(summarising.states == sections, "a day has a state for each section")
            summarising.forget()
        }
        precondition(bytes > 0 && written == days * sections * hours, "each reading is news")
        return (decoding, adding)
    }

    private static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let started = ContinuousClock.now
        try work()
        return (ContinuousClock.now - started) / .seconds(1)
    }

    private static func peakKilobytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }

    // MARK: Restoring

    private static func restore(_ count: Int, _ figures: inout [String: Double]) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let disclosure = try OpenDisclosure(
            path: folder.appendingPathComponent("model.sqlite").path)
        let summarising = OpenSummarising(registry: registry)
        var (decoding, inAnalytics, inDisclosure, days) = (0.0, 0.0, 0.0, 0)
        for start in stride(from: 0, to: count, by: batch) {
            let records = (start..<min(start + batch, count)).map(summary)
            decoding += try seconds {
                for record in records {
                    let event = try record.cloudEvent()
                    days +=
                        try DaySummary(event.data ?? [], key: try record.keyText()).summary.isEmpty ? 0 : 1
                }
            }
            inAnalytics += try seconds { try summarising.restore(records) }
            inDisclosure += try seconds { try disclosure.apply(records) }
            summarising.forget()
        }
        figures["summaries"] = Double(count)
        precondition(days == count, "each summary holds figures")
        figures["decodingSummariesSeconds"] = decoding
        figures["restoreSeconds"] = inAnalytics
        figures["disclosureSeconds"] = inDisclosure
    }

    // MARK: What is read

    private static let parameters: [Parameter] = [
        .waterTemperature, .pH, .dissolvedOxygen, .conductivity, .turbidity, .permanganateIndex,
        .ammoniaNitrogen, .totalPhosphorus, .totalNitrogen,
    ]

    private static let registry: Registry = {
        func name(_ text: String) -> Name { Name(zh: text, en: text) }
        let city = EntityID<Region>(literal: "city")
        let river = EntityID<River>(literal: "river")
        let entities: [RegistryEntity] = [
            .region(Region(id: city, name: name("city"), level: .city)),
            .river(River(id: river, name: name("river"), level: .city, region: city)),
        ]
        return Registry(
            entities
                + (0..<sections).map {
                    .section(
                        Section(
                            id: section($0), name: name("\($0)"), river: river, body: .river,
                            place: Coordinate(longitude: 120, latitude: 30)))
                })
    }()

    private static func section(_ number: Int) -> SectionID {
        guard let id = SectionID("section-\(number)") else { preconditionFailure("an identifier") }
        return id
    }

    private static func values(_ number: Int) -> [Parameter: Double] {
        Dictionary(
            uniqueKeysWithValues: parameters.enumerated().map { place, parameter in
                (parameter, 5 + Double((number &* 7919 &+ place &* 104_729) % 2000) / 1000)
            })
    }

    private static func record(_ number: Int, day: Int, hour: Int) -> Record {
        let at = start + .seconds(86_400 * day + 3600 * hour)
        let report = Report(
            section: section(number), observedAt: at, period: .hour,
            measurements: values(number + hour * 31 + day * 37).mapValues { Models.Measurement($0) })
        let reading = Reading(report, reportedAt: at)
        return Record(
            .assessments, key: report.section.rawValue,
            CloudEvent(
                id: "\(reading.id)/1", source: "dayu-analytics.grading",
                type: EventType("reading", "assessed").description, subject: report.section.rawValue,
                version: 1, trail: Trail(at: at), data: JSON.encode(Assessment(reading, of: .river))))
    }

    /// Of one section and day: section after section, so that each has a number of days.
    private static func summary(_ number: Int) -> Record {
        let day = Day(of: start, offset: .zero).adding(days: number / sections)
        let readings = (0..<hours).map { hour in
            CountedReading(
                observedAt: start + .seconds(3600 * hour),
                series: Series(origin: .automatic, period: .hour),
                values: ByParameter(values(number + hour).mapValues { CountedReading.Value(figure: $0) }))
        }
        let summary = DaySummary(
            section: section(number % sections), day: day, summary: Summary(day: readings))
        return Record(
            .summaries, key: summary.key,
            CloudEvent(
                id: "\(summary.key)/1", source: "dayu-analytics.summarising",
                type: DaySummary.type.description, subject: summary.section.rawValue, version: 1,
                trail: Trail(at: start), data: JSON.encode(summary)))
    }
}

extension Record {
    fileprivate init(_ topic: Topic, key: String, _ event: CloudEvent) {
        self.init(
            topic: topic, partition: 0, offset: 0, timestamp: event.time, key: Array(key.utf8),
            value: event.data,
            headers: event.headers.map { Header(name: $0.name, value: Array($0.value.utf8)) })
    }
}
