/// The animals that are in the shelter when the story begins: a pure function of their number.
///
/// So the judge knows what each of them was without anybody having written it down, and an animal that nobody
/// touched must be at the end what it was at the beginning.
enum Seed {
    /// The `id`-th animal (from 1).
    static func animal(_ id: Int64) -> Animal {
        var random = RandomNumbers(seed: UInt64(bitPattern: id) &+ 0x5EED)
        var animal = Animal(
            id: id,
            name: random.pick(Names.given) + (random.chance(0.3) ? " " + random.pick(Names.family) : ""),
            species: random.pick(Names.kinds),
            cage: random.chance(0.8) ? Names.cage(&random) : nil,
            chip: random.chance(0.5) ? chip(id) : nil)
        // One in sixteen is hard to hold.
        if id % 32 == 7 { animal.species = awkward(Int(id / 32)) }
        if id % 32 == 19 { animal.name = awkward(Int(id / 32)) }
        if id % 512 == 100 { animal.cage = "" }
        return animal
    }

    /// The number on an animal's chip; no two have the same.
    static func chip(_ id: Int64) -> String {
        let number = String(id)
        return "276-" + String(repeating: "0", count: max(0, 9 - number.count)) + number
    }

    /// Texts on which programs break.
    static let awkwardTexts: [String] = [
        "", " ", "  two spaces  ", "O'Malley", "\"quoted\"", "back`tick", "semi; colon", "-- not a comment",
        "'; DROP TABLE animals; --", "100 %", "under_score", "back\\slash", "\\N", "NULL", "null",
        "line\nbreak",
        "tab\tstop", "carriage\rreturn", "$1", "?1", ":name", "{fence}", "caf\u{E9}", "cafe\u{301}", "🐈‍⬛",
        "👩‍🚒 and 🐕‍🦺", "قطة", "猫", "\u{FEFF}mark", "zero\u{200B}width", "0", "-1", "1e400", "true",
        String(repeating: "long ", count: 400),
    ]

    private static func awkward(_ number: Int) -> String {
        awkwardTexts[number % awkwardTexts.count]
    }
}
