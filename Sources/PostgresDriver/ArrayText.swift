/// PostgreSQL's text form of an array of one dimension: `{1,"a b",NULL}`
/// (<https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>).
enum ArrayText {
    /// The array's text, with every element quoted.
    static func encode(_ elements: [String]) -> String {
        let quoted = elements.map { element in
            var text = "\""
            for scalar in element.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
                text.unicodeScalars.append(scalar)
            }
            return text + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }

    /// The elements of an array's text; those that are NULL are left out.
    static func decode(_ text: String) -> [String] {
        var elements: [String] = []
        var element = String.UnicodeScalarView()
        var isQuoted = false, wasQuoted = false, isEscaped = false, isEmpty = true
        func take() {
            let text = String(element)
            if wasQuoted || (!isEmpty && text != "NULL") { elements.append(text) }
            element = String.UnicodeScalarView()
            (wasQuoted, isEmpty) = (false, true)
        }
        // Where the first number is not 1, as in the catalogue's vectors: `[0:1]={3,4}`.
        let braced = text.hasPrefix("[") ? text.drop { $0 != "{" } : text[...]
        for scalar in braced.unicodeScalars.dropFirst().dropLast() {
            switch scalar {
            case _ where isEscaped:
                element.append(scalar)
                (isEscaped, isEmpty) = (false, false)
            case "\\": isEscaped = true
            case "\"": (isQuoted, wasQuoted) = (!isQuoted, true)
            case "," where !isQuoted: take()
            default:
                element.append(scalar)
                isEmpty = false
            }
        }
        take()
        return elements
    }
}
