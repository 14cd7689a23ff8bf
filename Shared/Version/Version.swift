import CVersion

/// Which version this is. It stands in Package.swift alone.
///
/// The commit comes through C: so another commit compiles one file anew and not every module.
public enum Version {
    public static let number = unsafe String(cString: dayu_version)
    /// What `swift build` was told with DAYU_COMMIT.
    public static let commit = unsafe String(cString: dayu_commit)

    /// What `--version` prints.
    public static func text(of program: String) -> String { "\(program) \(number) (\(commit))" }
}
