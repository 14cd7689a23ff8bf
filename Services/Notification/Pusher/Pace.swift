/// How many messages may be under way at once at a gateway, so that none waits there until its time is over.
///
/// A gateway that works off one message after another lets the last of sixteen wait sixteen times as long as
/// the first. A message that gets no answer in time is sent again, although the gateway may have it already.
/// So the window begins with one message, grows while answers are quick, and shrinks when they are not.
struct Pace {
    /// What the settings allow.
    let most: Int
    /// How long a gateway may take to answer.
    let timeout: Duration
    private(set) var window = 1

    /// The window, if something is under way already. The first slow answer may be long in coming: until then
    /// nothing more is given to a gateway that has become slow.
    ///
    /// - Parameter oldest: how long the oldest message has waited for its answer.
    func window(underWay: Int, oldest: Duration?) -> Int {
        guard let oldest, oldest * 4 >= timeout else { return window }
        return min(window, underWay)
    }

    /// - Parameter taken: the time from the sending of a message to its answer; nil if there was none.
    mutating func note(_ taken: Duration?) {
        switch taken {
        case .some(let taken) where taken * 4 < timeout: window = min(window + 1, most)
        case .some(let taken) where taken * 2 < timeout: break
        case .some, nil: window = max(1, window / 2)
        }
    }
}
