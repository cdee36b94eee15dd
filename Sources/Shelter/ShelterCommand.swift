import ArgumentParser

/// The example application of Bellows: an animal shelter whose table changes its shape while it is at work.
@main
struct ShelterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shelter",
        abstract: "An animal shelter that goes on working while a column of its table gets another name.",
        subcommands: [
            RunCommand.self, SeedCommand.self, CheckCommand.self, DemoCommand.self, ManifestCommand.self,
        ])
}
