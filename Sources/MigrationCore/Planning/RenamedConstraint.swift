/// What a constraint's other name means for applications.
enum RenamedConstraint {
    /// Where statements can name it, they must do without its name while it changes.
    static func release(_ name: String) -> Step {
        .release(
            "no application names '\(name)' any more",
            "A statement that names it (ON CONFLICT ON CONSTRAINT, INDEXED BY) fails under the other name; one that names "
                + "the columns (ON CONFLICT (...)) goes on under both.")
    }

    /// The same on the way back, where a release may have learnt the new name.
    static func releaseBack(_ name: String) -> Step {
        .releaseBack(
            "no application names '\(name)' any more",
            "A statement that names it fails from the next step on.")
    }

    /// Where only errors name it.
    static func warning(_ name: String) -> String {
        "Applications that tell errors apart by the constraint's name get '\(name)' from the expand on."
    }
}
