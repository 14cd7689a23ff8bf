import Models

/// The sentences of a monthly bulletin (水质月报), in the language of those who read it every month: what the
/// waters were like, what changed, which are polluted by what, and what became of the complaints.
struct BulletinText {
    let city: Name
    let month: Month
    let bulletin: Bulletin

    /// One section of the bulletin, in both languages.
    struct Part: Equatable, Sendable {
        let title: Name
        let text: Name
    }

    var parts: [Part] {
        var parts = [overview]
        if !bulletin.rivers.isEmpty { parts.append(rivers) }
        if !bulletin.lakes.isEmpty { parts.append(lakes) }
        if !bulletin.regions.isEmpty { parts.append(regions) }
        return parts + [complaints, notes]
    }

    // MARK: Overview

    private var overview: Part {
        let title = Name(zh: "总体情况", en: "Overview")
        guard let whole = bulletin.city else {
            return Part(
                title: title,
                text: Name(zh: "本月没有可以评价的监测数据。", en: "There are no figures of this month to judge."))
        }
        let shares = whole.evaluation.shares
        let worst = shares.worseThanV
        let withTarget = whole.evaluation.sections.count { $0.meetsTarget != nil }
        let met = whole.evaluation.sections.count { $0.meetsTarget == true }
        var (zh, en) = (
            "\(month.zh)，\(city.zh)参与评价的\(shares.sections)个断面中，"
                + "Ⅰ～Ⅲ类\(shares.upToIII)个，占\(percent(shares.percent(shares.upToIII)))；"
                + "劣Ⅴ类\(worst)个，占\(percent(shares.percent(worst)))。",
            "In \(month.en), of the \(shares.sections) sections judged in \(city.en), "
                + "\(shares.upToIII) were of class I to III "
                + "(\(percent(shares.percent(shares.upToIII)))) and \(worst) were worse than class V "
                + "(\(percent(shares.percent(worst))))."
        )
        if let rating = whole.evaluation.rating {
            zh += "总体水质为\(rating.name.zh)。"
            en += " Overall the water was \(rating.name.en)."
        }
        if withTarget > 0 {
            let share = percent(Double(met) * 100 / Double(withTarget))
            zh += "有考核目标的\(withTarget)个断面中，\(met)个达标，占\(share)。"
            en += " Of \(withTarget) sections with a target, \(met) met it (\(share))."
        }
        let named = whole.evaluation.mainPollutants
        if !named.isEmpty {
            zh += "主要污染指标为\(named.map(\.saidZh).joined(separator: "、"))。"
            en += " Main pollutants: \(named.map(\.saidEn).joined(separator: ", "))."
        }
        for (former, zhName, enName) in [
            (whole.former.previous, "上月", "the month before"),
            (whole.former.yearBefore, "上年同月", "the same month of the year before"),
        ] {
            guard let former, let change = changed(whole.evaluation, since: former) else { continue }
            zh += "与\(zhName)相比，\(change.zh)。"
            en += " Since \(enName): \(change.en)."
        }
        return Part(title: title, text: Name(zh: zh, en: en))
    }

    /// The shares in percentage points, and the trend in words.
    private func changed(_ now: Evaluation, since former: Evaluation) -> Name? {
        let (new, old) = (now.shares, former.shares)
        guard new.sections > 0, old.sections > 0 else { return nil }
        let trend = EvaluationChange(former: former, evaluation: now).trend
        func points(_ change: Double) -> Name {
            let tenths = Pollutant.printed(abs(change))
            if tenths == "0.0" { return Name(zh: "持平", en: "unchanged") }
            return change > 0
                ? Name(zh: "上升\(tenths)个百分点", en: "up by \(tenths) points")
                : Name(zh: "下降\(tenths)个百分点", en: "down by \(tenths) points")
        }
        let good = points(new.percent(new.upToIII) - old.percent(old.upToIII))
        let bad = points(new.percent(new.worseThanV) - old.percent(old.worseThanV))
        let said = trend.map(\.name)
        return Name(
            zh: "Ⅰ～Ⅲ类比例\(good.zh)，劣Ⅴ类比例\(bad.zh)" + (said.map { "，水质\($0.zh)" } ?? ""),
            en: "I to III \(good.en), worse than V \(bad.en)" + (said.map { ", \($0.en)" } ?? ""))
    }

    // MARK: Rivers and lakes

