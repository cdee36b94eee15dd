import Foundation
import Testing

@testable import Shelter

@Suite("The journal")
struct JournalTests {
    static let entries: [JournalEntry] = [
        .start(instance: 1, instances: 3, seeded: 50_000, at: Moment(nanoseconds: 5)),
        .begin(
            Write(
                serial: 7, verb: .insert, animal: 50_001, begun: Moment(nanoseconds: 6),
                cells: [.name: .text("Rex"), .species: .text("corgi 1-7.3"), .cage: .null, .chip: .text("")])),
        .begin(
            Write(
                serial: 8, verb: .delete, animal: 4, begun: Moment(nanoseconds: 6), cells: Animal.gone)),
        .acknowledged(serial: 7, at: Moment(nanoseconds: 9)),
        .refused(serial: 8, at: Moment(nanoseconds: 10), reason: "40001: \"could not\"\nserialize"),
        .read(
            Read(
                animal: 3, start: Moment(nanoseconds: 11), end: Moment(nanoseconds: 12),
                cells: [.species: .text("a=\"b\" gone")])),
        .error(at: Moment(nanoseconds: 13), text: "back\\slash"),
        .stop(at: Moment(nanoseconds: 14)),
    ]

    @Test("every entry is one line, and reads back as it was", arguments: entries)
    func roundTrip(_ entry: JournalEntry) throws {
        #expect(!entry.text.contains("\n"))
        #expect(try JournalEntry(text: entry.text) == entry)
    }

    @Test("texts on which programs break survive", arguments: Seed.awkwardTexts)
    func awkward(_ text: String) throws {
        let entry = JournalEntry.read(
            Read(
                animal: 1, start: Moment(nanoseconds: 1), end: Moment(nanoseconds: 2),
                cells: [.name: .text(text), .species: .text(text)]))
        let journal = try Journal(text: entry.text + "\n")
        #expect(journal.entries == [entry])
    }

    @Test("a line that was torn by the death of its writer is left out")
    func torn() throws {
        let text = Self.entries.map { $0.text + "\n" }.joined()
        for length in 0...text.utf8.count {
            let torn = String(decoding: text.utf8.prefix(length), as: UTF8.self)
            let journal = try Journal(text: torn)
            #expect(journal.entries == Array(Self.entries.prefix(journal.entries.count)))
        }
        #expect(try Journal(text: text).entries == Self.entries)
    }

    @Test(
        "any other line that is no entry is an error with its place",
        arguments: [
            "", "hello", "ok 1", "ok one 2", "ok 1 2 3", "begin 1 eat 2 3 name=gone", "read 1 2 3",
            "read 1 2 3 colour=\"red\"", "read 1 2 3 name=\"red", "read 1 2 3 name=\"\\x\"", "stop",
        ])
    func broken(_ line: String) throws {
        let error = try #require(throws: JournalError.self) {
            try Journal(text: "stop 1\n\(line)\nstop 2\n", path: "journal.txt")
        }
        #expect(error.line == 2)
        #expect("\(error)".hasPrefix("journal.txt:2: not a journal entry: "))
    }

    @Test("the next life of a writer goes on behind the last whole line")
    func nextLife() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try JournalWriter(path: path).append(.stop(at: Moment(nanoseconds: 1)))
        let torn = (FileManager.default.contents(atPath: path) ?? Data()) + Data("begin 1 ins".utf8)
        try torn.write(to: URL(fileURLWithPath: path))
        try JournalWriter(path: path).append(.stop(at: Moment(nanoseconds: 2)))
        let journal = try Journal(contentsOf: path)
        #expect(journal.entries == [.stop(at: Moment(nanoseconds: 1)), .stop(at: Moment(nanoseconds: 2))])
    }

    @Test("a folder that is not there is an error that names the file")
    func unwritable() throws {
        let error = try #require(throws: JournalFileError.self) {
            try JournalWriter(path: "/no/such/journal")
        }
        #expect("\(error)".contains("'/no/such/journal' [2]"))
    }
}
