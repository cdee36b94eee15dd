import DoubleWrite

/// The sentences about a change of shape by way of columns beside the old ones that are the same for every dialect.
struct ShapeWords {
    let table: TableName
    let change: ChangeID
    /// `'kind'`, `'given_name' and 'family_name'`, `the old 'age'`.
    let old: String
    let new: String
    /// Whether only the name changes.
    let isRename: Bool
    let keepsName: Bool
    /// Where the values move to a table of their own.
    let lookup: ExtractTable?
    let oldCount: Int
    let newCount: Int

    init(
        table: TableName, change: ChangeID, olds: [String], news: [String], isRename: Bool, keepsName: Bool,
        lookup: ExtractTable? = nil
    ) {
        self.lookup = lookup
        self.table = table
        self.change = change
        self.isRename = isRename
        self.keepsName = keepsName
        oldCount = olds.count
        newCount = news.count
        old = (keepsName ? "the old " : "") + Self.list(olds)
        new = (keepsName ? "the new " : "") + Self.list(news)
    }

    private static func list(_ names: [String]) -> String {
        let quoted = names.map { "'\($0)'" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + " and " + last
    }

    /// `both columns`, or where these may be several on a side, `both shapes`.
    var bothColumns: String { isRename ? "both columns" : "both shapes" }
    var theTwo: String { isRename ? "the two columns" : "the two shapes" }

    /// `The column is`, `The columns are`.
    var theColumnIs: String { newCount == 1 ? "The column is" : "The columns are" }
    var newHas: String { "\(new) \(newCount == 1 ? "has" : "have")" }
    var newIs: String { "\(new) \(newCount == 1 ? "is" : "are")" }
    var newBecomes: String { "\(new) \(newCount == 1 ? "becomes" : "become")" }
    var oldIs: String { "\(old) \(oldCount == 1 ? "is" : "are")" }
    var oldHas: String { "\(old) \(oldCount == 1 ? "has" : "have")" }
    var oldDoes: String { "\(old) \(oldCount == 1 ? "does" : "do")" }
    var oldWas: String { "\(oldCount == 1 ? "was" : "were") \(old)" }
    var oldNames: String { oldCount == 1 ? "its name" : "their names" }

    /// `the new 'id'`, `'given_name'`: one of several, or one under a hidden name, as people know it.
    func title(of new: ShapeChange.New) -> String { (keepsName ? "the new " : "") + "'\(new.column.name)'" }
    func title(ofOld old: Column) -> String { (keepsName ? "the old " : "") + "'\(old.name)'" }

    func name(of new: ShapeChange.New) -> String {
        keepsName ? "new \(new.column.name)" : new.column.name
    }

    /// `kind`, `up(name)`.
    func source(_ derivation: ShapeChange.Derivation, _ word: String, _ names: [String]) -> String {
        if case .identity(let name) = derivation { return isRename ? name : names.joined() }
        return "\(word)(\(names.joined(separator: ", ")))"
    }
}

// MARK: - Steps that only wait

extension ShapeWords {
    var doubleWriteRelease: Step {
        let shape = lookup.map(spokenValue) ?? spokenShape
        return Step(
            "every application writes \(table) by way of the change '\(change)'",
            "Release every application with the change '\(change)' declared in its double-write helper, \(shape) "
                + "(An application without the helper does the same by code of its own.) "
                + "Attest each application when its last instance of the release before is gone.",
            .release(Release(needs: .both)))
    }

    /// What an application speaks that is to speak the new shape.
    private var spokenShape: String {
        isRename
            ? "written against the new name \(new). The column does not exist yet: the helper writes and reads \(old) "
                + "until it does, and both from then on."
            : "written against the new shape (\(new)). It does not exist yet: the helper writes and reads \(old) "
                + "until it does, and both from then on."
    }

    /// What it speaks where values move to a table of their own.
    private func spokenValue(_ extract: ExtractTable) -> String {
        "in which \(old) stays the name of the value: the application goes on to read and write it, and the helper takes it "
            + "from the column, and later by way of \(new) from '\(extract.into)', where it inserts a value that is "
            + "missing before it writes. No other statement of the application mentions \(old) any more."
    }

