import MigrationCore
import Testing

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("animls", "animals"), ("aniamls", "animals"), ("animalss", "animals"), ("ANIMALS", "animals"),
        ("kin", "kind"), ("spezies", "species"),
    ])
    func finds(written: String, meant: String) {
        #expect(NearestName.of(written, among: ["owners", "animals", "kind", "species"]) == meant)
    }

    @Test func leavesOutWhatIsFar() {
        #expect(NearestName.of("cages", among: ["animals", "owners"]) == nil)
        #expect(NearestName.of("x", among: ["abc"]) == nil)
        #expect(NearestName.of("animals", among: []) == nil)
        #expect(NearestName.of("", among: ["animals"]) == nil)
    }

    @Test func doesNotDependOnTheOrder() {
        #expect(NearestName.of("bat", among: ["cat", "rat"]) == "cat")
        #expect(NearestName.of("bat", among: ["rat", "cat"]) == "cat")
    }
}
