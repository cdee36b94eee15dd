import Foundation

/// One instance at work: does one visit after the other through the store and keeps the journal.
final class Keeper {
    private let store: any AnimalStore
    private let journal: JournalWriter
    private var owned: OwnedAnimals
    private var workload: Workload
    private(set) var summary = Summary()

    /// What was done in this life.
    struct Summary: Sendable {
        var writes = 0
        var reads = 0
        var tries = 0
    }

    /// How often one visit is tried before it counts as failed.
    private static let mostTries = 400

    init(store: any AnimalStore, journal: JournalWriter, owned: OwnedAnimals, workload: Workload) throws {
        self.store = store
        self.journal = journal
        self.owned = owned
        self.workload = workload
        try journal.append(
            .start(
                instance: owned.instance, instances: owned.instances, seeded: owned.seeded, at: .now()))
    }

    /// Works until told to stop. An error that no new try can help is journalled and thrown.
    ///
    /// - Parameter pace: the usual pause between two visits, in milliseconds.
    func work(pace: Int64, until isOver: () -> Bool) throws {
        while !isOver() {
            let visit = workload.next(owned)
            do {
                try perform(visit)
            } catch {
                try? journal.append(.error(at: .now(), text: "\(error)"))
                throw error
            }
            rest(workload.pause(around: pace))
        }
        try journal.append(.stop(at: .now()))
    }

    /// Does one visit, trying again as long as the database asks for that.
    private func perform(_ visit: Visit) throws {
        for attempt in 1...Keeper.mostTries {
            let writes = try announce(visit)
            do {
                let reads = try carryOut(visit)
                try conclude(writes, reads)
                return
            } catch StoreError.tryAgain(let reason) {
                for write in writes {
                    try journal.append(.refused(serial: write.serial, at: .now(), reason: reason))
                }
                guard attempt < Keeper.mostTries else {
                    throw StoreError.failed("gave up after \(attempt) tries: \(reason)")
                }
                summary.tries += 1
                rest(workload.pause(around: Int64(min(40, 2 * attempt))))
            }
        }
    }

    /// Journals every write of the visit, before anything is sent.
    private func announce(_ visit: Visit) throws -> [Write] {
        var writes: [Write] = []
        for (verb, animal, cells) in visit.errands.flatMap(\.writes) {
            let write = Write(
                serial: owned.nextSerial(), verb: verb, animal: animal, begun: .now(), cells: cells)
            owned.reserve(write)
            try journal.append(.begin(write))
            writes.append(write)
        }
        return writes
    }

    /// Everything was acknowledged.
    private func conclude(_ writes: [Write], _ reads: [Read]) throws {
        let moment = Moment.now()
        for write in writes {
            try journal.append(.acknowledged(serial: write.serial, at: moment))
            owned.apply(write)
        }
        for read in reads { try journal.append(.read(read)) }
        summary.writes += writes.count
        summary.reads += reads.count
    }

    private func carryOut(_ visit: Visit) throws(StoreError) -> [Read] {
        guard let isolation = visit.isolation else {
            var reads: [Read] = []
            for errand in visit.errands { reads += try carryOut(errand, since: nil) }
            return reads
        }
        let since = store.readsOneMoment(isolation) ? Moment.now() : nil
        let writes = visit.errands.contains { !$0.writes.isEmpty }
        return try store.transaction(isolation, writes: writes) { () throws(StoreError) in
            var reads: [Read] = []
            for errand in visit.errands { reads += try carryOut(errand, since: since) }
            return reads
        }
    }

    /// - Parameter since: when the transaction began, where its reads see that moment.
    private func carryOut(_ errand: Errand, since: Moment?) throws(StoreError) -> [Read] {
        let start = since ?? .now()
        switch errand {
        case .takeIn(let animals):
            try store.insert(animals)
        case .register(let animal):
            try store.upsert(animal)
        case .rename(let id, let name):
            try expectOne(id, store.update(id, [.name: .text(name)]))
        case .correct(let id, let species):
            try expectOne(id, store.update(id, [.species: .text(species)]))
        case .move(let id, let cage):
            try expectOne(id, store.update(id, [.cage: Cell(cage)]))
        case .rehome(let id):
            try expectOne(id, store.delete(id))
        case .look(let id):
            return [read(id, try store.animal(id), start)]
        case .tour(let cage):
            return try store.find(where: .cage, is: cage).map { read($0.id, $0, start) }
        case .search(let id, let species):
            // We alone write this animal, and gave it this species last: it must be found, and nobody else.
            let found = try store.find(where: .species, is: species)
            return [read(id, found.first { $0.id == id }, start)]
                + found.filter { $0.id != id }.map { read($0.id, $0, start) }
        case .tally(let id, let species):
            let count = try store.count(where: .species, is: species)
            let cell = count == 1 ? Cell.text(species) : .text("the species of \(count) animals")
            return [Read(animal: id, start: start, end: .now(), cells: [.species: cell])]
        }
        return []
    }

    private func read(_ id: Int64, _ animal: Animal?, _ start: Moment) -> Read {
        Read(animal: id, start: start, end: .now(), cells: animal?.cells ?? Animal.gone)
    }

    /// An animal of ours that we know to be there was changed, or something is very wrong.
    private func expectOne(_ id: Int64, _ count: Int) throws(StoreError) {
        guard count == 1 else {
            throw .failed("animal \(id) is ours and was there, but \(count) were changed")
        }
    }

    private func rest(_ milliseconds: Int64) {
        guard milliseconds > 0 else { return }
        usleep(UInt32(milliseconds * 1000))
    }
}
