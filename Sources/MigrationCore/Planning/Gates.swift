/// The rule of the gates that stand before and behind what the database refuses, for both databases alike.
///
/// - Before an expand, releases of before and of after will run on the schema of after: each must do with both. The gate
///   stands in the double-write phase and needs `both`, whether the database is to refuse more (nobody writes such a row
///   any more) or less (everybody bears such a row, and nobody writes one yet).
/// - Before a contract nothing of what goes is used any more: the gate ends the transition and needs `new`.
/// - Before what was taken away comes back, nobody writes what it refuses. An attestation from the way there does not
///   say that, so one is asked for anew; it needs `both`, for again releases of both sides must do with the schema.
extension Step {
    /// A gate before the expand, or before the contract.
    static func release(
        _ title: String, _ duty: String, needs: Release.Conduct = .both, undo: [Step] = []
    ) -> Step {
        Step(
            title, duty + " Attest each application when its last instance of the release before is gone.",
            .release(Release(needs: needs)), undo: undo)
    }

    /// A gate of an undo, for which no attestation counts that was given before the rollback began.
    static func releaseBack(
        _ title: String, _ why: String = "What is put back next would refuse such a row."
    ) -> Step {
        Step(
            title,
            why
                + " What was attested on the way there does not say it: attest each application again when its last "
                + "instance that does otherwise is gone.", .release(Release(needs: .both, isAskedAnew: true)))
    }
}
