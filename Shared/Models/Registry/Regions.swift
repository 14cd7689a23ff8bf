public import Geo
import Text

/// An administrative region (行政区). Its duty office takes what no chief is responsible for.
public struct Region: Hashable, Sendable, Codable {
    public let id: RegionID
    public let name: Name
    public let level: Level
    public let parent: RegionID?
    public let dutyOffice: String?
    public let dutyPhone: String?
    public let boundary: Geometry?
    /// The name of a zone in the IANA database; nil: the zone of the region above, see
    /// `Registry.timeZone(in:)`.
    public let timeZone: String?
    /// Nil: the hours of the region above, see `Registry.workingHours(in:)`.
    public let workingHours: WorkingHours?
    /// All of China keeps Beijing time, without summer time.
    public static let usualTimeZone = "Asia/Shanghai"

    /// The police officer who works with the chiefs of the region's waters (河道警长).
    public let policeChief: String?
    /// The number for complaints about the chiefs themselves (监督电话).
    public let supervisionPhone: String?
    /// Whom to call where somebody is in danger, such as 110.
    public let emergencyPhone: String?
    /// What has to stand at the foot of the site's pages, such as its number in the register of sites (备案号).
    /// Never empty.
    public let footer: [FooterLine]?

    public init(
        id: RegionID, name: Name, level: Level, parent: RegionID? = nil, dutyOffice: String? = nil,
        dutyPhone: String? = nil, boundary: Geometry? = nil, timeZone: String? = nil,
        workingHours: WorkingHours? = nil, policeChief: String? = nil, supervisionPhone: String? = nil,
        emergencyPhone: String? = nil, footer: [FooterLine]? = nil
    ) {
        self.id = id
        self.name = name
        self.level = level
        self.parent = parent
        self.dutyOffice = dutyOffice
        self.dutyPhone = dutyPhone
        self.boundary = boundary
        self.timeZone = timeZone
        self.workingHours = workingHours
        self.policeChief = policeChief
        self.supervisionPhone = supervisionPhone
        self.emergencyPhone = emergencyPhone
        self.footer = footer
    }
}

/// An authority that chiefs turn to, and that is responsible for what is not theirs (联系部门): enforcement at an
/// outfall, the fishery, the port.
public struct Department: Hashable, Sendable, Codable {
    public let id: DepartmentID
    public let name: Name
    public let region: RegionID
    public let duties: String?
    public let phone: String?

    public init(
        id: DepartmentID, name: Name, region: RegionID, duties: String? = nil, phone: String? = nil
    ) {
        self.id = id
        self.name = name
        self.region = region
        self.duties = duties
        self.phone = phone
    }
}

/// When an office works on a working day, in its region's time: `09:00-12:00 13:30-17:30`.
public struct WorkingHours: Hashable, Sendable, CustomStringConvertible {
    public struct Span: Hashable, Sendable {
        /// Minutes after midnight; `end` is the first minute after work.
        public let start: Int
        public let end: Int
    }

    /// At least one; in order, separate, and none empty.
    public let spans: [Span]

    /// A working day of eight hours with a pause at noon, used if the registry names no hours.
    public static let usual = WorkingHours(spans: [Span(start: 510, end: 720), Span(start: 810, end: 1080)])

    private init(spans: [Span]) {
        self.spans = spans
    }

    /// Nil if the text is not one or more `HH:MM-HH:MM` in order, separated by blanks.
    public init?(_ text: String) {
        var spans: [Span] = []
        for part in text.split(separator: " ", omittingEmptySubsequences: false) {
            var scanner = DigitScanner(part.utf8)
            guard let start = Self.minute(&scanner), scanner.skip("-"), let end = Self.minute(&scanner),
                scanner.isAtEnd, (spans.last?.end ?? -1) < start, start < end
            else { return nil }
            spans.append(Span(start: start, end: end))
        }
        self.init(spans: spans)
    }

    private static func minute<Bytes>(_ scanner: inout DigitScanner<Bytes>) -> Int? {
        guard let hour = scanner.number(digits: 2), scanner.skip(":"), let minute = scanner.number(digits: 2),
            minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return Int(hour * 60 + minute)
    }

    public var minutes: Int { spans.reduce(0) { $0 + $1.end - $1.start } }

    public var description: String {
        func clock(_ minute: Int) -> String {
            "\(padded(Int64(minute / 60), 2)):\(padded(Int64(minute % 60), 2))"
        }
        return spans.map { "\(clock($0.start))-\(clock($0.end))" }.joined(separator: " ")
    }
}

extension WorkingHours: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let hours = WorkingHours(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not working hours such as 09:00-12:00 13:30-17:30")
        }
        self = hours
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