    private var rivers: Part {
        let judged = bulletin.rivers.filter { $0.evaluation.rating != nil }
        let counts = Rating.allCases.compactMap { rating -> (Rating, Int)? in
            let count = judged.count { $0.evaluation.rating == rating }
            return count > 0 ? (rating, count) : nil
        }
        var zh =
            "参与评价的\(judged.count)条河流中，"
            + counts.map { "\($0.0.name.zh)\($0.1)条" }.joined(separator: "，") + "。"
        var en =
            "Of \(judged.count) \(judged.count == 1 ? "river" : "rivers"), "
            + counts.map { "\($0.1) \($0.1 == 1 ? "was" : "were") \($0.0.name.en)" }.joined(separator: ", ")
            + "."
        let polluted = judged.filter { ($0.evaluation.rating ?? .excellent) >= .lightlyPolluted }
            .sorted { ($1.evaluation.rating ?? .excellent) < ($0.evaluation.rating ?? .excellent) }
        if !polluted.isEmpty {
            zh += "受污染的河流：" + polluted.map { said($0).zh }.joined(separator: "；") + "。"
            en += " Polluted: " + polluted.map { said($0).en }.joined(separator: "; ") + "."
        }
        return Part(title: Name(zh: "河流", en: "Rivers"), text: Name(zh: zh, en: en))
    }

    /// `官塘河（轻度污染，Ⅳ类，总磷(0.3)）`.
    private func said(_ one: EvaluationAnswer) -> Name {
        let (evaluation, name) = (one.evaluation, one.subject.reference.name)
        let rating = evaluation.rating?.name
        let zh = [rating?.zh, evaluation.waterClass?.zh] + evaluation.mainPollutants.map(\.saidZh)
        let en = [rating?.en, evaluation.waterClass?.en] + evaluation.mainPollutants.map(\.saidEn)
        return Name(
            zh: "\(name.zh)（\(zh.compactMap(\.self).joined(separator: "，"))）",
            en: "\(name.en) (\(en.compactMap(\.self).joined(separator: ", ")))")
    }

    private var lakes: Part {
        let all = bulletin.lakes.map { one -> Name in
            let (evaluation, name) = (one.evaluation, one.subject.reference.name)
            let state = evaluation.trophic
            let rating = evaluation.rating?.name
            let zh = [
                evaluation.waterClass.map { "水质\($0.zh)" }, rating?.zh,
                state.map { "\($0.grade.name.zh)（综合营养状态指数\(Pollutant.printed($0.index))）" },
            ].compactMap(\.self)
            let en = [
                evaluation.waterClass?.en, rating?.en,
                state.map { "\($0.grade.name.en) (trophic level index \(Pollutant.printed($0.index)))" },
            ].compactMap(\.self)
            return Name(
                zh: "\(name.zh)\(zh.isEmpty ? "没有可以评价的指标" : zh.joined(separator: "，"))",
                en: "\(name.en): \(en.isEmpty ? "nothing to judge" : en.joined(separator: ", "))")
        }
        return Part(
            title: Name(zh: "湖库", en: "Lakes and reservoirs"),
            text: Name(
                zh: all.map(\.zh).joined(separator: "；") + "。",
                en: all.map(\.en).joined(separator: "; ") + "."))
    }

    // MARK: Districts

    private var regions: Part {
        let title = Name(zh: "各区县", en: "Districts")
        let shares = bulletin.regions.map { one -> Name in
            let (name, shares) = (one.subject.reference.name, one.evaluation.shares)
            let share = percent(shares.percent(shares.upToIII))
            return Name(
                zh: "\(name.zh)\(share)（\(shares.upToIII)/\(shares.sections)）",
                en: "\(name.en) \(share) (\(shares.upToIII) of \(shares.sections))")
        }
        var zh = "各区县Ⅰ～Ⅲ类断面比例：" + shares.map(\.zh).joined(separator: "，") + "。"
        var en = "Sections of class I to III by district: " + shares.map(\.en).joined(separator: ", ") + "."
        let places = bulletin.places
        if places.isEmpty {
            zh += "城市水质指数（CWQI）需要21项指标，本月没有一个区县齐全，不排名。"
            en +=
                " The index by which cities are compared (CWQI) needs 21 items. No district has all of them "
                + "this month, so there are no ranks."
        } else {
            let placed = places.map { "\($0.name.zh)\($0.printed)" }
            zh += "城市水质指数（CWQI）由好到差：\(placed.joined(separator: "，"))"
            en +=
                " Index of cities (CWQI), the best first: "
                + places.map { "\($0.name.en) \($0.printed)" }.joined(separator: ", ")
            let others = bulletin.regions.count - places.count
            zh += others > 0 ? "；另有\(others)个区县指标不全，不参加排名。" : "。"
            en += others > 0 ? "; \(others) more lack items and are not ranked." : "."
        }
        return Part(title: title, text: Name(zh: zh, en: en))
    }

    // MARK: Complaints

