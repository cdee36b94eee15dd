public import MigrationCore

/// A file with an order of releases and steps of somebody's own: `rollout:`.
public struct RolloutFile: Sendable {
    /// The file's path as the user wrote it.
    public var path: String
    /// What the file says it is for.
    public var description: String?
    /// The order.
    public var rollout: Rollout

    /// Reads a file, if it is one with `rollout:`.
    ///
    /// - Returns: `nil` where there is no such file, or where it is of another kind.
    /// - Throws: Every mistake in it.
    public init?(path: String) throws(FileProblems) {
        guard let bytes = try? TextFile.bytes(at: path) else { return nil }
        try self.init(bytes, path: path)
    }

    /// Reads a file's content.
    public init?(_ bytes: [UInt8], path: String) throws(FileProblems) {
        let document: Document
        do {
            document = try Document(try TextFile.text(bytes, path: path), path: path)
        } catch {
            throw FileProblems([error])
        }
        guard let root = document.root, root["rollout"] != nil else { return nil }
        var checker = Checker(path: path)
        checker.check(root, .keys(RolloutFormat.file), "a rollout")
        guard checker.problems.isEmpty, let value = root["rollout"] else {
            throw FileProblems(checker.problems)
        }
        var builder = RolloutBuilder(value, checker: Checker(path: path))
        let rollout = builder.rollout()
        guard builder.checker.problems.isEmpty, let rollout else {
            throw FileProblems(builder.checker.problems)
        }
        self.path = path
        self.rollout = rollout
        description = root["description"]?.text
    }
}

/// Makes an order of a value that the ``Checker`` found right, and finds what is wrong between its parts.
private struct RolloutBuilder {
    let value: Value
    let from, to: String
    var checker: Checker

    init(_ value: Value, checker: Checker) {
        self.value = value
        self.checker = checker
        from = value.required("from")
        to = value.required("to")
    }

    /// `nil` where a mistake was noted.
    mutating func rollout() -> Rollout? {
        if from == to {
            checker.report("'from' and 'to' are the same name, '\(to)'", at: value["to"]?.position)
        }
        let releases = (value["releases"]?.entries ?? []).map { release($0.key, $0.value) }
        let steps = (value["steps"]?.values ?? []).compactMap { step($0, releases) }
        let back = value["rollback"]?.text.flatMap { Rollout.GoingBack(rawValue: $0) } ?? .whileGoingOut
        guard checker.problems.isEmpty, let first = releases.first else { return nil }
        return Rollout(from: first, steps, goingBack: back, oldName: from, newName: to)
    }

    private mutating func release(_ name: String, _ value: Value) -> Rollout.Release {
        Rollout.Release(
            name, writes: Set(columns("writes", of: value)), reads: columns("reads", of: value).first ?? .old,
            tolerates: Set(columns("tolerates", of: value)))
    }

    private mutating func columns(_ key: String, of value: Value) -> [Rollout.Column] {
        (value[key]?.oneOrMany ?? []).compactMap { name in
            if name.text == from { return .old }
            if name.text == to { return .new }
            checker.report(
                "'\(name.text ?? "")' is neither 'from' ('\(from)') nor 'to' ('\(to)')"
                    + NearestName.hint(name.text ?? "", among: [from, to]), at: name.position)
            return nil
        }
    }

    private mutating func step(_ value: Value, _ releases: [Rollout.Release]) -> Rollout.Step? {
        if let name = value["release"] {
            if let release = releases.first(where: { $0.name == name.text }) { return .release(release) }
            let hint = NearestName.hint(name.text ?? "", among: releases.map(\.name))
            checker.report("'releases' has no '\(name.text ?? "")'\(hint)", at: name.position)
            return nil
        }
        if let rows = value["backfill"]?.text { return rows == "where_null" ? .backfillWhereNull : .backfill }
        switch value.text {
        case "expand": return .expand
        case "backfill": return .backfill
        case "verify": return .verify
        case "trigger": return .trigger(true)
        case "drop_trigger": return .trigger(false)
        case "contract": return .contract
        default: return nil
        }
    }
}
