import Parsers

/// What a byte of the worst input costs each parser, and how that grows from 16 KB to 256 KB.
enum ParserMeasure {
    private static let bytes = 16_384

    static func run() throws {
        var figures: [String: Double] = [:]
        for parser in Parser.all {
            let growth = Growth.most(of: parser, from: bytes)
            figures["\(parser), ns/byte"] = growth.large
            figures["\(parser), ratio"] = growth.ratio
        }
        try Program.report(figures)
    }
}
