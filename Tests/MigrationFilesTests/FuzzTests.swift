import MigrationFiles
import Testing

/// Whatever is done to a file, it is a migration or a list of mistakes, and never the end of the program.
@Suite("Mutated files")
struct FuzzTests {
    /// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>): the same on every platform.
    struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    static let seedText = """
        description: Animals have a species, not a kind.
        operations:
          - create_table:
              table: animals
              columns:
                id: { type: { postgres: bigint, sqlite: integer }, primary_key: true }
                name: { type: text, nullable: false, default: "'x'", unique: true, check: "name <> ''" }
                shelter: { type: bigint, references: { table: shelters, column: id, on_delete: cascade } }
              comment: |
                Who lives here
          - rename_column: { table: animals, from: kind, to: species, strategy: in_place }
          - create_index: { table: a, name: i, columns: [a, { expression: lower(b) }], where: "a > 0" }
          - sql: { expand: ["SELECT 1", { postgres: "ANALYZE" }], undo: &x "SELECT 2", transition: *x }
        """

    static let scraps: [[UInt8]] =
        [
            "{", "}", "[", "]", ":", ": ", "- ", "\n", "\t", "'", "\"", "&a ", "*a", "!!int ", "? ", "|", ">",
            "#", "---\n",
            "...", "\\", "\0", "<<: ", "%YAML 1.1\n", "\u{FEFF}", "\u{85}", "null", "~", "\"\\ud800\"", "\r",
            "!<x> ", "@",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80]]

    @Test("20,000 mutations", arguments: 0..<4)
    func mutate(_ seed: UInt64) {
        var random = Random(state: seed)
        var valid = 0
        for _ in 0..<5000 {
            var bytes = Array(Self.seedText.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
            do throws(FileProblems) {
                _ = try MigrationFile(bytes, path: "m.yaml")
                valid += 1
            } catch {
                let lines = 1 + bytes.count { $0 == 0x0A || $0 == 0x0D } + 8
                for problem in error.problems {
                    let position = problem.position ?? SourcePosition(line: 1, column: 1)
                    #expect(
                        position.line >= 1 && position.line <= lines && position.column >= 1, "seed \(seed)")
                    #expect(!problem.message.isEmpty && !problem.message.contains("\n"), "seed \(seed)")
                }
            }
        }
        #expect(valid > 0 && valid < 5000, "the mutations are too weak or too strong")
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout Random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, at + Int.random(in: 1...12, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.removeSubrange(at..<end)
        case 1: bytes.insert(contentsOf: scraps.randomElement(using: &random) ?? [], at: at)
        case 2: bytes[at] = UInt8.random(in: .min ... .max, using: &random)
        default:
            bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0..<bytes.count, using: &random))
        }
        if bytes.isEmpty { bytes = [0x20] }
    }
}
