import Geo
import HTTP
import Links
import Models
import Open311
import Text

/// A request of Open311 GeoReport v2 ("POST Service Request"), read into a draft.
///
/// A client may send more than we use (`email`, `device_id`, `account_id`): the standard's own fields are
/// left out without a fault.
struct Open311Form {
    private enum Most {
        static let fields = 100
        static let fieldBytes = 16_384
    }

    /// The first value of each name that the standard or a definition has.
    let values: [String: String]
    /// What was uploaded as `media`.
    let pictures: [ArraySlice<UInt8>]

    /// - Throws: 400 or 415 for what is no form.
    init(_ request: Request) throws(Problem) {
        let type = request.headers["content-type"] ?? ""
        let fields: [(name: String, value: String)]
        var pictures: [ArraySlice<UInt8>] = []
        if type.lowercased().hasPrefix("multipart/form-data") {
            let parts = try Multipart(request.body, type: type, most: Most.fields).parts
            // A form in which no file was chosen sends an empty one.
            let files = parts.filter { $0.fileName != nil && !$0.body.isEmpty }
            if let other = files.first(where: { !Self.isMedia($0.name) }) {
                throw Problem(status: 400, detail: "\(other.name.excerpt(Limit.wordBytes)) can't be a file")
            }
            pictures = files.map(\.body)
            try PictureRequest.check(pictures)
            fields = try Self.fields(of: parts.filter { $0.fileName == nil })
        } else if type.lowercased().hasPrefix("application/x-www-form-urlencoded")
            || type.isEmpty && request.body.isEmpty
        {
            // Clients send nothing at all for a form without fields. What is missing is then said by name.
            fields = try FormFields(parsing: request.body, most: Most.fields).fields
        } else {
            throw Problem(
                status: 415,
                detail: "the body must be application/x-www-form-urlencoded or multipart/form-data")
        }
        self.pictures = pictures
        values = fields.reduce(into: [:]) { values, field in
            // Names are looked up as texts, so they must be short and plain (`Limit.wordBytes`).
            guard field.name.utf8.count <= Limit.wordBytes, field.name.utf8.allSatisfy({ $0 < 0x80 }),
                values[field.name] == nil, !field.value.isEmpty
            else { return }
            values[field.name] = field.value
        }
    }

    private static func fields(
        of parts: [Multipart.Part]
    ) throws(Problem) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for part in parts {
            guard part.body.count <= Most.fieldBytes, let value = String(validating: part.body, as: UTF8.self)
            else { throw Problem(status: 400, detail: "a field is too long or not UTF-8") }
            fields.append((part.name, value))
        }
        return fields
    }

    /// `media`, as the standard calls it, and as forms call the places of a list: `media[]`, `media[0]`.
    private static func isMedia(_ name: String) -> Bool {
        name == "media" || name.hasPrefix("media[") && name.utf8.count < Limit.wordBytes
    }

    /// The key of whoever sends it. What can't be a key is empty, which is no valid key either: a longer text
    /// would only cost time.
    var key: String? {
        values["api_key"].map { key in
            let mayBeKey =
                key.utf8.count == GatewayKeyText.characters && key.utf8.allSatisfy { $0 < 0x80 }
            return mayBeKey ? key : ""
        }
    }

    /// What identifies the request: everything but the key, which may be rotated between two tries, and the
    /// boundary of a multipart body, which is drawn anew.
    var content: [UInt8] {
        let fields = values.filter { $0.key != "api_key" }.sorted { $0.key < $1.key }
            .flatMap { Array("\($0.key.utf8.count) \($0.value.utf8.count)\n\($0.key)\($0.value)".utf8) }
        return pictures.isEmpty ? fields : PictureRequest.content(fields, pictures)
    }

    // MARK: The draft

    /// How our fields are called here.
    static let names = [
        "category": "service_code", "text": "description", "place": "lat and long",
        "address": "address_string",
        "place.latitude": "lat", "place.longitude": "long", "contact.name": "first_name and last_name",
        "contact.phone": "phone", "media": "media_url", "picture": "media", "media.0": "media_url",
        "river": "attribute[river]",
    ]

    func draft(country: CallingCode, registry: Registry) -> ComplaintDraft {
        var faults: [FieldFault] = []
        let category = values["service_code"].flatMap { code -> CategoryCode? in
            let category = CategoryCode(code)
            if category == nil {
                faults.append(FieldFault("category", "is not a service of this city", .unknown))
            }
            return category
        }
        if values["address_id"] != nil {
            faults.append(FieldFault("address_id", "is not known here; send lat and long, or address_string"))
        }
        let place = place(&faults)
        let contact = contact(country, &faults)
        // The standard does not ask for a description. The service then says what it is about; an unknown one
        // is refused for what it is, and not for a missing text as well.
        let named = category.flatMap { registry.categories[$0]?.name.zh }
        let words = Words(
            text: values["description"] ?? named ?? "–",
            media: values["media_url"].map { [$0] } ?? [],
            address: values["address_string"])
        let river = values["attribute[river]"].flatMap { text -> RiverID? in
            let river = RiverID(text)
            if river == nil { faults.append(FieldFault("river", "is not a river of the list", .unknown)) }
            return river
        }
        var draft = ComplaintDraft(
            category: category, words: words, place: place, river: river, contact: contact)
        draft.faults = faults
        return draft
    }

    private func place(_ faults: inout [FieldFault]) -> Coordinate? {
        let both = ["lat", "long"].map { values[$0] }
        guard both != [nil, nil] else { return nil }
        var numbers: [Double] = []
        for (name, text) in zip(["place.latitude", "place.longitude"], both) {
            if let text {
                // A long text is no number, and would only cost time.
                let number = text.utf8.count <= Limit.wordBytes ? Double(text) : nil
                if let number, number.isFinite {
                    numbers.append(number)
                } else {
                    faults.append(FieldFault(name, "is not a number"))
                }
            } else {
                faults.append(FieldFault(name, "is missing"))
            }
        }
        return numbers.count == 2 ? Coordinate(longitude: numbers[1], latitude: numbers[0]) : nil
    }

    private func contact(_ country: CallingCode, _ faults: inout [FieldFault]) -> Contact? {
        let names = [values["first_name"], values["last_name"]].compactMap(\.self)
        let name = names.isEmpty ? nil : names.joined(separator: " ")
        var number: CallableNumber?
        if let phone = values["phone"] {
            do throws(Malformed) { number = try CallableNumber(phone, country: country) } catch {
                faults.append(error.fault(of: "contact.phone"))
            }
        }
        let contact = Contact(name: name.flatMap { $0.isBlank ? nil : $0 }, phone: number)
        faults += contact.faults
        return contact.name == nil && contact.phone == nil ? nil : contact
    }
}
