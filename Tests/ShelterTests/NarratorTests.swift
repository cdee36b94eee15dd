import Testing

@testable import Shelter

@Suite("What the demo says")
struct NarratorTests {
    @Test(
        "numbers as a person reads them",
        arguments: [
            (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (50_000, "50,000"), (1_234_567, "1,234,567"),
            (-999, "-999"), (-1000, "-1,000"),
        ])
    func numbers(_ number: Int, _ text: String) {
        #expect(grouped(number) == text)
    }
}
