/// The animals that one instance, and nobody else, writes: those whose number leaves its own number as remainder.
///
/// An animal of which it is not known what its last write did (the instance was killed before the answer came) is
/// *in doubt* and never written again, so that an uncertain write is always the last one of its animal.
struct OwnedAnimals: Sendable {
    let instance: Int
    let instances: Int
    /// The animals 1...`seeded` were there before any instance.
    let seeded: Int64
    private var present: [Int64] = []
    private var places: [Int64: Int] = [:]
    private(set) var inDoubt: Set<Int64> = []
    /// The newest species of every animal that was given one here.
    private(set) var species: [Int64: String] = [:]
    /// How many animals were taken in, over all lives of the instance.
    private(set) var takenIn: Int64 = 0
    private(set) var lastSerial = 0

    init(instance: Int, instances: Int, seeded: Int64) {
        precondition(instances > 0 && (0..<instances).contains(instance), "no such instance")
        self.instance = instance
        self.instances = instances
        self.seeded = seeded
        for id in stride(from: Int64(instance), through: seeded, by: Int64.Stride(instances)) where id > 0 {
            add(id)
        }
    }

    /// As ``init(instance:instances:seeded:)``, after all that the instance's own journal says.
    init(instance: Int, instances: Int, seeded: Int64, journal: Journal) {
        self.init(instance: instance, instances: instances, seeded: seeded)
        var open: [Int: Write] = [:]
        for entry in journal.entries {
            switch entry {
            case .begin(let write):
                open[write.serial] = write
                reserve(write)
            case .acknowledged(let serial, _):
                if let write = open.removeValue(forKey: serial) { apply(write) }
            case .refused(let serial, _, _):
                open[serial] = nil
            case .start, .read, .error, .stop:
                break
            }
        }
        for write in open.values { doubt(write.animal) }
    }

    var count: Int { present.count }

    /// An animal of ours that is there, mostly one of the few that everybody looks at.
    func pick(_ random: inout RandomNumbers, hot: Int64) -> Int64? {
        guard !present.isEmpty else { return nil }
        if random.chance(0.6) {
            let id =
                random.number(in: 0...max(0, hot / Int64(instances))) * Int64(instances) + Int64(instance)
            if places[id] != nil { return id }
        }
        return random.pick(present)
    }

    /// The number for the next animal that arrives.
    func newID(_ offset: Int64 = 0) -> Int64 {
        let first = seeded - seeded % Int64(instances) + Int64(instance) + Int64(instances)
        return first + (takenIn + offset) * Int64(instances)
    }

    /// The serial of the next write.
    mutating func nextSerial() -> Int {
        lastSerial += 1
        return lastSerial
    }

    /// A write is about to be sent: its number and its serial are used up, whatever becomes of it.
    mutating func reserve(_ write: Write) {
        lastSerial = max(lastSerial, write.serial)
        let beyond = (write.animal - newID()) / Int64(instances)
        if write.animal >= newID() { takenIn += beyond + 1 }
    }

    /// A write was acknowledged.
    mutating func apply(_ write: Write) {
        switch write.verb {
        case .insert, .upsert: add(write.animal)
        case .delete: remove(write.animal)
        case .update: break
        }
        if write.verb != .delete, case .text(let name) = write.cells[.species] {
            species[write.animal] = name
        }
    }

    private mutating func doubt(_ id: Int64) {
        remove(id)
        inDoubt.insert(id)
    }

    private mutating func add(_ id: Int64) {
        guard places[id] == nil else { return }
        places[id] = present.count
        present.append(id)
    }

    private mutating func remove(_ id: Int64) {
        species[id] = nil
        guard let place = places.removeValue(forKey: id) else { return }
        let last = present.removeLast()
        guard last != id else { return }
        present[place] = last
        places[last] = place
    }
}
