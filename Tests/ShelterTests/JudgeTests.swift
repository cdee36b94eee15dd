import Testing

@testable import Shelter

/// Journals in which violations are planted: the judge must find each, and nothing else.
@Suite("The judge")
struct JudgeTests {
    /// One instance over three animals, that took in 4, corrected 1, deleted 2 and looked at them.
    private static let good = """
        start 0 1 3 100
        begin 1 insert 4 110 name="Rex" species="corgi 0-1" cage=null chip=null
        ok 1 120
        begin 2 update 1 130 species="beagle 0-2"
        ok 2 140
        begin 3 delete 2 150 name=gone species=gone cage=gone chip=gone
        ok 3 160
        read 1 170 180 name="Ada" species="beagle 0-2" cage="A-1" chip=null
        read 2 181 182 name=gone species=gone cage=gone chip=gone
        read 4 183 184 name="Rex" species="corgi 0-1" cage=null chip=null
        stop 190

        """

    private static func initial(_ id: Int64) -> Animal {
        Animal(id: id, name: "Ada", species: "cat", cage: "A-1", chip: nil)
    }

    private static let found: [Animal] = [
        Animal(id: 1, name: "Ada", species: "beagle 0-2", cage: "A-1", chip: nil),
        Animal(id: 3, name: "Ada", species: "cat", cage: "A-1", chip: nil),
        Animal(id: 4, name: "Rex", species: "corgi 0-1", cage: nil, chip: nil),
    ]

    private func verdict(_ texts: String..., found: [Animal] = Self.found) throws -> Verdict {
        Judge.verdict(try texts.map { try Journal(text: $0) }, found: found, initial: Self.initial)
    }

    @Test("finds nothing where nothing is wrong")
    func clean() throws {
        let verdict = try verdict(Self.good)
        #expect(verdict.isClean)
        #expect("\(verdict)" == "shelter: 3 writes acknowledged, 0 lost; 3 reads, 0 stale")
    }

    @Test("finds an acknowledged write that is gone")
    func lost() throws {
        var found = Self.found
        found[0].species = "cat"
        let verdict = try verdict(Self.good, found: found)
        #expect(verdict.lost == 1 && verdict.stale == 0)
        let text = try #require(verdict.violations.first.map { "\($0)" })
        #expect(
            text == "animal 1, species: the database holds 'cat' at the end, which was overwritten before; "
                + "'beagle 0-2' was acknowledged at 0.000000 s")
    }

    @Test(
        "finds an animal that came back, one that vanished, one that nobody took in, and one that nobody touched"
    )
    func existence() throws {
        let back = try verdict(Self.good, found: Self.found + [Self.initial(2)])
        #expect(back.lost == 1)
        let vanished = try verdict(Self.good, found: Array(Self.found.dropLast()))
        #expect(vanished.lost == 1)
        let stranger = try verdict(Self.good, found: Self.found + [Self.initial(77)])
        #expect(stranger.lost == 1)
        var touched = Self.found
        touched[1].name = "Eve"
        #expect(try verdict(Self.good, found: touched).lost == 1)
        #expect(try verdict(Self.good, found: Self.found + [Self.found[0]]).isClean == false)
    }

    @Test("finds a stale read")
    func stale() throws {
        let stale = Self.good.replacing(
            "beagle 0-2\" cage=\"A-1\" chip=null\nread 2", with: "cat\" cage=\"A-1\"\nread 2")
        let verdict = try verdict(stale)
        #expect(verdict.stale == 1 && verdict.lost == 0)
        #expect(
            verdict.violations.map { "\($0)" } == [
                "animal 1, species: a read from 0.000000 s to 0.000000 s saw 'cat', which was overwritten before; "
                    + "'beagle 0-2' was acknowledged at 0.000000 s"
            ])
    }

    @Test("finds a deleted animal that was seen again, and an animal that was not seen")
    func unseen() throws {
        let ghost = Self.good.replacing(
            "181 182 name=gone species=gone cage=gone chip=gone",
            with: "181 182 name=\"Ada\" species=\"cat\" cage=\"A-1\" chip=null")
        #expect(try verdict(ghost).stale == 1)
        let overlooked = Self.good.replacing(
            "183 184 name=\"Rex\" species=\"corgi 0-1\" cage=null chip=null",
            with: "183 184 name=gone species=gone cage=gone chip=gone")
        #expect(try verdict(overlooked).stale == 1)
    }

    @Test("lets an uncertain write have happened or not", arguments: ["beagle 0-2", "cat", "lop"])
    func uncertain(_ species: String) throws {
        let killed = Self.good.replacing("ok 2 140\n", with: "")
            .replacing(
                "read 1 170 180 name=\"Ada\" species=\"beagle 0-2\" cage=\"A-1\" chip=null\n", with: "")
        var found = Self.found
        found[0].species = species
        let verdict = try verdict(killed, found: found)
        #expect(verdict.uncertain == 1 && verdict.writes == 2)
        #expect(verdict.isClean == (species != "lop"))
    }

    @Test("lets an uncertain delete have happened or not, but not by half")
    func uncertainDelete() throws {
        let killed = Self.good.replacing("ok 3 160\n", with: "")
            .replacing("read 2 181 182 name=gone species=gone cage=gone chip=gone\n", with: "")
        #expect(try verdict(killed).isClean)
        #expect(try verdict(killed, found: Self.found + [Self.initial(2)]).isClean)
    }

    @Test("lets an uncertain insert have happened or not")
    func uncertainInsert() throws {
        let killed = Self.good.replacing("ok 1 120\n", with: "")
            .replacing("read 4 183 184 name=\"Rex\" species=\"corgi 0-1\" cage=null chip=null\n", with: "")
        #expect(try verdict(killed).isClean)
        #expect(try verdict(killed, found: Array(Self.found.dropLast())).isClean)
    }

    @Test("what was refused must not be there")
    func refused() throws {
        let refused = Self.good.replacing("ok 2 140", with: "refused 2 140 \"40001\"")
        let verdict = try verdict(refused)
        #expect(verdict.lost == 1 && verdict.stale == 1 && verdict.refused == 1)
    }

    @Test(
        "an error in a journal, an answer without a question, and two writers of one animal are no clean verdict"
    )
    func errors() throws {
        #expect(try !verdict(Self.good + "error 200 \"column does not exist\"\n").isClean)
        #expect(try !verdict(Self.good + "ok 9 200\n").isClean)
        #expect(try !verdict(Self.good + "ok 3 200\n").isClean)
        let second = "start 1 2 3 100\nbegin 1 update 3 110 cage=\"A-1\"\nok 1 120\n"
        #expect(try verdict(Self.good, second).isClean)
        #expect(try !verdict(Self.good, second.replacing("update 3", with: "update 1")).isClean)
    }

    @Test("reads of one instance are held against writes of another")
    func across() throws {
        let reader = """
            start 1 2 3 100
            read 1 125 126 name="Ada" species="cat" cage="A-1" chip=null
            read 1 135 136 name="Ada" species="beagle 0-2" cage="A-1" chip=null
            read 1 137 138 name="Ada" species="cat" cage="A-1" chip=null

            """
        let verdict = try verdict(Self.good, reader)
        #expect(verdict.reads == 6 && verdict.stale == 1)
    }
}
