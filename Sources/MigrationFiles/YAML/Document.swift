import Yams

/// A YAML document (JSON is YAML) as values with positions. The only place that knows Yams.
struct Document: Sendable {
    /// The document's one value; `nil` for an empty file.
    var root: Value?

    /// Aliases make a small file stand for a large tree; a limit on its size and depth keeps that harmless.
    static let largestTree = 100_000
    static let deepestTree = 60

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: The file's text.
    ///   - path: The file's path, for the message.
    /// - Throws: the first thing that is not YAML; behind it nothing can be understood.
    init(_ text: String, path: String) throws(FileProblem) {
        do {
            let node = try Yams.compose(yaml: text, .basic, .default, .utf8)
            var room = Self.largestTree
            root = try node.map { try Self.value($0, depth: 0, room: &room, path: path) }
        } catch let error as YamlError {
            throw FileProblem(path: path, error, text: text)
        } catch let problem as FileProblem {
            throw problem
        } catch {
            throw FileProblem(path: path, message: "this is not YAML: \(error)")
        }
        if root?.isAbsent == true { root = nil }
    }

    private static func value(
        _ node: Node, depth: Int, room: inout Int, path: String
    ) throws(FileProblem) -> Value {
        let position = SourcePosition(node.mark)
        room -= 1
        guard room > 0, depth < deepestTree else {
            throw FileProblem(path: path, position: position, message: "too many or too deeply nested values")
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return Value(content: .scalar(scalar.string, isPlain: isPlain), position: position)
        case .sequence(let sequence):
            var values: [Value] = []
            for element in sequence {
                values.append(try value(element, depth: depth + 1, room: &room, path: path))
            }
            return Value(content: .list(values), position: position)
        case .mapping(let mapping):
            var entries: [Value.Entry] = []
            for (key, element) in mapping {
                guard let name = key.scalar?.string else {
                    throw FileProblem(
                        path: path, position: SourcePosition(key.mark),
                        message: "a key must be a text, not a list or a mapping")
                }
                let value = try value(element, depth: depth + 1, room: &room, path: path)
                entries.append(
                    Value.Entry(key: name, keyPosition: SourcePosition(key.mark), value: value))
            }
            return Value(content: .mapping(entries), position: position)
        case .alias:
            throw FileProblem(path: path, position: position, message: "an alias without its anchor")
        }
    }
}

extension SourcePosition {
    fileprivate init(_ mark: Mark?) {
        self.init(line: max(mark?.line ?? 1, 1), column: max(mark?.column ?? 1, 1))
    }
}

extension FileProblem {
    /// What the YAML parser found, in one line.
    fileprivate init(path: String, _ error: YamlError, text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let reason = [context?.text, problem].compactMap(\.self).filter { !$0.isEmpty }
            self.init(
                path: path, position: SourcePosition(mark),
                message: "this is not YAML: \(reason.joined(separator: ", "))")
        case .reader(let problem, let offset, _, _):
            self.init(
                path: path, position: SourcePosition(offset: offset ?? 0, in: text),
                message: "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let names, let context):
            let keys = names.map { "'\(excerpt($0))'" }.joined(separator: ", ")
            self.init(
                path: path, position: SourcePosition(context.mark),
                message: "the key \(keys) stands more than once in one mapping; each key may stand once")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self.init(path: path, message: "this is not YAML")
        }
    }
}

extension SourcePosition {
    /// The place of the `offset`-th character (from 0) of a text.
    fileprivate init(offset: Int, in text: String) {
        let before = text.prefix(offset)
        let line = before.split(separator: "\n", omittingEmptySubsequences: false)
        self.init(line: max(line.count, 1), column: (line.last?.unicodeScalars.count ?? 0) + 1)
    }
}
