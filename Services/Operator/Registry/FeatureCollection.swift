import Geo
import Models
import Text

/// The features of a GeoJSON text (RFC 7946 §3.3), each with the line where it begins.
struct FeatureCollection {
    struct Feature {
        let line: Int
        /// The property `id`: which row the shape belongs to.
        let id: String
        /// Nil if it could not be read; then there is a fault about it.
        let geometry: Geometry?
    }

    struct Fault {
        let line: Int
        let what: String
    }

    private(set) var features: [Feature] = []
    private(set) var faults: [Fault] = []
    /// A coordinate system that the file names, and that is not WGS 84 (or China's own, which agrees with it
    /// to less than a metre). Such a file is read as WGS 84 (RFC 7946 §4), so its shapes may be elsewhere.
    private(set) var otherSystem: Fault?
    /// Whether every feature has a readable `id`.
    private(set) var isWhole = true

    init(_ file: [UInt8]) {
        // An editor may have put a byte order mark before the text. RFC 8259 §8.1 allows a reader to ignore
        // it.
        let bytes = file.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(file.dropFirst(3)) : file
        var lines = LineCount(bytes)
        do throws(JSONFault) {
            let whole = try JSONNode(bytes)
            guard let features = (try? whole.member("features"))?.list else {
                refuse(line: 1, "is not a FeatureCollection: it has no \"features\"")
                return
            }
            if let system = try? whole.member("crs"), !Self.isWGS84(Array(system.bytes)) {
                let line = lines.line(at: system.offset)
                otherSystem = Fault(
                    line: line,
                    what: "names a coordinate system in \"crs\"; it is read as WGS 84 all the same")
            }
            for feature in features { take(Array(feature.bytes), line: lines.line(at: feature.offset)) }
        } catch {
            refuse(line: lines.line(at: error.offset), "is not JSON: \(error.what)")
        }
    }

    /// The names that GeoJSON of 2008 used for it.
    private static func isWGS84(_ system: [UInt8]) -> Bool {
        let text = String(decoding: system, as: UTF8.self)
        return text == "null"
            || ["CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490"].contains(where: text.contains)
    }

    private mutating func refuse(line: Int, _ what: String) {
        faults.append(Fault(line: line, what: what))
        isWhole = false
    }

    private mutating func take(_ bytes: [UInt8], line: Int) {
        do throws(Malformed) {
            let whole = try JSON.decode(Whole.self, from: bytes)
            features.append(Feature(line: line, id: whole.properties.id, geometry: whole.geometry))
        } catch {
            // If the `id` can be read, the feature is kept without its geometry, so that the shape is not
            // reported as missing too.
            if let id = try? JSON.decode(Named.self, from: bytes).properties.id {
                faults.append(Fault(line: line, what: "\(id): \(error)"))
                features.append(Feature(line: line, id: id, geometry: nil))
            } else {
                refuse(line: line, error.description)
            }
        }
    }

    private struct Properties: Decodable {
        let id: String
    }

    private struct Named: Decodable {
        let properties: Properties
    }

    private struct Whole: Decodable {
        let properties: Properties
        let geometry: Geometry
    }
}

/// Finds the line of a byte. Offsets that ascend cost one pass together.
private struct LineCount {
    private let bytes: [UInt8]
    private var counted = 0
    private var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func line(at offset: Int) -> Int {
        if offset < counted { (counted, line) = (0, 1) }
        line += bytes[counted..<offset].count { $0 == UInt8(ascii: "\n") }
        counted = offset
        return line
    }
}