    /// What is counted before anything changes.
    var demand: (title: String, explanation: String) {
        guard let lookup else {
            return (
                "count the rows that would not survive the change",
                "Every value goes to the new shape and back, and nothing is written. Any row that comes back as another "
                    + "one, or that the new columns would refuse, stops the migration here."
            )
        }
        return (
            "count the values that are too long for '\(lookup.into)'",
            "Its values have a unique index, which takes no longer ones. Any row stops the migration here; from the expand on "
                + "the database refuses such a value."
        )
    }

    /// What the backfill does, with how it goes about it.
    func backfill(_ manner: String) -> (title: String, explanation: String) {
        if let lookup {
            return (
                "copy the values of \(old) to '\(lookup.into)', and point \(new) at them",
                "In small batches, \(manner): a batch locks its rows, inserts the values that '\(lookup.into)' lacks, and sets "
                    + "the references; until one count over the whole table finds no row whose reference is not that of its "
                    + "value."
            )
        }
        return (
            "copy \(old) to \(new)",
            "In small batches, \(manner), until one count over the whole table finds no row in which "
                + "\(new) differs from \(old)" + (isRename ? "." : ", as 'up' says it.")
        )
    }

    /// What the expand makes, and why nobody waits for it.
    func addition(_ extract: ExtractTable) -> (title: String, explanation: String) {
        (
            "create '\(extract.into)', and add \(new) beside \(old), which points at it",
            "The table is empty, and so is the column in every row: only the catalogue changes, and no row is read for the "
                + "foreign key. Who may read or write '\(table)' may read '\(extract.into)', and insert values there. In the same "
                + "transaction the helper's stage becomes 'both': from here every value that is written gets its row in "
                + "'\(extract.into)' first, and is then written to both columns; \(old) is the truth."
        )
    }

    /// The way back from it.
    func removal(_ extract: ExtractTable) -> (title: String, explanation: String) {
        (
            "drop \(new) and '\(extract.into)' again",
            "\(oldIs) the truth and has every value. The helper's stage becomes 'old' in the same transaction."
        )
    }

    /// What whoever works with the table has to know.
    func cautions(_ extract: ExtractTable) -> [String] {
        [
            "Change no value in '\(extract.into)' before the migration is finished: every row that points at it would change its "
                + "value with it, and '\(table)' has the value of before as well until then. Rows may be inserted there at any "
                + "time, and those deleted that nothing points at.",
            "From 'both-read-new' on, the helper finds rows by an equal value through the index of \(new); any other condition on "
                + "the value, and an order by it, looks it up for each row.",
        ]
    }

    /// Where a column keeps its name, the recorded stage alone tells a table before the change from one behind it.
    func recordOld(_ flip: Action) -> Step {
        Step(
            "record that \(oldIs) the truth",
            "In the end the new column bears the old one's name, so that columns alone do not tell whether the change is "
                + "still to come or finished. The helper takes it from this record, and refuses to guess without one.",
            flip)
    }

    var readNewRelease: Step { ownCode.readNew }
    var newRelease: Step { ownCode.newOnly }
    private var ownCode: OwnCodeReleases { OwnCodeReleases(old: old, new: new, both: bothColumns) }

    var soak: Step {
        Step(
            "wait before \(oldIs) dropped",
            keepsName
                ? "The values of \(old) still exist, and the change can be undone."
                : "Whoever still uses \(old) fails loudly now, while its values still exist and the change can be undone.",
            .soak)
    }

    /// Of a trigger that is there, whatever it does.
    func fires(_ trigger: String) -> String {
        "The trigger '\(trigger)' may fire for every row that the backfill writes: look at what it does then."
    }

    /// Who writes the table and is not told of the second column.
    var uncoveredWriters: String {
        "Only applications that are attested write \(bothColumns). Whoever else writes '\(table)' (a person at a prompt, "
            + "a function, a scheduled job, a script with a superuser's rights) writes only \(old): the backfill "
            + "heals that until the transition begins, and from then on such a write is lost."
    }

    /// The count of what the new columns do not hold.
    var forgotten: (title: String, explanation: String) {
        (
            "count the rows whose old values \(new) cannot give back",
            "It stops nothing (lossy_down). What these rows lose is gone when \(loss), and with a rollback from "
                + "'both-read-new' on: look at them before you go on."
        )
    }

    /// What `lossy_down` costs.
    var lossyUndo: String {
        "The way back from \(new) to \(old) may forget something (lossy_down): an undo without loss ends before "
            + "'both-read-new'. From there on `bellows rollback` counts and shows the rows first, and goes on only with "
            + "--discard-data."
    }

    var loss: String { "the values of \(old) are dropped" }
}
