import Models

/// What people call the columns of a table.
enum ColumnNames {
    /// By their names after `plain`.
    static let others: [String: ReadingColumn] = {
        let names: [ReadingColumn: [String]] = [
            .section: [
                "断面名称", "断面名", "断面", "断面编号", "断面代码", "监测断面", "监测断面名称", "考核断面", "水质断面", "站点", "站点名称",
                "监测站点", "监测站点名称", "测点", "测点名称", "站名", "测站", "测站名称", "水站", "水站名称", "点位", "点位名称", "监测点", "监测点位",
                "监测点名称",
                "监测点位名称", "排放口", "排放口名称", "排放口编号", "排口", "排口名称", "outfall", "outfall name", "采样点", "采样点位",
                "采样点名称", "采样断面", "section", "section id", "section name",
                "section code", "site", "site name", "station", "station name", "sampling point",
                "sampling site",
                "monitoring point", "monitoring site", "monitoring location",
            ],
            .date: ["日期", "监测日期", "采样日期", "取样日期", "观测日期", "date", "sampling date", "sample date"],
            .observedAt(nil): [
                "监测时间", "采样时间", "取样时间", "观测时间", "数据时间", "时间", "时刻", "采样时刻", "监测时刻", "observed at",
                "sampled at", "sampling time", "sample time", "date time", "date/time", "data time",
                "timestamp",
                "time", "time of day",
            ],
            .publishedClass: [
                "水质类别", "类别", "class", "water class", "water quality class", "published class",
            ],
            .source: ["数据来源", "来源", "source"],
            .period: ["period", "数据周期", "统计周期"], .origin: ["origin", "监测方式"],
            .status: ["status", "审核状态"],
            .flag: ["flag", "数据标识", "数据标记"],
            .ignored: ["ignore", "忽略"],
        ]
        return Dictionary(
            uniqueKeysWithValues: names.flatMap { column, names in names.map { (plain($0), column) } })
    }()

    /// By their names after `plain`.
    static let parameters: [String: Parameter] = {
        let furtherNames: [Parameter: [String]] = [
            .waterTemperature: ["温度", "temperature", "temp", "WT"],
            .pH: ["pH值", "酸碱度"],
            .dissolvedOxygen: ["DO", "溶氧"],
            .conductivity: ["EC", "electrical conductivity"],
            .turbidity: ["浑浊度", "turbidity", "NTU"],
            .permanganateIndex: ["CODMn", "COD(Mn)", "IMn"],
            .chemicalOxygenDemand: ["COD", "CODCr", "COD(Cr)"],
            .biochemicalOxygenDemand: ["生化需氧量", "BOD5", "BOD"],
            .ammoniaNitrogen: ["NH3-N", "NH4-N", "NH4+-N", "ammonia"],
            .totalPhosphorus: ["TP"],
            .totalNitrogen: ["TN"],
            .copper: ["总铜", "Cu"],
            .zinc: ["总锌", "Zn"],
            .fluoride: ["F-"],
            .selenium: ["总硒", "Se"],
            .arsenic: ["总砷", "As"],
            .mercury: ["总汞", "Hg"],
            .cadmium: ["总镉", "Cd"],
            .hexavalentChromium: ["铬(六价)", "Cr6+", "Cr(VI)", "chromium VI"],
            .lead: ["总铅", "Pb"],
            .cyanide: ["总氰化物", "CN-"],
            .volatilePhenol: ["挥发性酚", "volatile phenols"],
            .petroleum: ["石油"],
            .anionicSurfactant: ["LAS", "anionic surfactants"],
            .sulphide: ["sulfide", "S2-"],
            .faecalColiforms: ["粪大肠菌群数", "fecal coliforms", "faecal coliform", "fecal coliform"],
            .chlorophyllA: ["叶绿素", "chlorophyll", "chl-a", "chla"],
            .algalDensity: ["藻类密度", "algae density"],
            .suspendedSolids: ["SS", "TSS", "total suspended solids"],
            .flow: ["污水流量", "瞬时流量", "排放流量", "discharge rate"],
            .transparency: ["SD", "塞氏盘深度", "secchi depth", "secchi disk depth", "water transparency"],
        ]
        var parameters: [String: Parameter] = [:]
        for parameter in Parameter.allCases {
            let names = [parameter.rawValue, parameter.name.zh, parameter.name.en, "\(parameter)"]
            for name in names + furtherNames[parameter, default: []] { parameters[plain(name)] = parameter }
        }
        return parameters
    }()

    /// Words beside a parameter's name that only say that there are figures below.
    private static let neutral: Set<String> = [
        "浓度", "监测值", "测值", "测定值", "检测值", "结果", "监测结果", "检测结果", "数值", "值", "value", "result",
        "concentration", "asn", "asp", "n", "p",
    ]

    /// Words that follow a name without a blank.
    static let suffixes = ["浓度", "监测值", "测定值", "检测值", "测值", "监测结果", "检测结果", "结果"].map {
        Array($0.unicodeScalars)
    }

    /// Whether the text is another name of the parameter, or a remark that does not change what the figures
    /// mean: 以P计.
    static func isRemark(_ text: String, on parameter: Parameter) -> Bool {
        let text = plain(text)
        return text.hasPrefix("以") && text.hasSuffix("计") || parameters[text] == parameter
            || neutral.contains(text)
    }

    /// A name without the things that people write differently: case, blanks, hyphens, underscores, and the
    /// width of letters.
    static func plain(_ text: some StringProtocol) -> String {
        text.folded.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" && $0 != "^" }
    }
}
