import Foundation

/// What the operator reads. Answers go to standard output, everything else to standard error.
enum Terminal {
    static func say(_ text: String) {
        write(text, to: .standardOutput)
    }

    static func complain(_ text: String) {
        write(text, to: .standardError)
    }

    /// Unbuffered, so that whoever waits for an answer on a pipe has it at once; a reader who left is no
    /// reason to fail.
    private static func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data("\(text)\n".utf8))
    }
}
