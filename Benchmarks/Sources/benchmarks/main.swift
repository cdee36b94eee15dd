// What Bellows costs, as ratios against the plain way in the same run, on both databases: backfills, the double-write helper,
// planning, the rebuild of a SQLite table.
//
//     make bench
//
// Prints a table, and writes the same as JSON to the file named by the first argument, where that ends with `.json`. Names of
// cases behind it measure those alone.

import DoubleWrite
import DoubleWritePostgres
import DoubleWriteSQLite
import Foundation
import PostgresDriver
import SQLiteDriver
import TestSupport

func measureSQLite(into report: inout Report) throws {
    let folder = try TemporaryFolder()
    let connection = try SQLiteConnection(path: folder.path + "/benchmark.db", mode: .create)
    try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
    try connection.execute(
        """
        CREATE TABLE animals (id integer PRIMARY KEY, kind text);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
        INSERT INTO animals SELECT i, 'dog' FROM n
        """)
    try connection.execute(WriteCost.stageTable(.sqlite))
    try WriteCost(
        database: "SQLite", dialect: .sqlite, helper: DoubleWriteSQLite(connection),
        plain: { sql, values in _ = try connection.query(sql, values) },
        execute: { try connection.execute($0) }, updatesPerRound: 10_000
    ).measure(into: &report)
}

func measurePostgres(into report: inout Report) throws {
    let connection = try PostgresConnection(try ThrowAwayPostgres.makeDatabase())
    _ = try connection.execute(
        """
        CREATE TABLE animals (id bigint PRIMARY KEY, kind text) WITH (fillfactor = 50);
        INSERT INTO animals SELECT i, 'dog' FROM generate_series(1, 20000) AS i;
        CREATE SCHEMA bellows
        """)
    _ = try connection.execute(WriteCost.stageTable(.postgres))
    try WriteCost(
        database: "Postgres", dialect: .postgres, helper: DoubleWritePostgres(connection),
        plain: { sql, values in _ = try connection.query(prepared: "plain " + sql, sql: sql, values) },
        execute: { _ = try connection.execute($0) }, updatesPerRound: 2_000
    ).measure(into: &report)
}

if CommandLine.arguments.count == 4, CommandLine.arguments[1] == Writer.argument {
    try Writer.run(CommandLine.arguments[2], rows: Int(CommandLine.arguments[3]) ?? 1)
    exit(0)
}

/// What is measured, by name.
let cases: [(name: String, measure: (inout Report) throws -> Void)] = [
    ("planning", { try Planning().measure(into: &$0) }),
    ("start", { try StartUp().measure(into: &$0) }),
    ("backfill-postgres", { try PostgresBackfill().measure(into: &$0) }),
    ("backfill-sqlite", { try SQLiteBackfill().measure(into: &$0) }),
    ("helper-sqlite", measureSQLite),
    ("helper-postgres", measurePostgres),
    ("rebuild", { try RebuildPause().measure(into: &$0) }),
]
var arguments = Array(CommandLine.arguments.dropFirst())
let file = arguments.first.flatMap { $0.hasSuffix(".json") ? $0 : nil }
if file != nil { arguments.removeFirst() }
let unknown = arguments.filter { argument in !cases.contains { $0.name == argument } }
guard unknown.isEmpty else {
    print(
        "unknown: \(unknown.joined(separator: ", ")); there are \(cases.map(\.name).joined(separator: ", "))")
    exit(2)
}

var report = Report()
for entry in cases where arguments.isEmpty || arguments.contains(entry.name) {
    try entry.measure(&report)
}
if let file {
    try report.json().write(to: URL(filePath: file))
    print("\nwritten to \(file)")
}
