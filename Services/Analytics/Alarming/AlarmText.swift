import Models

/// The sentences of an alarm's complaint, with the figures. They begin with what the chief must know: an SMS
/// quotes the first forty characters.
struct AlarmText {
    let section: String
    let river: String
    let utcOffset: Duration

    /// The most parameters that a class alarm names; the national bulletins also name three.
    private static let exceededLimit = 3

    var address: String { "\(section)断面" }

    func raised(
        _ item: AlarmItem, _ limit: AlarmLimit, _ exceeded: [Exceedance], readings: Int,
        _ curve: [AlarmReading]
    ) -> String {
        let named = exceeded.prefix(Self.exceededLimit)
        let what =
            switch limit {
            case .target(let target):
                "水质劣于目标\(target.numeral)类，连续\(readings)次：\(said(named, "目标\(target.numeral)类", target))"
            case .atLeast(let least): "\(said(named, ""))，低于警戒限值\(figure(least))，连续\(readings)次"
            case .atMost(let most): "\(said(named, "警戒限值"))，高于警戒限值\(figure(most))，连续\(readings)次"
            case .within(let range):
                "\(said(named, ""))，超出警戒范围\(figure(range.lowerBound))～\(figure(range.upperBound))"
                    + "，连续\(readings)次"
            }
        return "\(what)。\(river)\(address)自动监测：\(drawn(curve, exceeded.map(\.parameter)))。数据恢复正常后自动办结。"
    }

    func lasting(
        _ alarm: Alarm, at latest: Instant, _ open: Alarming.Open, _ curve: [AlarmReading]
    ) -> String {
        "尚未恢复正常，已持续\(hours(from: alarm.since, to: latest))小时。\(drawn(curve, open.parameters))。"
    }

    func cleared(
        _ alarm: Alarm, through last: Instant, readings: Int, _ open: Alarming.Open, _ curve: [AlarmReading]
    ) -> String {
        "已恢复正常：自\(clock(alarm.since))起共\(hours(from: alarm.since, to: last))小时，"
            + "最近连续\(readings)次读数符合要求，自动办结。\(drawn(curve, open.parameters))。"
    }

    static func silent(after latest: Instant, utcOffset: Duration) -> String {
        let text = AlarmText(section: "", river: "", utcOffset: utcOffset)
        return "\(text.clock(latest))之后没有新的监测数据，无法判断是否恢复正常。"
    }

    /// - Parameter limit: what the multiples refer to.
    private func said(
        _ exceeded: ArraySlice<Exceedance>, _ limit: String, _ target: WaterClass? = nil
    ) -> String {
        exceeded.map { $0.text(limit, isIII: target == .III) }.joined(separator: "、")
    }

    private func hours(from start: Instant, to end: Instant) -> Int64 { (end - start).wholeSeconds / 3600 }

    // MARK: The curve

    /// `溶解氧▆▄▁ 11-24 08:00 6.1，10:00 4.2，12:00 1.6`: of the worst parameter.
    private func drawn(_ curve: [AlarmReading], _ parameters: [Parameter]) -> String {
        guard let parameter = parameters.first else { return "" }
        let points = curve.compactMap { reading in
            reading.values[parameter].map { (at: reading.observedAt, value: $0) }
        }
        var day = ""
        let pairs = points.map { point in
            let clock = clock(point.at)
            let isSameDay = clock.prefix(5) == day
            day = String(clock.prefix(5))
            return "\(isSameDay ? String(clock.dropFirst(6)) : clock) \(figure(point.value))"
        }
        return "\(parameter.name.zh)\(Sparkline.text(points.map(\.value))) \(pairs.joined(separator: "，"))"
    }

    /// `11-24 08:00` in the city's time.
    private func clock(_ instant: Instant) -> String { FigureText.clock(instant, offset: utcOffset) }

    private func figure(_ value: Double) -> String { FigureText.figure(value) }
}

/// A curve as one line of text, scaled between its least and its greatest value.
enum Sparkline {
    /// Without U+2587, because three of these mark a hidden passage in a public text. All are in the Basic
    /// Multilingual Plane, so an SMS can carry them.
    private static let levels: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "█"]

    static func text(_ values: [Double]) -> String {
        guard let least = values.min(), let greatest = values.max() else { return "" }
        let height = greatest - least
        return String(
            values.map { value in
                let part = height > 0 ? (value - least) / height : 0.5
                return levels[Int((part * Double(levels.count - 1)).rounded())]
            })
    }
}

extension Exceedance {
    /// `氨氮1.3 mg/L（超目标Ⅱ类1.6倍、超Ⅲ类0.3倍）`: each multiple names its limit.
    fileprivate func text(_ limit: String, isIII: Bool) -> String {
        let unit = parameter.unit.isEmpty ? "" : " \(parameter.unit)"
        let said = "\(parameter.name.zh)\(FigureText.figure(value))\(unit)"
        guard let ratio else { return said }
        let official = isIII ? nil : overIII.map { "、超Ⅲ类\(FigureText.times($0))倍" }
        return "\(said)（超\(limit)\(FigureText.times(ratio))倍\(official ?? "")）"
    }
}

extension WaterClass {
    /// The class number as the standard writes it.
    fileprivate var numeral: String {
        switch self {
        case .I: "Ⅰ"
        case .II: "Ⅱ"
        case .III: "Ⅲ"
        case .IV: "Ⅳ"
        case .V: "Ⅴ"
        case .worseThanV: "劣Ⅴ"
        }
    }
}
