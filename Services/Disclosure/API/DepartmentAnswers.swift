import Models
import Text

/// The departments to which a complaint can go, in the order of their identifiers: those that can be told.
struct DepartmentList: JSONWritable {
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) {
        let told = gazetteer.registry.departments.values.filter { $0.phone != nil }.sorted { $0.id < $1.id }
        json.object { json in
            json.field("departments", told.map { Entry(department: $0, gazetteer: gazetteer) })
        }
    }

    private struct Entry: JSONWritable {
        let department: Department
        let gazetteer: Gazetteer

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", department.id)
                json.field("name", department.name)
                json.field("region", gazetteer.reference(department.region))
            }
        }
    }
}
