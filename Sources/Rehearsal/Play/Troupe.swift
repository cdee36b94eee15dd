internal import DoubleWrite
internal import MigrationEngine

/// The instances of the application, and what they were told.
final class Troupe {
    let subjects: [Subject]
    let location: DatabaseLocation
    let dialect: Dialect
    let instances: [Instance]
    var random: RandomNumbers
    var journal = Journal()
    var ledger: Ledger
    var tally = Tally()
    /// The releases that may run now.
    var releases = 0...0
    /// Whether some instances double-write by code of their own.
    let hasOwnCode: Bool
    /// Whether a defect is planted: see ``Planting/writesRest``.
    var writesRest = false

    init(_ scene: Scene, location: DatabaseLocation, random: RandomNumbers) {
        subjects = scene.subjects
        self.location = location
        dialect = scene.dialect
        ledger = Ledger(scene.subjects)
        var random = random
        instances = (1...(2 + random.below(3))).map(Instance.init)
        hasOwnCode = scene.bearsOwnCode && random.chance(35)
        for instance in instances {
            instance.mayOwnCode = hasOwnCode
            instance.variant = random.below(Self.variants)
        }
        self.random = random
    }

    /// A multiple of the numbers of shapes that one release speaks, so that each comes as often.
    private static var variants: Int { 6 }

    /// How long an instance waits for a lock that the engine, on this very thread, will not give back meanwhile.
    private var patience: Duration {
        switch dialect {
        case .postgres: .milliseconds(4)
        case .sqlite: .zero
        }
    }

    // MARK: - Moves

    private enum Move {
        case begin, write, read, scan, commit, rollback, crash, deploy, pause
    }

    /// One move of one instance.
    ///
    /// - Throws: ``Fault`` where it shows that something is lost or wrong.
    func move() throws {
        guard !subjects.isEmpty, let instance = random.pick(instances) else { return }
        guard instance.session != nil else { return try start(instance) }
        let moves: [(Move, Int)] =
            instance.work == nil
            ? [(.begin, 15), (.write, 40), (.read, 24), (.scan, 6), (.crash, 3), (.deploy, 12)]
            : instance.work?.isLong == true
                ? [(.write, 20), (.read, 50), (.pause, 30)]
                : [
                    (.write, 34), (.read, 20), (.scan, 3), (.commit, 26), (.rollback, 6), (.crash, 3),
                    (.pause, 8),
                ]
        switch random.pick(weighted: moves.map { (item: $0.0, weight: $0.1) }) ?? .pause {
        case .begin: try begin(instance)
        case .write: try write(instance)
        case .read: try read(instance)
        case .scan: try scan(instance)
        case .commit: try commit(instance)
        case .rollback: rollBack(instance)
        case .crash: crash(instance)
        case .deploy: deployAnother(instance)
        case .pause: break
        }
    }

    private func start(_ instance: Instance) throws {
        instance.session = try Session(location, patience: patience)
        tally.restarts += 1
        journal.note(.instance(instance.number), "starts, as \(word(instance))")
    }

    private func crash(_ instance: Instance) {
        let open = instance.work == nil ? "" : " with an open transaction"
        instance.crash()
        tally.crashes += 1
        journal.note(.instance(instance.number), "crashes\(open)")
    }

    /// Another release or shape, among those that may run now.
    private func deployAnother(_ instance: Instance) {
        let release = releases.lowerBound + random.below(releases.count)
        let variant = random.below(Self.variants)
        guard release != instance.release || variant != instance.variant else { return }
        deploy(instance, release, variant: variant)
    }

    /// Gives an instance another release: it is stopped and started.
    func deploy(_ instance: Instance, _ release: Int, variant: Int? = nil) {
        instance.crash()
        instance.release = release
        if let variant { instance.variant = variant }
        tally.deploys += 1
        journal.note(.instance(instance.number), "is deployed as \(word(instance))")
    }

    func word(_ instance: Instance) -> String {
        subjects.lazy.compactMap { instance.speech($0)?.name }.first ?? "release \(instance.release)"
    }

    // MARK: - Transactions

