import ArgumentParser

/// `shelter seed`: the animals with which the story begins.
struct SeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed", abstract: "Fill an empty shelter with animals, always the same ones.")

    @OptionGroup var database: DatabaseOption

    @Option(help: "How many animals.")
    var animals: Int64 = 50_000

    func validate() throws {
        guard animals >= 0 else { throw ValidationError("--animals must not be negative") }
    }

    @Flag(help: "Print the animals as SQL, in the shape before the change, and touch no database.")
    var sql = false

    func run() throws {
        if sql { return print(SeedText.sql(animals), terminator: "") }
        try Self.fill(database.open(named: "shelter seed"), animals: animals)
        print("shelter: \(animals) animals")
    }

    /// Takes the animals 1...`animals` in, some hundreds in a statement.
    static func fill(_ store: any AnimalStore, animals: Int64) throws {
        let size: Int64 = 500
        for first in stride(from: 1, through: animals, by: Int64.Stride(size)) {
            try store.insert((first...min(first + size - 1, animals)).map(Seed.animal))
        }
    }
}
