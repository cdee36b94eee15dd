import ArgumentParser
import MigrationCore
import MigrationEngine

/// What the commands that change no schema say of many databases. Those that cannot be reached do not hide the others.
struct FleetReports {
    let session: FleetSession
    let format: ReportFormat

    private var isText: Bool { format == .text }

    /// `status`: databases that stand alike in one line, what they wait for once.
    func status() throws {
        let sources = session.sources
        let results = session.each(goesOn: true, progress: session.progress(isText: isText)) {
            engine, _ throws(EngineError) in try engine.status(sources)
        }
        let code = session.exitCode(results, \.exitCode)
        let commands = session.commands
        switch format {
        case .json:
            Output.write(
                JSONDocument.text(
                    FleetJSON(session.locations, results, exitCode: code, code: \.exitCode) {
                        StatusJSON($0, commands)
                    }))
        case .text:
            let known = zip(session.names, results).compactMap { name, result in
                result.value.map { (name: name, report: $0) }
            }
            let text = FleetStatusText(
                title: session.title, reports: known, style: Output.style, width: Output.width,
                commands: commands)
            Output.write(text.lines.map { $0 + "\n" }.joined())
        }
        try leave(results, code)
    }

    /// `verify`: a row for each database, the counts where any row is wrong.
    func verify(_ names: [String]) throws {
        try session.checkNames(names)
        let sources = session.sources
        let style = Output.style
        let results = session.each(goesOn: true, progress: session.progress(isText: isText)) {
            engine, _ throws(EngineError) in
            try engine.verify(sources, names: names)
        } line: { _, result in
            result.value.map { FleetVerification(reports: $0, style: style).text }
        }
        let code = session.exitCode(results) { $0.allSatisfy(\.holds) ? 0 : 1 }
        if format == .json {
            let document = FleetJSON(
                session.locations, results, exitCode: code, code: { $0.allSatisfy(\.holds) ? 0 : 1 }
            ) { ["verifications": $0.map(VerificationJSON.init)] }
            Output.write(JSONDocument.text(document))
        }
        try leave(results, code)
    }

    /// `attest`: recorded in each database, or, where one cannot be reached, in none.
    func attest(_ attestation: Attestation, goesOn: Bool) throws {
        try session.checkApplication(attestation.application)
        try session.checkNames(attestation.migration.map { [$0] } ?? [])
        let sources = session.sources
        // Opened, and nothing else.
        let looked = session.each(goesOn: true, progress: session.progress(isText: isText)) { _, _ in true }
        let isBegun = goesOn || !looked.contains { $0.failure != nil }
        var results = looked.map { $0.failure.map { FleetResult<[String]>.failed($0) } ?? .notBegun }
        if isBegun {
            let chosen = looked.indices.filter { looked[$0].failure == nil }
            let wrote = session.each(chosen, goesOn: goesOn, progress: session.progress(isText: isText)) {
                engine, _ throws(EngineError) in try engine.attest(attestation, sources: sources)
            }
            for index in chosen { results[index] = wrote[index] }
        }
        let code = session.exitCode(results) { _ in 0 }
        switch format {
        case .json:
            let document = FleetJSON(session.locations, results, exitCode: code, code: { _ in 0 }) {
                AttestationJSON(attestation, migrations: $0)
            }
            Output.write(JSONDocument.text(document))
        case .text: Output.write(attested(attestation, results).map { $0 + "\n" }.joined())
        }
        try leave(
            results, code,
            isBegun
                ? "what was recorded stays; the same command records the rest"
                : "nothing was recorded; mend them, or go on with the others by --continue")
    }

    /// `pause`: in each database that can be reached.
    func pause(reason: String?) throws {
        try switchBackfills { engine throws(EngineError) in
            try engine.pause(reason: reason)
        } json: {
            ["pause": PauseJSON($0)]
        } text: {
            PauseText.paused($0)
        }
    }

