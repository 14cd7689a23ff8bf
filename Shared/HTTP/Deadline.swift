import Dispatch

extension DispatchTime {
    /// The time after this duration. More than a year counts as a year, which fits into nanoseconds.
    static func after(_ duration: Duration) -> DispatchTime {
        let bounded = min(max(duration, .zero), .seconds(31_536_000))
        return .now() + .nanoseconds(Int(bounded / .nanoseconds(1)))
    }
}
