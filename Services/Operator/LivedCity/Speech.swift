import Models

/// What people in an invented city say. Each text says that it is invented, because a text is shown in many
/// places and must say so in each of them.
struct Speech {
    let registry: Registry

    static let mark = "【模拟】"
    static let englishMark = "[Simulated] "

    private static let found = ["今天早上散步时看到", "昨天傍晚路过时发现", "连着三天都是这样", "刚刚看到", "雨停以后出现"]
    private static let spots = ["桥下", "河边步道旁", "小区后门对面", "公园入口附近", "码头旁边", "闸口下游"]
    private static let wishes = ["希望尽快处理。", "请派人来看看。", "麻烦河长关注一下。", "已经反映过一次了。", "附近居民意见很大。"]
    private static let english = [
        "I saw it on my way to work this morning.", "It has been like this for three days.",
        "Please have a look.", "It began after the rain.",
    ]

    func complaint(of category: Category, at reach: Reach, _ chance: inout Chance) -> Words {
        var media: [String] = []
        if chance.happens(0.4) { media = [Self.picture("before", &chance)] }
        if chance.happens(0.08) {
            let text = "\(category.name.en), \(reach.name.en). \(chance.one(of: Self.english))"
            return Words(text: Self.englishMark + text, media: media)
        }
        let spot = chance.one(of: Self.spots)
        let text = "\(chance.one(of: Self.found))\(category.name.zh)，在\(reach.name.zh)\(spot)。"
        return Words(
            text: Self.mark + text + chance.one(of: Self.wishes), media: media,
            address: chance.happens(0.6) ? Self.mark + reach.name.zh + spot : nil)
    }

    func said(_ saying: Saying, _ chance: inout Chance) -> Words {
        let media = saying == .resolved ? [Self.picture("after", &chance)] : []
        return Words(text: Self.mark + chance.one(of: saying.texts), media: media)
    }

    /// The address of a picture that exists nowhere (RFC 2606).
    private static func picture(_ name: String, _ chance: inout Chance) -> String {
        "https://example.org/simulated-\(name)-\(Int(chance.share() * 1000)).jpg"
    }

    /// The contact of an invented person: the name says so, and no network gives out such a number.
    func contact(_ chance: inout Chance) -> Contact? {
        let name =
            chance.one(of: ["赵", "钱", "孙", "周", "吴", "郑", "冯", "陈"]) + chance.one(of: ["样例", "示例", "测试"])
        let number = String(Int(chance.share() * 10_000) + 10_000).dropFirst()
        let phone = try? CallableNumber("+86 000 0000 \(number)", country: .china)
        return Contact(name: name, phone: phone)
    }
}

/// The occasions on which something is said with an action.
enum Saying: CaseIterable {
    case noted, resolved, passed, failed, unhappy, happy, notMine, notWater, merged, more, again, corrected

    var texts: [String] {
        switch self {
        case .noted: ["已到现场查看，正在溯源。", "已通知养护单位，明天进场。", "水样已送检。"]
        case .resolved: ["已清理完毕，现场已恢复。", "已封堵排口并约谈责任单位。", "已增加保洁频次，情况消除。", "调水冲刷后已无异味。"]
        case .passed: ["现场复核，情况属实，已解决。", "查验通过。"]
        case .failed: ["现场仍可见，请继续处理。", "复核时问题未消除。"]
        case .unhappy: ["没有解决，第二天又出现了。", "只处理了表面。"]
        case .happy: ["处理很快，谢谢。", "现在干净多了。"]
        case .notMine: ["该处不在本段范围内。", "属其他部门职责。"]
        case .notWater: ["经核实不属于河湖管理范围，已告知来电人。", "信息不足，多次联系未果。"]
        case .merged: ["与先前的投诉为同一事项，合并办理。"]
        case .more: ["需协调管网改造，申请延期。"]
        case .again: ["又出现了，请再看看。"]
        case .corrected: ["经现场核对更正。"]
        }
    }
}
