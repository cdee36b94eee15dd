import DoubleWrite

/// A unique index goes, or lets values repeat.
struct UniqueIndexRelief {
    private let index: Index
    private let table: Table
    private let dialect: Dialect

    init(_ index: Index, of table: Table, _ dialect: Dialect) {
        self.index = index
        self.table = table
        self.dialect = dialect
    }

    var relief: Relief {
        // Of one with expressions or a condition only its own build can tell, on the way back, whether it may return.
        let invariants: [Verification.Invariant] =
            index.isSimple
            ? [
                .unique(
                    index.keyColumns, of: table.name,
                    nullsAreAlike: index.definition.sql(dialect).hasSuffix("NULLS NOT DISTINCT"), dialect)
            ] : []
        return Relief(
            release: "no application relies on '\(index.name)' being unique any more",
            duty:
                "Values may repeat when it is gone. Release every application so that it bears such rows of "
                + "'\(table.name)', and names these columns in no ON CONFLICT.",
            demand: .returning(
                index.name, invariants, over: index.columns.sorted(), of: table, dialect))
    }
}
