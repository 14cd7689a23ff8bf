import Foundation
import Geo
import Glibc
import Host
import Models
import Text

extension Command {
    static let registryConvert = Command(
        name: ["registry", "convert"],
        summary: "moves shapes and places from a Chinese map's coordinates to WGS 84",
        details: """
            Reads a file whose coordinates come from a Chinese map and writes it to OUT with coordinates in WGS 84, as the
            registry needs them. FILE is GeoJSON; or, if its name ends with .csv, a table with a column for the longitude
            and one for the latitude, such as sections.csv and outfalls.csv of a registry; or the folder of a registry: then
            OUT is a new folder with all its files, and those with coordinates are converted. GeoJSON may get other spaces,
            and a table other quotes and line ends; nothing else changes. Rows without coordinates stay as they are.

            GCJ-02 is what 高德, 腾讯 and WeChat show, BD-09 what 百度 shows. The formula is the usual approximation: it agrees
            with those maps to about a metre. Coordinates outside of China stay as they are. A file that is converted twice
            is wrong: nothing in it says that it was converted.
            """,
        operands: ["FILE", "OUT"],
        options: [
            Option(name: "--from", value: "DATUM", help: "gcj02 or bd09; it can't be guessed"),
            Option(
                name: "--longitude", value: "COLUMN",
                help: "the table's column; default: \(TableConversion.longitude)"),
            Option(
                name: "--latitude", value: "COLUMN",
                help: "the table's column; default: \(TableConversion.latitude)"),
        ]
    ) { arguments, _ in
        guard let map = ["gcj02": ShiftedMap.gcj02, "bd09": .bd09][arguments.text("--from") ?? ""] else {
            throw Arguments.Misuse(what: "--from must be gcj02 or bd09")
        }
        let (from, to) = (arguments.operands[0], arguments.operands[1])
        func convert(_ from: String, _ to: String) throws {
            let data = try Data(contentsOf: URL(fileURLWithPath: from))
            do {
                let (written, positions): ([UInt8], Int)
                if from.lowercased().hasSuffix(".csv") {
                    let table = try TableConversion(
                        of: [UInt8](data), from: map,
                        longitude: arguments.text("--longitude") ?? TableConversion.longitude,
                        latitude: arguments.text("--latitude") ?? TableConversion.latitude)
                    (written, positions) = (table.bytes, table.positions)
                } else {
                    let shapes = try MapConversion(of: data, from: map)
                    (written, positions) = ([UInt8](shapes.data), shapes.positions)
                }
                try WholeWriting.replace(to, written, mode: RegistrySkeleton.fileMode)
                Terminal.say("\(to): \(positions) positions moved")
            } catch let unfit as UnfitForConversion {
                throw UnfitForConversion(description: "\(from): \(unfit.description)")
            }
        }
        guard let files = RegistryConversion.files(in: from) else {
            try convert(from, to)
            return .done
        }
        guard mkdir(to, RegistrySkeleton.folderMode) == 0 else {
            Terminal.complain("\(to) can't be made: \(String(cString: strerror(errno)))")
            return .fault
        }
        for file in files {
            if RegistryConversion.hasCoordinates(file) {
                try convert("\(from)/\(file)", "\(to)/\(file)")
            } else {
                try FileManager.default.copyItem(atPath: "\(from)/\(file)", toPath: "\(to)/\(file)")
            }
        }
        return .done
    }
}

/// Which files of a registry's folder are converted.
enum RegistryConversion {
    /// The files of a folder; nil if the path is none.
    static func files(in path: String) -> [String]? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return nil
        }
        return (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? []
    }

    /// Shapes, and the registry's tables that have places.
    static func hasCoordinates(_ file: String) -> Bool {
        let table = RegistryTable.all.first { $0.file == file }
        return RegistryReading.files.contains(file)
            && (table?.columns.contains { $0.name == TableConversion.longitude } ?? true)
    }
}

/// What a file lacks that could be converted.
struct UnfitForConversion: Error, CustomStringConvertible {
    let description: String
}

/// A position as it is written: seven decimals are a centimetre, and zeros at the end are left out.
private func decimals(_ degrees: Double) -> NSDecimalNumber {
    NSDecimalNumber(string: String(format: "%.7f", degrees))
}

/// A table (RFC 4180) with its places in WGS 84.
struct TableConversion {
    static let longitude = "longitude"
    static let latitude = "latitude"

    let bytes: [UInt8]
    /// How many rows have a place.
    let positions: Int

    init(
        of bytes: [UInt8], from map: ShiftedMap, longitude: String = Self.longitude,
        latitude: String = Self.latitude
    ) throws {
        let (table, faults) = CSVTable.read(bytes)
        if let fault = faults.first {
            throw UnfitForConversion(description: "line \(fault.line) \(fault.detail)")
        }
        func column(_ name: String) throws -> Int {
            guard let index = table.column(name) else {
                let known = table.header.joined(separator: ", ")
                throw UnfitForConversion(description: "there is no column \"\(name)\" among \(known)")
            }
            return index
        }
        let (east, north) = (try column(longitude), try column(latitude))
        var lines = [table.header]
        var count = 0
        for row in table.rows {
            var fields = row.fields
            let texts = [fields[east], fields[north]].map { $0.filter { !$0.isWhitespace } }
            if texts != ["", ""] {
                let degrees = texts.compactMap { Double($0) }
                guard degrees.count == 2,
                    case let shown = Coordinate(longitude: degrees[0], latitude: degrees[1]), shown.isOnEarth
                else {
                    let told = "line \(row.line): \"\(texts[0])\" and \"\(texts[1])\""
                    throw UnfitForConversion(description: "\(told) are not degrees of longitude and latitude")
                }
                let moved = map.place(shownAt: shown)
                fields[east] = "\(decimals(moved.longitude))"
                fields[north] = "\(decimals(moved.latitude))"
                count += 1
            }
            lines.append(fields)
        }
        self.bytes = Array(RegistryFolder.csv(lines).utf8)
        positions = count
    }
}

/// A GeoJSON text with its positions in WGS 84 (RFC 7946 §4).
struct MapConversion {
    let data: Data
    private(set) var positions = 0

    init(of text: Data, from map: ShiftedMap) throws {
        let whole = try JSONSerialization.jsonObject(with: text)
        guard whole is [String: Any] else {
            throw UnfitForConversion(description: "this is no GeoJSON object")
        }
        var count = 0
        let moved = Self.moved(whole, map, &count)
        guard count > 0 else { throw UnfitForConversion(description: "there are no coordinates in it") }
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
        return [decimals(place.longitude), decimals(place.latitude)] + list.dropFirst(2)
    }
}