    private func begin(_ instance: Instance) throws {
        guard let session = instance.session else { return }
        var begin = "BEGIN"
        var fixes = dialect == .sqlite
        if random.chance(40) {
            switch dialect {
            case .postgres:
                begin = "BEGIN ISOLATION LEVEL REPEATABLE READ"
                fixes = true
            case .sqlite: begin = "BEGIN IMMEDIATE"
            }
        }
        do {
            try session.run(begin)
        } catch {
            return try setback(error, instance, "\(begin): ", row: nil)
        }
        instance.work = Instance.Work(fixesSnapshot: fixes)
        instance.work?.isLong = random.chance(25)
        if begin == "BEGIN IMMEDIATE" { instance.work?.snapshot = ledger.rows }
        journal.note(.instance(instance.number), "begins a transaction (\(begin))")
    }

    /// Right before a statement of its transaction.
    private func fix(_ instance: Instance) {
        guard var work = instance.work else { return }
        work.statements += 1
        if work.fixesSnapshot, work.snapshot == nil { work.snapshot = ledger.rows }
        instance.work = work
    }

    func commit(_ instance: Instance) throws {
        guard let session = instance.session, let work = instance.work else { return }
        do {
            try session.run("COMMIT")
        } catch {
            return try setback(error, instance, "COMMIT: ", row: nil)
        }
        ledger.commit(work.changes, move: journal.next)
        tally.writes += work.changes.count
        instance.work = nil
        let count = work.changes.count
        journal.note(
            .instance(instance.number), "commits \(count == 1 ? "1 row" : "\(count) rows")",
            row: work.changes.keys.first)
    }

    func rollBack(_ instance: Instance) {
        guard let session = instance.session, instance.work != nil else { return }
        _ = try? session.run("ROLLBACK")
        instance.work = nil
        journal.note(.instance(instance.number), "rolls its transaction back")
    }

    /// Ends open transactions, each with that probability: somebody waits for them.
    func makeWay(percent: Int) throws {
        for instance in instances where instance.work != nil && random.chance(percent) {
            if random.chance(80) { try commit(instance) } else { rollBack(instance) }
        }
    }

    var hasOpenWork: Bool { instances.contains { $0.work != nil } }

    // MARK: - Statements

    private func write(_ instance: Instance) throws {
        guard let session = instance.session, let (number, speech) = chosen(instance) else { return }
        let subject = subjects[number]
        guard let key = chosenKey(of: subject) else { return }
        let row = RowID(subject: number, key: key)
        // Somebody else's uncommitted row would only be waited for.
        if isTouched(row, besides: instance), random.chance(90) { return }
        fix(instance)
        let content = instance.content(row, ledger)
        // Who does not see a row in a snapshot, and inserts it, is told of a duplicate key.
        if content == nil, instance.work?.snapshot != nil, ledger.rows[row] != nil { return }
        guard let verb = verb(content, speech, subject),
            let wish = wish(verb, key, content, speech, number)
        else { return }
        let performer = Performer(session: session, subject: subject, speech: speech, dialect: dialect)
        let what = wish.inWords(of: subject, speech)
        let written: Int
        do {
            written = try performer.write(spoiled(wish, subject))
        } catch {
            return try setback(error, instance, "\(what): ", row: row)
        }
        if verb != .upsert, written == 0, speech.isCounted {
            throw Fault(
                kind: .lost,
                message:
                    "instance \(instance.number) (\(speech.name)) found no row to \(verb.rawValue): row \(key + 1) of "
                    + "'\(subject.name)' was acknowledged\(since(row)) and is gone",
                row: row)
        }
        if wish.isPartial(speech) { tally.partialWrites += 1 }
        if speech.isOwnCode { tally.ownWrites += 1 }
        apply(wish, subject, content, row, instance)
        journal.note(.instance(instance.number), "(\(speech.name)) \(what)", row: row)
    }

    /// What a planted defect makes of single columns: the others are written with them, as they are where those come from.
    private func spoiled(_ wish: Performer.Wish, _ subject: Subject) -> Performer.Wish {
        guard writesRest, let columns = wish.columns,
            let mixture = subject.mixtures.first(where: { wish.slots == [$0.slot] }),
            let place = mixture.parts.firstIndex(where: columns.contains),
            let donor = mixture.origin(of: wish.entry)?[place]
        else { return wish }
        var wish = wish
        wish.columns = nil
        wish.entry = donor
        return wish
    }

