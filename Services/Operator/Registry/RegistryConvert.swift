import Foundation
import Geo
import Host

extension Command {
    static let registryConvert = Command(
        name: ["registry", "convert"],
        summary: "moves the shapes of a GeoJSON file from a Chinese map's coordinates to WGS 84",
        details: """
            Reads a GeoJSON file whose coordinates come from a Chinese map and writes it to the file OUT with coordinates in
            WGS 84, as the registry needs them. Nothing else in it changes, except for spaces. GCJ-02 is what 高德, 腾讯 and
            WeChat show, BD-09 what 百度 shows. The formula is the usual approximation: it agrees with those maps to about a
            metre. Coordinates outside of China stay as they are.
            """,
        operands: ["FILE", "OUT"],
        options: [Option(name: "--from", value: "DATUM", help: "gcj02 or bd09; it can't be guessed")]
    ) { arguments, _ in
        guard let map = ["gcj02": ShiftedMap.gcj02, "bd09": .bd09][arguments.text("--from") ?? ""] else {
            throw Arguments.Misuse(what: "--from must be gcj02 or bd09")
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: arguments.operands[0]))
        let conversion = try MapConversion(of: data, from: map)
        try WholeWriting.replace(arguments.operands[1], [UInt8](conversion.data), mode: 0o644)
        Terminal.say("\(arguments.operands[1]): \(conversion.positions) positions moved")
        return .done
    }
}

/// A GeoJSON text with its positions in WGS 84 (RFC 7946 §4).
struct MapConversion {
    let data: Data
    private(set) var positions = 0

    struct Unfit: Error, CustomStringConvertible {
        let description: String
    }

    init(of text: Data, from map: ShiftedMap) throws {
        let whole = try JSONSerialization.jsonObject(with: text)
        guard whole is [String: Any] else { throw Unfit(description: "this is no GeoJSON object") }
        var count = 0
        let moved = Self.moved(whole, map, &count)
        guard count > 0 else { throw Unfit(description: "there are no coordinates in it") }
        data = try JSONSerialization.data(
            withJSONObject: moved, options: [.sortedKeys, .withoutEscapingSlashes])
        positions = count
    }

    /// A member `coordinates` holds positions, in lists of any depth; they may stand in any member.
    private static func moved(_ value: Any, _ map: ShiftedMap, _ count: inout Int) -> Any {
        if let object = value as? [String: Any] {
            var result = object
            for (name, member) in object {
                result[name] =
                    name == "coordinates" ? positions(member, map, &count) : moved(member, map, &count)
            }
            return result
        }
        guard let list = value as? [Any] else { return value }
        return list.map { moved($0, map, &count) }
    }

    private static func positions(_ value: Any, _ map: ShiftedMap, _ count: inout Int) -> Any {
        guard let list = value as? [Any] else { return value }
        guard list.count >= 2, let longitude = list[0] as? NSNumber, let latitude = list[1] as? NSNumber
        else {
            return list.map { positions($0, map, &count) }
        }
        let shown = Coordinate(longitude: longitude.doubleValue, latitude: latitude.doubleValue)
        let place = map.place(shownAt: shown)
        count += 1
        // Seven decimals are a centimetre.
        let numbers = [place.longitude, place.latitude].map {
            NSDecimalNumber(string: String(format: "%.7f", $0))
        }
        return numbers + list.dropFirst(2)
    }
}
