import Testing

@testable import Shelter

/// A register as a trace: `w` writes, `r` reads; times in whole numbers.
@Suite("The register: one column of one animal")
struct RegisterTests {
    private var register = Register(initial: .text("cat"))

    private mutating func write(_ text: String, _ begun: Int64, acknowledged: Int64) {
        register.append(
            .init(
                cell: .text(text), begun: Moment(nanoseconds: begun),
                outcome: .acknowledged(Moment(nanoseconds: acknowledged))))
    }

    private mutating func write(_ text: String, _ begun: Int64, _ outcome: Register.Outcome) {
        register.append(.init(cell: .text(text), begun: Moment(nanoseconds: begun), outcome: outcome))
    }

    private func faults(_ sights: (String, Int64, Int64)...) -> [Register.Fault?] {
        var faults = [Register.Fault?](repeating: nil, count: sights.count)
        let seen = sights.enumerated().map { number, sight in
            Register.Sight(
                cell: .text(sight.0), start: Moment(nanoseconds: sight.1), end: Moment(nanoseconds: sight.2),
                number: number)
        }
        for (sight, fault) in register.faults(seen) { faults[sight.number] = fault }
        return faults
    }

    @Test("a read sees what was written last")
    mutating func fresh() {
        write("corgi", 10, acknowledged: 20)
        #expect(faults(("cat", 1, 5), ("corgi", 21, 22)) == [nil, nil])
    }

    @Test("a read that saw what was overwritten before it began is stale")
    mutating func stale() {
        write("corgi", 10, acknowledged: 20)
        #expect(faults(("cat", 21, 22)) == [.stale(overwrittenBy: 1)])
    }

    @Test("a read beside a write may see either")
    mutating func concurrent() {
        write("corgi", 10, acknowledged: 20)
        #expect(faults(("cat", 15, 16), ("corgi", 17, 18)) == [nil, nil])
        #expect(faults(("cat", 5, 30), ("corgi", 5, 30)) == [nil, nil])
    }

    @Test("two reads beside a write, one after the other, do not go back")
    mutating func backwards() {
        write("corgi", 10, acknowledged: 50)
        #expect(faults(("corgi", 15, 16), ("cat", 17, 18)) == [nil, .stale(overwrittenBy: 1)])
        #expect(faults(("corgi", 15, 17), ("cat", 16, 18)) == [nil, nil])
    }

    @Test("going back is found also when an older read ended in between")
    mutating func backwardsAmongMany() {
        write("corgi", 10, acknowledged: 90)
        write("lop", 91, acknowledged: 190)
        let found = faults(
            ("lop", 92, 93), ("corgi", 80, 92), ("corgi", 85, 120), ("corgi", 94, 95), ("lop", 94, 96))
        #expect(found == [nil, nil, nil, .stale(overwrittenBy: 2), nil])
    }

    @Test("a value from before its write began is invented")
    mutating func future() {
        write("corgi", 10, acknowledged: 20)
        #expect(faults(("corgi", 1, 9), ("axolotl", 30, 31)) == [.invented, .invented])
    }

    @Test("an uncertain write may have happened, now or later, or not at all")
    mutating func uncertain() {
        write("corgi", 10, .uncertain)
        #expect(faults(("cat", 1000, 1001)) == [nil])
        #expect(faults(("corgi", 1000, 1001)) == [nil])
        #expect(faults(("cat", 20, 21), ("corgi", 30, 31)) == [nil, nil])
        // But once it was seen it has happened.
        #expect(faults(("corgi", 20, 21), ("cat", 30, 31)) == [nil, .stale(overwrittenBy: 1)])
    }

    @Test("an uncertain write is over when a later one is acknowledged")
    mutating func uncertainThenAcknowledged() {
        write("corgi", 10, .uncertain)
        write("lop", 20, acknowledged: 30)
        #expect(faults(("corgi", 31, 32)) == [.stale(overwrittenBy: 2)])
    }

    @Test("a refused write must never be seen, and overwrites nothing")
    mutating func refused() {
        write("corgi", 10, .refused)
        #expect(faults(("corgi", 11, 12)) == [.refused])
        #expect(faults(("cat", 11, 12)) == [nil])
        // Tried again with the same value, it is right.
        write("corgi", 20, acknowledged: 30)
        #expect(faults(("corgi", 21, 22), ("cat", 31, 32)) == [nil, .stale(overwrittenBy: 2)])
    }

    @Test("a value that was written twice is taken for the one that fits")
    mutating func twice() {
        write("lop", 10, acknowledged: 20)
        write("cat", 30, acknowledged: 40)
        #expect(
            faults(("cat", 5, 6), ("cat", 25, 26), ("cat", 41, 42)) == [nil, .stale(overwrittenBy: 1), nil])
    }

    @Test("texts are compared by their bytes")
    mutating func bytes() {
        write("cafe\u{301}", 10, acknowledged: 20)
        #expect(faults(("caf\u{E9}", 21, 22)) == [.invented])
    }
}
