import Foundation
import Scratch
import Synchronization

/// A way to a throw-away server, over TCP, that can swallow what goes over it, as a broken network or a frozen proxy
/// does: nothing is closed, nothing arrives, and the kernel says that all is well.
///
///     let wire = try Wire(to: ThrowAwayPostgres.makeDatabase())
///     let connection = try PostgresConnection(wire.location)
///     wire.swallow(.open)
public final class Wire: Sendable {
    /// What is swallowed.
    public enum Swallowed: Sendable {
        /// What goes over the connections that are open now; new ones work.
        case open
        /// What goes over any connection.
        case all
    }

    private struct State {
        var count = 0
        /// The connections up to this number are silent.
        var silent = 0
        var isClosed = false
    }

    /// The database by this way.
    public let location: String
    private let socketPath: String
    private let listener: Int32
    private let state = Mutex(State())

    /// - Parameter location: What ``ThrowAwayPostgres/makeDatabase(named:)-type.method`` gave.
    public init(to location: String) throws {
        let parts = location.split(separator: "host=", maxSplits: 1)
        guard parts.count == 2, let folder = String(parts[1].prefix { $0 != "&" }).removingPercentEncoding
        else { throw TestSupportError("'\(location)' is no location on a Unix socket") }
        // A pooler has a port of its own.
        let options = parts[1].split(separator: "&").dropFirst()
        let port = options.first { $0.hasPrefix("port=") }?.dropFirst("port=".count) ?? "5432"
        socketPath = "\(folder)/.s.PGSQL.\(port)"
        listener = try Sockets.listen()
        let rest = options.filter { !$0.hasPrefix("port=") }.map { "&\($0)" }.joined()
        self.location =
            "\(parts[0])host=127.0.0.1&port=\(try Sockets.port(of: listener))\(rest)&sslmode=disable&gssencmode=disable"
        let (listener, path) = (self.listener, socketPath)
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let self, let server = try? Sockets.connect(to: path) else {
                    close(client)
                    continue
                }
                self.carry(client, server)
            }
        }
    }

    deinit { end() }

    /// Swallows from here on; what was read before arrives.
    public func swallow(_ swallowed: Swallowed) {
        state.withLock { $0.silent = swallowed == .all ? .max : $0.count }
    }

    /// Everything flows again, what was held up as well.
    public func goOn() { state.withLock { $0.silent = 0 } }

    /// How many connections were made.
    public var count: Int { state.withLock { $0.count } }

    /// Closes everything.
    public func end() {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func carry(_ client: Int32, _ server: Int32) {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        Thread.detachNewThread { [weak self] in
            defer {
                close(client)
                close(server)
            }
            while let self {
                let isSilent = { self.state.withLock { number <= $0.silent } }
                guard !self.state.withLock(\.isClosed) else { return }
                if isSilent() {
                    Thread.sleep(forTimeInterval: 0.002)
                } else if !Sockets.forward(client, server, unless: isSilent)
                    || !Sockets.forward(server, client, unless: isSilent)
                {
                    return
                }
            }
        }
    }
}

/// The calls of the system that this needs.
private enum Sockets {
    static func listen() throws -> Int32 {
        let listener = stream(AF_INET)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #if canImport(Darwin)
            let isListening = Darwin.listen(listener, 100) == 0
        #else
            let isListening = Glibc.listen(listener, 100) == 0
        #endif
        guard bound == 0, isListening else { throw TestSupportError("cannot listen on 127.0.0.1") }
        return listener
    }

    static func port(of listener: Int32) throws -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(listener, $0, &length)
            }
        }
        guard found == 0 else { throw TestSupportError("the listening socket has no address") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func connect(to path: String) throws -> Int32 {
        let server = stream(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            for (index, byte) in bytes.prefix(place.count - 1).enumerated() { unsafe place[index] = byte }
        }
        let connected = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                #if canImport(Darwin)
                    unsafe Darwin.connect(server, address, socklen_t(MemoryLayout<sockaddr_un>.size))
                #else
                    unsafe Glibc.connect(server, address, socklen_t(MemoryLayout<sockaddr_un>.size))
                #endif
            }
        }
        guard connected == 0 else {
            close(server)
            throw TestSupportError("no server listens at '\(path)'")
        }
        return server
    }

    /// Passes on what there is, waiting for it a little.
    ///
    /// - Returns: False where one side has closed.
    static func forward(_ from: Int32, _ to: Int32, unless isSilent: () -> Bool) -> Bool {
        var place = pollfd(fd: from, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&place, 1, 1) > 0, !isSilent() else { return true }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(from, $0.baseAddress, $0.count) }
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let more = unsafe buffer.withUnsafeBytes {
                unsafe send(to, $0.baseAddress.map { unsafe $0 + sent }, count - sent, noSignal)
            }
            guard more > 0 else { return false }
            sent += more
        }
        return true
    }

    private static func stream(_ family: Int32) -> Int32 {
        #if canImport(Darwin)
            socket(family, SOCK_STREAM, 0)
        #else
            socket(family, Int32(SOCK_STREAM.rawValue), 0)
        #endif
    }

    private static var noSignal: Int32 {
        #if canImport(Darwin)
            0
        #else
            Int32(MSG_NOSIGNAL)
        #endif
    }
}
