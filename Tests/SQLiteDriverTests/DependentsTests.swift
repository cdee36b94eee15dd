import DoubleWrite
import MigrationCore
import Testing

@testable import SQLiteDriver

@Suite struct DependentsTests {
    let connection: SQLiteConnection

    init() throws {
        connection = try SQLiteConnection(path: ":memory:")
        try connection.execute(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, kind, name); CREATE TABLE other (x, kind)")
    }

    private func dependents(_ script: String) throws -> [Dependent] {
        try connection.execute(script)
        return try #require(try connection.introspect()["t"]).dependents
    }

    @Test(arguments: [
        ("SELECT kind FROM t", ["kind"]),
        ("SELECT `KIND`, [name] FROM main.T -- id", ["kind", "name"]),
        ("SELECT 'kind', id FROM t", ["id"]),
        ("SELECT count(*), id * 2 FROM t", ["id"]),
        ("SELECT x.kind FROM other AS x JOIN t ON t.id = x.x", ["kind", "id"]),
    ])
    func viewsDependOnTheColumnsTheyName(_ query: String, _ columns: [String]) throws {
        #expect(
            try dependents("CREATE VIEW v AS \(query)") == [
                Dependent(kind: .view, name: "v", columns: Set(columns))
            ])
    }

    @Test(arguments: [
        "SELECT * FROM t", "SELECT t.* FROM t", "SELECT DISTINCT * FROM t", "SELECT 1, * FROM t",
        "SELECT 1, t.*, 2 FROM t",
        "SELECT x FROM other NATURAL JOIN t", "SELECT id FROM (SELECT * FROM t)",
        "SELECT x FROM other WHERE x IN t",
    ])
    func aViewThatDoesNotNameItsColumnsMayUseAny(_ query: String) throws {
        // `IN t` needs a table of one column; SQLite looks only when the view is used.
        #expect(
            try dependents("CREATE VIEW v AS \(query)") == [Dependent(kind: .view, name: "v", columns: [])])
    }

    @Test(arguments: [
        "CREATE VIEW v AS SELECT x, kind FROM other", "CREATE VIEW v AS SELECT count(*) FROM t",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE other SET x = x + 1; END",
        "CREATE TEMP VIEW v AS SELECT kind FROM main.t",
    ])
    func whatUsesNoColumnIsNoDependent(_ script: String) throws {
        #expect(try dependents(script).isEmpty)
    }

    @Test(arguments: [
        ("AFTER UPDATE OF kind ON t BEGIN SELECT 1; END", ["kind"]),
        ("AFTER INSERT ON t WHEN new.name <> 'kind' BEGIN SELECT 1; END", ["name"]),
        ("AFTER INSERT ON other BEGIN INSERT INTO t (name) SELECT new.x; END", ["name"]),
        ("AFTER INSERT ON other BEGIN INSERT INTO T VALUES (1, 2, 3); END", []),
        ("AFTER INSERT ON other BEGIN REPLACE INTO `t` SELECT 1, 2, 3; END", []),
        ("AFTER INSERT ON t BEGIN INSERT INTO other VALUES (new.id, 2); END", ["id"]),
    ])
    func triggersDependOnTheColumnsTheyName(_ body: String, _ columns: [String]) throws {
        #expect(
            try dependents("CREATE TRIGGER r \(body)") == [
                Dependent(kind: .trigger, name: "r", columns: Set(columns))
            ])
    }

    @Test func viewsOverViewsAreFollowed() throws {
        let script = """
            CREATE VIEW v1 AS SELECT kind AS k, name FROM t; CREATE VIEW v2 AS SELECT name FROM v1;
            CREATE VIEW v3 AS SELECT * FROM V2; CREATE VIEW v4 AS SELECT k FROM v1;
            CREATE TRIGGER r INSTEAD OF INSERT ON v2 BEGIN SELECT new.name; END
            """
        #expect(
            try dependents(script) == [
                Dependent(kind: .trigger, name: "r", columns: ["name"]),
                Dependent(kind: .view, name: "v1", columns: ["kind", "name"]),
                Dependent(kind: .view, name: "v2", columns: ["name"]),
                Dependent(kind: .view, name: "v3", columns: []),
            ])
    }

    @Test func aKeywordIsNoName() throws {
        try connection.execute(
            """
            CREATE TABLE k (`order` CHECK (length(`order`) IN (1, 2)), `in`, `select`, key, x CHECK (x IN (1, 2)));
            CREATE VIEW v AS SELECT key FROM k ORDER BY x
            """)
        let table = try #require(try connection.introspect()["k"])
        #expect(table.dependents.map(\.columns) == [["key", "x"]])
        #expect(table.checks.map(\.columns) == [["order"], ["x"]])
    }

    @Test func aBrokenViewDoesNotStopTheRest() throws {
        let script =
            "CREATE VIEW broken AS SELECT kind, no_column FROM missing, t; CREATE VIEW v AS SELECT id FROM t"
        #expect(
            try dependents(script) == [
                Dependent(kind: .view, name: "broken", columns: ["kind"]),
                Dependent(kind: .view, name: "v", columns: ["id"]),
            ])
    }

    @Test func aTableMayReferToItself() throws {
        try connection.execute("CREATE TABLE tree (id INTEGER PRIMARY KEY, parent REFERENCES tree)")
        let tree = try #require(try connection.introspect()["tree"])
        #expect(tree.dependents == [Dependent(kind: .foreignKey, name: "tree.parent", columns: ["id"])])
    }
}
