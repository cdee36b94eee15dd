// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "bellows", path: "..")],
    targets: [
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                .product(name: "DoubleWritePostgres", package: "bellows"),
                .product(name: "DoubleWriteSQLite", package: "bellows"),
                .product(name: "MigrationEngine", package: "bellows"),
                .product(name: "TestSupport", package: "bellows"),
                // The tool itself, built beside this program.
                .product(name: "bellows", package: "bellows"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
                .strictMemorySafety(),
            ])
    ]
)
