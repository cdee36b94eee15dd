import Testing

@testable import DoubleWrite

/// What was composed once is not composed again, for as long as what it followed from is so.
@Suite struct MemoryTests {
    /// Requests that differ in what decides over the text, each with other values.
    static let forms: [[Request]] = [
        [("dog", 1), ("cat", nil), (nil, 3)].map { species, id in
            .update(animals, set: ["species": species], where: animals["id"] < id)
        },
        [1, 2].map { .update(animals, set: ["species": "x"], where: animals["id"] == $0) },
        [1, 2].map { .update(animals, set: ["species": "x"], where: animals["id"] != $0) },
        [1, 2].map { .update(animals, set: ["name": "x"], where: animals["id"] == $0) },
        [1, 2].map { .update(animals, set: ["name": "x", "species": "y"], where: animals["id"] == $0) },
        [1, 2].map {
            .update(animals, set: ["name": "x"], where: animals["id"] == $0, returning: ["species"])
        },
        [.update(animals, set: ["species": "x"], where: animals["id"] == nil)],
        [.update(animals, set: ["species": "x"], where: animals["species"] == nil)],
        [.update(animals, set: ["species": "x"], where: nil)],
        [[1, nil, 3], [7, nil, 8]].map { .delete(from: animals, where: animals["species"].isOne(of: $0)) },
        [[1, 2, nil]].map { .delete(from: animals, where: animals["species"].isOne(of: $0)) },
        [[1, 2], [3, 4]].map { .delete(from: animals, where: animals["species"].isOne(of: $0)) },
        [[1], [3]].map { .delete(from: animals, where: animals["species"].isOne(of: $0)) },
        ["%a", "b"].map { .count(in: animals, where: animals["species"].isLike($0)) },
        ["%a", "b"].map { .count(in: animals, where: !animals["species"].isLike($0)) },
        ["a", "b"].map { .count(in: animals, where: animals["species"] > $0 && animals["name"] == nil) },
        ["a", "b"].map { .count(in: animals, where: animals["species"] > $0 || animals["name"] == nil) },
        ["a", "b"].map { .count(in: animals, where: animals["name"] == nil && animals["species"] > $0) },
        [.select(from: animals)], [.select(from: animals, limit: 1)], [.select(from: animals, limit: 2)],
        [.select(from: animals, orderBy: [.ascending("id")])],
        [.select(from: animals, orderBy: [.descending("id")])],
        [.select(from: animals, columns: ["species", "id"])],
        [.select(from: animals, columns: ["id", "species"])],
        [1, 2].map { .insert(into: animals, rows: [["id": $0, "species": "x"]]) },
        [1, 2].map {
            .insert(into: animals, rows: [["id": $0, "species": "x"], ["species": "y", "id": 9]])
        },
        [1, 2].map { .insert(into: animals, rows: [["id": $0]]) },
        [1, 2].map { .insert(into: animals, rows: [["id": $0]], returning: ["species"]) },
        [1, 2].map {
            .upsert(into: animals, rows: [["id": $0, "name": "x"]], conflict: ["id"], update: ["name"])
        },
        [1, 2].map { .upsert(into: animals, rows: [["id": $0, "name": "x"]], conflict: ["id"], update: []) },
        [[1], [2, 3]].map {
            .write(to: animals, preferred: "a {fence}", fallback: "b {fence}", parameters: $0)
        },
        [.write(to: animals, preferred: "a {fence}", fallback: "c {fence}")],
        [.read(from: animals, preferred: "a {fence}", fallback: "b {fence}")],
    ]

    /// What a look-up shows in each stage.
    static func row(_ stage: Stage?, epoch: Int64, _ dialect: Dialect) -> [SQLValue] {
        [
            true, dialect == .sqlite ? .integer(epoch) : nil, true, .boolean(stage != nil),
            dialect == .postgres ? .integer(stage == nil ? 1 : 2) : nil,
            stage.map { .text($0.rawValue) } ?? nil, stage == nil ? nil : .integer(epoch),
            stage == nil ? nil : 1, nil, nil,
        ]
    }

