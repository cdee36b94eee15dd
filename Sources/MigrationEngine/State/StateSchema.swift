/// The state tables, version by version. A released version is never edited: the next one alters.
struct StateSchema {
    /// The version that this program writes.
    static let version = 1

    /// What makes each version out of the one before, in ``StateWords``' text for both databases.
    static func statements(toVersion version: Int, words: StateWords) -> [String] {
        switch version {
        case 1: first.map { words.sql($0.replacing("{key}", with: words.countingKey)) }
        default: []
        }
    }

    private static let first = [
        "CREATE TABLE {meta} (name text NOT NULL PRIMARY KEY, value text NOT NULL)",
        // `uses` lists what used the columns that go when the migration began. `marks` counts flips and
        // attestations, `settled_marks` up to which of them no older transaction is
        // open, `open_transactions` holds those that are still waited for.
        """
        CREATE TABLE {migrations} (
            name text NOT NULL PRIMARY KEY, checksum text NOT NULL, run bigint NOT NULL, direction text NOT NULL,
            plan text NOT NULL, phase text, status text NOT NULL, marks bigint NOT NULL,
            settled_marks bigint NOT NULL, open_transactions text, uses text,
            started_ms bigint NOT NULL, finished_ms bigint)
        """,
        """
        CREATE TABLE {steps} (
            migration text NOT NULL, run bigint NOT NULL, ordinal bigint NOT NULL, step text NOT NULL,
            status text NOT NULL, progress text, row_count bigint NOT NULL DEFAULT 0, started_ms bigint NOT NULL,
            finished_ms bigint, error text, evidence text, PRIMARY KEY (migration, run, ordinal))
        """,
        """
        CREATE TABLE {attestations} (
            id {key}, migration text NOT NULL, application text NOT NULL, release text, conduct text NOT NULL,
            checksum text NOT NULL, at_ms bigint NOT NULL)
        """,
        """
        CREATE TABLE {stages} (
            change text NOT NULL PRIMARY KEY, stage text NOT NULL, epoch bigint NOT NULL,
            generation integer NOT NULL, settled boolean NOT NULL DEFAULT false)
        """,
        """
        CREATE TABLE {lease} (
            id bigint NOT NULL PRIMARY KEY CHECK (id = 1), token text UNIQUE, host text, process bigint,
            holder text, machine text, backend bigint, backend_start text, since_ms bigint,
            expires_ms bigint)
        """,
        "INSERT INTO {lease} (id) VALUES (1)",
        "CREATE TABLE {tables} (name text NOT NULL PRIMARY KEY, shape text NOT NULL)",
        """
        CREATE TABLE {events} (
            id {key}, at_ms bigint NOT NULL, migration text, run bigint, step text, event text NOT NULL,
            detail text)
        """,
    ]
}
