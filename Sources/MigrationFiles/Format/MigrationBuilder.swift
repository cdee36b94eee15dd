import DoubleWrite
import MigrationCore

/// Makes operations of values that the ``Checker`` found right, and finds what is wrong between them.
struct MigrationBuilder {
    var checker: Checker

    /// One entry of `operations`.
    mutating func operation(_ value: Value) -> MigrationCore.Operation {
        guard let entry = value.entries.first else { preconditionFailure("an operation without a name") }
        let builders = [tableOperation, columnOperation, shapeOperation, constraintOperation, otherOperation]
        for build in builders {
            if let operation = build(&self, entry.key, entry.value) { return operation }
        }
        preconditionFailure("an operation of the format that nothing builds")
    }

    private typealias Build = (inout MigrationBuilder, String, Value) -> MigrationCore.Operation?

    private var tableOperation: Build {
        { builder, name, body in
            switch name {
            case MigrationFormat.createTable.title: .createTable(builder.createTable(body))
            case MigrationFormat.dropTable.title: .dropTable(DropTable(table: body.tableName))
            case MigrationFormat.renameTable.title: .renameTable(builder.renameTable(body))
            case MigrationFormat.setComment.title: .setComment(builder.setComment(body))
            case MigrationFormat.setReplicaIdentity.title:
                .setReplicaIdentity(builder.setReplicaIdentity(body))
            case MigrationFormat.createEnum.title: .createEnum(builder.createEnum(body))
            case MigrationFormat.addEnumValue.title: .addEnumValue(builder.addEnumValue(body))
            case MigrationFormat.dropEnum.title: .dropEnum(DropEnum(name: body.typeName))
            default: nil
            }
        }
    }

    private var columnOperation: Build {
        { builder, name, body in
            switch name {
            case MigrationFormat.addColumn.title:
                .addColumn(
                    AddColumn(
                        table: body.tableName, column: builder.column(named: body.required("column"), body)))
            case MigrationFormat.dropColumn.title:
                .dropColumn(DropColumn(table: body.tableName, column: body.required("column")))
            case MigrationFormat.setNotNull.title:
                .setNotNull(
                    SetNotNull(
                        table: body.tableName, column: body.required("column"), fill: body["fill"]?.perDialect
                    ))
            case MigrationFormat.dropNotNull.title:
                .dropNotNull(DropNotNull(table: body.tableName, column: body.required("column")))
            case MigrationFormat.setDefault.title:
                .setDefault(
                    SetDefault(
                        table: body.tableName, column: body.required("column"),
                        defaultValue: body.sql("default")))
            case MigrationFormat.dropDefault.title:
                .dropDefault(DropDefault(table: body.tableName, column: body.required("column")))
            default: nil
            }
        }
    }

    private var shapeOperation: Build {
        { builder, name, body in
            switch name {
            case MigrationFormat.renameColumn.title: .renameColumn(builder.renameColumn(body))
            case MigrationFormat.changeType.title: .changeType(builder.changeType(body))
            case MigrationFormat.changeColumn.title: .changeColumn(builder.changeColumn(body))
            case MigrationFormat.splitColumn.title: .splitColumn(builder.splitColumn(body))
            case MigrationFormat.mergeColumns.title: .mergeColumns(builder.mergeColumns(body))
            case MigrationFormat.moveColumn.title: .moveColumn(builder.moveColumn(body))
            case MigrationFormat.extractTable.title: .extractTable(builder.extractTable(body))
            default: nil
            }
        }
    }

    private var constraintOperation: Build {
        { builder, name, body in
            switch name {
            case MigrationFormat.addCheck.title:
                .addCheck(
                    AddCheck(table: body.tableName, name: body.required("name"), check: body.sql("check")))
            case MigrationFormat.addForeignKey.title: .addForeignKey(builder.addForeignKey(body))
            case MigrationFormat.addUnique.title:
                .addUnique(
                    AddUnique(
                        table: body.tableName, name: body.required("name"),
                        columns: builder.distinct("columns", of: body)))
            case MigrationFormat.addPrimaryKey.title:
                .addPrimaryKey(
                    AddPrimaryKey(
                        table: body.tableName, name: body["name"]?.text,
                        columns: builder.distinct("columns", of: body)))
            case MigrationFormat.dropConstraint.title:
                .dropConstraint(DropConstraint(table: body.tableName, name: body.required("name")))
            case MigrationFormat.renameConstraint.title: .renameConstraint(builder.renameConstraint(body))
            default: nil
            }
        }
    }

