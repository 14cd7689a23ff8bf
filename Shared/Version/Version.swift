import CVersion

/// The version of the suite. Only Package.swift says it.
///
/// The commit comes through C, so that a new commit recompiles one file and not every module.
public enum Version {
    public static let number = unsafe String(cString: dayu_version)
    /// The commit that was given to `swift build` in DAYU_COMMIT.
    public static let commit = unsafe String(cString: dayu_commit)

    /// What `--version` prints.
    public static func text(of program: String) -> String { "\(program) \(number) (\(commit))" }
}
