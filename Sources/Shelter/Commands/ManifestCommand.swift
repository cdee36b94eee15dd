import ArgumentParser
import DoubleWrite

/// `shelter manifest`: what this build reads and writes, for `bellows check`.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Print what this release reads and writes, for 'releases:' in bellows.yaml.")

    func run() { print(ReleaseManifest([.inserts(animals)]).json, terminator: "") }
}
