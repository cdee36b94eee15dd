public import DoubleWrite

/// `add_enum_value`: one more value of an enumerated type (PostgreSQL).
public struct AddEnumValue: Sendable, Hashable, Codable {
    /// The type's name.
    public var name: TableName
    /// The new value.
    public var value: String
    /// Where it stands in the order; at the end unless said otherwise.
    public var place: Place?

    /// An add enum value of its parts.
    public init(name: TableName, value: String, place: Place? = nil) {
        self.name = name
        self.value = value
        self.place = place
    }
}

extension AddEnumValue {
    /// A place in the order of the values.
    public enum Place: Sendable, Hashable, Codable {
        case before(String)
        case after(String)
    }
}
