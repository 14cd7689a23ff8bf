import Crypto
import HTTP
import Models
import Text

/// A picture that came with a request.
struct CarriedPicture: Sendable {
    let name: PictureName
    let bytes: ArraySlice<UInt8>
    /// What a fault is called after.
    let field: String
}

/// A request that may carry pictures: JSON alone, or `multipart/form-data` with the JSON in one part and the
/// pictures in others.
struct PictureRequest {
    let json: [UInt8]
    let pictures: [ArraySlice<UInt8>]
    /// What identifies the request. The boundary is drawn anew for each try, so a body in parts counts by its
    /// parts.
    let content: [UInt8]

    static let picturePart = "picture"
    private static let jsonBytes = 65_536

    /// - Parameter part: the name of the part that holds the JSON.
    init(_ request: Request, part: String) throws(Problem) {
        guard request.headers.tellOfMultipart else {
            guard Self.mediaType(of: request) == "application/json" else {
                throw Problem(
                    status: 415,
                    detail: "the body must be application/json, or multipart/form-data with pictures")
            }
            (json, pictures, content) = (request.body, [], request.body)
            return
        }
        var found: [ArraySlice<UInt8>] = []
        var pictures: [ArraySlice<UInt8>] = []
        let type = request.headers["content-type"] ?? ""
        for one in try Multipart(request.body, type: type, most: Self.mostParts).parts {
            switch one.name {
            case part: found.append(one.body)
            // A form in which no file was chosen sends an empty one.
            case Self.picturePart: if !one.body.isEmpty { pictures.append(one.body) }
            default: throw Problem(status: 400, detail: "a part is unknown; known are \(part) and picture")
            }
        }
        guard found.count == 1, let json = found.first else {
            throw Problem(status: 400, detail: "the body must have one part \(part)")
        }
        guard json.count <= Self.jsonBytes else {
            throw Problem(status: 413, detail: "the limit of the part \(part) is \(Self.jsonBytes) bytes")
        }
        try Self.check(pictures)
        (self.json, self.pictures) = (Array(json), pictures)
        content = Self.content(self.json, pictures)
    }

    /// A byte that no JSON holds stands between the parts.
    static func content(_ part: [UInt8], _ pictures: [ArraySlice<UInt8>]) -> [UInt8] {
        part + [0] + pictures.flatMap { SHA256.hash(Array($0)) }
    }

    static func check(_ pictures: [ArraySlice<UInt8>]) throws(Problem) {
        if pictures.count > Limit.mediaCount {
            throw Problem(
                fields: Malformed(
                    picturePart, "are more than \(Limit.mediaCount)", .tooManyLinks, limit: Limit.mediaCount))
        }
        for (index, picture) in pictures.enumerated() where picture.count > Limit.pictureBytes {
            throw Problem(
                fields: Malformed(
                    "\(picturePart).\(index)", "is larger than \(Limit.pictureBytes) bytes", .pictureTooLarge)
            )
        }
    }

    /// The pictures, the JSON, and empty parts of forms that have a place for each picture.
    private static let mostParts = 2 * Limit.mediaCount + 2

    static func mediaType(of request: Request) -> String? {
        request.headers["content-type"]?.split(separator: ";").first?.lowercased()
    }
}

extension Problem {
    fileprivate static let onePicture = Problem(status: 400, detail: "the body must hold one picture")
}

extension API {
    /// `POST /v1/pictures`: a picture that a complaint or an action will name. It is the body itself, or the
    /// one part of a form.
    func picture(_ request: Request) throws(Problem) -> Plan {
        let gateway = try key(of: request)
        var bytes = request.body[...]
        if request.headers.tellOfMultipart {
            let type = request.headers["content-type"] ?? ""
            let parts = try Multipart(request.body, type: type, most: 1).parts
            guard let part = parts.first, part.name == PictureRequest.picturePart else { throw .onePicture }
            bytes = part.body
        }
        if bytes.isEmpty { throw .onePicture }
        try PictureRequest.check([bytes])
        // The format tells by itself, so the media type is not asked for: many programs send a wrong one.
        let key = try idempotencyKey(of: request)
        let content = key == nil ? [] : SHA256.hash(Array(bytes))
        let upload = upload(
            0, Identities.Request(sender: gateway?.id.rawValue ?? "", idempotencyKey: key, content: content))
        var plan = Plan(answer: .json(JSON.encode(["name": upload.text]), status: 201))
        plan.pictures = [
            CarriedPicture(name: upload.picture, bytes: bytes, field: PictureRequest.picturePart)
        ]
        return plan
    }

    /// The names of the pictures that a request carries. The same request again has the same names, so a
    /// repetition leaves nothing behind.
    func carried(
        _ pictures: [ArraySlice<UInt8>], by sender: String, key: String?, content: [UInt8]
    ) -> [CarriedPicture] {
        let request = Identities.Request(sender: sender, idempotencyKey: key, content: content)
        return pictures.enumerated().map { index, bytes in
            CarriedPicture(
                name: upload(index, request).picture, bytes: bytes,
                field: "\(PictureRequest.picturePart).\(index)")
        }
    }

    private func upload(_ number: Int, _ request: Identities.Request) -> UploadName {
        reception.identities.upload(number, request, chance: circumstances.identity)
    }
}
