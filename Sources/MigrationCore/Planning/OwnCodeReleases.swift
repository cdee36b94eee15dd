import DoubleWrite

/// The gates of the transition for applications that double-write by code of their own; the helper follows by itself.
struct OwnCodeReleases {
    /// What is left, as the sentences name it.
    let old: String
    /// What takes its place.
    let new: String
    /// `both columns`, `both tables`.
    let both: String

    var readNew: Step {
        Step(
            "applications with code of their own read \(new)",
            "The helper reads \(new) by now and needs nothing. An application that double-writes by its own code "
                + "is released so that it reads \(new) and still writes \(both), and attested as both-read-new.",
            .release(Release(needs: .bothReadNew)),
            undo: [
                Step(
                    "applications with code of their own read \(old) again",
                    "The helper follows by itself. An application that reads \(new) by its own code goes back to "
                        + "reading \(old) and writing both, and is attested as both.",
                    .release(Release(needs: .both)))
            ])
    }

    var newOnly: Step {
        Step(
            "applications with code of their own leave \(old) alone",
            "The helper writes only \(new) by now and needs nothing. An application that double-writes by its own "
                + "code is released so that it neither reads nor writes \(old), and attested as new.",
            .release(Release(needs: .new)),
            undo: [
                Step(
                    "applications with code of their own write \(both) again",
                    "The helper follows by itself. An application that writes only \(new) by its own code goes back "
                        + "to writing both and reading \(new), and is attested as both-read-new.",
                    .release(Release(needs: .bothReadNew)))
            ])
    }
}
