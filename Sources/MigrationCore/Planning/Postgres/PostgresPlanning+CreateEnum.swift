import DoubleWrite

/// `create_enum`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: CreateEnum, into draft: inout OperationDraft) {
        draft.touch(operation.name, [], dialect)
        context.checkName(operation.name.name, path: "name", into: &draft)
        checkFreeType(operation.name, into: &draft)
        if operation.values.isEmpty {
            draft.refuse("values", "a type without a value has no use; list at least one")
        }
        for (number, value) in operation.values.enumerated() {
            context.checkName(value, path: "values[\(number)]", into: &draft)
            if operation.values[..<number].contains(value) {
                draft.refuse("values[\(number)]", "'\(value)' stands in the list twice")
            }
        }
        draft.add(
            .expand, "create-enum",
            Step(
                "create the type '\(operation.name)'", "Nobody uses it yet, so nobody waits.",
                .statements(on: nil, [operation.sql]),
                undo: [
                    Step(
                        "drop the type '\(operation.name)' again", "Nothing may use it any more.",
                        .statements(on: nil, ["DROP TYPE \(dialect.quote(operation.name))"]))
                ]))
    }

    /// A table brings a type of its name as well.
    private func checkFreeType(_ name: TableName, into draft: inout OperationDraft) {
        if context.schema.enumType(name) != nil {
            draft.refuse("name", "a type '\(name)' exists already; choose another name")
        } else if context.schema[name] != nil {
            draft.refuse(
                "name",
                "a table '\(name)' exists already, and its rows have a type of that name; choose another name"
            )
        }
    }
}

extension CreateEnum {
    /// `CREATE TYPE ... AS ENUM (...)`.
    var sql: String {
        let labels = values.map(Dialect.postgres.literal).joined(separator: ", ")
        return "CREATE TYPE \(Dialect.postgres.quote(name)) AS ENUM (\(labels))"
    }
}

extension PlanningContext {
    /// The enumerated type of that name, or a noted problem that offers the nearest one.
    func enumType(_ name: TableName, into draft: inout OperationDraft) -> EnumType? {
        if let type = schema.enumType(name) { return type }
        let hint = NearestName.hint(name.description, among: schema.enums.map(\.name.description))
        draft.refuse("name", "the enumerated type '\(name)' does not exist\(hint)")
        return nil
    }
}
