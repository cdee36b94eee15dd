import DoubleWrite

/// A call did not succeed.
enum StoreError: Error, Sendable, Equatable {
    /// It certainly left no trace, and is to be tried again: a serialization failure, a deadlock, a busy file, or a
    /// transaction of which the helper says that it must be begun again.
    case tryAgain(String)
    /// Anything else. Whether a write took place is not known.
    case failed(String)
}

extension StoreError {
    init(_ error: DoubleWriteError) {
        // What may be repeated on another connection may have left a trace.
        let isTraceless = error.isRetryable && !error.isConnectionLost
        self = isTraceless ? .tryAgain("\(error)") : .failed("\(error)")
    }

    /// The error of a transaction: its body's, or the helper's.
    init(transaction error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DoubleWriteError: self.init(error)
        default: self = .failed("\(error)")
        }
    }
}

extension StoreError: CustomStringConvertible {
    var description: String {
        switch self {
        case .tryAgain(let reason), .failed(let reason): reason
        }
    }
}
