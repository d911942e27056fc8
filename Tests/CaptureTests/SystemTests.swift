import Capture
import Glibc
import Testing

@Suite struct SystemTests {
    @Test func aLockHasOneHolder() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/lock"
        let lock = try FileLock.tryAcquire(path)
        #expect(lock != nil)
        #expect(try FileLock.tryAcquire(path) == nil)
        lock?.release()
        #expect(try FileLock.tryAcquire(path) != nil)
    }

    @Test func socketsConnect() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/socket"
        #expect { try UnixSocket.connect(path) } throws: { ($0 as? SystemError)?.code == .noSuchFile }
        let listener = try UnixSocket.listen(path)
        let client = try UnixSocket.connect(path)
        let server = try #require(try UnixSocket.accept(listener))
        #expect(try UnixSocket.peerUser(server) == getuid())
        try client.writeAll(Array("hello".utf8))
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(try server.read(into: &buffer) == .bytes(5))
        client.close()
        #expect(try server.read(into: &buffer) == .end)
        #expect { try client.write([1]) } throws: { ($0 as? SystemError)?.code == .closed }
        listener.close()
        #expect { try UnixSocket.connect(path) } throws: { ($0 as? SystemError)?.code == .refused }
        let long = String(repeating: "a", count: 200)
        #expect { try UnixSocket.connect(long) } throws: { ($0 as? SystemError)?.code == .tooLong }
    }

    @Test func signalsAreBytesForEachListener() throws {
        let first = try SignalPipe([SIGUSR1])
        let second = try SignalPipe([SIGUSR1, SIGUSR2])
        kill(getpid(), SIGUSR1)
        #expect(try Poller.wait(for: [.init(second.descriptor, .readable)], timeout: .seconds(10)) == [.readable])
        #expect(try Poller.wait(for: [.init(first.descriptor, .readable)], timeout: .seconds(10)) == [.readable])
        #expect(try first.take() == [SIGUSR1])
        #expect(try second.take() == [SIGUSR1])
        #expect(try second.take() == [])
    }

    @Test(arguments: [
        "80x24": true, "0x24": false, "80": false, "80x": false, "99999x1": false, "axb": false, "-1x5": false,
    ])
    func windowSizes(text: String, valid: Bool) { #expect((WindowSize(text) != nil) == valid) }

    @Test func aChildHasItsTerminalAndDirectory() throws {
        let pty = try PseudoTerminal(size: WindowSize(columns: 33, rows: 11))
        let (status, output) = try run("pwd; stty size </dev/tty; tty; kill -TERM $$", in: pty)
        #expect(status == .signalled(SIGTERM))
        #expect(status.shellStatus == 143)
        #expect(output == "/usr\r\n11 33\r\n\(pty.path)\r\n")
    }

    @Test func aChildInheritsOnlyItsTerminal() throws {
        // As a library opens it that does not think of children.
        let open = Glibc.open("/dev/null", O_RDONLY)
        defer { close(open) }
        let (_, output) = try run("for n in /proc/$$/fd/*; do readlink $n; done", in: PseudoTerminal(size: .standard))
        #expect(!output.contains("/dev/null") && !output.contains("pipe:"), "\(output)")
    }

    private func run(_ line: String, in pty: PseudoTerminal) throws -> (ProcessStatus, String) {
        let child = try pty.spawn(Launch(["/bin/sh", "-c", line], directory: "/usr"))
        let status = try child.wait()
        var buffer = [UInt8](repeating: 0, count: 4096)
        var output: [UInt8] = []
        reading: while try Poller.wait(for: [.init(pty.master, .readable)], timeout: .seconds(5)) != [[]] {
            switch try pty.read(into: &buffer) {
            case .bytes(let count): output += buffer[..<count]
            case .nothingYet: continue
            case .end: break reading
            }
        }
        return (status, String(decoding: output, as: UTF8.self))
    }
}
