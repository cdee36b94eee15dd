import Foundation

/// A shell that makes and runs the server, and stops it and removes its folder when this process ends: it reads from
/// a pipe whose other end only this process holds, and which the system closes whatever ends it.
final class Watchdog: @unchecked Sendable {
    // Set in init and left alone.
    private let process = Process()
    private let pipe = Pipe()
    private let folder: String

    /// - Parameters:
    ///   - segments: The size of a file of the write-ahead log, in MiB.
    ///   - script: What runs; it gets the folder of the programs, its own, and `segments` as `$1`, `$2` and `$3`.
    init(folder: String, programs: String, prefix: [String], segments: Int = 16, script: String? = nil) throws
    {
        self.folder = folder
        let command =
            prefix + ["/bin/sh", "-c", script ?? Self.script, "watchdog", programs, folder, "\(segments)"]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
            .merging(["LC_ALL": "C"]) { $1 }
        // No other child may hold the pipe open.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        try Data().write(to: URL(fileURLWithPath: folder + "/error"))
        process.standardError = FileHandle(forWritingAtPath: folder + "/error")
        try Self.withoutBlockedSignals { try process.run() }
        try? pipe.fileHandleForReading.close()
    }

    /// A child has the signal mask of the thread that starts it, and Dispatch's threads block nearly all: a shell with SIGCHLD
    /// blocked sleeps on in `wait` when its child has ended.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, blocked) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &blocked)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        try body()
    }

    /// False once the server has ended, or never began.
    var isRunning: Bool {
        process.isRunning && !FileManager.default.fileExists(atPath: folder + "/ended")
    }

    /// What the programs said where it went wrong.
    var complaint: String { (try? String(contentsOfFile: folder + "/error", encoding: .utf8)) ?? "" }

    /// `read` ends when the pipe closes; what runs in the background gets an empty standard input, so the pipe goes by
    /// another number. The server is stopped at once (SIGQUIT): nothing in it is worth a checkpoint. One that is only
    /// starting ignores that, so it is said again. Where it ends by itself, or never began, its folder stays until the
    /// pipe closes, for its log to be read.
    ///
    /// Files say what a test wants of it: with `restarts` a server that has ended is started again, once `halted` is gone,
    /// and no file of it may become longer than `limit` says (blocks of 512 bytes).
    private static let script = #"""
        programs=$1 folder=$2 segments=$3
        exec 3<&0
        leave() {
            echo ended >"$folder/ended"
            while read -r line; do :; done <&3
            rm -rf "$folder"
            exit 1
        }
        "$programs/initdb" -D "$folder/data" -U postgres --no-sync --auth=trust --encoding=UTF8 \
            --locale=C --wal-segsize="$segments" >/dev/null || leave
        {
            echo 'local all +password_required scram-sha-256'
            cat "$folder/data/pg_hba.conf"
        } >"$folder/hba" && cat "$folder/hba" >"$folder/data/pg_hba.conf" || leave
        cat >>"$folder/data/postgresql.conf" <<END
        listen_addresses = ''
        unix_socket_directories = '$folder'
        fsync = off
        full_page_writes = off
        wal_level = logical
        max_connections = 200
        max_prepared_transactions = 10
        shared_buffers = 64MB
        max_wal_size = 512MB
        log_min_messages = notice
        log_min_error_statement = error
        log_line_prefix = '%m [%p] %q%a@%d '
        log_checkpoints = off
        lc_messages = 'C'
        timezone = 'UTC'
        END
        trap '' INT TERM HUP
        (
            while read -r line; do :; done
            rm -f "$folder/restarts" "$folder/halted"
            for signal in QUIT QUIT QUIT QUIT QUIT QUIT QUIT QUIT KILL; do
                kill -$signal "$(head -1 "$folder/data/postmaster.pid" || cat "$folder/server")" || break
                sleep 0.25
            done
        ) <&3 2>/dev/null &
        while :; do
            (
                [ ! -s "$folder/limit" ] || ulimit -f "$(cat "$folder/limit")"
                exec "$programs/postgres" -D "$folder/data" >>"$folder/log" 2>&1 </dev/null 3<&-
            ) &
            echo $! >"$folder/server"
            wait $!
            while [ -e "$folder/halted" ]; do sleep 0.02; done
            [ -e "$folder/restarts" ] || leave
        done
        """#
}
