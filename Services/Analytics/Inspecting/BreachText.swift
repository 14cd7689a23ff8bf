import Models

/// The sentences of a breach's complaint, with the figures. They begin with what the department must know: an
/// SMS quotes the first forty characters.
struct BreachText {
    let enterprise: String
    let outfall: String
    let zone: Zone

    var address: String { outfall.hasPrefix(enterprise) ? outfall : "\(enterprise)\(outfall)" }

    func raised(_ breach: Breach) -> String {
        "\(address)\(said(breach))。超标数据为自动监测或上报数据，请责任部门核查处理；再有超标不另立投诉，在此追加说明。"
    }

    func lasting(_ since: Instant, _ count: BreachEvent.Count) -> String {
        "超标累计：自\(clock(since))起\(counted(count))。"
    }

    func within(_ since: Instant, _ count: BreachEvent.Count) -> String {
        "已恢复达标：自\(clock(since))起\(counted(count))，此后连续\(Inspection.goodHours)个有效小时均值未超过许可限值。"
            + "本投诉仍由责任部门办理。"
    }

    func renewed(_ since: Instant, _ count: BreachEvent.Count) -> String {
        "超标已持续\(Inspection.renewAfter.wholeSeconds / 86_400)天：自\(clock(since))起\(counted(count))。此后的超标另立投诉。"
    }

    func corrected() -> String { "监测数据已更正，更正后没有超标。请责任部门核实。" }

    static func silent(_ parameter: Parameter, after latest: Instant, _ zone: Zone) -> String {
        let clock = FigureText.clock(latest, offset: zone.offset(at: latest))
        return "\(clock)之后没有新的\(parameter.name.zh)有效数据，无法判断是否恢复达标。请责任部门核实监测设备。"
    }

    /// `化学需氧量时均值62 mg/L，超过许可限值50 mg/L 0.24倍（11-24 08:00）`.
    private func said(_ breach: Breach) -> String {
        let unit = breach.parameter.unit.isEmpty ? "" : " \(breach.parameter.unit)"
        let mean = breach.period == .day ? "日均值" : "时均值"
        let what = "\(breach.parameter.name.zh)\(mean)\(figure(breach.value))\(unit)"
        let beyond =
            switch breach.limit {
            case .atMost(let most):
                "超过许可限值\(figure(most))\(unit)" + (breach.multiple.map { " \(FigureText.times($0))倍" } ?? "")
            case .within(let range): "超出许可范围\(figure(range.lowerBound))～\(figure(range.upperBound))"
            }
        let time = breach.period == .day ? String(clock(breach.at).prefix(5)) : clock(breach.at)
        return "\(what)，\(beyond)（\(time)）"
    }

    private func counted(_ count: BreachEvent.Count) -> String {
        let parts = [(count.hours, "个小时"), (count.days, "天")].filter { $0.0 > 0 }
            .map { "\($0.0)\($0.1)" }
        let worst = count.worst.map { "，最严重的一次：\(said($0))" } ?? ""
        return "有\(parts.isEmpty ? "0个小时" : parts.joined(separator: "、"))超标\(worst)"
    }

    /// `11-24 08:00` on the clocks of the outfall's region.
    private func clock(_ instant: Instant) -> String {
        FigureText.clock(instant, offset: zone.offset(at: instant))
    }

    private func figure(_ value: Double) -> String { FigureText.figure(value) }
}
