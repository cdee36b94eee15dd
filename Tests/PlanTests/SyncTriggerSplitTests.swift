import DoubleWrite
import TestSupport
import Testing

@testable import MigrationCore

/// A name that is becoming two, by seeded statements in either shape, against a model that knows both.
@Suite struct SyncTriggerSplitTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        var dialect: Dialect
        var isLossyDown: Bool
        var truth: SyncTrigger.Side
        var isRecursive = false

        var testDescription: String {
            "\(dialect.rawValue), lossy \(isLossyDown), truth \(truth), recursive \(isRecursive)"
        }

        static let all: [Setting] = Dialect.allCases.flatMap { dialect in
            [false, true].flatMap { isLossyDown in
                [SyncTrigger.Side.old, .new].flatMap { truth in
                    (dialect == .sqlite ? [false, true] : [false]).map {
                        Setting(dialect: dialect, isLossyDown: isLossyDown, truth: truth, isRecursive: $0)
                    }
                }
            }
        }
    }

    @Test(arguments: Setting.all, [UInt64(1), 2])
    func statementsInEitherShape(setting: Setting, seed: UInt64) throws {
        let scenario = try Names.scenario(
            setting.dialect, isLossyDown: setting.isLossyDown, truth: setting.truth)
        if setting.dialect == .sqlite {
            try scenario.database.run("PRAGMA recursive_triggers = \(setting.isRecursive ? "ON" : "OFF")")
        }
        var model = Names(
            isLossyDown: setting.isLossyDown, truth: setting.truth,
            excludesRounded: setting.dialect == .postgres)
        var random = SeededNumbers(seed: seed)
        var refusals = 0
        for number in 1...250 {
            let statement = Names.Statement.any(&random)
            let expected = model.rows(after: statement)
            let found = scenario.after(statement.sql(scenario.database.dialect))
            if let expected {
                model.rows = expected
            } else {
                refusals += 1
                #expect(
                    found.contains("loss") || found.contains("contradiction"),
                    "\(number): \(statement) gave \(found)")
            }
            #expect(scenario.rows == model.said, "\(number): \(statement)")
            guard scenario.rows == model.said else { return }
        }
        #expect(refusals > 0)
    }
}

/// Names as the model of the test has them.
struct Names {
    struct Row: Hashable {
        var name: String?
        var given: String?
        var family: String?
    }

    enum Statement: Sendable {
        case insertOld(id: Int, String?)
        case insertNew(id: Int, String?, String?)
        case insertBoth(id: Int, String?, String?, String?)
        case updateOld(id: Int, String?)
        case updateGiven(id: Int, String?)
        case updateFamily(id: Int, String?)
        case updateNew(id: Int, String?, String?)
        case updateBoth(id: Int, String?, String?, String?)
        case upsertOld(id: Int, String?)
        case upsertNew(id: Int, String?, String?)
        case delete(id: Int)
    }

    var isLossyDown: Bool
    var truth: SyncTrigger.Side
    /// Whether `excluded` is the row as the trigger has made it.
    var excludesRounded: Bool
    var rows: [Int: Row] = [:]

    init(isLossyDown: Bool, truth: SyncTrigger.Side, excludesRounded: Bool) {
        self.isLossyDown = isLossyDown
        self.truth = truth
        self.excludesRounded = excludesRounded
    }

    static func scenario(_ dialect: Dialect, isLossyDown: Bool, truth: SyncTrigger.Side) throws
        -> SyncScenario
    {
        let first =
            dialect == .postgres ? "split_part(name, ' ', 1)" : "substr(name, 1, instr(name || ' ', ' ') - 1)"
        return try SyncScenario(
            dialect, [.init("name", "text", "given || coalesce(' ' || family, '')")],
            [
                .init("given", "text", first),
                .init("family", "text", "nullif(substr(name, length(\(first)) + 2), '') -- the rest"),
            ], isLossyDown: isLossyDown, truth: truth)
    }
}

