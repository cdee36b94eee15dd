import Foundation

/// The instances of the shelter that are at work during the demo.
final class Crew {
    private let folder: String
    /// What every instance is told, beside its own number.
    private let arguments: [String]
    private var instances: [Program] = []

    /// Starts `size` instances in the folder of a scene.
    ///
    /// - Parameters:
    ///   - animals: How many were there before.
    ///   - pace: The usual pause between two visits, in milliseconds.
    ///   - autocommit: Whether they use no transactions.
    init(_ size: Int, in scene: Scene, animals: Int64, pace: Int64, autocommit: Bool = false) throws {
        folder = scene.folder
        arguments =
            [
                "--database", scene.location, "--instances", "\(size)", "--animals", "\(animals)",
                "--pace", "\(pace)", "--with-parent",
            ] + (autocommit ? ["--autocommit"] : [])
        for number in 0..<size { instances.append(try start(number)) }
    }

    /// The files in which they note what they do.
    var journals: [String] { instances.indices.map(journal) }

    /// Kills an instance without warning, and starts it again.
    ///
    /// - Returns: How many of its writes nobody knows of whether they took place.
    func killAndRestart(_ number: Int) throws -> Int {
        try instances[number].die()
        let doubts = Histories([try Journal(contentsOf: journal(number))]).uncertainWrites
        instances[number] = try start(number)
        return doubts
    }

    /// Sends a signal to one instance, as SIGSTOP and SIGCONT.
    func signal(_ number: Int, _ signal: Int32) {
        instances[number].send(signal)
    }

    /// Fails when an instance has ended by itself.
    func check() throws {
        guard !StopSignal.isReceived else { throw DemoError.interrupted }
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

    private func start(_ number: Int) throws -> Program {
        try Program(
            "shelter", ["run", "--instance", "\(number)", "--journal", journal(number)] + arguments,
            folder: folder, output: "\(folder)/shelter-\(number).output")
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
