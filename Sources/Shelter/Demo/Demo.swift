import DoubleWrite
import Foundation
import Scratch

/// The story of one column that gets another name while three programs never stop writing and reading it.
struct Demo {
    private let scene: Scene
    private let animals: Int64
    private let pace: Int64
    private var narrator = Narrator()

    init(_ scene: Scene, animals: Int64, pace: Int64) {
        self.scene = scene
        self.animals = animals
        self.pace = pace
    }

    /// Tells it from the first animal to the verdict.
    mutating func run() throws {
        try open()
        let crew = try hire()
        try plan()
        try refuse()
        try attest()
        try expand(crew)
        try lose(crew)
        try transition(crew)
        try contract(crew)
        try judge(crew)
    }
}

extension Demo {
    /// The shelter as it is before the story.
    private mutating func open() throws {
        narrator.act(
            "The shelter opens",
            """
            A table 'animals' with a column 'kind', and what else a shelter writes down, made by the first \
            \(scene.history.count) files of migrations/, \
            \(scene.database == .sqlite ? "in an SQLite file" : "on a PostgreSQL server") that this demo makes and \
            takes away again. Nobody uses it yet, so there is nothing to wait for.
            """)
        narrator.note("everything happens in \(scene.folder)")
        narrator.blank()
        try makeHistory()
        try scene.seed(animals)
        narrator.note("\(grouped(animals)) animals live here now")
    }

    private mutating func hire() throws -> Crew {
        narrator.act(
            "Three Shelters at work",
            """
            Three processes take animals in, rename them, correct their species, move and re-home them, and look \
            at each other's animals, in autocommit and in transactions, and do not stop until the end. They were \
            written for the new name, 'species', which does not exist yet: the double-write helper that they link \
            turns it into what the database has at the moment. Each notes every write before it is sent and when \
            it was acknowledged, and every read with what it saw.
            """)
        let crew = try Crew(3, in: scene, animals: animals, pace: pace)
        try crew.work(50)
        try report(crew)
        return crew
    }

    private mutating func plan() throws {
        narrator.act(
            "The plan",
            """
            'kind' shall be called 'species'. That is all the migration says; the steps, the statements, the \
            locks and the way back follow from it. Planning changes nothing.
            """)
        try bellows(["plan", Scene.change])
    }

    private mutating func refuse() throws {
        narrator.act(
            "Not yet",
            """
            Nothing may start before everybody who writes to the table writes through the helper, or by hand to \
            both columns. The database cannot know that; somebody has to say so. Until then Bellows does nothing \
            and ends with code 3, so that a pipeline can wait for it.
            """)
        try bellows(["apply", Scene.change], expecting: 3)
        guard try scene.probe.stage() == nil else {
            throw DemoError("the change began before it was allowed to")
        }
    }

    private mutating func attest() throws {
        narrator.act("Somebody says so", "The release with the helper is out, on every instance.")
        try bellows(["attest", "shelter", "--release", "demo"])
    }

    private mutating func expand(_ crew: Crew) throws {
        narrator.act(
            "Expand, and a sudden death",
            """
            A second column is added beside the first, without rewriting the table. From that moment every \
            Shelter writes both; a write that was on its way for the old shape is refused by the database itself \
            and sent again. The rows of before are filled in batches. In the middle of it we kill bellows with \
            'kill -9'.
            """)
        try killInBackfill(crew)
        narrator.tell(
            """
            The same command again. What was done is recorded in the database with every batch, so it goes on \
            where it stood; and the dead one's lease, which would have kept a second run out, is taken over.
            """)
        try again(["apply", Scene.change, "--through", "expand"])
        try crew.work(60)
        try report(crew)
    }

    private mutating func lose(_ crew: Crew) throws {
        narrator.act(
            "A Shelter dies, too",
            """
            Another 'kill -9', this time for one of the applications, between any two of its instructions. It is \
            started again and reads its own journal: a write without an answer may have happened or not, and the \
            judge will allow for both.
            """)
        let doubts = try crew.killAndRestart(1)
        narrator.note(
            "shelter 1 is gone and back; writes of its that are in doubt: \(doubts)")
        try crew.work(40)
        try report(crew)
    }

    private mutating func transition(_ crew: Crew) throws {
        narrator.act(
            "Transition",
            """
            Both columns are counted against each other in one snapshot, and must agree in every row. Then the \
            reads move to 'species' while both are still written, so that an instance that is one step behind \
            sees the same; and only when no transaction is left that began before does the writing of 'kind' end. \
            Up to here, and beyond, everything can be taken back.
            """)
        try again(["apply", Scene.change, "--through", "transition"])
        try crew.work(60)
        try report(crew)
    }