extension Names {
    static func up(_ name: String?) -> (given: String?, family: String?) {
        guard let name else { return (nil, nil) }
        guard let space = name.firstIndex(of: " ") else { return (name, nil) }
        let rest = String(name[name.index(after: space)...])
        return (String(name[..<space]), rest.isEmpty ? nil : rest)
    }

    static func down(_ given: String?, _ family: String?) -> String? {
        given.map { $0 + (family.map { " " + $0 } ?? "") }
    }

    private func old(_ name: String?) -> Row? {
        let (given, family) = Self.up(name)
        let back = Self.down(given, family)
        guard back == name || isLossyDown else { return nil }
        return Row(name: truth == .old ? name : back, given: given, family: family)
    }

    private func new(_ given: String?, _ family: String?) -> Row? {
        let name = Self.down(given, family)
        let back = Self.up(name)
        guard back == (given, family) || isLossyDown else { return nil }
        return truth == .new
            ? Row(name: name, given: given, family: family)
            : Row(name: name, given: back.given, family: back.family)
    }

    private func both(_ name: String?, _ given: String?, _ family: String?) -> Row? {
        let agrees = (Self.down(given, family) == name, Self.up(name) == (given, family))
        guard isLossyDown ? agrees.0 || agrees.1 : agrees == (true, true) else { return nil }
        return truth == .old ? old(name) : new(given, family)
    }

    /// An UPDATE says the columns that it changes.
    private func changed(_ row: Row, _ name: String?, _ given: String?, _ family: String?) -> Row? {
        let isOld = name != row.name
        let isNew = (given, family) != (row.given, row.family)
        return switch (isOld, isNew) {
        case (false, false): row
        case (true, false): old(name)
        case (false, true): new(given, family)
        case (true, true): both(name, given, family)
        }
    }

    /// An INSERT says the columns that are not NULL.
    private func inserted(_ name: String?, _ given: String?, _ family: String?) -> Row? {
        let isNew = given != nil || family != nil
        return switch (name != nil, isNew) {
        case (_, false): old(name)
        case (false, true): new(given, family)
        case (true, true): both(name, given, family)
        }
    }

    /// The rows afterwards; `nil` where the statement is to be refused.
    func rows(after statement: Statement) -> [Int: Row]? {
        var rows = rows
        func set(_ id: Int, _ row: Row?) -> [Int: Row]? {
            guard let row else { return nil }
            rows[id] = row
            return rows
        }
        switch statement {
        case .insertOld(let id, let name):
            return self.rows[id] == nil ? set(id, inserted(name, nil, nil)) : rows
        case .insertNew(let id, let given, let family):
            return self.rows[id] == nil ? set(id, inserted(nil, given, family)) : rows
        case .insertBoth(let id, let name, let given, let family):
            return self.rows[id] == nil ? set(id, inserted(name, given, family)) : rows
        case .updateOld(let id, let name):
            return self.rows[id].map { set(id, changed($0, name, $0.given, $0.family)) } ?? rows
        case .updateGiven(let id, let given):
            return self.rows[id].map { set(id, changed($0, $0.name, given, $0.family)) } ?? rows
        case .updateFamily(let id, let family):
            return self.rows[id].map { set(id, changed($0, $0.name, $0.given, family)) } ?? rows
        case .updateNew(let id, let given, let family):
            return self.rows[id].map { set(id, changed($0, $0.name, given, family)) } ?? rows
        case .updateBoth(let id, let name, let given, let family):
            return self.rows[id].map { set(id, changed($0, name, given, family)) } ?? rows
        case .upsertOld(let id, let name):
            guard let proposed = inserted(name, nil, nil) else { return nil }
            guard let row = self.rows[id] else { return set(id, proposed) }
            return set(id, changed(row, excludesRounded ? proposed.name : name, row.given, row.family))
        case .upsertNew(let id, let given, let family):
            guard let proposed = inserted(nil, given, family) else { return nil }
            guard let row = self.rows[id] else { return set(id, proposed) }
            return excludesRounded
                ? set(id, changed(row, row.name, proposed.given, proposed.family))
                : set(id, changed(row, row.name, given, family))
        case .delete(let id):
            rows[id] = nil
            return rows
        }
    }