    private func apply(
        _ wish: Performer.Wish, _ subject: Subject, _ content: RowContent?, _ row: RowID, _ instance: Instance
    ) {
        var next: RowContent?
        if wish.verb != .delete {
            var slots = content ?? subject.slots.map { _ in nil }
            for slot in wish.slots { slots[slot] = wish.entry }
            next = slots
        }
        if instance.work != nil {
            instance.work?.changes.updateValue(next, forKey: row)
        } else {
            ledger.commit([row: next], move: journal.next)
            tally.writes += 1
        }
    }

    private func verb(_ content: RowContent?, _ speech: Speech, _ subject: Subject) -> Performer.Verb? {
        guard content != nil else {
            guard speech.canInsert else { return nil }
            return speech.canUpsert && random.chance(30) ? .upsert : .insert
        }
        if subject.canDelete, speech.canInsert, random.chance(8) { return .delete }
        if speech.slots.isEmpty { return nil }
        return speech.canUpsert && speech.canInsert && random.chance(20) ? .upsert : .update
    }

    private func chosen(_ instance: Instance) -> (Int, Speech)? {
        guard let number = random.pick(subjects.indices), let speech = instance.speech(subjects[number])
        else { return nil }
        return (number, speech)
    }

    /// Often one of a few: only where two meet in a row they can be in each other's way.
    private func chosenKey(of subject: Subject) -> Int? {
        random.pick(random.chance(60) ? subject.keys.indices.prefix(3) : subject.keys.indices)
    }

    private func isTouched(_ row: RowID, besides instance: Instance) -> Bool {
        instances.contains { $0 !== instance && $0.work?.changes[row] != nil }
    }

    private func read(_ instance: Instance) throws {
        guard let session = instance.session, let (number, speech) = chosen(instance),
            let key = chosenKey(of: subjects[number])
        else { return }
        let row = RowID(subject: number, key: key)
        fix(instance)
        let performer = Performer(
            session: session, subject: subjects[number], speech: speech, dialect: dialect)
        let sights: [Performer.Sight]
        do {
            sights = try performer.read(key: key)
        } catch {
            return try setback(
                error, instance, "read row \(key + 1) of '\(subjects[number].name)': ", row: row)
        }
        tally.reads += 1
        let judge = Judge(subject: subjects[number], number: number, speech: speech, ledger: ledger)
        try judge.check(
            sights.first, row, expected: instance.content(row, ledger), by: "instance \(instance.number)")
        journal.note(
            .instance(instance.number), "(\(speech.name)) reads row \(key + 1) of '\(subjects[number].name)'",
            row: row)
    }

    private func scan(_ instance: Instance) throws {
        guard let session = instance.session, let (number, speech) = chosen(instance) else { return }
        fix(instance)
        let performer = Performer(
            session: session, subject: subjects[number], speech: speech, dialect: dialect)
        let sights: [Performer.Sight]
        do {
            sights = try performer.read(key: nil)
        } catch {
            return try setback(error, instance, "read all of '\(subjects[number].name)': ", row: nil)
        }
        tally.reads += 1
        let judge = Judge(subject: subjects[number], number: number, speech: speech, ledger: ledger)
        try judge.check(all: sights, by: "instance \(instance.number)") { instance.content($0, ledger) }
        journal.note(.instance(instance.number), "(\(speech.name)) reads all of '\(subjects[number].name)'")
    }

    /// What an application does about an error: it gives the transaction up. What no application may meet is a fault.
    private func setback(_ error: any Error, _ instance: Instance, _ doing: String, row: RowID?) throws {
        switch Setback(error) {
        case .refused(let why):
            tally.refused += 1
            journal.note(.instance(instance.number), "\(doing)refused: \(why.firstLine)", row: row)
            if instance.session?.isInTransaction ?? false { _ = try? instance.session?.run("ROLLBACK") }
            instance.work = nil
        case .lost(let why):
            journal.note(.instance(instance.number), "\(doing)its connection is lost: \(why.firstLine)")
            instance.crash()
        case .broken(let why):
            let speech = row.map { instance.speech(subjects[$0.subject])?.name ?? "" } ?? word(instance)
            throw Fault(
                kind: .broken, message: "instance \(instance.number) (\(speech)) could not \(doing)\(why)",
                row: row)
        }
    }

    /// `, in move 12,`.
    private func since(_ row: RowID) -> String {
        ledger.moves[row].map { " in move \($0)" } ?? " from the beginning"
    }
}

extension String {
    /// What stands before the first line break.
    var firstLine: String { String(prefix { !$0.isNewline }) }
}
