import DoubleWrite

/// `add_enum_value`, in PostgreSQL: nothing takes a value away again.
extension PostgresPlanning {
    func plan(_ operation: AddEnumValue, into draft: inout OperationDraft) {
        draft.touch(operation.name, [], dialect)
        context.checkName(operation.value, path: "value", into: &draft)
        guard let type = context.enumType(operation.name, into: &draft) else { return }
        if type.labels.contains(operation.value) {
            draft.refuse("value", "'\(type.name)' has a value '\(operation.value)' already")
        }
        if let (path, label) = operation.neighbour, !type.labels.contains(label) {
            let hint = NearestName.hint(label, among: type.labels)
            draft.refuse(path, "'\(type.name)' has no value '\(label)'\(hint)")
        }
        draft.warnings.append(
            "No rollback takes the value '\(operation.value)' from '\(type.name)' again, nor what the same file does in the "
                + "expand beside it; give it a migration of its own.")
        draft.add(
            .expand, "add-value",
            Step(
                "add the value '\(operation.value)' to the type '\(type.name)'",
                "Only the catalogue changes. The release that writes it goes out after this phase, once every running "
                    + "instance can read it.", .statements(on: nil, [operation.sql]), isReversible: false))
        draft.lossReason = "the database has no way to take a value from an enumerated type"
    }
}

extension AddEnumValue {
    /// The value beside which it stands, and the key that names it.
    fileprivate var neighbour: (path: String, label: String)? {
        switch place {
        case .before(let label): ("before", label)
        case .after(let label): ("after", label)
        case nil: nil
        }
    }

    fileprivate var sql: String {
        let dialect = Dialect.postgres
        let position =
            switch place {
            case .before(let label): " BEFORE \(dialect.literal(label))"
            case .after(let label): " AFTER \(dialect.literal(label))"
            case nil: ""
            }
        return "ALTER TYPE \(dialect.quote(name)) ADD VALUE \(dialect.literal(value))\(position)"
    }
}