    /// `resume`: in each database that can be reached.
    func resume() throws {
        try switchBackfills { engine throws(EngineError) in
            try engine.resume()
        } json: {
            ["ended": Nullable($0.map(PauseJSON.init))]
        } text: {
            PauseText.resumed($0)
        }
    }

    private func switchBackfills<Note: Sendable>(
        _ verb: @escaping @Sendable (Engine) throws(EngineError) -> Note,
        json: (Note) -> some Encodable, text: @escaping @Sendable (Note) -> String
    ) throws {
        let results = session.each(goesOn: true, progress: session.progress(isText: isText)) {
            engine, _ throws(EngineError) in
            try verb(engine)
        } line: { _, result in
            result.value.map(text)
        }
        let code = session.exitCode(results) { _ in 0 }
        if format == .json {
            let document = FleetJSON(
                session.locations, results, exitCode: code, code: { _ in 0 }, report: json)
            Output.write(JSONDocument.text(document))
        }
        try leave(results, code, "what was recorded stays; the same command records the rest")
    }

    private func attested(_ attestation: Attestation, _ results: [FleetResult<[String]>]) -> [String] {
        let done = zip(session.names, results).compactMap { name, result in
            result.value.map { (name: name, key: $0) }
        }
        return FleetGroups(done).groups.flatMap { group in
            let place =
                group.names.count == results.count
                ? "all \(Words.databases(results.count))" : Words.some(group.names)
            guard !group.key.isEmpty else {
                return ["nothing to attest in \(place): every migration is finished"]
            }
            return group.key.map {
                "'\(attestation.application)' is attested as \(attestation.conduct.rawValue) for "
                    + "\($0.onOneLine) in \(place)"
            }
        }
    }

    private func leave<Value>(
        _ results: [FleetResult<Value>], _ code: Int32, _ advice: String? = nil
    ) throws {
        session.complain(results, advice)
        if code != 0 { throw ExitCode(code) }
    }
}

/// `plan` for many databases: each plan once.
struct FleetPlanReport {
    let session: FleetSession
    let format: PlanFormat

    func show(_ names: [String]) throws {
        try session.checkNames(names)
        let sources = session.sources
        let results = session.each(goesOn: true, progress: session.progress(isText: format == .text)) {
            engine, _ throws(EngineError) in
            let plans = try engine.plans(sources, names: names)
            return FleetStanding(
                migrations: try engine.status(sources).migrations.filter {
                    names.isEmpty || names.contains($0.name)
                }, plans: plans)
        }
        let code = session.exitCode(results) { _ in 0 }
        switch format {
        case .json:
            Output.write(JSONDocument.text(FleetPlansJSON(session.locations, results, exitCode: code)))
        case .text, .sql: Output.write(text(results))
        }
        session.complain(results)
        if code != 0 { throw ExitCode(code) }
    }

    /// Where they stand, then the plans that most have, or for a reviewer's SQL each of them.
    private func text(_ results: [FleetResult<FleetStanding>]) -> String {
        let known = zip(session.names, results).compactMap { name, result in
            result.value.map { (name: name, plans: $0.plans) }
        }
        let groups = FleetGroups(known.map { ($0.name, $0.plans.map(\.phases)) }).groups
        let plans = groups.compactMap { group in
            known.first { $0.plans.map(\.phases) == group.key }.map { (names: group.names, plans: $0.plans) }
        }
        if format == .sql {
            return plans.filter { !$0.plans.isEmpty }.map { group in
                "-- for \(Words.some(group.names))\n"
                    + group.plans.map { PlanSQL(plan: $0).text }.joined(separator: "\n")
            }.joined(separator: "\n")
        }
        let usual = plans.first { !$0.plans.isEmpty }
        let texts = (usual?.plans ?? []).map {
            PlanText(
                plan: $0, style: Output.style, width: Output.width, commands: session.commands,
                source: usual.map { Words.some($0.names, most: 3) }
            ).text
        }
        let rule = "\n" + Output.style(String(repeating: "─", count: Output.width), .dim) + "\n\n"
        return ([session.standings(results)] + texts).joined(separator: rule)
    }
}
