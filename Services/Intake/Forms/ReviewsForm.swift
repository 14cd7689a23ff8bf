import Models
import Text

/// The decisions of an office as JSON; a department, which reviews outfalls, names itself as `department`:
///
///     {"office": "hangzhou", "reviews": [{"section": "jiekou", "observedAt": "2026-08-19T04:00:00+08:00",
///       "parameters": ["w21003"], "verdict": "valid", "receivedAt": "2026-08-19T05:02:11Z"}]}
///
/// Without `parameters`, the review covers everything provisional of the reading. `receivedAt` is the time
/// that the list shows for what the office saw: measurements received later are not affected. Without it the
/// time of the request counts.
enum ReviewsForm {
    static let reviewsLimit = 10_000

    static func read(_ form: Form, registry: Registry, now: Instant) throws(Malformed) -> ReviewsDraft {
        var form = form
        let department = form.id("department", of: Department.self).map(Official.department)
        let office = form.id("office", of: Region.self).map(Official.office)
        if department != nil, office != nil { form.add("department", "may not stand beside office") }
        let by = department ?? form.require("office", office)
        let list = form.require("reviews", form.list("reviews")) ?? []
        form.refuseUnknown()
        if list.isEmpty, form.faults.isEmpty { form.add("reviews", "is empty") }
        if list.count > reviewsLimit { form.add("reviews", "holds more than \(reviewsLimit)") }
        var items: [ReviewsDraft.Item] = []
        for (index, value) in list.prefix(reviewsLimit).enumerated()
        where form.faults.count < ReadingsForm.faultsLimit {
            guard case .object(let fields) = value else {
                form.add("reviews.\(index)", "is not an object")
                continue
            }
            var one = Form(fields, path: "reviews.\(index).")
            if let item = item(&one, registry, now) { items.append(item) }
            form.add(one.faults)
        }
        guard form.faults.isEmpty, let by else { throw Malformed(form.faults) }
        return ReviewsDraft(by: by, items: items)
    }

    private static func item(
        _ form: inout Form, _ registry: Registry, _ now: Instant
    ) -> ReviewsDraft.Item? {
        let name = form.require("section", form.text("section"))
        let point = name.flatMap { registry.point(named: $0) }
        if name != nil, point == nil {
            form.add("section", "is neither a section nor an enterprise's outfall of the registry")
        }
        let observedAt = form.require("observedAt", form.moment("observedAt"))
        let period = form.choice("period", of: Period.self) ?? .instant
        let origin = form.choice("origin", of: Origin.self) ?? .automatic
        let verdict = form.require("verdict", form.choice("verdict", of: Review.Verdict.self))
        let receivedAt = form.moment("receivedAt")
        let parameters = form.texts("parameters").map { code in
            let parameter = Parameter(rawValue: code)
            if parameter == nil { form.add("parameters", "names an unknown parameter") }
            return parameter
        }
        form.refuseUnknown()
        guard let point, let observedAt, let verdict else { return nil }
        return ReviewsDraft.Item(
            key: ReadingKey(section: point.id, observedAt: observedAt, period: period, origin: origin),
            parameters: parameters.compactMap(\.self), verdict: verdict, seenAt: receivedAt ?? now)
    }
}
