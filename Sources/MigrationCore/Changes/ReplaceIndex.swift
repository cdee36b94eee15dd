/// `replace_index`: an index is built anew in another form; queries always have one of the two.
public struct ReplaceIndex: Sendable, Hashable, Codable {
    /// The name of the index that goes.
    public var old: String
    /// The index that comes; it may have the same name.
    public var new: CreateIndex

    /// A replace index of its parts.
    public init(old: String, new: CreateIndex) {
        self.old = old
        self.new = new
    }
}
