extension Database {
    /// Brings the schema to the last step; `PRAGMA user_version` counts the steps that are done.
    ///
    /// - Throws: if a newer version made the file, which knows steps that we don't.
    public func migrate(_ steps: [String]) throws {
        let done = Int(try prepare("PRAGMA user_version").first { $0.integer(0) } ?? 0)
        guard done <= steps.count else {
            throw StoreError(
                code: 0, message: "the store's schema is \(done), newer than this program's \(steps.count)",
                sql: nil)
        }
        for (index, step) in steps.enumerated().dropFirst(done) {
            try transaction {
                try execute(step)
                try execute("PRAGMA user_version = \(index + 1)")
            }
        }
    }
}
