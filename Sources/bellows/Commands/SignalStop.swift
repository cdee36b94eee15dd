import Dispatch
import Foundation
import MigrationEngine
import Synchronization

/// Ends a run by SIGINT (control-C) and SIGTERM: the first asks it to stop behind the batch or step that runs, the second
/// ends it at once.
///
/// Both are safe: nothing is ever half committed. The second also ends what the server still does for this run, which
/// otherwise would go on to the end of its statement.
enum SignalStop {
    /// What is said of the two signals.
    struct Sentences: Sendable {
        /// What the run stops behind.
        var first = "stops behind the batch or step that runs; once more to stop at once"
        /// What becomes of what was not finished.
        var second =
            "stopped at once; what was not finished is rolled back, the same command goes on from there"
    }

    private static let count = Mutex(0)

    /// Watches for the signals from here on.
    ///
    /// - Parameter abort: Ends what goes on elsewhere; after five seconds nobody waits for it any more.
    static func watch(
        _ stop: StopSwitch, _ sentences: Sentences = Sentences(), abort: @escaping @Sendable () -> Void
    ) {
        for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
            _ = signal(number, SIG_IGN)
            let queue = DispatchQueue(label: "bellows.signals")
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            // The handler keeps the source, which lives as long as the process.
            source.setEventHandler {
                withExtendedLifetime(source) {
                    received(name, exitCode: 128 + number, stop, sentences, abort)
                }
            }
            source.resume()
        }
    }

    private static func received(
        _ name: String, exitCode: Int32, _ stop: StopSwitch, _ sentences: Sentences,
        _ abort: @escaping @Sendable () -> Void
    ) {
        let number = count.withLock { count in
            count += 1
            return count
        }
        guard number > 1 else {
            stop.stop(exitCode: exitCode)
            Output.complain("\(name): \(sentences.first)")
            return
        }
        // Before the run hears of it: it may end by itself as soon as what it waits for is taken away.
        Output.complain("\(name): \(sentences.second)")
        if number == 2 {
            let isDone = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                abort()
                isDone.signal()
            }
            _ = isDone.wait(timeout: .now() + 5)
        }
        // Not `exit`: the other threads are in the middle of something.
        _exit(exitCode)
    }
}
