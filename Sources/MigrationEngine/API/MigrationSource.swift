internal import Crypto
internal import Foundation
public import MigrationCore

/// A migration and the file that it was read from.
public struct MigrationSource: Sendable, Hashable {
    /// What the file declares.
    public var migration: Migration
    /// The SHA-256 of the file's text, in hexadecimal. A file whose checksum changes after it began is
    /// refused.
    public var checksum: String
    /// The file's path, for messages.
    public var path: String?

    /// Made of these facts.
    public init(migration: Migration, checksum: String, path: String? = nil) {
        self.migration = migration
        self.checksum = checksum
        self.path = path
    }

    /// The checksum of a file's text.
    public static func checksum(of text: String) -> String {
        checksum(of: Array(text.utf8))
    }

    /// The checksum of a file's bytes.
    public static func checksum(of bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
