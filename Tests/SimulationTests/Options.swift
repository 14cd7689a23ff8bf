import Support

@testable import Notification

/// What one run is like; every run draws its own (a swarm), because a mixture of everything hides what one
/// fault alone would show.
struct Options {
    let partitions: Int32
    let recipientPartitions: Int32
    let instances: Int
    let isStatic: Bool
    let batchRecords: Int
    let steps: Int
    /// One point in so many goes wrong.
    let rarity: Int
    let crashes: Bool
    let freezes: Bool
    let aborts: Bool
    /// A broker goes away for a while: polls fail, and calls are repeated until another one answers.
    let weather: Bool
    /// A service is stopped for longer than its input is kept.
    let retention: Bool
    let kills: Bool
    let rebalances: Bool
    let losesStores: Bool
    let jumpsClocks: Bool
    let mischief: Bool
    let duplicates: Bool
    let erases: Bool
    let mirrorsTwice: Bool
    let gatewayFails: Bool
    /// It takes up to half a minute for each message, and few at once.
    let gatewayIsSlow: Bool
    /// Now and then it takes nothing, as the file gateway does on a full disk.
    let gatewayShuts: Bool
    /// Now and then a store can't be written for a while.
    let fillsDisks: Bool
    /// Addressing reads the last part of the registry late.
    let registryIsLate: Bool
    /// Few messages for each number, so that many wait for room.
    let limitsNumbers: Bool
    /// What can wait becomes one message with others, and phones are silent at night.
    let isCalm: Bool
    /// What phones answer counts.
    let takesAnswers: Bool
    /// Dear, and not what most faults touch.
    let auditsProjections: Bool

    var limits: NumberLimits {
        limitsNumbers
            ? NumberLimits(
                official: SendLimit(perHour: 3, perDay: 12), complainant: SendLimit(perHour: 1, perDay: 4))
            : NumberLimits()
    }

    var answers: PhoneAnswers { takesAnswers ? .all : .none }

    var manner: Manner {
        guard isCalm else { return Manner(answers: answers) }
        return Manner(
            table: DeliveryTable(.calm), segments: 2, quiet: QuietTime("22:00-07:00"),
            desk: "\(Workload.site)/desk", answers: answers)
    }

    /// How long a measurement stays provisional that nobody reviews; nil: for ever. Two worlds of one seed
    /// differ in nothing else.
    let validAfter: Duration?

    init(_ prng: inout SplitMix64, steps: Int, validAfter: Duration?) {
        self.validAfter = validAfter
        func draw(_ prng: inout SplitMix64) -> Bool { prng.once(in: 2) }
        partitions = Int32.random(in: 1...3, using: &prng)
        recipientPartitions = Int32.random(in: 1...2, using: &prng)
        instances = prng.one(of: [1, 1, 2, 2, 2, 3])
        isStatic = draw(&prng)
        batchRecords = prng.one(of: [1, 3, 20])
        self.steps = steps
        rarity = prng.one(of: [15, 40, 120])
        crashes = draw(&prng)
        freezes = draw(&prng)
        aborts = draw(&prng)
        kills = draw(&prng)
        rebalances = draw(&prng)
        losesStores = draw(&prng)
        jumpsClocks = draw(&prng)
        mischief = draw(&prng)
        duplicates = draw(&prng)
        erases = prng.once(in: 3)
        mirrorsTwice = prng.once(in: 3)
        gatewayFails = draw(&prng)
        gatewayIsSlow = draw(&prng)
        limitsNumbers = prng.once(in: 4)
        isCalm = prng.once(in: 4)
        takesAnswers = prng.once(in: 2)
        auditsProjections = prng.once(in: 3)
        weather = draw(&prng)
        retention = prng.once(in: 4)
        gatewayShuts = prng.once(in: 3)
        fillsDisks = prng.once(in: 4)
        registryIsLate = prng.once(in: 3)
    }
}