    private var otherOperation: Build {
        { builder, name, body in
            switch name {
            case MigrationFormat.createIndex.title:
                .createIndex(builder.index(named: body.required("name"), body))
            case MigrationFormat.replaceIndex.title: .replaceIndex(builder.replaceIndex(body))
            case MigrationFormat.dropIndex.title:
                .dropIndex(DropIndex(table: body.tableName, name: body.required("name")))
            case MigrationFormat.sql.title: .sql(builder.rawSQL(body))
            default: nil
            }
        }
    }
}

// MARK: - What several operations share

extension MigrationBuilder {
    /// Notes a mistake where a name that is to change stays what it is.
    mutating func checkChanged(_ from: String, _ to: String, _ keys: (String, String), in value: Value) {
        guard from == to else { return }
        checker.report(
            "'\(keys.0)' and '\(keys.1)' are the same name, '\(to)'", at: value[keys.1]?.position)
    }

    /// The names of a list, each of which may stand in it once.
    mutating func distinct(_ key: String, of value: Value) -> [String] {
        var seen: [String] = []
        for name in value[key]?.oneOrMany ?? [] {
            let text = name.text ?? ""
            if seen.contains(text) {
                checker.report("'\(text)' stands in '\(key)' more than once", at: name.position)
            }
            seen.append(text)
        }
        return seen
    }

    private mutating func rawSQL(_ value: Value) -> RawSQL {
        func statements(_ key: String) -> [PerDialect]? {
            value[key]?.oneOrMany.map(\.perDialect)
        }
        return RawSQL(
            expand: statements("expand") ?? [], transition: statements("transition") ?? [],
            contract: statements("contract") ?? [], undo: statements("undo"), reads: uses("reads", of: value),
            writes: uses("writes", of: value), drops: drops(of: value),
            accepts: (value["accepts"]?.oneOrMany ?? []).compactMap(\.text).compactMap(
                RawSQLHazard.Code.init(rawValue:)))
    }

    private mutating func drops(of value: Value) -> [TableUse] {
        if let drops = value["drops"], value["contract"] == nil {
            checker.report(
                "releases use what 'drops' names until they have left it, so it goes in the contract; move those "
                    + "statements below 'contract'", at: drops.position)
        }
        return uses("drops", of: value)
    }

    private mutating func uses(_ key: String, of value: Value) -> [TableUse] {
        (value[key]?.oneOrMany ?? []).map { use in
            TableUse(table: use.tableName, columns: distinct("columns", of: use))
        }
    }
}

extension Value {
    /// The text of a key that the checker has seen to be there.
    func required(_ key: String) -> String {
        guard let text = self[key]?.text else { preconditionFailure("a value went unchecked") }
        return text
    }

    /// The SQL of a key that the checker has seen to be there.
    func sql(_ key: String) -> PerDialect {
        guard let value = self[key] else { preconditionFailure("a value went unchecked") }
        return value.perDialect
    }

    func isTrue(_ key: String) -> Bool { self[key]?.text == "true" }

    /// The table that an operation is on.
    var tableName: TableName { TableName(schema: self["schema"]?.text, required("table")) }

    /// The type that an operation is on.
    var typeName: TableName { TableName(schema: self["schema"]?.text, required("name")) }

    /// The entries of a list, or the one value that stands for it.
    var oneOrMany: [Value] {
        if case .list(let values) = content { values } else { [self] }
    }

    /// SQL, for every dialect or one each.
    var perDialect: PerDialect {
        text.map { PerDialect($0) }
            ?? PerDialect(postgres: self["postgres"]?.text, sqlite: self["sqlite"]?.text)
    }
}
