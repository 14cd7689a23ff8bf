import Foundation

/// What the benchmarks measure within one process; each prints one line of JSON.
@main
enum Program {
    static func main() throws {
        switch CommandLine.arguments.dropFirst().first {
        case "answers": try AnswerMeasure.run()
        case "desk": try DeskMeasure.run()
        case "empty": try EmptyRoute.serve()
        case "frames": try FrameMeasure.run()
        case "json": try JSONMeasure.run()
        case "parsers": try ParserMeasure.run()
        case "reaches": try ReachMeasure.run()
        case "summaries": try SummaryMeasure.run()
        case "tables": try TableMeasure.run()
        default:
            FileHandle.standardError.write(
                Data(
                    ("usage: Measures answers | desk | empty | frames | json | parsers | reaches | "
                        + "summaries [readings] | tables\n").utf8))
            exit(64)
        }
    }

    static func report(_ figures: [String: Double]) throws {
        print(String(decoding: try JSONEncoder().encode(figures), as: UTF8.self))
    }
}

/// Calls it over and over for about a second after a tenth of one that doesn't count; says how often a
/// second.
func perSecond(_ work: () throws -> Void) rethrows -> Double {
    try repeated(for: .milliseconds(100), work)
    return try repeated(for: .seconds(1), work)
}

@discardableResult
private func repeated(for time: Duration, _ work: () throws -> Void) rethrows -> Double {
    let started = ContinuousClock.now
    var count = 0
    while true {
        // The clock is asked rarely enough not to be what is measured.
        for _ in 0..<100 { try work() }
        count += 100
        let taken = ContinuousClock.now - started
        if taken >= time { return Double(count) / (taken / .seconds(1)) }
    }
}
