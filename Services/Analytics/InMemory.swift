package import Models
package import Processing

/// Grading as `dayu simulate` runs it. It is told of each reading once, so it remembers none.
package func gradingInMemory(by registry: Registry) -> any MemoryLoop {
    ProcessorMemory(Grading(registry: registry), keeping: .whileWaiting)
}

/// Alarming as `dayu simulate` runs it, with the rules that a city has that sets none.
package func alarmingInMemory(by registry: Registry, utcOffset: Duration) -> any MemoryLoop {
    var rules = AlarmRules()
    rules.utcOffset = utcOffset
    return ProcessorMemory(Alarming(registry: registry, rules: rules))
}
