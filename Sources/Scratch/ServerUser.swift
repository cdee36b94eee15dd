import Foundation

/// Who runs the server: PostgreSQL refuses root.
enum ServerUser {
    /// The words to put before a program so that it runs as an ordinary user; none where we are one.
    ///
    /// - Throws: ``ScratchError`` where there is no way to become one.
    static func prefix() throws -> [String] {
        guard let name = try nameIfRoot() else { return [] }
        for (program, arguments) in [
            ("setpriv", ["--reuid", name, "--regid", groupID(of: name), "--clear-groups"]),
            ("runuser", ["-u", name, "--"]),
            ("sudo", ["-n", "-u", name]),
        ] {
            for folder in ["/usr/bin", "/usr/sbin", "/bin", "/sbin"] {
                let path = folder + "/" + program
                if FileManager.default.isExecutableFile(atPath: path) { return [path] + arguments }
            }
        }
        throw ScratchError(
            "PostgreSQL does not run as root, and there is no setpriv, runuser or sudo to become '\(name)' with; "
                + "install util-linux, or run this as an ordinary user")
    }

    /// Gives the folder to that user.
    static func take(_ folder: String) throws {
        guard let name = try nameIfRoot() else { return }
        try FileManager.default.setAttributes([.ownerAccountName: name], ofItemAtPath: folder)
    }

    private static func nameIfRoot() throws -> String? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] where unsafe getpwnam(name) != nil { return name }
        throw ScratchError("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'")
    }

    private static func groupID(of name: String) -> String {
        guard let entry = unsafe getpwnam(name) else { return name }
        return unsafe String(entry.pointee.pw_gid)
    }
}
