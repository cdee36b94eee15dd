import MigrationCore

/// Holds a document against a shape, and finds every mistake in it.
struct Checker {
    let path: String
    private(set) var problems: [FileProblem] = []

    init(path: String) { self.path = path }

    /// Notes a mistake.
    mutating func report(_ message: String, at position: SourcePosition?) {
        problems.append(FileProblem(path: path, position: position, message: message))
    }

    /// Checks one value.
    ///
    /// - Parameters:
    ///   - value: What the file says.
    ///   - shape: What it may say.
    ///   - what: What the value is called in messages: `'table'`.
    ///   - position: Where to point when something is missing from it; the value's own place where there is
    /// none.
    mutating func check(_ value: Value, _ shape: Shape, _ what: String, at position: SourcePosition? = nil) {
        switch shape {
        case .name: checkText(value, "a name", what, \.isEmpty)
        case .text: checkText(value, "a text", what) { $0.allSatisfy(\.isWhitespace) }
        case .textOrNothing:
            if !value.isNothing { check(value, .text, what, at: position) }
        case .boolean:
            guard case .scalar(let text, true) = value.content, text == "true" || text == "false" else {
                return wrong(value, "true or false", what)
            }
        case .choice(let choices):
            guard let text = value.text else { return wrong(value, oneOf(choices), what) }
            if !choices.contains(text) {
                let nearest = NearestName.hint(text, among: choices)
                report("\(what) must be \(oneOf(choices)), not \(value.kind)\(nearest)", at: value.position)
            }
        case .duration:
            guard let text = value.text, DurationText.duration(text) != nil else {
                return wrong(value, DurationText.expectation, what)
            }
        case .list(let element):
            guard case .list(let values) = value.content else { return wrong(value, "a list", what) }
            checkList(values, element, what, value.position)
        case .oneOrMany(let element):
            if case .list(let values) = value.content {
                checkList(values, element, what, value.position)
            } else {
                check(value, element, what, at: position)
            }
        case .keys(let table): checkKeys(value, table, what, at: position ?? value.position)
        case .named(let element): checkNamed(value, element, what)
        case .listOrNamed(let element):
            switch value.content {
            case .list(let values): checkList(values, element, what, value.position)
            case .mapping: checkNamed(value, element, what)
            // Not shown: it may be a location with a password.
            case .scalar: report("\(what) must be a list, or a mapping from names", at: value.position)
            }
        case .shorthand(let short, let table):
            switch value.content {
            case .scalar: check(value, short, what)
            case .mapping: checkKeys(value, table, what, at: position ?? value.position)
            case .list: wrong(value, "a text, or a mapping with \(oneOf(table.keys.map(\.name)))", what)
            }
        }
    }

    private mutating func wrong(_ value: Value, _ expected: String, _ what: String) {
        report("\(what) must be \(expected), not \(value.kind)", at: value.position)
    }

    private mutating func checkText(
        _ value: Value, _ expected: String, _ what: String, _ isEmpty: (String) -> Bool
    ) {
        guard let text = value.text else { return wrong(value, expected, what) }
        if isEmpty(text) {
            report("\(what) must be \(expected), but it is empty", at: value.position)
        } else if text.contains("\0") {
            report("\(what) contains a NUL character, which no database takes", at: value.position)
        }
    }

    private mutating func checkList(
        _ values: [Value], _ element: Shape, _ what: String, _ position: SourcePosition
    ) {
        if values.isEmpty { report("\(what) is an empty list; it needs at least one entry", at: position) }
        for value in values { check(value, element, "an entry of \(what)") }
    }

    private mutating func checkNamed(_ value: Value, _ element: Shape, _ what: String) {
        guard case .mapping(let entries) = value.content else {
            return wrong(value, "a mapping from names", what)
        }
        if entries.isEmpty { report("\(what) is empty; it needs at least one entry", at: value.position) }
        checkUnique(entries)
        for entry in entries {
            let name = Value(content: .scalar(entry.key, isPlain: false), position: entry.keyPosition)
            checkText(name, "a name", "a key of \(what)", \.isEmpty)
            check(entry.value, element, "'\(excerpt(entry.key))'", at: entry.keyPosition)
        }
    }
}

// MARK: - Mappings with known keys

extension Checker {
    private mutating func checkKeys(
        _ value: Value, _ table: KeyTable, _ what: String, at position: SourcePosition
    ) {
        guard case .mapping(let entries) = value.content else {
            let keys = table.keys.prefix(4).map(\.name).joined(separator: ", ")
            return report(
                "\(what) must be a mapping with keys such as \(keys), not \(value.kind)", at: value.position)
        }
        checkUnique(entries)
        for entry in entries {
            if let key = table[entry.key] {
                check(entry.value, key.shape, "'\(key.name)'", at: entry.keyPosition)
            } else {
                reportUnknown(entry, table)
            }
        }
        let present = Set(entries.map(\.key))
        // A misspelt key is one mistake, not two: what it was meant to be is not reported as missing as well.
        let meant = Set(
            entries.filter { table[$0.key] == nil }
                .compactMap { NearestName.of($0.key, among: table.keys.map(\.name)) })
        for key in table.keys where key.isRequired && !present.contains(key.name) {
            if meant.contains(key.name) { continue }
            report("\(table.title) needs '\(key.name)': \(key.meaning)", at: position)
        }
        checkCounts(present.union(meant), table, at: position)
    }

    private mutating func checkCounts(
        _ present: Set<String>, _ table: KeyTable, at position: SourcePosition
    ) {
        let chosen = table.exactlyOne.filter(present.contains)
        if !table.exactlyOne.isEmpty, chosen.isEmpty, present.allSatisfy({ table[$0] != nil }) {
            report("\(table.title) needs one of \(list(table.exactlyOne))", at: position)
        } else if chosen.count > 1 {
            report(
                "\(table.title) takes one \(table.noun), not \(chosen.count): \(list(chosen))"
                    + (table.noun == "operation" ? "; give each its own entry of the list" : ""),
                at: position)
        }
        if !table.atLeastOne.isEmpty, table.atLeastOne.allSatisfy({ !present.contains($0) }) {
            report("\(table.title) needs at least one of \(list(table.atLeastOne))", at: position)
        }
    }

    private mutating func reportUnknown(_ entry: Value.Entry, _ table: KeyTable) {
        let names = table.keys.map(\.name)
        let place = table.noun == "key" ? " in \(table.title)" : ""
        let nearest = NearestName.of(entry.key, among: names).map { "did you mean '\($0)'?" }
        let hint = nearest ?? "it must be one of \(list(names))"
        report("unknown \(table.noun) '\(excerpt(entry.key))'\(place); \(hint)", at: entry.keyPosition)
    }

    /// YAML holds `1` and `"1"` for two keys; here they are one name.
    private mutating func checkUnique(_ entries: [Value.Entry]) {
        var seen: Set<String> = []
        for entry in entries where !seen.insert(entry.key).inserted {
            report(
                "the key '\(excerpt(entry.key))' stands more than once in one mapping; each key may stand once",
                at: entry.keyPosition)
        }
    }
}

private func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }

private func oneOf(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or " + last
}
