package import Models
package import Processing

/// Grading as `dayu simulate` runs it. Each reading comes only once, so Grading keeps none in memory.
package func gradingInMemory(by registry: Registry) -> any MemoryLoop {
    ProcessorMemory(Grading(registry: registry), keeping: .whileWaiting)
}

/// Alarming as `dayu simulate` runs it, with the default rules.
package func alarmingInMemory(by registry: Registry, utcOffset: Duration) -> any MemoryLoop {
    var rules = AlarmRules()
    rules.utcOffset = utcOffset
    return ProcessorMemory(Alarming(registry: registry, rules: rules))
}

/// Summarising as `dayu simulate` runs it. It keeps each section's day until it is told to forget it.
package func summarisingInMemory(by registry: Registry) -> any MemoryLoop {
    ProcessorMemory(Summarising(registry: registry))
}
