/// The time of a message, which its later parts may leave out.
struct PartTime {
    private var message: Message?
    private var text: String?
    private var numbers: Set<String> = []

    /// What the parts of one message share. Some loggers leave the request's number out of them.
    private struct Message: Equatable {
        var command: Int
        var request: String?
        var count: String
    }

    /// The time for a part that has none: that of its own message, and of no earlier one.
    ///
    /// If no request's number says which message it is, a part that was there already begins another.
    mutating func time(of packet: Packet, _ command: Int) -> String? {
        let number = packet.value(of: "PNO") ?? ""
        let message = Message(
            command: command, request: packet.request, count: packet.value(of: "PNUM") ?? "")
        if message != self.message || message.request == nil && numbers.contains(number) {
            (self.message, text, numbers) = (message, nil, [])
        }
        numbers.insert(number)
        text = packet.value(of: "DataTime") ?? text
        return text
    }
}
