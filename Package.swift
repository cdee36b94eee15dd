// swift-tools-version: 6.2
import PackageDescription

/// What every target is held to.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Every target but the two drivers: no unsafe pointer leaves those.
let safe: [SwiftSetting] = strict + [.strictMemorySafety()]

let package = Package(
    name: "bellows",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "bellows", targets: ["bellows"]),
        .executable(name: "shelter", targets: ["Shelter"]),
        .library(name: "DoubleWrite", targets: ["DoubleWrite"]),
        // With the connections that they run over.
        .library(
            name: "DoubleWritePostgres", targets: ["DoubleWrite", "DoubleWritePostgres", "PostgresDriver"]),
        .library(name: "DoubleWriteSQLite", targets: ["DoubleWrite", "DoubleWriteSQLite", "SQLiteDriver"]),
        // For Benchmarks/, a package of its own.
        .library(name: "TestSupport", targets: ["TestSupport"]),
        .library(name: "MigrationEngine", targets: ["MigrationCore", "MigrationEngine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The C libraries: module maps, and shims for what Swift cannot call.
        .systemLibrary(
            name: "CLibpq", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),

        // The helper's core: which statement to send next, and nothing else.
        .target(name: "DoubleWrite", swiftSettings: safe),

        // Pure values and functions: schema, changes, planning.
        .target(name: "MigrationCore", dependencies: ["DoubleWrite"], swiftSettings: safe),

        // Connections. The only targets that touch a C pointer.
        .target(
            name: "PostgresDriver", dependencies: ["CLibpq", "DoubleWrite", "MigrationCore"],
            swiftSettings: strict),
        .target(
            name: "SQLiteDriver", dependencies: ["CSQLite", "DoubleWrite", "MigrationCore"],
            swiftSettings: strict),

        // What applications link.
        .target(
            name: "DoubleWritePostgres", dependencies: ["DoubleWrite", "PostgresDriver"],
            swiftSettings: safe),
        .target(
            name: "DoubleWriteSQLite", dependencies: ["DoubleWrite", "SQLiteDriver"],
            swiftSettings: safe),

        // YAML and JSON to operations, with positions.
        .target(
            name: "MigrationFiles", dependencies: ["DoubleWrite", "MigrationCore", "Yams"],
            swiftSettings: safe),

        // Runs a plan.
        .target(
            name: "MigrationEngine",
            dependencies: [
                "DoubleWrite", "MigrationCore", "PostgresDriver", "SQLiteDriver",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: safe),

        // Runs a plan on a scratch database, under simulated applications that are judged.
        .target(
            name: "Rehearsal",
            dependencies: [
                "DoubleWrite", "DoubleWritePostgres", "DoubleWriteSQLite", "MigrationCore", "MigrationEngine",
                "PostgresDriver", "SQLiteDriver", "Scratch",
            ],
            swiftSettings: safe),

        // The only target that prints or exits.
        .executableTarget(
            name: "bellows",
            dependencies: [
                "DoubleWrite", "MigrationCore", "MigrationEngine", "MigrationFiles", "Rehearsal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: safe),

        // The example application: an animal shelter.
        .executableTarget(
            name: "Shelter",
            dependencies: [
                "DoubleWrite", "DoubleWritePostgres", "DoubleWriteSQLite", "PostgresDriver",
                "SQLiteDriver", "Scratch",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: safe),

        // Throw-away servers, folders and programs.
        .target(name: "Scratch", dependencies: ["DoubleWrite", "PostgresDriver"], swiftSettings: safe),

        // What tests take beside it.
        .target(name: "TestSupport", dependencies: ["Scratch"], swiftSettings: safe),

        .testTarget(
            name: "MigrationCoreTests", dependencies: ["DoubleWrite", "MigrationCore"], swiftSettings: safe),
        .testTarget(
            name: "PlanTests",
            dependencies: ["DoubleWrite", "MigrationCore", "PostgresDriver", "SQLiteDriver", "TestSupport"],
            swiftSettings: safe),
        .testTarget(
            name: "PostgresDriverTests",
            dependencies: ["DoubleWrite", "MigrationCore", "PostgresDriver", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SQLiteDriverTests",
            dependencies: ["DoubleWrite", "MigrationCore", "SQLiteDriver", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "MigrationFilesTests", dependencies: ["DoubleWrite", "MigrationCore", "MigrationFiles"],
            swiftSettings: safe),
        .testTarget(
            name: "ShelterTests",
            dependencies: [
                "DoubleWrite", "MigrationCore", "MigrationEngine", "MigrationFiles", "PostgresDriver",
                "SQLiteDriver", "Shelter", "TestSupport", "bellows",
            ],
            swiftSettings: safe),
        .testTarget(
            name: "MigrationEngineTests",
            dependencies: [
                "DoubleWrite", "DoubleWritePostgres", "DoubleWriteSQLite", "MigrationCore", "MigrationEngine",
                "PostgresDriver", "SQLiteDriver", "TestSupport",
            ],
            swiftSettings: safe),
        // Every operation on both databases, forth and back, with an application that writes.
        .testTarget(
            name: "LifeCycleTests",
            dependencies: [
                "DoubleWrite", "DoubleWritePostgres", "DoubleWriteSQLite", "MigrationCore", "MigrationEngine",
                "MigrationFiles", "PostgresDriver", "Rehearsal", "SQLiteDriver", "TestSupport",
            ],
            swiftSettings: safe),
        .testTarget(
            name: "RehearsalTests",
            dependencies: [
                "DoubleWrite", "MigrationCore", "MigrationEngine", "MigrationFiles", "Rehearsal",
                "TestSupport",
            ],
            swiftSettings: safe),
        .testTarget(
            name: "BellowsTests",
            dependencies: [
                "DoubleWrite", "MigrationCore", "MigrationEngine", "MigrationFiles", "PostgresDriver",
                "SQLiteDriver",
                "TestSupport", "bellows",
            ],
            swiftSettings: safe),
        // What every database behind the helper must do, and one suite of tests for all of them.
        .target(
            name: "DoubleWriteContract",
            dependencies: [
                "DoubleWrite", "DoubleWritePostgres", "DoubleWriteSQLite", "PostgresDriver", "SQLiteDriver",
                "TestSupport",
            ], path: "Tests/DoubleWriteContract", swiftSettings: safe),
        .testTarget(
            name: "DoubleWriteContractTests",
            dependencies: ["DoubleWrite", "DoubleWriteContract", "TestSupport"], swiftSettings: safe),
        .testTarget(name: "DoubleWriteTests", dependencies: ["DoubleWrite"], swiftSettings: safe),
        .testTarget(
            name: "DoubleWritePostgresTests",
            dependencies: [
                "DoubleWrite", "DoubleWriteContract", "DoubleWritePostgres", "PostgresDriver", "TestSupport",
            ],
            swiftSettings: safe),
        .testTarget(
            name: "DoubleWriteSQLiteTests",
            dependencies: [
                "DoubleWrite", "DoubleWriteContract", "DoubleWriteSQLite", "SQLiteDriver", "TestSupport",
            ],
            swiftSettings: safe),
    ]
)
