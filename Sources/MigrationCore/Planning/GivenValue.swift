/// A column whose value applications give themselves, because no default stands in for it.
struct GivenValue {
    private let column: Column
    private let table: Table

    init(_ column: Column, of table: Table) {
        self.column = column
        self.table = table
    }

    private var title: String { "every application gives '\(column.name)' a value itself" }
    private var without: String {
        column.isNullable ? "would get NULL" : "would be refused, for it may not be NULL"
    }

    /// Before the default goes.
    var release: Step {
        .release(
            title,
            "Release every application so that it never inserts a row into '\(table.name)' without '\(column.name)': such "
                + "a row \(without).", needs: .new)
    }

    /// Before a new default is taken away again.
    var releaseBack: Step {
        .releaseBack(title, "Without the default a row that leaves '\(column.name)' out \(without).")
    }
}
