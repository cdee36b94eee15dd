/// A line that is no journal entry.
struct JournalError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with the line.
    var problem: String
    var line: Int?
    var path: String?

    var description: String {
        let place = [path, line.map(String.init)].compactMap { $0 }.joined(separator: ":")
        return (place.isEmpty ? "" : place + ": ") + "not a journal entry: \(problem)"
    }
}

extension JournalEntry {
    /// The entry as a line of text, without the line's end.
    var text: String {
        switch self {
        case .start(let instance, let instances, let seeded, let moment):
            "start \(instance) \(instances) \(seeded) \(moment.nanoseconds)"
        case .begin(let write):
            "begin \(write.serial) \(write.verb.rawValue) \(write.animal) \(write.begun.nanoseconds)"
                + JournalEntry.text(write.cells)
        case .acknowledged(let serial, let moment):
            "ok \(serial) \(moment.nanoseconds)"
        case .refused(let serial, let moment, let reason):
            "refused \(serial) \(moment.nanoseconds) \(quoted(reason))"
        case .read(let read):
            "read \(read.animal) \(read.start.nanoseconds) \(read.end.nanoseconds)"
                + JournalEntry.text(read.cells)
        case .error(let moment, let text):
            "error \(moment.nanoseconds) \(quoted(text))"
        case .stop(let moment):
            "stop \(moment.nanoseconds)"
        }
    }

    private static func text(_ cells: [Animal.Column: Cell]) -> String {
        var text = ""
        for column in Animal.Column.allCases {
            switch cells[column] {
            case nil: continue
            case .gone: text += " \(column.rawValue)=gone"
            case .null: text += " \(column.rawValue)=null"
            case .text(let value): text += " \(column.rawValue)=\(quoted(value))"
            }
        }
        return text
    }

    /// The entry that a line of text says.
    init(text: String) throws(JournalError) {
        var scanner = JournalScanner(text)
        switch try scanner.word() {
        case "start":
            self = .start(
                instance: try scanner.number(), instances: try scanner.number(),
                seeded: try scanner.number(), at: try scanner.moment())
        case "begin":
            let serial: Int = try scanner.number()
            let name = try scanner.word()
            guard let verb = Write.Verb(rawValue: name) else {
                throw JournalError(problem: "no verb '\(name)'")
            }
            self = .begin(
                Write(
                    serial: serial, verb: verb, animal: try scanner.number(), begun: try scanner.moment(),
                    cells: try scanner.cells()))
        case "ok":
            self = .acknowledged(serial: try scanner.number(), at: try scanner.moment())
        case "refused":
            self = .refused(
                serial: try scanner.number(), at: try scanner.moment(), reason: try scanner.string())
        case "read":
            self = .read(
                Read(
                    animal: try scanner.number(), start: try scanner.moment(), end: try scanner.moment(),
                    cells: try scanner.cells()))
        case "error":
            self = .error(at: try scanner.moment(), text: try scanner.string())
        case "stop":
            self = .stop(at: try scanner.moment())
        case let word:
            throw JournalError(problem: "no word '\(word)'")
        }
        try scanner.end()
    }
}

/// A text in double quotes, on one line.
private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": quoted += "\\\""
        case "\\": quoted += "\\\\"
        case "\n": quoted += "\\n"
        case "\r": quoted += "\\r"
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}
