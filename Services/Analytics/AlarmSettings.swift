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
            "how many readings in a row worse than the target class raise an alarm")
        limitReadings = count(
            "LIMIT_READINGS", limitReadings, "how many readings in a row beyond a limit raise an alarm")
        goodReadings = count("GOOD_READINGS", goodReadings, "how many good readings in a row end it")
        let acidity = reader.number(
            name("PH_LEAST"), preset: pH.lowerBound, in: 0...14, help: "a lower pH raises an alarm")
        let basicity = reader.number(
            name("PH_MOST"), preset: pH.upperBound, in: 0...14, help: "a higher pH raises an alarm")
        if acidity > basicity { reader.fault("\(name("PH_LEAST")): is above \(name("PH_MOST"))") }
        pH = min(acidity, basicity)...max(acidity, basicity)
        dissolvedOxygen = reader.number(
            name("OXYGEN_LEAST"), preset: dissolvedOxygen, in: 0...50,
            help: "less dissolved oxygen raises an alarm; in mg/L")
        ammoniaNitrogen = reader.number(
            name("AMMONIA_MOST"), preset: ammoniaNitrogen, in: 0.001...1000,
            help: "more ammonia nitrogen raises an alarm; in mg/L")
        margin = reader.number(
            name("MARGIN"), preset: margin, in: 0...0.5,
            help: "a value is good again when it is inside the limit by this part of the limit")
        spikes = reader.flag(
            name("SPIKES"), preset: spikes,
            help: "whether a single jump of one parameter must be confirmed before it raises an alarm")
        recentWithin = reader.duration(
            name("RECENT_WITHIN"), preset: recentWithin, help: "older readings raise no alarm"
        )
        gap = reader.duration(
            name("GAP"), preset: gap, help: "readings with a longer gap between them are not in a row")
        noteAfter = reader.duration(
            name("NOTE_AFTER"), preset: noteAfter,
            help: "an alarm that lasts gets a note after this time, then after twice as long")
        silentAfter = reader.duration(
            name("SILENT_AFTER"), preset: silentAfter,
            help: "an alarm or a breach gets one note if no reading comes for this long")
    }
}