    private mutating func contract(_ crew: Crew) throws {
        narrator.act(
            "Contract",
            """
            Nobody uses 'kind' any more. It is hidden under another name first, so that a straggler fails loudly \
            while the values are still there, and dropped after a soak: here two seconds, in life a day or a week. \
            A drop cannot be taken back, so this phase runs only when it is named.
            """)
        let code = try bellows(["apply", Scene.change, "--through", "contract"], expecting: 0, 3)
        if code == 3 {
            narrator.blank()
            narrator.tell("The soak is not over. The Shelters go on, and two seconds later:")
            try crew.work(40)
            try pause(.milliseconds(2100))
            try again(["apply", Scene.change, "--through", "contract"])
        }
        try crew.work(40)
        try report(crew)
        try bellows(["status"])
    }

    private mutating func judge(_ crew: Crew) throws {
        narrator.act(
            "The verdict",
            """
            The Shelters go home. Every write that was acknowledged must be in the database, unless a later one \
            took its place, and every read must have seen the newest value of its moment; animals that nobody \
            touched must be what they were, and 'kind' must be gone.
            """)
        try crew.stop()
        let check = try Program(
            "shelter", ["check", "--renamed", "--database", scene.location, "--journal"] + crew.journals,
            folder: scene.folder)
        guard try check.wait() == 0 else {
            throw DemoError("something was lost, stale or left over; see above")
        }
    }
}

extension Demo {
    /// Brings the history up to date. Its many steps are not this story's: only how each file ended is told.
    private func makeHistory() throws {
        let options = ["--through", "contract", "--no-writers"]
        narrator.command("bellows", ["apply", "migrations/000*"] + options)
        let files = scene.history.map { "migrations/\($0).yaml" }
        let tool = try scene.bellows(["apply"] + files + options, output: "history.output")
        guard try tool.wait() == 0 else {
            throw DemoError("the history could not be brought up to date: \(tool.output)")
        }
        narrator.quote(tool.output.split(separator: "\n").suffix(files.count))
        narrator.blank()
    }

    /// Runs the tool to its end; what it says goes where the demo's own words go.
    @discardableResult
    private func bellows(_ arguments: [String], expecting codes: Int32...) throws -> Int32 {
        let codes = codes.isEmpty ? [0] : codes
        narrator.command("bellows", arguments)
        let code = try scene.bellows(arguments).wait()
        narrator.blank()
        guard codes.contains(code) else {
            throw DemoError("'bellows \(arguments.joined(separator: " "))' ended with code \(code)")
        }
        if code == 3 { narrator.note("exit code 3: waiting at a gate") }
        return code
    }

    /// Runs the tool until it comes through, as a pipeline does: a dead runner's lease has to run out, and a
    /// transaction may hold a flip up.
    private func again(_ arguments: [String]) throws {
        for _ in 1...20 {
            let code = try bellows(arguments, expecting: 0, 3, 5)
            if code == 0 { return }
            narrator.note("once more in a second")
            try pause(.seconds(1))
        }
        throw DemoError("'bellows \(arguments.joined(separator: " "))' did not come through in 20 tries")
    }

    /// Starts the expand and kills it while it fills the new column.
    ///
    /// It is let run for a few milliseconds at a time, and looked at while it stands still, so that the blow does not
    /// come too late; if it does all the same, the change is taken back and begun again.
    private func killInBackfill(_ crew: Crew) throws {
        let arguments = ["apply", Scene.change, "--through", "expand"]
        for attempt in 1...3 {
            narrator.command("bellows", arguments)
            let tool = try scene.bellows(arguments)
            if let share = try slice(tool) {
                try tool.die()
                narrator.blank()
                narrator.note("killed when \(share) % of the rows were filled")
                narrator.blank()
                try crew.check()
                return
            }
            guard try tool.wait() == 0 else { throw DemoError("the expand failed before it could be killed") }
            guard attempt < 3 else { break }
            narrator.note("the blow came too late; back to the beginning")
            try again(["rollback", Scene.change])
            try bellows(["attest", "shelter", "--release", "demo"])
        }
        throw DemoError("the backfill was over too soon to be killed, three times")
    }

    /// Lets the program run in slices until it is in the middle of the backfill, and leaves it standing there.
    ///
    /// - Returns: How many of a hundred rows are filled; `nil` where it had passed the middle, and runs on.
    private func slice(_ tool: Program) throws -> Int64? {
        let end = ContinuousClock.now + .seconds(60)
        while tool.isRunning, ContinuousClock.now < end {
            guard !StopSignal.isReceived else { throw DemoError.interrupted }
            tool.send(SIGSTOP)
            // Nothing is recorded before the first expand, and 'old' after one that was taken back.
            if try scene.probe.stage() == .both {
                let (all, differing) = try scene.probe.animals()
                let share = 100 - differing * 100 / max(1, all)
                if (30...90).contains(share) { return share }
                if share > 90 { break }
            }
            tool.send(SIGCONT)
            usleep(3000)
        }
        tool.send(SIGCONT)
        return nil
    }

    private func pause(_ duration: Duration) throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            guard !StopSignal.isReceived else { throw DemoError.interrupted }
            usleep(20_000)
        }
    }

    private func report(_ crew: Crew) throws {
        let tally = try crew.tally()
        narrator.note(
            "the Shelters have made \(grouped(tally.writes)) writes and \(grouped(tally.reads)) reads by now")
    }
}
