import Testing

/// The tests that run programs against databases, one after the other: two cores are soon busy.
@Suite("Real programs", .serialized)
enum RealPrograms {}
