import DoubleWrite

/// What each kind of constraint demands, for both databases.
extension NewDemand {
    /// What it takes until no row is without a value.
    static func notNull(_ column: String, of table: Table, _ dialect: Dialect) -> NewDemand {
        NewDemand(
            verification: Verification(
                table: table.name, invariants: [.notNull(column, dialect)],
                sampleColumns: table.sample([column], dialect),
                remedy: "give the rows a value, or say one in the file (fill: EXPRESSION)"),
            rows: "rows without '\(column)'", release: "no application writes NULL into '\(column)' any more",
            duty:
                "Release every application so that each row of '\(table.name)' that it writes has a value for "
                + "'\(column)': the database refuses NULL in the next phase.",
            lock: .counting(table.name, dialect))
    }

    /// What it takes until every row meets a condition.
    static func check(
        _ name: String, _ condition: String, over columns: [String], of table: Table, _ dialect: Dialect
    ) -> NewDemand {
        NewDemand(
            verification: Verification(
                table: table.name, invariants: [.check(name, condition)],
                sampleColumns: table.sample(columns, dialect),
                remedy: "change the rows so that they meet '\(name)', or the condition so that they do"),
            rows: "rows that break '\(name)'",
            release: "no application writes a row that breaks '\(name)' any more",
            duty:
                "Release every application so that each row of '\(table.name)' that it writes meets the condition: the "
                + "database refuses any other in the next phase.", lock: .counting(table.name, dialect))
    }

    /// What it takes until every row points at one that is there.
    static func reference(
        _ columns: [String], of table: Table, at target: ForeignKeyTarget, _ targetColumns: [String],
        _ dialect: Dialect
    ) -> NewDemand {
        let deletes =
            target.onDelete.writes
            ? "" : ", and none deletes a row of '\(target.table)' before those that point at it"
        return NewDemand(
            verification: Verification(
                table: table.name,
                invariants: [.pointsAtRow(columns, of: table.name, at: target.table, targetColumns, dialect)],
                sampleColumns: table.sample(columns, dialect),
                remedy: "delete the rows, or point them at rows of '\(target.table)' that exist"),
            rows: "rows of '\(table.name)' that point at no row of '\(target.table)'",
            release: "no application writes \(columns.words) any more that '\(target.table)' does not have",
            duty: "Release every application so that a row of '\(target.table)' is there before one of "
                + "'\(table.name)' points at it\(deletes): the database refuses anything else in the next phase.",
            lock: .counting(table.name, dialect), other: dialect.normalized(target.table))
    }

    /// What it takes until no two rows share their values of these columns.
    static func unique(_ columns: [String], of table: Table, _ dialect: Dialect) -> NewDemand {
        NewDemand(
            verification: Verification(
                table: table.name, invariants: [.unique(columns, of: table.name, dialect)],
                sampleColumns: table.sample(columns, dialect),
                remedy: "change or delete all but one of the rows that share their values"),
            rows: "rows that share their values of \(columns.words)",
            release: "no application writes \(columns.words) any more that another row has",
            duty:
                "Release every application so that it never stores the same \(columns.words) in two rows of "
                + "'\(table.name)': the database refuses the second one in the next phase.",
            lock: .counting(table.name, dialect))
    }

    /// What it takes until no two rows share what a unique index is of, among those that meet its condition.
    static func unique(_ index: CreateIndex, of table: Table, _ dialect: Dialect) -> NewDemand {
        let columns = index.usedColumns(dialect, in: table).sorted()
        var demand = unique(columns, of: table, dialect)
        demand.verification.invariants = [.unique(index, of: table.name, dialect)]
        demand.rows = "rows that '\(index.name)' would not tell apart"
        demand.release = "no application writes a row that '\(index.name)' refuses any more"
        demand.duty =
            "Release every application so that no two rows of '\(table.name)' have the same in what '\(index.name)' is of: "
            + "the database refuses the second one in the next phase."
        return demand
    }

    /// What it takes until rows can be known by these columns.
    static func key(_ columns: [String], of table: Table, _ dialect: Dialect) -> NewDemand {
        var demand = unique(columns, of: table, dialect)
        demand.verification.invariants =
            columns.map { .notNull($0, dialect) } + demand.verification.invariants
        demand.verification.remedy =
            "give each row values of its own for \(columns.words), or delete those that have none"
        demand.rows = "rows that have no \(columns.words), or share them"
        demand.release = "every application writes \(columns.words) into each row, and no two rows the same"
        demand.duty =
            "Release every application so that each row of '\(table.name)' that it writes has \(columns.words) of its "
            + "own: the database refuses NULL and repetitions in the next phase."
        return demand
    }

    /// What it takes until a constraint that has gone can come back.
    static func returning(
        _ name: String, _ invariants: [Verification.Invariant], over columns: [String], of table: Table,
        _ dialect: Dialect
    ) -> NewDemand {
        NewDemand(
            verification: Verification(
                table: table.name, invariants: invariants, sampleColumns: table.sample(columns, dialect),
                remedy: "change or delete the rows: '\(name)' cannot come back before"),
            rows: "rows that break '\(name)'",
            release: "no application writes a row that breaks '\(name)' any more", duty: "",
            lock: .counting(table.name, dialect))
    }
}

extension Relief {
    /// A constraint goes: what it has kept out may come, and what relied on it fails.
    ///
    /// - Parameter isIndex: Whether it is an index as well, by which a statement can rely on it.
    static func constraint(
        _ name: String, isIndex: Bool, of table: Table, until demand: NewDemand
    ) -> Relief {
        let inference = isIndex ? ", and none of its statements relies on it (INSERT ... ON CONFLICT)" : ""
        return Relief(
            release: "no application relies on '\(name)' any more",
            duty:
                "Release every application so that it bears rows of '\(table.name)' that '\(name)' has kept "
                + "out\(inference).", demand: demand)
    }

    /// A column may hold NULL.
    static func null(in column: String, of table: Table, _ dialect: Dialect) -> Relief {
        Relief(
            release: "every application bears rows without '\(column)'",
            duty:
                "Release every application so that it can read a row of '\(table.name)' whose '\(column)' is NULL.",
            demand: .notNull(column, of: table, dialect))
    }
}

extension Lock {
    /// What a count of the rows takes.
    static func counting(_ table: TableName, _ dialect: Dialect) -> Lock {
        switch dialect {
        case .postgres: .accessShare(table)
        case .sqlite: .reads
        }
    }
}

extension Table {
    /// What a sample of rows shows: how they are addressed, and the columns in question.
    func sample(_ columns: [String], _ dialect: Dialect) -> [String] {
        switch dialect {
        case .postgres: sample(columns)
        case .sqlite:
            sqliteKey == nil && columns.isEmpty
                ? self.columns.map(\.name) : ((sqliteKey ?? []) + columns).uniqued
        }
    }
}
