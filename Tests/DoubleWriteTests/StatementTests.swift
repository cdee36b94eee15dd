import Testing

@testable import DoubleWrite

/// What statements look like: those of a rename have nothing in them that has to be computed.
@Suite struct StatementTests {
    private func statement(
        _ request: Request, _ stage: Stage, _ dialect: Dialect = .postgres
    ) throws -> String {
        let table = request.table
        let change = table.changes[0]
        let column = ColumnKnowledge(exists: true)
        let knowledge = TableKnowledge(
            changes: [
                ChangeKnowledge(
                    old: change.old.map { _ in column },
                    new: change.new.map { _ in ColumnKnowledge(exists: stage != .old) },
                    keptName: change.keepsAName
                        ? KeptName(hasShadow: stage != .old, hasFinalNames: true) : nil,
                    nextMarker: 2, row: StageRow(stage: stage, epoch: 3, generation: 1))
            ], hasStageTable: true)
        let shape = TableShape(table: table, dialect: dialect, knowledge: knowledge)
        return try StatementBuilder(shape: shape, guard: "here").statement(for: request.operation).sql
    }

    @Test func aRenameIsWrittenAndReadAsItIs() throws {
        let update = Request.update(animals, set: ["species": "dog"], where: animals["id"] == 1)
        let rest = #" WHERE ("id" = CAST($2 AS bigint)) AND here"#
        let value = "CAST($1 AS text)"
        let set = #"UPDATE "public"."animals" SET "#
        #expect(try statement(update, .old) == set + #""kind" = \#(value)"# + rest)
        #expect(try statement(update, .both) == set + #""kind" = \#(value), "species" = \#(value)"# + rest)
        #expect(try statement(update, .new) == set + #""species" = \#(value)"# + rest)
        let insert = Request.insert(into: animals, rows: [["id": 1, "species": "dog"]])
        #expect(
            try statement(insert, .bothReadNew, .sqlite)
                == "INSERT INTO `main`.`animals` (`id`, `kind`, `species`) SELECT ?1, ?2, ?2 WHERE here")
        let select = Request.select(from: animals, columns: ["species"], orderBy: [.ascending("species")])
        #expect(
            try statement(select, .both)
                == #"SELECT "kind" AS "species", (SELECT here) AS "bellows_guard" FROM "public"."animals" "#
                + #"ORDER BY "public"."animals"."kind""#)
    }

    /// The value that is not given is made of the row itself, inside the statement that writes it.
    @Test func aPartOfASplitIsOneStatement() throws {
        let update = Request.update(people, set: ["given": "Eve"], where: people["id"] == 1)
        let sql = try statement(update, .both)
        #expect(
            sql.hasPrefix(#"UPDATE "public"."people" SET ("name", "given", "family") = (SELECT CASE WHEN "#))
        #expect(
            sql.contains(
                #"CAST((SELECT (last(name)) FROM (SELECT "name" AS "name") AS "row") AS text) AS v1"#))
        #expect(
            sql.contains(
                #"(SELECT (both(given, family)) FROM (SELECT v0 AS "given", v1 AS "family") AS "row")"#))
        // In the end it is as plain as any.
        #expect(
            try statement(update, .new)
                == #"UPDATE "public"."people" SET "given" = CAST($1 AS text) WHERE ("id" = CAST($2 AS bigint)) AND here"#
        )
    }

    @Test func aKeptNameIsAShadowUntilTheEnd() throws {
        let select = Request.select(from: ages, columns: ["age"])
        func read(_ stage: Stage) throws -> String {
            String(try statement(select, stage).prefix { $0 != "," })
        }
        #expect(
            try read(.both)
                == #"SELECT CAST((SELECT (CAST("age" AS text)) FROM (SELECT "age" AS "age") AS "row") AS text) AS "age""#
        )
        #expect(try read(.bothReadNew) == #"SELECT "_bellows_new_age" AS "age""#)
        #expect(try read(.new) == #"SELECT "_bellows_new_age" AS "age""#)
        #expect(
            ChangeKnowledge(
                old: [ColumnKnowledge(exists: true)], new: [ColumnKnowledge(exists: false)],
                keptName: KeptName(hasShadow: false, hasFinalNames: true), nextMarker: 2,
                row: StageRow(stage: .done, epoch: 9, generation: 1)
            ).state == .done)
    }
}