    /// Carries out a request to its end, in a database that does what it is told.
    ///
    /// - Returns: What was sent, look-ups as well.
    static func carryOut(
        _ request: Request, _ memory: inout Memory, row: [SQLValue], _ dialect: Dialect,
        transaction: Int? = nil, refusing text: String? = nil
    ) -> [String] {
        var conversation = Conversation(request, dialect: dialect, memory: memory, transaction: transaction)
        defer { memory = conversation.memory }
        var sent: [String] = []
        var action = conversation.start()
        while sent.count < 9 {
            switch action {
            case .send(let statement):
                sent.append("\(statement.sql) \(statement.parameters)")
                let isRefused = text.map { statement.sql.contains($0) } ?? false
                let rows: [[SQLValue]] = request.isRead ? [[1, .boolean(!isRefused)]] : []
                action = conversation.receive(
                    .answered(
                        ResultSet(
                            columns: rows.isEmpty ? [] : ["a", "g"], rows: rows,
                            affectedRows: isRefused ? 0 : 1)))
            case .lookUp(let sql):
                sent.append(sql)
                action = conversation.receive(
                    .answered(ResultSet(columns: row.map { _ in "c" }, rows: [row])))
            case .finish, .fail, .rethrow: return sent
            }
        }
        return sent
    }

    /// In every stage, whatever was composed before: what is sent is what a connection sends that has composed nothing.
    @Test(arguments: Dialect.allCases, [nil, 1]) func whatIsKeptIsWhatWouldBeComposed(
        _ dialect: Dialect, _ transaction: Int?
    ) {
        for stage in [nil] + Stage.allCases.dropFirst().map(Optional.some) {
            let row = Self.row(stage, epoch: 4, dialect)
            var learnt = Memory()
            _ = Self.carryOut(Self.forms[0][0], &learnt, row: row, dialect, transaction: transaction)
            var memory = learnt
            for _ in 1...2 {
                for request in Self.forms.flatMap({ $0 }) {
                    var fresh = learnt
                    fresh.forgetCompositions()
                    let expected = Self.carryOut(request, &fresh, row: row, dialect, transaction: transaction)
                    let sent = Self.carryOut(request, &memory, row: row, dialect, transaction: transaction)
                    if sent != expected { Issue.record("sent \(sent), not \(expected)") }
                }
            }
        }
    }

    @Test func eachFormIsComposedOnce() {
        var memory = Memory()
        let row = Self.row(.both, epoch: 1, .postgres)
        for form in Self.forms {
            let before = memory.compositions
            var kept: [ObjectIdentifier] = []
            for request in form {
                _ = Self.carryOut(request, &memory, row: row, .postgres)
                kept +=
                    memory.composition(of: request, in: nil).map { [ObjectIdentifier($0.composition)] } ?? []
            }
            #expect(kept.count == form.count && Set(kept).count == 1, "\(form)")
            #expect(memory.compositions == before + 1, "\(form)")
        }
    }

    /// `é` in one character and in two are the same to Swift, and two columns to a database.
    @Test func namesDifferByTheirBytes() {
        let table = TableDeclaration("t", columns: ["e\u{301}": "text", "id": "bigint"], key: ["id"])
        var memory = Memory()
        let sent = ["e\u{301}", "\u{e9}", "e\u{301}"].map {
            Self.carryOut(.select(from: table, columns: [$0]), &memory, row: [], .sqlite).joined().utf8.count
        }
        #expect(sent[0] == sent[2] && sent[0] != sent[1] && memory.compositions == 2)
    }

    @Test(arguments: Dialect.allCases) func aFlipBetweenEqualWritesIsHeeded(_ dialect: Dialect) {
        let request = Self.forms[1][0]
        var memory = Memory()
        let both = Self.row(.both, epoch: 1, dialect)
        let first = Self.carryOut(request, &memory, row: both, dialect)
        let second = Self.carryOut(request, &memory, row: both, dialect)
        #expect(second == [first.last])
        // The old statement is refused, and the new one is kept from then on.
        let new = Self.row(.new, epoch: 3, dialect)
        let third = Self.carryOut(request, &memory, row: new, dialect, refusing: ") = 1")
        #expect(third.count == 3 && third.first == first.last)
        #expect(third.last?.contains("kind") == false)
        #expect(Self.carryOut(request, &memory, row: new, dialect) == [third.last])
        // A column that vanishes, and what was recorded with it.
        let gone = Self.row(nil, epoch: 4, dialect)
        let fourth = Self.carryOut(request, &memory, row: gone, dialect, refusing: ") = 3")
        #expect(fourth.first == third.last && fourth.last?.contains("species =") == false)
        #expect(memory.compositions == 1)
    }

