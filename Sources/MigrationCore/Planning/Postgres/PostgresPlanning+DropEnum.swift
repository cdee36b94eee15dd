import DoubleWrite

/// `drop_enum`, in PostgreSQL: only a type that nothing uses.
extension PostgresPlanning {
    func plan(_ operation: DropEnum, into draft: inout OperationDraft) {
        draft.touch(operation.name, [], dialect)
        guard let type = context.enumType(operation.name, into: &draft) else { return }
        for user in context.users(of: type) {
            draft.refuse("name", "\(user) uses the type '\(type.name)'; change or drop that first")
        }
        draft.add(
            .transition, "release", rank: .newGate,
            Step(
                "no application names the type '\(type.name)' any more",
                "Neither in a cast nor as the type of a parameter. Attest each application when its last instance of the "
                    + "release before is gone.", .release(Release(needs: .new))))
        var restored = [CreateEnum(name: type.name, values: type.labels).sql]
        if let comment = type.comment {
            restored.append("COMMENT ON TYPE \(dialect.quote(type.name)) IS \(dialect.literal(comment))")
        }
        draft.add(
            .contract, "drop-enum", rank: .drop,
            Step(
                "drop the type '\(type.name)'",
                "Nothing uses it, and what did not show that would stop the drop.",
                .statements(on: nil, ["DROP TYPE \(dialect.quote(type.name))"]), settlesFirst: true,
                undo: [
                    Step(
                        "create the type '\(type.name)' again", "With its values; nobody has used it since.",
                        .statements(on: nil, restored))
                ]))
    }
}

extension PlanningContext {
    /// What uses the type, in words, each once: by the catalogue, and by the columns' own types.
    fileprivate func users(of type: EnumType) -> [String] {
        guard type.users.isEmpty else { return type.users }
        let quoted = [type.name.name, dialect.quote(type.name.name), dialect.quote(type.name)]
        let names = Set(quoted + [type.name.description]).flatMap { [$0, $0 + "[]"] }
        return schema.tables.flatMap { table in
            table.columns.filter { names.contains($0.type) }.map { "column '\($0.name)' of '\(table.name)'" }
        }
    }
}
