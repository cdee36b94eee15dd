import DoubleWrite
import MigrationCore
import Testing

/// What is dangerous in statements of one's own: for each hazard a bad statement, and the nearest good one.
@Suite struct RawSQLHazardTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var code: RawSQLHazard.Code
        var bad: RawSQL
        var good: RawSQL
        var dialects = Dialect.allCases

        var testDescription: String { code.rawValue }
    }

    static let cases: [Case] = [
        Case(
            code: .blockingIndex, bad: RawSQL(expand: ["CREATE UNIQUE INDEX i ON animals (kind)"]),
            good: RawSQL(expand: ["CREATE VIEW i AS SELECT 1"]), dialects: [.postgres]),
        Case(
            code: .rewritingType,
            bad: RawSQL(expand: ["ALTER TABLE animals ALTER COLUMN kind SET DATA TYPE varchar(9)"]),
            good: RawSQL(expand: ["ALTER TABLE animals ALTER COLUMN kind SET STORAGE PLAIN"]),
            dialects: [.postgres]),
        Case(
            code: .scanningNotNull, bad: RawSQL(expand: ["ALTER TABLE animals ALTER kind SET NOT NULL"]),
            good: RawSQL(expand: ["ALTER TABLE animals ALTER kind DROP NOT NULL"]), dialects: [.postgres]),
        Case(
            code: .scanningNotNull, bad: RawSQL(expand: ["ALTER TABLE animals ADD COLUMN n int NOT NULL"]),
            good: RawSQL(expand: ["ALTER TABLE animals ADD COLUMN n int NOT NULL DEFAULT 0"])),
        Case(
            code: .scanningConstraint,
            bad: RawSQL(expand: ["ALTER TABLE animals ADD CONSTRAINT c CHECK (age > 0)"]),
            good: RawSQL(expand: ["ALTER TABLE animals ADD CONSTRAINT c CHECK (age > 0) NOT VALID"]),
            dialects: [.postgres]),
        Case(
            code: .earlyDrop, bad: RawSQL(expand: ["ALTER TABLE animals DROP COLUMN kind"]),
            good: RawSQL(
                contract: ["ALTER TABLE animals DROP COLUMN kind"],
                drops: [TableUse(table: "animals", columns: ["kind"])])),
        Case(
            code: .undeclaredDrop,
            bad: RawSQL(contract: ["DROP VIEW cats"], drops: [TableUse(table: "dogs")]),
            good: RawSQL(contract: ["DROP VIEW cats"], drops: [TableUse(table: "cats")])),
        Case(
            code: .rename, bad: RawSQL(expand: ["ALTER TABLE animals RENAME COLUMN kind TO species"]),
            good: RawSQL(expand: ["SELECT 'ALTER TABLE animals RENAME TO beings'"])),
        Case(
            code: .wholeTable, bad: RawSQL(transition: ["UPDATE animals SET kind = 'where'"]),
            good: RawSQL(transition: ["UPDATE animals SET kind = 'dog' WHERE id = 1"])),
        Case(
            code: .truncate, bad: RawSQL(contract: ["TRUNCATE animals"]),
            good: RawSQL(contract: ["-- TRUNCATE animals\nSELECT 1"]), dialects: [.postgres]),
        Case(
            code: .heldLock, bad: RawSQL(expand: ["SELECT 1; LOCK TABLE animals"]),
            good: RawSQL(expand: ["SELECT 1"]), dialects: [.postgres]),
    ]

    private func hazards(_ sql: RawSQL, _ dialect: Dialect) -> [RawSQLHazard] {
        Migration(name: "m", operations: [.sql(RawSQL(expand: ["SELECT 1"])), .sql(sql)]).hazards(dialect)
    }

    @Test(arguments: cases)
    func isNamed(example: Case) {
        for dialect in example.dialects {
            let found = hazards(example.bad, dialect)
            #expect(found.map(\.code) == [example.code], "\(dialect)")
            #expect(found.first?.path.hasPrefix("operations[1].sql.") == true)
            #expect(hazards(example.good, dialect) == [], "\(dialect)")
            var accepted = example.bad
            accepted.accepts = [example.code]
            #expect(hazards(accepted, dialect) == [])
        }
    }

    @Test func everyHazardHasItsExample() {
        #expect(Set(Self.cases.map(\.code)) == Set(RawSQLHazard.Code.allCases))
    }
}
