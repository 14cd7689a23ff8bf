import Geo
import HTTP
import Models
import Text

/// Open complaints that may be about what somebody is about to report: of the same group of categories, near
/// the place, and not old. Those of the same category come first, then the nearest.
struct SimilarList: JSONWritable, Sendable {
    /// A form shows a few; more would not be read.
    static let most = 5
    static let days = 30
    /// Of so many open complaints in the rectangle around the place the nearest are taken.
    private static let candidates = 500
    /// The length of a degree of latitude, rounded down: the rectangle must not be too small.
    private static let metresOfDegree = 110_000.0

    private struct Similar: Sendable {
        let found: WithWords<ListedComplaint>
        let metres: Double
        let follows: Int
    }

    private let similar: [Similar]
    private let metres: Double
    private let gazetteer: Gazetteer

    /// - Parameter now: the moment of the newest news; nil if there are none. No clock is read here.
    init(
        to category: Category, at place: Coordinate, _ reader: Reader, now: Instant?, _ gazetteer: Gazetteer
    ) throws {
        let metres = category.similarMetres ?? Category.usualSimilarMetres
        self.metres = metres
        self.gazetteer = gazetteer
        guard let now else {
            similar = []
            return
        }
        var filter = ComplaintFilter(limit: Self.candidates)
        filter.statuses = Set(ComplaintStatus.allCases.filter(\.isOpen))
        let group = gazetteer.registry.categories.values.filter {
            $0.group == category.group && $0.code != .stationAlarm
        }
        filter.categories = Set(group.map(\.code))
        filter.received.from = now + .seconds(-Self.days * 86_400)
        filter.within = Self.rectangle(around: place, metres: metres)
        let near = try reader.complaintsWithPlaces(filter).compactMap {
            found, at -> (metres: Double, found: WithWords<ListedComplaint>)? in
            // Nobody can tell whether his problem is the same where nothing can be read of it.
            guard found.said.words != nil else { return nil }
            let distance = at.distance(toSegmentFrom: place, to: place).metres
            return distance <= metres ? (distance, found) : nil
        }
        let ordered = near.sorted { one, other in
            let isSame = (one.found.value.category == category.code)
            let isOtherSame = (other.found.value.category == category.code)
            return isSame == isOtherSame ? one.metres < other.metres : isSame
        }
        similar = try ordered.prefix(Self.most).map { metres, found in
            Similar(found: found, metres: metres, follows: try reader.follows(of: found.value.code))
        }
    }

    /// A little larger than the circle, which decides.
    private static func rectangle(around place: Coordinate, metres: Double) -> ComplaintFilter.Rectangle {
        let height = metres / metresOfDegree
        // The length of a degree of longitude at this latitude. At a pole it has none.
        let along = Coordinate(longitude: place.longitude + 1, latitude: place.latitude)
        let degree = max(1000, along.distance(toSegmentFrom: place, to: place).metres)
        let width = metres / (degree * metresOfDegree / 111_200)
        return ComplaintFilter.Rectangle(
            west: place.longitude - width, south: place.latitude - height, east: place.longitude + width,
            north: place.latitude + height)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            // How near and how new these complaints are.
            json.field("metres", metres)
            json.field("days", Self.days)
            json.field("complaints", similar.map { Entry(similar: $0, gazetteer: gazetteer) })
        }
    }

    private struct Entry: JSONWritable {
        let similar: Similar
        let gazetteer: Gazetteer

        func write(to json: inout JSONWriter) {
            json.object { json in
                ComplaintSummary(found: similar.found, gazetteer: gazetteer).writeFields(to: &json)
                json.field("metres", similar.metres.rounded())
                json.field("follows", similar.follows)
            }
        }
    }
}

extension API {
    static func similar(_ asked: Asked) throws -> SimilarList {
        var question = Question(asked.request)
        let registry = asked.gazetteer.registry
        let category: CategoryCode? = question.id("category")
        let longitude = question.degrees("longitude", within: 180)
        let latitude = question.degrees("latitude", within: 90)
        for (name, isMissing) in [
            ("category", category == nil), ("longitude", longitude == nil), ("latitude", latitude == nil),
        ] where isMissing && (asked.request.query[name] ?? "").isEmpty {
            question.refuse(name, "is missing")
        }
        let known = category.flatMap { registry.categories[$0] }
        if category != nil, known == nil { question.refuse("category", "is not a category of the registry") }
        try question.check()
        guard let known, let longitude, let latitude else {
            preconditionFailure("a checked question lacks a value")
        }
        return try SimilarList(
            to: known, at: Coordinate(longitude: longitude, latitude: latitude), asked.reader,
            now: asked.state.updatedAt, asked.gazetteer)
    }
}
