import Models
import Text

/// What the authority tells the public, the newest first.
struct NewsList: JSONWritable, Sendable {
    let news: [News]
    let gazetteer: Gazetteer

    init(_ news: [News], limit: Int, _ gazetteer: Gazetteer) {
        let sorted = news.sorted { ($1.date, $0.id) < ($0.date, $1.id) }
        self.news = Array(sorted.prefix(limit))
        self.gazetteer = gazetteer
    }

    func write(to json: inout JSONWriter) {
        json.object { $0.field("news", news.map { Entry(news: $0, gazetteer: gazetteer) }) }
    }

    private struct Entry: JSONWritable {
        let news: News
        let gazetteer: Gazetteer

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", news.id)
                json.field("date", news.date.description)
                json.field("title", news.title)
                json.field("text", news.text)
                // Null if it is about everything.
                json.field("river", orNull: news.river.map(gazetteer.reference))
                json.field("region", orNull: news.region.map(gazetteer.reference))
                json.field("url", orNull: news.url)
            }
        }
    }
}