    var said: String {
        rows.sorted { $0.key < $1.key }.map { id, row in
            ([String(id)] + [row.name, row.given, row.family].map { $0 ?? "NULL" }).joined(separator: "|")
        }.joined(separator: ", ")
    }
}

extension Names.Statement {
    private static let names: [String?] = [
        nil, "", "Anna", "Anna Smith", "Anna Maria Smith", "Anna ", " Anna", "it's",
    ]
    private static let givens: [String?] = [nil, "", "Anna", "Eve", "Anna Maria", "it's"]
    private static let families: [String?] = [nil, "", "Smith", "van Dyk"]

    static func any(_ random: inout SeededNumbers) -> Names.Statement {
        let id = random.below(4)
        let name = names[random.below(names.count)]
        let given = givens[random.below(givens.count)]
        let family = families[random.below(families.count)]
        return switch random.below(11) {
        case 0: .insertOld(id: id, name)
        case 1: .insertNew(id: id, given, family)
        case 2: .insertBoth(id: id, name ?? Names.down(given, family), given, family)
        case 3: .updateOld(id: id, name)
        case 4: .updateGiven(id: id, given)
        case 5: .updateFamily(id: id, family)
        case 6: .updateNew(id: id, given, family)
        case 7: .updateBoth(id: id, random.below(2) == 0 ? name : Names.down(given, family), given, family)
        case 8: .upsertOld(id: id, name)
        case 9: .upsertNew(id: id, given, family)
        default: .delete(id: id)
        }
    }

    func sql(_ dialect: Dialect) -> String {
        func text(_ value: String?) -> String { value.map(dialect.literal) ?? "NULL" }
        switch self {
        case .insertOld(let id, let name):
            return "INSERT INTO animals (id, name) VALUES (\(id), \(text(name))) ON CONFLICT DO NOTHING"
        case .insertNew(let id, let given, let family):
            return
                "INSERT INTO animals (id, given, family) VALUES (\(id), \(text(given)), \(text(family))) ON CONFLICT DO NOTHING"
        case .insertBoth(let id, let name, let given, let family):
            return "INSERT INTO animals (id, name, given, family) "
                + "VALUES (\(id), \(text(name)), \(text(given)), \(text(family))) ON CONFLICT DO NOTHING"
        case .updateOld(let id, let name): return "UPDATE animals SET name = \(text(name)) WHERE id = \(id)"
        case .updateGiven(let id, let given):
            return "UPDATE animals SET given = \(text(given)) WHERE id = \(id)"
        case .updateFamily(let id, let family):
            return "UPDATE animals SET family = \(text(family)) WHERE id = \(id)"
        case .updateNew(let id, let given, let family):
            return "UPDATE animals SET given = \(text(given)), family = \(text(family)) WHERE id = \(id)"
        case .updateBoth(let id, let name, let given, let family):
            return
                "UPDATE animals SET name = \(text(name)), given = \(text(given)), family = \(text(family)) WHERE id = \(id)"
        case .upsertOld(let id, let name):
            return
                "INSERT INTO animals (id, name) VALUES (\(id), \(text(name))) ON CONFLICT (id) DO UPDATE SET name = excluded.name"
        case .upsertNew(let id, let given, let family):
            return "INSERT INTO animals (id, given, family) VALUES (\(id), \(text(given)), \(text(family))) "
                + "ON CONFLICT (id) DO UPDATE SET given = excluded.given, family = excluded.family"
        case .delete(let id): return "DELETE FROM animals WHERE id = \(id)"
        }
    }
}

/// Numbers that are the same for the same seed (SplitMix64).
struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ (value >> 31)) % UInt64(limit))
    }
}
