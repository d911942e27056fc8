import Foundation
import TestSupport
import Testing

@testable import AMQPBridge

@Suite(.serialized) struct NodeTests {
    @Test func twoNodesLiveSideBySideOnLoopbackOnly() async throws {
        let nodes = try await [TestBroker.own(), TestBroker.own()]
        #expect(Set(nodes.map(\.place.settings.ports.amqp)).count == 2)
        for broker in nodes {
            let status = try broker.node.status()
            #expect(status.isReady)
            #expect(try await broker.ctl("list_users").contains(broker.place.settings.user))
            let ports = broker.place.settings.ports
            for port in [ports.amqp, ports.distribution, ports.epmd, ports.management] {
                // The kernel's table changes while it is read: another look finds what the first one missed.
                #expect(try await Self.comesTrue { try Self.listeners()[port] == ["0100007F"] }, "port \(port)")
            }
        }
    }

    @Test func restartsAndCrashesKeepWhatIsDurable() async throws {
        let broker = try await TestBroker.own()
        let queue = "queues/%2F/kept"
        try await onThread {
            try broker.management.send("PUT", queue, body: #"{"durable":true,"arguments":{"x-queue-type":"quorum"}}"#)
        }
        for round in ["stop", "kill -9"] {
            if round == "stop" { try await broker.stop() } else { try await broker.kill9() }
            #expect(try broker.node.status().process == nil, "\(round)")
            try await broker.restart()
            try await onThread { _ = try broker.management.send("GET", queue) }
        }
        #expect(try broker.node.status().place == broker.place)
    }

    @Test func secretsAreForTheOwnerOnly() async throws {
        let broker = try await TestBroker.own()
        let modes = try ["": 0o700, "/node.json": 0o600, "/rabbitmq.conf": 0o600, "/home/.erlang.cookie": 0o400].map {
            let attributes = try FileManager.default.attributesOfItem(atPath: broker.node.directory + $0.key)
            return attributes[.posixPermissions] as? Int == $0.value
        }
        #expect(modes == [true, true, true, true])
        #expect(!"\(broker.management) \(broker.place.url)".contains(broker.place.settings.password))
    }

    @Test func stopLeavesNoProcessBehind() async throws {
        let home = try TemporaryHome()
        let node = PrivateNode(directory: home.file("broker").path)
        try await onThread { try node.start() }
        #expect(try Self.processes(of: node).count >= 2)
        #expect(try await onThread { try node.stop() })
        #expect(try await Self.comesTrue { try Self.processes(of: node).isEmpty }, "the node, epmd or a helper is left")
        #expect(try await onThread { try !node.stop() }, "a second stop has nothing to do")
        #expect(throws: NodeError.self) { try node.control(["status"]) }
    }

    @Test func startingTwiceIsStartingOnce() async throws {
        let home = try TemporaryHome()
        let node = PrivateNode(directory: home.file("broker").path)
        async let first = onThread { try node.start() }
        async let second = onThread { try node.start() }
        let places = try await [first, second]
        let process = try node.status().process
        #expect(places[0] == places[1])
        #expect(try await onThread { try node.start() } == places[0])
        #expect(try node.status().process == process)
        _ = try await onThread { try node.end() }
    }

    @Test func aFailedBootIsToldWithTheEndOfItsLog() async throws {
        let home = try TemporaryHome()
        let node = PrivateNode(directory: home.file("broker").path)
        let wrong = NodeOptions(definitions: home.file("missing.json").path)
        let error = await #expect(throws: NodeError.self) { try await onThread { try node.start(wrong) } }
        #expect(error?.code == .failed)
        #expect(error?.message.contains("load_definitions") == true, "\(error?.message ?? "")")
        #expect(try await Self.comesTrue { try Self.processes(of: node).isEmpty })
        try await onThread { try node.start(NodeOptions()) }
        _ = try await onThread { try node.end() }
    }

    @Test func aTakenPortIsTold() async throws {
        let other = try FaultProxy(to: 1)
        let home = try TemporaryHome()
        let node = PrivateNode(directory: home.file("broker").path)
        let error = await #expect(throws: NodeError.self) {
            try await onThread { try node.start(NodeOptions(port: other.port)) }
        }
        #expect(error?.code == .portTaken)
        other.end()
    }

    /// After a `kill -9` the threads of a process end one by one, and the last one lets go of its ports.
    @Test func aProcessHasEndedWhenItsLastThreadHas() async throws {
        let home = try TemporaryHome()
        let script = """
            import ctypes, os, sys, threading, time
            def wait():
                while not os.path.exists(sys.argv[1]): time.sleep(0.01)
            threading.Thread(target=wait).start()
            ctypes.CDLL(None).pthread_exit(None)
            """
        let process = try NodeProcess.start(
            ["/usr/bin/env", "python3", "-c", script, home.file("go").path],
            environment: ProcessInfo.processInfo.environment, directory: "/", log: home.file("log").path)
        #expect(
            try await Self.comesTrue {
                try String(contentsOfFile: "/proc/\(process.number)/stat", encoding: .utf8).contains(") Z ")
            })
        #expect(!process.hasEnded)
        try Data().write(to: home.file("go"))
        #expect(try await Self.comesTrue { process.hasEnded })
    }

    @Test func saysHowToInstall() {
        let error = #expect(throws: NodeError.self) { try NodeInstallation.find(under: "/nowhere") }
        #expect(error?.code == .notInstalled)
        #expect(error?.message.contains("apt-get install rabbitmq-server") == true)
    }

    /// The processes whose home is the node's.
    private static func processes(of node: PrivateNode) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
            guard let number = Int32(name),
                let variables = FileManager.default.contents(atPath: "/proc/\(name)/environ")
            else { return nil }
            return String(decoding: variables, as: UTF8.self).contains("HOME=\(node.directory)/home") ? number : nil
        }
    }

    /// Where somebody listens, by port, in the kernel's form.
    private static func listeners() throws -> [UInt16: Set<Substring>] {
        let table =
            try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
            + String(contentsOfFile: "/proc/net/tcp6", encoding: .utf8)
        var found: [UInt16: Set<Substring>] = [:]
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[3] == "0A" else { continue }
            let address = fields[1].split(separator: ":")
            // epmd listens on ::1 as well.
            guard address.count == 2, address[0] != "00000000000000000000000001000000" else { continue }
            if let port = UInt16(address[1], radix: 16) { found[port, default: []].insert(address[0]) }
        }
        return found
    }

    private static func comesTrue(_ condition: () throws -> Bool) async throws -> Bool {
        for _ in 0..<500 {
            if try condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
