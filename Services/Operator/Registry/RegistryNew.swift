import Foundation
import Glibc
import Host
import Models

extension Command {
    static let registryNew = Command(
        name: ["registry", "new"],
        summary: "writes a small registry to begin with into a new folder",
        details: """
            Writes a registry of one invented town with one river and one chief into the folder DIR, which must not exist:
            every table with its columns, and a README that says what each column is for. dayu registry check finds no fault
            in it. Replace the rows by your own; delete the tables that you do not need.
            """,
        operands: ["DIR"]
    ) { arguments, _ in
        let folder = arguments.operands[0]
        guard mkdir(folder, RegistrySkeleton.folderMode) == 0 else {
            Terminal.complain("\(folder) can't be made: \(String(cString: strerror(errno)))")
            return .fault
        }
        for (name, text) in RegistrySkeleton.files.sorted(by: { $0.key < $1.key }) {
            try WholeWriting.create(
                "\(folder)/\(name)", Array(text.utf8), mode: RegistrySkeleton.fileMode)
        }
        Terminal.say(
            "\(folder): \(RegistrySkeleton.files.count) files; read its README.md, then dayu registry check \(folder)"
        )
        return .done
    }
}

/// A registry to begin with.
enum RegistrySkeleton {
    static let folderMode: mode_t = 0o755
    static let fileMode: mode_t = 0o644

    /// The texts of its files, by name: those with rows below, and the other tables with their columns alone.
    static var files: [String: String] {
        var files: [String: String] = [:]
        for table in RegistryTable.all {
            files[table.file] = table.columns.map(\.name).joined(separator: ",") + "\n"
        }
        for (name, text) in examples { files[name] = text }
        files["README.md"] = readme
        return files
    }

    private static let examples = [
        "regions.csv": """
        id,name,name_en,level,duty_office,duty_phone,time_zone,working_hours,emergency_phone
        newtown,新城市（样例）,Newtown (sample),city,新城市河长办（样例）,+86 000 0000 0001,Asia/Shanghai,08:30-12:00 13:30-17:30,110

        """,
        "regions.geojson": """
        {"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"id":"newtown"},"geometry":{"type":"Polygon","coordinates":[[[120.0,30.0],[120.2,30.0],[120.2,30.2],[120.0,30.2],[120.0,30.0]]]}}
        ]}

        """,
        "chiefs.csv": """
        id,name,name_en,title,level,region,superior,phone
        chief-mill,江样例,Jiang Yangli,市级河长,city,newtown,,+86 000 0000 0002

        """,
        "rivers.csv": """
        id,name,name_en,level,region
        mill-river,磨坊河（样例）,Mill River (sample),city,newtown

        """,
        "reaches.csv": """
        id,river,name,name_en,region,level,chiefs
        mill-river.centre,mill-river,磨坊河城区段,"Mill River, town centre",newtown,city,chief-mill

        """,
        "reaches.geojson": """
        {"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"id":"mill-river.centre"},"geometry":{"type":"LineString","coordinates":[[120.05,30.05],[120.1,30.1],[120.15,30.15]]}}
        ]}

        """,
        "categories.csv": """
        code,group,group_en,name,name_en,urgency,accept_hours,resolve_hours
        odour,水体,Water,水体异味,Bad smell of the water,ordinary,24,120

        """,
    ]

    /// What each table is for, then its columns. The reference has the rest.
    private static var readme: String {
        let tables = RegistryTable.all.map { table in
            let columns = table.columns.map { "`\($0.name)`" + ($0.mayLack ? "" : " (must not be empty)") }
            return """
                ## \(table.file)\(table.isRequired ? " (required)" : "")

                \(table.purpose)

                Columns: \(columns.joined(separator: ", ")).
                """
        }
        return """
            # The registry of your city

            Everything in this folder is invented. Replace the rows by your own, table by table, in this order:

            1. `regions.csv` and `regions.geojson`, then `chiefs.csv`, `rivers.csv`, `reaches.csv` and `reaches.geojson`,
               `categories.csv`. Without these no complaint finds anybody.
            2. `calendar.csv` with the holidays, `service-levels.csv` with the deadlines.
            3. `gateways.csv` and `gateway-keys.csv` (`dayu key new`), `clerks.csv`, and what else you have.

            A table without rows removes what was published of its kind; delete the file to leave that alone. Shapes are GeoJSON
            in WGS 84, longitude first. Coordinates of a Chinese map are GCJ-02 or BD-09 and some hundred metres off:
            `dayu registry convert` moves them. CSV is UTF-8.

                dayu registry check .        # every fault at once, as file:line: what
                dayu registry diff .         # what publishing would change
                dayu registry publish .

            \(tables.joined(separator: "\n\n"))

            """
    }
}

extension RegistryTable {
    /// For whoever fills it in.
    fileprivate var purpose: String {
        switch self {
        case .absences: "When a chief is away, and who stands in for him."
        case .entities(let kind): kind.purpose
        }
    }
}

extension RegistryEntity.Kind {
    fileprivate var purpose: String {
        switch self {
        case .region:
            "The city and its districts and towns, each with its duty office. regions.geojson has their boundaries."
        case .department: "Departments that act for some categories, or check what was resolved."
        case .chief:
            "The officials who answer for the reaches. `superior` is who hears of it when one does nothing."
        case .assetKind:
            "Kinds of what the city looks after that are no waters. The kinds of waters need no row."
        case .river: "What the city looks after: rivers, lakes, roads."
        case .reach: "The parts that one set of officials answers for. reaches.geojson has their shapes."
        case .outfall: "Where something is discharged into a water, by an enterprise or by others."
        case .enterprise: "Who discharges by a permit: the public sees its hours and days beyond the permit."
        case .permit: "What the permits allow at each outfall of an enterprise, item by item."
        case .section: "Where the water is measured. Leave it without rows if nothing is."
        case .station: "Stations that call and bring readings by themselves (HJ 212)."
        case .plan: "The published plan for each river."
        case .category: "What people can complain about, and how soon it must be dealt with."
        case .serviceLevel: "Deadlines by urgency or category, in hours or working days."
        case .calendarDay: "Holidays, and weekends on which offices work. Deadlines count working days by it."
        case .news: "News of the offices for the site."
        case .gateway:
            "Programs of others that may send complaints or readings: apps, the hotline, laboratories."
        case .gatewayKey: "The SHA-256 of their keys; dayu key new prints both."
        case .source: "Other systems that Intake asks for readings."
        case .clerk: "The persons of the offices, so that each act names who did it."
        case .word: "What the city calls all this, if it is not rivers: roads, streams, parks."
        }
    }
}
