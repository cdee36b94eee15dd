import MigrationCore

/// The format of a file with an order of releases and steps that somebody has written down.
enum RolloutFormat {
    static let file = KeyTable(
        "a rollout", "An order of releases and steps of one's own, which 'bellows check' looks at.",
        [
            Key("description", .text, "What it is for, in a sentence."),
            Key("rollout", .keys(rollout), required: true, "the order"),
        ])

    static let rollout = KeyTable(
        "rollout", "How the values of one column get into another one, while releases go out.",
        [
            Key("from", .name, required: true, "the column that has the values before"),
            Key("to", .name, required: true, "the column that has them in the end"),
            Key(
                "releases", .named(.keys(release)), required: true,
                "the releases, by their names; the first one runs before the first step"),
            Key(
                "steps", .list(.shorthand(.choice(plainSteps), step)), required: true,
                "the steps, in their order"),
            Key(
                "rollback", .choice(Rollout.GoingBack.allCases.map(\.rawValue)),
                "When instances go back by one release; while_rolling_out, the default: as long as that release is "
                    + "going out."),
        ])

    static let release = KeyTable(
        "a release", "What every instance of a release does.",
        [
            Key("reads", .name, required: true, "the column that it reads, 'from' or 'to'"),
            Key(
                "writes", .oneOrMany(.name),
                "The columns that it writes, all of them each time; none: it only reads."),
            Key(
                "tolerates", .oneOrMany(.name),
                "The columns that it does without while they are missing: it writes only the other one then, and reads "
                    + "that."),
        ])

    static let plainSteps = ["expand", "backfill", "verify", "trigger", "drop_trigger", "contract"]

    static let step = KeyTable(
        "a step", noun: "step", exactlyOne: ["release", "backfill"], "A step that says more.",
        [
            Key("release", .name, "That release goes out, instance by instance, until it is out everywhere."),
            Key(
                "backfill", .choice(["where_different", "where_null"]),
                "Which rows it fills: those in which the two differ, or only those in which 'to' is NULL."),
        ])
}
