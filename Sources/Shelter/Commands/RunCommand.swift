import ArgumentParser
import Foundation

/// `shelter run`: one instance at work.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Work in the shelter, and keep a journal, until told to stop (Ctrl-C, kill, --seconds).",
        discussion: """
            Every instance writes only the animals whose number leaves its own number as remainder when divided by \
            the number of instances, and reads all of them. After a sudden death it goes on where its journal ends.
            """)

    @OptionGroup var database: DatabaseOption

    @Option(help: "The file in which every write and read is noted.")
    var journal: String

    @Option(help: "The number of this instance, from 0.")
    var instance = 0

    @Option(help: "How many instances there are.")
    var instances = 1

    @Option(help: "How many animals were there before any instance ('shelter seed').")
    var animals: Int64 = 0

    @Option(help: "Stop after so many seconds.")
    var seconds: Double?

    @Option(help: "A number that decides what is done; by default another one every time.")
    var seed: UInt64?

    @Option(help: "The usual pause between two visits, in milliseconds.")
    var pace: Int64 = 10

    @Flag(help: "Use no transactions: every statement stands for itself.")
    var autocommit = false

    @Flag(help: .hidden)
    var withParent = false

    func validate() throws {
        guard instances > 0, (0..<instances).contains(instance) else {
            throw ValidationError(
                "--instance must be from 0 to \(max(0, instances - 1)), one less than --instances")
        }
        guard animals >= 0, (0...60_000).contains(pace) else {
            throw ValidationError("--animals must not be negative, nor --pace, which ends at 60000")
        }
    }

    func run() throws {
        StopSignal.listen()
        let past = try Journal(contentsOf: journal)
        let owned = OwnedAnimals(instance: instance, instances: instances, seeded: animals, journal: past)
        let keeper = try Keeper(
            store: database.open(named: "shelter \(instance)"), journal: JournalWriter(path: journal),
            owned: owned,
            workload: Workload(seed: seed ?? .random(in: 0 ... .max), usesTransactions: !autocommit))
        let parent = getppid()
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        try keeper.work(pace: pace) {
            StopSignal.isReceived || end.map { ContinuousClock.now >= $0 } ?? false
                || withParent && getppid() != parent
        }
        let summary = keeper.summary
        print(
            "shelter \(instance): \(summary.writes) writes, \(summary.reads) reads, \(summary.tries) tried again"
        )
    }
}
