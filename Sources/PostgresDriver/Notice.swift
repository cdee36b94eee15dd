import CLibpq

/// A notice or warning that the server sent along with a statement.
public struct PostgresNotice: Sendable, Hashable {
    /// The five characters of ``SQLState``.
    public var sqlState: String?
    /// `NOTICE`, `WARNING`, `INFO`, `LOG` or `DEBUG`.
    public var severity: String
    /// The server's message.
    public var message: String
}

/// What libpq calls with each notice: an object of its own, so that it can outlive neither more nor less than the
/// connection that holds it.
final class NoticeSink {
    var receive: ((PostgresNotice) -> Void)?
    /// What the server said when it ended the session while no statement was running: libpq takes it for a notice.
    private(set) var lastWords: PostgresNotice?

    /// Takes the connection's notices. Without a receiver they are dropped; libpq would print them.
    func attach(to handle: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        PQsetNoticeReceiver(
            handle,
            { context, result in
                guard let context, let result else { return }
                let sink = Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue()
                let field = { ServerResult.field($0, of: result) }
                let notice = PostgresNotice(
                    sqlState: field(.sqlState), severity: field(.severity) ?? "NOTICE",
                    message: field(.message) ?? "")
                if notice.severity == "FATAL" || notice.severity == "PANIC" {
                    sink.lastWords = notice
                } else {
                    sink.receive?(notice)
                }
            }, context)
    }
}
