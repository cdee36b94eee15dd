import Foundation
import TestSupport
import Testing

@testable import Scratch

@Suite struct WatchdogTests {
    /// Tests run on Dispatch's threads, which block SIGCHLD: without it the shell's `wait` sleeps on.
    @Test func hearsThatWhatItRunsHasEnded() throws {
        let folder = try TemporaryFolder()
        let watchdog = try Watchdog(
            folder: folder.path, programs: "", prefix: [],
            script: #"sleep 0.2 & wait $!; echo ended >"$2/ended""#)
        let limit = ContinuousClock.now + .seconds(20)
        while watchdog.isRunning, ContinuousClock.now < limit { Thread.sleep(forTimeInterval: 0.02) }
        #expect(!watchdog.isRunning)
    }
}
