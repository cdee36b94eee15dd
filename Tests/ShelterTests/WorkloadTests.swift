import Testing

@testable import Shelter

@Suite("The workload")
struct WorkloadTests {
    /// Carries visits out in memory: a shelter without a database.
    private func play(_ instance: Int, visits: Int, seed: UInt64) throws -> (OwnedAnimals, [JournalEntry]) {
        var owned = OwnedAnimals(instance: instance, instances: 3, seeded: 600)
        var workload = Workload(seed: seed)
        var entries: [JournalEntry] = []
        for number in 0..<visits {
            let visit = workload.next(owned)
            for (verb, animal, cells) in visit.errands.flatMap(\.writes) {
                let write = Write(
                    serial: owned.nextSerial(), verb: verb, animal: animal,
                    begun: Moment(nanoseconds: Int64(number)), cells: cells)
                owned.reserve(write)
                entries.append(.begin(write))
                owned.apply(write)
                entries.append(.acknowledged(serial: write.serial, at: Moment(nanoseconds: Int64(number))))
            }
        }
        return (owned, entries)
    }

    @Test("the same seed gives the same days", arguments: [1, 2, 3] as [UInt64])
    func reproducible(_ seed: UInt64) throws {
        #expect(try play(0, visits: 300, seed: seed).1 == play(0, visits: 300, seed: seed).1)
        #expect(try play(0, visits: 300, seed: seed).1 != play(0, visits: 300, seed: seed + 1).1)
    }

    @Test("every instance writes its own animals only, and no animal is taken in twice", arguments: 0..<3)
    func ownership(_ instance: Int) throws {
        let (_, entries) = try play(instance, visits: 2000, seed: 11)
        var alive = Set((1...600).filter { $0 % 3 == Int64(instance) })
        var species: Set<String> = []
        for case .begin(let write) in entries {
            #expect(write.animal % 3 == Int64(instance))
            switch write.verb {
            case .insert: #expect(alive.insert(write.animal).inserted)
            case .upsert: alive.insert(write.animal)
            case .update: #expect(alive.contains(write.animal))
            case .delete: #expect(alive.remove(write.animal) != nil)
            }
            if write.verb != .delete, case .text(let name) = write.cells[.species], name != "unknown" {
                #expect(species.insert(name).inserted, "a stale value could hide behind a second '\(name)'")
            }
        }
    }

    @Test("it does everything that people do in a shelter")
    func variety() throws {
        var owned = OwnedAnimals(instance: 1, instances: 3, seeded: 600)
        var workload = Workload(seed: 4)
        var seen: Set<String> = []
        for _ in 0..<2000 {
            let visit = workload.next(owned)
            seen.insert(visit.isolation?.rawValue ?? "autocommit")
            for errand in visit.errands { seen.insert(String("\(errand)".prefix { $0 != "(" })) }
            if case .takeIn(let animals)? = visit.errands.first {
                seen.insert(animals.count > 1 ? "many" : "one")
                if animals.contains(where: { $0.species == nil }) { seen.insert("default") }
            }
            for (verb, animal, cells) in visit.errands.flatMap(\.writes) {
                let write = Write(
                    serial: owned.nextSerial(), verb: verb, animal: animal, begun: .beginning, cells: cells)
                owned.reserve(write)
                owned.apply(write)
            }
        }
        #expect(
            seen == [
                "autocommit", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "takeIn", "rename",
                "correct",
                "move", "rehome", "register", "look", "tour", "search", "tally", "one", "many", "default",
            ])
    }

    @Test("after its death an instance knows from its journal what it owns", arguments: 0..<3)
    func nextLife(_ instance: Int) throws {
        let (owned, entries) = try play(instance, visits: 1500, seed: 8)
        var journal = try Journal(text: "")
        journal.entries = entries
        let again = OwnedAnimals(instance: instance, instances: 3, seeded: 600, journal: journal)
        #expect(again.count == owned.count)
        #expect(again.lastSerial == owned.lastSerial)
        #expect(again.newID() == owned.newID())
        #expect(again.species == owned.species)
        #expect(again.inDoubt.isEmpty)
    }

    @Test("an animal of which nobody knows what its last write did is not written again")
    func doubt() throws {
        var journal = try Journal(text: "")
        journal.entries = [
            .begin(
                Write(serial: 1, verb: .update, animal: 3, begun: .beginning, cells: [.name: .text("Max")])),
            .begin(
                Write(
                    serial: 2, verb: .insert, animal: 9, begun: .beginning,
                    cells: Animal(id: 9, name: "Rex").cells)),
            .begin(
                Write(serial: 3, verb: .update, animal: 6, begun: .beginning, cells: [.name: .text("Ada")])),
            .refused(serial: 3, at: .beginning, reason: "busy"),
        ]
        let owned = OwnedAnimals(instance: 0, instances: 3, seeded: 6, journal: journal)
        #expect(owned.inDoubt == [3, 9])
        #expect(owned.count == 1)
        #expect(owned.newID() == 12)
        #expect(owned.lastSerial == 3)
    }
}

@Suite("The animals that are there from the beginning")
struct SeedTests {
    @Test("are always the same, with everything that is awkward among them")
    func awkward() {
        let animals = (1...50_000).map { Seed.animal(Int64($0)) }
        for text in Seed.awkwardTexts {
            #expect(animals.contains { $0[.species] == .text(text) })
            #expect(animals.contains { $0[.name] == .text(text) })
        }
        #expect(animals.contains { $0.cage == nil } && animals.contains { $0.cage == "" })
        #expect(animals.contains { $0.chip == nil })
        let chips = animals.compactMap(\.chip)
        #expect(Set(chips).count == chips.count)
        #expect(Seed.animal(7).cells == Seed.animal(7).cells)
    }
}
