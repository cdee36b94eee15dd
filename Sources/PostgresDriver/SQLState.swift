/// The result codes of PostgreSQL that Bellows acts on, by name
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
public enum SQLState {
    /// `08001`: the connection could not be made. Given by the driver itself.
    public static let unableToConnect = "08001"
    /// `08006`: the connection broke. Given by the driver itself where the server had no last word.
    public static let connectionFailure = "08006"
    /// `0A000`: also "cached plan must not change result type" of a named statement.
    public static let featureNotSupported = "0A000"
    /// `2200H`: a sequence has no number left.
    public static let sequenceGeneratorLimitExceeded = "2200H"
    /// `2201G`: also what the double-write helper's check raises for a value that does not survive the round trip.
    public static let invalidArgumentForWidthBucket = "2201G"
    /// `22021`: a byte sequence that is not valid in the database's encoding.
    public static let characterNotInRepertoire = "22021"
    /// `22P02`: a text that is not of the type it was given for.
    public static let invalidTextRepresentation = "22P02"
    /// `23502`
    public static let notNullViolation = "23502"
    /// `23503`
    public static let foreignKeyViolation = "23503"
    /// `23505`
    public static let uniqueViolation = "23505"
    /// `23514`
    public static let checkViolation = "23514"
    /// `23P01`
    public static let exclusionViolation = "23P01"
    /// `25001`: the command cannot run inside a transaction.
    public static let activeSQLTransaction = "25001"
    /// `25006`: a write in a read-only transaction.
    public static let readOnlySQLTransaction = "25006"
    /// `25P02`: the transaction has failed; only a rollback is possible.
    public static let inFailedSQLTransaction = "25P02"
    /// `26000`: no prepared statement of that name, for example behind a pooler.
    public static let invalidSQLStatementName = "26000"
    /// `28000`
    public static let invalidAuthorization = "28000"
    /// `28P01`
    public static let invalidPassword = "28P01"
    /// `2BP01`: something else still depends on what was to be dropped.
    public static let dependentObjectsStillExist = "2BP01"
    /// `3D000`
    public static let undefinedDatabase = "3D000"
    /// `3F000`
    public static let undefinedSchema = "3F000"
    /// `40001`
    public static let serializationFailure = "40001"
    /// `40P01`
    public static let deadlockDetected = "40P01"
    /// `42501`
    public static let insufficientPrivilege = "42501"
    /// `42601`
    public static let syntaxError = "42601"
    /// `42622`: a name was longer than 63 bytes and was cut. Arrives as a notice.
    public static let nameTooLong = "42622"
    /// `42701`
    public static let duplicateColumn = "42701"
    /// `42703`
    public static let undefinedColumn = "42703"
    /// `42704`
    public static let undefinedObject = "42704"
    /// `42710`
    public static let duplicateObject = "42710"
    /// `42725`: several functions or operators would do.
    public static let ambiguousFunction = "42725"
    /// `42804`: an expression is of another type than the column.
    public static let datatypeMismatch = "42804"
    /// `42846`: no cast leads from one type to another.
    public static let cannotCoerce = "42846"
    /// `42883`: also an operator that does not exist.
    public static let undefinedFunction = "42883"
    /// `42P01`
    public static let undefinedTable = "42P01"
    /// `42P05`: a prepared statement of that name is there already, for example behind a pooler.
    public static let duplicatePreparedStatement = "42P05"
    /// `42P06`
    public static let duplicateSchema = "42P06"
    /// `42P07`: also an index.
    public static let duplicateTable = "42P07"
    /// `42P17`: also a function in an index's expression that is not immutable.
    public static let invalidObjectDefinition = "42P17"
    /// `53100`
    public static let diskFull = "53100"
    /// `53400`: also `temp_file_limit`.
    public static let configurationLimitExceeded = "53400"
    /// `55006`
    public static let objectInUse = "55006"
    /// `55P03`: the lock was not to be had within `lock_timeout`, or at once with NOWAIT.
    public static let lockNotAvailable = "55P03"
    /// `57014`: cancelled by request, or by `statement_timeout`.
    public static let queryCanceled = "57014"
    /// `57P01`: an administrator ended the session.
    public static let adminShutdown = "57P01"
    /// `57P02`: another session crashed.
    public static let crashShutdown = "57P02"
    /// `57P03`: the server is starting or stopping.
    public static let cannotConnectNow = "57P03"
    /// `57P05`: `idle_session_timeout`.
    public static let idleSessionTimeout = "57P05"
    /// `25P03`: `idle_in_transaction_session_timeout`.
    public static let idleInTransactionSessionTimeout = "25P03"
}
