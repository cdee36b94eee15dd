import Testing

/// Fails with each of the differences that were found.
func expectNone(_ differences: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    for difference in differences { Issue.record("\(difference)", sourceLocation: sourceLocation) }
}
