/// Tells from the numbers of our transactions whether others write: the server gives the next number to each transaction
/// that writes, whichever table and database it writes
/// (<https://www.postgresql.org/docs/current/transaction-id.html>).
struct OtherWriters: Sendable, Hashable {
    /// Our own transactions that may be open, with a number already, while one of them is told.
    private let unfinished: Int64
    private var first: Int64?
    private var latest: Int64 = 0
    /// Our own transactions that were told since the first.
    private var ours: Int64 = 0
    /// Others' transactions that were noticed since.
    private var noticed: Int64 = 0

    init(workers: Int) { unfinished = Int64(workers - 1) }

    /// Takes in the number of a transaction of ours that ends.
    ///
    /// - Returns: Whether others have written since this was asked last.
    mutating func haveWritten(until transaction: Int64) -> Bool {
        guard let first else {
            first = transaction
            latest = transaction
            return false
        }
        ours += 1
        latest = max(latest, transaction)
        let others = latest - first - ours - unfinished
        defer { noticed = max(noticed, others) }
        return others > noticed
    }
}
