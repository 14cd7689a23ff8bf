import Models

extension StationDialogue {
    enum Reaction: Equatable {
        /// To send at once, on the connection of the frame.
        case answer([UInt8])
        /// To be stored. The sender is answered after that, and not before.
        case take(Taken)
        case send([UInt8], line: Int)
        case tell(Telling)
        /// For the security log.
        case note(Call)
        /// The connection is closed.
        case close
    }

    struct Taken: Equatable, Sendable {
        let station: Station
        let report: Report
        let series: Station.Series
        /// Nil if no answer is expected.
        let answer: [UInt8]?
        /// The answer if the log never takes such a record, however often it is sent.
        let refusal: [UInt8]?
    }

    /// Something to write to the operator's log.
    struct Telling: Equatable, Sendable {
        enum Subject: String, Sendable {
            case unknownDevice = "a station is not in the registry"
            case unproved = "a station did not prove who it is"
            case badFrame = "a frame is broken"
            case data = "a station's data can't be used in full"
            case clock = "a station's clock is wrong"
            case silent = "a station is silent"
            case heardAgain = "a station is heard again"
            case missedHours = "missed hours were not had from a station"
        }

        let subject: Subject
        var station: StationID?
        var device: String?
        var address: String?
        var reason: String?
    }

    /// Who called with which proof, or why a caller was refused.
    struct Call: Equatable, Sendable {
        /// The station that called, or that a refused caller named.
        var station: StationID?
        let proof: SecurityEntry.Proof
        var refusal: String?
        var address: IPAddress?
    }
}
