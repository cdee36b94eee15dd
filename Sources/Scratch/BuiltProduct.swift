import Foundation

/// The path of an executable of this package, built beside this one.
///
/// - Throws: ``ScratchError`` where it is not there.
public func builtProduct(named name: String) throws -> String {
    let bundles = Bundle.allBundles.filter { $0.bundlePath.hasSuffix(".xctest") }.map(\.bundleURL)
    let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "")
    let places = bundles + [program, Bundle.main.bundleURL.appendingPathComponent("program")]
    for place in places {
        let path = place.deletingLastPathComponent().appendingPathComponent(name).path
        if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    let searched = places.map { $0.deletingLastPathComponent().path }.joined(separator: ", ")
    throw ScratchError("there is no program '\(name)' in \(searched); run swift build first")
}