    private var complaints: Part {
        let title = Name(zh: "投诉办理", en: "Complaints")
        let (handled, tally) = (bulletin.handled, bulletin.handled.tally)
        guard tally.received > 0 else {
            return Part(title: title, text: Name(zh: "本月没有收到投诉。", en: "No complaints were received."))
        }
        var zh =
            "本月收到涉水投诉\(tally.received)件，已受理\(tally.accepted)件（按时\(tally.acceptedOnTime)件），"
            + "办结\(tally.resolved)件（按时\(tally.resolvedOnTime)件），超时未受理\(tally.unanswered)件，"
            + "督办\(tally.supervised)次，追加处理\(tally.reopened)次。"
        var en =
            "\(tally.received) complaints were received; \(tally.accepted) were accepted "
            + "(\(tally.acceptedOnTime) on time) and \(tally.resolved) resolved "
            + "(\(tally.resolvedOnTime) on time). "
            + "\(tally.unanswered) were never answered in time, \(tally.supervised) orders were given, "
            + "\(tally.reopened) were reopened."
        let times = tally.timesToResolve
        if let half = times.percentile(0.5), let most = times.percentile(0.9) {
            zh += "办结用时中位数\(hours(half))小时，九成在\(hours(most))小时以内。"
            en += " Half were resolved within \(hours(half)) hours, nine in ten within \(hours(most))."
        }
        if let satisfaction = handled.satisfaction {
            zh += "群众评价\(tally.rated)件，满意率\(percent(satisfaction * 100))。"
            en += " \(tally.rated) were rated; \(percent(satisfaction * 100)) of the grades were good."
        }
        return Part(title: title, text: Name(zh: zh, en: en))
    }

    private func hours(_ seconds: Double) -> String { Pollutant.printed(seconds / 3600) }

    // MARK: Notes

    private var notes: Part {
        var zh =
            "按《地表水环境质量标准》（GB 3838—2002）和《地表水环境质量评价办法（试行）》（环办〔2011〕22号）评价。"
            + "括号内为超Ⅲ类标准的倍数。"
        var en =
            "Judged by GB 3838-2002 and the rules of 2011 (环办〔2011〕22号). In brackets: by how many times "
            + "an item exceeds the limit of class III."
        if let provisional = bulletin.city?.evaluation.provisionalValues, provisional > 0 {
            zh += "本月有\(provisional)个监测值未经审核，评价结果为暂定。"
            en += " \(provisional) values of the month were not reviewed yet, so the results are provisional."
        }
        return Part(title: Name(zh: "说明", en: "Notes"), text: Name(zh: zh, en: en))
    }
}

/// With one decimal, as bulletins print them.
private func percent(_ percent: Double) -> String { "\(Pollutant.printed(percent))%" }

extension Month {
    fileprivate var zh: String { "\(year)年\(month)月" }
    fileprivate var en: String { "\(Self.names[(month - 1) % 12]) \(year)" }

    private static let names = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
}

extension WaterClass {
    fileprivate var zh: String {
        switch self {
        case .I: "Ⅰ类"
        case .II: "Ⅱ类"
        case .III: "Ⅲ类"
        case .IV: "Ⅳ类"
        case .V: "Ⅴ类"
        case .worseThanV: "劣Ⅴ类"
        }
    }

    fileprivate var en: String { self == .worseThanV ? "worse than class V" : "class \(rawValue)" }
}

extension Trend {
    var name: Name {
        switch self {
        case .muchBetter: Name(zh: "明显好转", en: "much better")
        case .better: Name(zh: "有所好转", en: "somewhat better")
        case .unchanged: Name(zh: "无明显变化", en: "no marked change")
        case .worse: Name(zh: "有所变差", en: "somewhat worse")
        case .muchWorse: Name(zh: "明显变差", en: "much worse")
        }
    }
}

extension TrophicState.Grade {
    var name: Name {
        switch self {
        case .oligotrophic: Name(zh: "贫营养", en: "oligotrophic")
        case .mesotrophic: Name(zh: "中营养", en: "mesotrophic")
        case .lightlyEutrophic: Name(zh: "轻度富营养", en: "lightly eutrophic")
        case .moderatelyEutrophic: Name(zh: "中度富营养", en: "moderately eutrophic")
        case .heavilyEutrophic: Name(zh: "重度富营养", en: "heavily eutrophic")
        }
    }
}

extension Pollutant {
    /// `总磷(0.3)`; of many sections `总磷（12.5%断面超标）`.
    fileprivate var saidZh: String {
        share.map { "\(parameter.name.zh)（\(percent($0 * 100))断面超标）" } ?? text
    }

    fileprivate var saidEn: String {
        // In the midst of a sentence; pH keeps its letters.
        let written = parameter.name.en
        let name = parameter == .pH ? written : written.prefix(1).lowercased() + written.dropFirst()
        if let share { return "\(name) (\(percent(share * 100)) of the sections)" }
        return multiple.map { "\(name) (\(Self.printed($0)))" } ?? name
    }
}
