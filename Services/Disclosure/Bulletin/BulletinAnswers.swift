import HTTP
import Models
import Text

extension API {
    static func bulletins(_ asked: Asked) throws -> BulletinList {
        let months = try asked.reader.summarisedMonths()
        let released = try asked.reader.publications(.bulletin)
        return BulletinList(
            entries: months.map { ($0, released[$0.description]) }, gazetteer: asked.gazetteer)
    }

    static func bulletin(_ asked: Asked) throws -> BulletinAnswer {
        let month = try month(asked)
        let bulletin = try Bulletin(of: month, asked)
        return BulletinAnswer(
            bulletin: bulletin, publication: try asked.reader.publications(.bulletin)[month.description],
            city: asked.city, gazetteer: asked.gazetteer)
    }

    /// A table of the bulletin: `rivers.csv`.
    @Sendable static func bulletinTable(_ asked: Asked) throws -> [UInt8] {
        let month = try month(asked)
        let name = asked.request.parameters["table"] ?? ""
        guard let table = BulletinTable.allCases.first(where: { name == "\($0.rawValue).csv" }) else {
            throw Problem.unknown("table")
        }
        return table.csv(of: try Bulletin(of: month, asked), asked.gazetteer, asked.city)
    }

    /// A month of which there are figures; of others there is no bulletin.
    private static func month(_ asked: Asked) throws -> Month {
        guard let month = asked.request.parameters["month"].flatMap({ Month($0) }),
            try asked.reader.summarisedMonths().contains(month)
        else { throw Problem.unknown("bulletin") }
        return month
    }
}

/// The months of which there can be a bulletin, newest first, and what became of each.
struct BulletinList: JSONWritable, Sendable {
    let entries: [(month: Month, publication: Publication?)]
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("bulletins", entries.map { Entry($0.month, $0.publication, gazetteer) })
        }
    }

    private struct Entry: JSONWritable {
        let month: Month
        let publication: Publication?
        let gazetteer: Gazetteer

        init(_ month: Month, _ publication: Publication?, _ gazetteer: Gazetteer) {
            self.month = month
            self.publication = publication
            self.gazetteer = gazetteer
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("period", month.description)
                let isReleased = publication?.verdict == .released
                json.field("state", isReleased ? "released" : "draft")
                json.field("releasedAt", orNull: isReleased ? publication?.at : nil)
            }
        }
    }
}

struct BulletinAnswer: JSONWritable, Sendable {
    let bulletin: Bulletin
    let publication: Publication?
    let city: Name
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) {
        let fingerprint = bulletin.fingerprint()
        let text = BulletinText(city: city, month: bulletin.month, bulletin: bulletin)
        json.object { json in
            json.field("period", bulletin.month.description)
            json.field("name", city)
            // A draft until an office releases it.
            json.field("state", publication?.verdict == .released ? "released" : "draft")
            json.field(
                "release",
                orNull: publication.flatMap { one in
                    one.verdict == .released
                        ? Release(publication: one, isCurrent: one.fingerprint == fingerprint, gazetteer)
                        : nil
                })
            // To be sent with a release: it says which figures the office saw.
            json.field("fingerprint", fingerprint)
            json.field("text", text.parts.map(Part.init))
            json.field("city", orNull: bulletin.city)
            json.field("regions", bulletin.regions)
            json.field("rivers", bulletin.rivers)
            json.field("lakes", bulletin.lakes)
            json.field("sections", bulletin.sections)
            json.field("ranking", bulletin.places.map(Rank.init))
            json.field(
                "complaints",
                bulletin.handledByRegion.map {
                    AccountabilityList.Entry(one: $0, gazetteer: gazetteer, city: city)
                })
        }
    }

    private struct Release: JSONWritable {
        let publication: Publication
        /// The figures are still those that the office saw.
        let isCurrent: Bool
        let gazetteer: Gazetteer

        init(publication: Publication, isCurrent: Bool, _ gazetteer: Gazetteer) {
            self.publication = publication
            self.isCurrent = isCurrent
            self.gazetteer = gazetteer
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("at", publication.at)
                json.field(
                    "office", orNull: publication.by.id.flatMap { RegionID($0) }.map(gazetteer.reference))
                json.field("current", isCurrent)
            }
        }
    }

    private struct Part: JSONWritable {
        let part: BulletinText.Part

        init(_ part: BulletinText.Part) { self.part = part }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("title", part.title)
                json.field("text", part.text)
            }
        }
    }

    private struct Rank: JSONWritable {
        let place: Bulletin.Place

        init(_ place: Bulletin.Place) { self.place = place }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("rank", place.rank)
                json.field("name", place.name)
                json.field("index", place.printed)
            }
        }
    }
}

/// The tables of a bulletin for a spreadsheet.
enum BulletinTable: String, CaseIterable {
    case sections, rivers, lakes, regions, complaints

    func csv(of bulletin: Bulletin, _ gazetteer: Gazetteer, _ city: Name) -> [UInt8] {
        switch self {
        case .sections: Self.csv(bulletin.sections)
        case .rivers: Self.csv(bulletin.rivers)
        case .lakes: Self.csv(bulletin.lakes)
        case .regions: Self.csv(bulletin.regions)
        case .complaints:
            AccountabilityList(
                period: EvaluationPeriod(.month, of: bulletin.month.first), today: bulletin.month.first,
                entries: bulletin.handledByRegion, gazetteer: gazetteer, city: city
            ).csv()
        }
    }

    /// A row for each water, with the means of its items as they are printed.
    private static func csv(_ answers: [EvaluationAnswer]) -> [UInt8] {
        let occurring = Set(answers.flatMap(\.evaluation.items.keys))
        let items = Parameter.allCases.filter(occurring.contains)
        let head = [
            "period", "id", "name", "nameEn", "class", "rating", "target", "meetsTarget", "mainPollutants",
            "method", "sections", "percentUpToIII", "percentWorseThanV", "previousClass", "previousRating",
            "yearBeforeClass", "yearBeforeRating", "tli", "cwqi", "provisionalValues",
        ]
        let titles = items.map { "\($0.rawValue) \($0.name.en)\($0.unit.isEmpty ? "" : " (\($0.unit))")" }
        return Spreadsheet.csv([head + titles] + answers.map { row($0, items) })
    }

    private static func row(_ answer: EvaluationAnswer, _ items: [Parameter]) -> [String] {
        let (one, name) = (answer.evaluation, answer.subject.reference.name)
        let (previous, yearBefore) = answer.former
        let index = one.index.flatMap { $0.isComparable ? ($0.value * 10_000).rounded() / 10_000 : nil }
        let cells: [String?] = [
            one.period.description, answer.subject.reference.id, name.zh, name.en, one.waterClass?.rawValue,
            one.rating?.rawValue, one.target?.rawValue, one.meetsTarget.map(String.init),
            one.mainPollutants.map(\.text).joined(separator: " "), one.method.rawValue,
            "\(one.shares.sections)", Pollutant.printed(one.shares.percent(one.shares.upToIII)),
            Pollutant.printed(one.shares.percent(one.shares.worseThanV)),
            previous?.waterClass?.rawValue, previous?.rating?.rawValue, yearBefore?.waterClass?.rawValue,
            yearBefore?.rating?.rawValue, one.trophic.map { Pollutant.printed($0.index) },
            index.map { "\($0)" }, "\(one.provisionalValues)",
        ]
        return cells.map { $0 ?? "" } + items.map { one.items[$0]?.text(of: $0) ?? "" }
    }
}
