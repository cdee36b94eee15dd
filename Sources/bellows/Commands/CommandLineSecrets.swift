import Foundation

/// Takes passwords out of this process's own command line, which every user of the machine can read (`ps`).
///
/// From the start of the program until then it stands there: who cannot have that names the password in the environment,
/// in a password file, or in `bellows.yaml`.
enum CommandLineSecrets {
    /// Overwrites each byte of a password in the arguments with `x`, in the place where the system shows them.
    static func hide() {
        #if os(Linux)
            guard let range = argumentsRange,
                let start = unsafe UnsafeMutableRawPointer(bitPattern: range.lowerBound)
            else { return }
            let place = unsafe UnsafeMutableRawBufferPointer(start: start, count: range.count)
            let masked = unsafe masked(Array(place))
            for (index, byte) in masked.enumerated() where unsafe place[index] != byte {
                unsafe place[index] = byte
            }
        #else
            for index in 0..<Int(CommandLine.argc) {
                guard let argument = unsafe CommandLine.unsafeArgv[index] else { continue }
                for (offset, byte) in masked(Array(unsafe String(cString: argument).utf8)).enumerated() {
                    unsafe argument[offset] = CChar(bitPattern: byte)
                }
            }
        #endif
    }

    /// Arguments, one behind the other with a zero byte between them, with every byte of a password in them as `x`.
    static func masked(_ arguments: [UInt8]) -> [UInt8] {
        let masked = arguments.split(separator: 0, omittingEmptySubsequences: false).map { argument in
            var masked = Array(argument)
            for index in passwords(in: masked).joined() { masked[index] = UInt8(ascii: "x") }
            return masked
        }
        return Array(masked.joined(separator: [UInt8(0)]))
    }

    /// Where passwords are in one argument: between the user's name and the `@` of a URL, and behind `password=`.
    private static func passwords(in argument: [UInt8]) -> [Range<Int>] {
        var spans: [Range<Int>] = []
        if let scheme = argument.firstRange(of: Array("://".utf8)) {
            let rest = argument[scheme.upperBound...]
            if let at = rest.lastIndex(of: UInt8(ascii: "@")),
                let colon = rest[..<at].firstIndex(of: UInt8(ascii: ":"))
            {
                spans.append((colon + 1)..<at)
            }
        }
        let key = Array("password=".utf8)
        var rest = argument[...]
        while let found = rest.firstRange(of: key) {
            let end = endOfValue(argument[found.upperBound...])
            spans.append(found.upperBound..<end)
            rest = argument[end...]
        }
        return spans
    }

    /// A value in single quotes ends with the quote, any other one with a space or, in a URL, with `&`.
    private static func endOfValue(_ value: ArraySlice<UInt8>) -> Int {
        guard value.first == UInt8(ascii: "'") else {
            return value.firstIndex { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: " ") } ?? value.endIndex
        }
        var isEscaped = false
        for index in value.indices.dropFirst() {
            if !isEscaped, value[index] == UInt8(ascii: "'") { return index }
            isEscaped = !isEscaped && value[index] == UInt8(ascii: "\\")
        }
        return value.endIndex
    }

    #if os(Linux)
        /// Where the kernel finds the arguments: fields 48 and 49 of `/proc/self/stat`
        /// (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>).
        private static var argumentsRange: Range<UInt>? {
            guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
                let name = stat.lastIndex(of: ")")
            else { return nil }
            // The third field is the first one behind the name, which may hold spaces.
            let fields = stat[stat.index(after: name)...].split(separator: " ")
            guard fields.count > 46, let start = UInt(fields[45]), let end = UInt(fields[46]), start > 0,
                start < end
            else { return nil }
            return start..<end
        }
    #endif
}