    @Test(arguments: Dialect.allCases) func aTransactionIsGuardedOnce(_ dialect: Dialect) {
        var memory = Memory()
        let request = Self.forms[1][0]
        for row in [Self.row(nil, epoch: 1, dialect), Self.row(.both, epoch: 2, dialect)] {
            memory = Memory()
            for transaction in [5, 6] {
                let sent = (1...3).map { _ in
                    Self.carryOut(request, &memory, row: row, dialect, transaction: transaction).last ?? ""
                }
                let plain = Self.carryOut(request, &memory, row: row, dialect, transaction: transaction)
                #expect(plain == [sent[2]] && sent[1] == sent[2])
                #expect(!sent[1].contains("epoch") && !sent[1].contains("schema_version"))
                // Where another transaction, or none, goes on, nothing is taken for sure.
                let other = Self.carryOut(request, &memory, row: row, dialect, transaction: 7)
                #expect(
                    other.joined().contains("epoch") || other.joined().contains("schema_version")
                        || other.joined().contains("regclass"))
                let outside = Self.carryOut(request, &memory, row: row, dialect)
                #expect(outside != plain)
            }
        }
    }

    @Test func moreFormsThanTheLimit() {
        var memory = Memory()
        let row = Self.row(.both, epoch: 1, .postgres)
        for number in 1...(2 * Memory.limit + 7) {
            let request = Request.select(from: animals, limit: number)
            for _ in 1...2 {
                let sent = Self.carryOut(request, &memory, row: row, .postgres)
                #expect(sent.last?.contains("LIMIT \(number) ") == true)
            }
            #expect(memory.compositions <= Memory.limit)
        }
        #expect(memory.compositions == 7)
        // What is long is composed each time.
        let rows = (1...4000).map { ["id": SQLValue.integer($0)] }
        _ = Self.carryOut(.insert(into: animals, rows: rows), &memory, row: row, .postgres)
        #expect(memory.compositions == 7)
    }

    @Test func moreTablesThanTheLimit() {
        var memory = Memory()
        let row = Self.row(.both, epoch: 1, .postgres)
        for number in 1...(Memory.limit + 3) {
            let table = TableDeclaration(
                TableName("animals \(number)"), columns: ["id": "bigint", "species": "text"], key: ["id"],
                changes: [.renameColumn(from: "kind", to: "species")])
            let request = Request.update(table, set: ["species": "x"], where: nil)
            // The very first look does not know yet that stages are recorded.
            let looks = number == 1 ? 2 : 1
            #expect(Self.carryOut(request, &memory, row: row, .postgres).count == looks + 1)
            #expect(Self.carryOut(request, &memory, row: row, .postgres).count == 1)
        }
        #expect(memory.compositions == 3)
    }

    /// A row that gives other columns than the first is still told of.
    @Test func rowsThatDifferAreRefused() {
        var memory = Memory()
        let row = Self.row(.both, epoch: 1, .postgres)
        let right: [[String: SQLValue]] = [["id": 1, "name": "a"], ["id": 2, "name": "b"]]
        _ = Self.carryOut(.insert(into: animals, rows: right), &memory, row: row, .postgres)
        for wrong in [["id": 2], ["id": 2, "species": "b"], ["id": 2, "name": "b", "species": "c"]]
            as [[String: SQLValue]]
        {
            let request = Request.insert(into: animals, rows: [right[0], wrong])
            var conversation = Conversation(request, dialect: .postgres, memory: memory, transaction: nil)
            guard case .fail(.badRequest(let words)) = conversation.start() else {
                Issue.record("\(wrong) is sent")
                continue
            }
            #expect(words.contains("give different columns"))
        }
    }

    @Test func whatWasComposedIsNoKnowledge() {
        let row = Self.row(.both, epoch: 1, .postgres)
        var memory = Memory()
        _ = Self.carryOut(Self.forms[1][0], &memory, row: row, .postgres)
        let before = memory
        _ = Self.carryOut(Self.forms[2][0], &memory, row: row, .postgres)
        #expect(memory == before && memory.hashValue == before.hashValue)
        _ = Self.carryOut(Self.forms[2][0], &memory, row: row, .postgres, transaction: 1)
        #expect(memory != before)
    }
}
