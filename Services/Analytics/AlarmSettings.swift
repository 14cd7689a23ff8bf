import Host
import Models

extension AlarmRules {
    init(from reader: inout SettingsReader) {
        self.init()
        func name(_ name: String) -> String { "DAYU_ANALYTICS_ALARM_\(name)" }
        func count(_ what: String, _ preset: Int, _ help: String) -> Int {
            reader.integer(name(what), preset: preset, in: Self.countRange, help: help)
        }
        let code = reader.text(
            name("CATEGORY"), preset: category.rawValue, help: "the category of the complaints")
        if let code = CategoryCode(code) {
            category = code
        } else {
            reader.fault("\(name("CATEGORY")): is not a category's code")
        }
        targetReadings = count(
            "TARGET_READINGS", targetReadings,
            "readings in a row worse than the target class that raise an alarm")
        limitReadings = count(
            "LIMIT_READINGS", limitReadings, "readings in a row beyond a limit that raise an alarm")
        goodReadings = count("GOOD_READINGS", goodReadings, "good readings in a row that clear it")
        let acidity = reader.number(
            name("PH_LEAST"), preset: pH.lowerBound, in: 0...14, help: "an alarm below this pH")
        let basicity = reader.number(
            name("PH_MOST"), preset: pH.upperBound, in: 0...14, help: "an alarm above this pH")
        if acidity > basicity { reader.fault("\(name("PH_LEAST")): is above \(name("PH_MOST"))") }
        pH = min(acidity, basicity)...max(acidity, basicity)
        dissolvedOxygen = reader.number(
            name("OXYGEN_LEAST"), preset: dissolvedOxygen, in: 0...50,
            help: "an alarm below so much dissolved oxygen, mg/L")
        ammoniaNitrogen = reader.number(
            name("AMMONIA_MOST"), preset: ammoniaNitrogen, in: 0.001...1000,
            help: "an alarm above so much ammonia nitrogen, mg/L")
        margin = reader.number(
            name("MARGIN"), preset: margin, in: 0...0.5,
            help: "the part of a limit by which a value must be inside it to be good again")
        recentWithin = reader.duration(
            name("RECENT_WITHIN"), preset: recentWithin, help: "older readings are history and raise no alarm"
        )
        gap = reader.duration(name("GAP"), preset: gap, help: "readings farther apart are not in a row")
        noteAfter = reader.duration(
            name("NOTE_AFTER"), preset: noteAfter,
            help: "an alarm that lasts is noted after this, then after twice as long")
        silentAfter = reader.duration(
            name("SILENT_AFTER"), preset: silentAfter,
            help: "a station without readings for this long under an alarm is noted, once")
    }
}
