import Testing

@testable import DoubleWrite

/// What is refused before anything is sent, whatever the state of the database.
@Suite struct RequestTests {
    static func answer(to request: Request) -> String? {
        var conversation = Conversation(request, dialect: .postgres, memory: Memory(), transaction: nil)
        guard case .fail(.badRequest(let words)) = conversation.start() else { return nil }
        return words
    }

    @Test func anInsertionGivesAllColumnsOfAChangeOrNone() {
        let some = Self.answer(to: .insert(into: people, rows: [["id": 1, "given": "Ada"]]))
        #expect(
            some == """
                an insertion into table 'people' gives a part of change 'people.name' (column 'name' becomes 'given' and \
                'family'), but not 'family'; give all of its columns, or none
                """)
        #expect(Self.answer(to: .insert(into: people, rows: [["id": 1]])) == nil)
        #expect(Self.answer(to: .insert(into: people, rows: [["given": "a", "family": nil]])) == nil)
        #expect(Self.answer(to: .update(people, set: ["given": "Ada"], where: nil)) == nil)
    }

    @Test func anUpsertFindsRowsByAWholeChangeThatLosesNothing() {
        let row: [String: SQLValue] = ["id": 1, "given": "a", "family": "b"]
        func upsert(_ table: TableDeclaration, by conflict: [String]) -> String? {
            Self.answer(to: .upsert(into: table, rows: [row], conflict: conflict, update: ["family"]))
        }
        #expect(
            upsert(people, by: ["given"])?.contains("finds rows by a part of change 'people.name'") == true)
        #expect(upsert(people, by: ["family", "given"]) == nil)
        #expect(upsert(people, by: ["id"]) == nil)
        let lossy = TableDeclaration(
            "people", columns: ["id": "bigint", "given": "text", "family": "text"], key: ["id"],
            changes: [
                .splitColumn(
                    from: "name", type: "text", to: ["given": "a", "family": "b"], down: "c", lossyDown: true)
            ])
        #expect(upsert(lossy, by: ["family", "given"])?.contains("whose `down` is lossy") == true)
        #expect(upsert(lossy, by: ["id"]) == nil)
    }

    @Test func aStatementOfOnesOwnCannotFollowAName() {
        let write = Request.write(to: ages, preferred: "a {fence}", fallback: "b {fence}")
        #expect(Self.answer(to: write)?.contains("one name means two columns") == true)
        let read = Request.read(from: ages, preferred: "a {fence}", fallback: "b {fence}")
        #expect(Self.answer(to: read)?.contains("'ages.age' (column 'age' keeps its name)") == true)
        #expect(Self.answer(to: .write(to: people, preferred: "a {fence}", fallback: "b {fence}")) == nil)
    }
}
