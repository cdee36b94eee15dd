import Foundation

/// The instances of the shelter that are at work during the demo.
final class Crew {
    private let location: String
    private let folder: String
    private let animals: Int64
    private let pace: Int64
    private var instances: [Program] = []

    /// Starts `size` instances.
    init(_ size: Int, location: String, folder: String, animals: Int64, pace: Int64) throws {
        self.location = location
        self.folder = folder
        self.animals = animals
        self.pace = pace
        for number in 0..<size {
            instances.append(try Crew.start(number, of: size, location, folder, animals, pace))
        }
    }

    /// The files in which they note what they do.
    var journals: [String] { instances.indices.map(journal) }

    /// Kills an instance without warning, and starts it again.
    ///
    /// - Returns: How many of its writes nobody knows of whether they took place.
    func killAndRestart(_ number: Int) throws -> Int {
        try instances[number].die()
        let doubts = Histories([try Journal(contentsOf: journal(number))]).uncertainWrites
        instances[number] = try Crew.start(number, of: instances.count, location, folder, animals, pace)
        return doubts
    }

    /// Fails when an instance has ended by itself.
    func check() throws {
        for (number, instance) in instances.enumerated() where !instance.isRunning {
            throw DemoError("shelter \(number) has ended: \(instance.output)")
        }
    }

    /// Waits until every instance has been told of `count` more writes.
    func work(_ count: Int) throws {
        let start = try acknowledged()
        let end = ContinuousClock.now + .seconds(60)
        while try zip(acknowledged(), start).contains(where: { $0 - $1 < count }) {
            try check()
            guard !StopSignal.isReceived else { throw DemoError.interrupted }
            guard ContinuousClock.now < end else {
                throw DemoError("a shelter does not get \(count) writes done in a minute")
            }
            usleep(50_000)
        }
    }

    /// How many writes and reads are in the journals by now.
    func tally() throws -> (writes: Int, reads: Int) {
        try check()
        var tally = (writes: 0, reads: 0)
        for path in journals {
            let bytes = FileManager.default.contents(atPath: path) ?? Data()
            tally.writes += Crew.count("\nok ", bytes)
            tally.reads += Crew.count("\nread ", bytes)
        }
        return tally
    }

    /// Sends everybody home, and waits for them.
    func stop() throws {
        try check()
        for instance in instances { instance.send(SIGTERM) }
        for (number, instance) in instances.enumerated() {
            guard try instance.wait(limit: .seconds(30)) == 0 else {
                throw DemoError("shelter \(number) did not end well: \(instance.output)")
            }
        }
    }

    private func acknowledged() throws -> [Int] {
        journals.map { Crew.count("\nok ", FileManager.default.contents(atPath: $0) ?? Data()) }
    }

    private func journal(_ number: Int) -> String { "\(folder)/shelter-\(number).journal" }

    private static func start(
        _ number: Int, of size: Int, _ location: String, _ folder: String, _ animals: Int64, _ pace: Int64
    ) throws -> Program {
        try Program(
            "shelter",
            [
                "run", "--database", location, "--journal", "\(folder)/shelter-\(number).journal",
                "--instance", "\(number)", "--instances", "\(size)", "--animals", "\(animals)",
                "--pace", "\(pace)", "--with-parent",
            ], folder: folder, output: "\(folder)/shelter-\(number).output")
    }

    private static func count(_ mark: String, _ bytes: Data) -> Int {
        let mark = Data(mark.utf8)
        var count = 0
        var rest = bytes[...]
        while let range = rest.firstRange(of: mark) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
