public import DoubleWrite

/// A piece of SQL in which the references to columns are known, so that it can be said of other columns.
///
/// A user's SQL is never edited as text. PostgreSQL's introspection makes these by letting the server itself print the
/// definition of a scratch table whose columns bear unmistakable names.
public struct SQLTemplate: Sendable, Hashable, Codable {
    /// Text as it stands, or a column by its name.
    public enum Segment: Sendable, Hashable, Codable {
        case text(String)
        case column(String)
    }

    /// The pieces, in their order.
    public var segments: [Segment]

    /// A template of these pieces.
    public init(_ segments: [Segment]) { self.segments = segments }
}

extension SQLTemplate {
    /// The names of the columns it mentions.
    public var columns: Set<String> {
        Set(
            segments.compactMap { segment in
                if case .column(let name) = segment { name } else { nil }
            })
    }

    /// The SQL, with each column under the name that `names` gives it (its own where there is none).
    public func sql(_ dialect: Dialect, renaming names: [String: String] = [:]) -> String {
        segments.map { segment in
            switch segment {
            case .text(let text): text
            case .column(let name): dialect.quote(names[name] ?? name)
            }
        }.joined()
    }
}
