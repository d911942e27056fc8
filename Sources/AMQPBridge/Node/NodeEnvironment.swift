import Foundation

/// Everything that decides how a private node starts, as values: variables, arguments, configuration. The same for
/// every start of a node, or it would not find its data again.
struct NodeEnvironment: Sendable {
    let place: NodePlace
    let installation: NodeInstallation

    private var settings: NodePlace.Settings { place.settings }

    /// Of the node and of the tools that ask it.
    var variables: [String: String] {
        [
            "HOME": place.home, "LANG": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "RABBITMQ_NODENAME": settings.name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": "\(settings.ports.amqp)",
            "RABBITMQ_DIST_PORT": "\(settings.ports.distribution)",
            "RABBITMQ_MNESIA_BASE": place.data,
            "RABBITMQ_LOG_BASE": place.logs,
            "RABBITMQ_PID_FILE": place.directory + "/pid",
            "RABBITMQ_CONFIG_FILE": place.directory + "/rabbitmq.conf",
            // An empty file: the machine's own settings in /etc/rabbitmq have no say.
            "RABBITMQ_CONF_ENV_FILE": place.directory + "/environment.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": place.directory + "/plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": place.directory + "/generated",
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": "\(settings.ports.epmd)",
            // A tool asked while the node is down must not leave a name server of its own behind.
            "RABBITMQ_CTL_ERL_ARGS": "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
        ]
    }

    var nodeVariables: [String: String] {
        variables.merging(
            [
                "ERL_LIBS": libraries, "RABBITMQ_PLUGINS_DIR": libraries, "ERL_MAX_PORTS": "65536",
                "ERL_MAX_ETS_TABLES": "50000", "ERL_CRASH_DUMP_SECONDS": "0",
            ], uniquingKeysWith: { $1 })
    }

    /// What Debian's `rabbitmq-server` script comes down to, without the shell: the process is the node itself.
    var arguments: [String] {
        [
            installation.erl, "-noinput", "-s", "rabbit", "boot", "-boot", "start_sasl", "+W", "w", "+MBas", "ageffcbf",
            "+MHas", "ageffcbf", "+MBlmbcs", "512", "+MHlmbcs", "512", "+MMmcs", "30", "+P", "1048576", "+t", "5000000",
            "+stbt", "db", "+zdbbl", "128000", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none", "+B", "i",
            "-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false",
            "-kernel", "prevent_overlapping_partitions", "false",
            "-kernel", "inet_dist_use_interface", "{127,0,0,1}",
        ]
    }

    var epmdArguments: [String] {
        [installation.epmd, "-address", "127.0.0.1", "-port", "\(settings.ports.epmd)"]
    }

    var configuration: String {
        let options = settings.options
        var lines = [
            "listeners.tcp.1 = 127.0.0.1:\(settings.ports.amqp)",
            "default_user = \(settings.user)",
            "default_pass = \(settings.password)",
            "default_user_tags.administrator = true",
            "vm_memory_high_watermark.relative = \(options.memoryShare)",
            "disk_free_limit.absolute = \(options.freeDiskMegabytes)MB",
            "max_message_size = \(options.largestMessage)",
            "heartbeat = \(options.heartbeat)",
            // 512 MB if nothing is said, of memory and of disk.
            "raft.wal_max_size_bytes = 67108864",
            "log.file.level = info",
        ]
        if options.plugins.contains(.management) {
            lines += ["management.tcp.ip = 127.0.0.1", "management.tcp.port = \(settings.ports.management)"]
        }
        if options.plugins.contains(.eventExchange), let host = options.eventHost {
            lines.append("event_exchange.vhost = \(host)")
        }
        if let definitions = options.definitions { lines.append("load_definitions = \(definitions)") }
        return lines.joined(separator: "\n") + "\n"
    }

    var enabledPlugins: String { "[\(settings.options.plugins.map(\.rawValue).joined(separator: ","))].\n" }

    /// What the server needs, and the plugins asked for.
    ///
    /// The stock scripts let Erlang look through 70 applications; with these it starts a second sooner.
    var neededApplications: [String] {
        [
            "rabbit", "rabbit_common", "rabbitmq_prelaunch", "ra", "osiris", "aten", "gen_batch_server", "seshat",
            "cuttlefish", "getopt", "credentials_obfuscation", "jsx", "recon", "ranch", "stdout_formatter", "syslog",
            "sysmon_handler", "systemd", "enough", "observer_cli", "amqp10_common",
        ] + settings.options.plugins.flatMap(\.applications)
    }

    /// The folders of the needed applications; nil if this version of RabbitMQ is made of others.
    func neededFolders(among folders: [String]) -> [String]? {
        let needed = Set(neededApplications)
        let found = folders.filter { folder in
            folder.lastIndex(of: "-").map { needed.contains(String(folder[..<$0])) } ?? false
        }
        return found.count == needed.count ? found : nil
    }

    private var libraries: String {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: installation.plugins)) ?? []
        return neededFolders(among: folders) == nil ? installation.plugins : place.applications
    }

    /// Writes all of it into the node's directory.
    func write() throws(NodeError) {
        for folder in [place.home, place.data, place.logs, place.applications] {
            try NodeFiles.makeDirectory(folder)
        }
        try NodeFiles.write(configuration, place.directory + "/rabbitmq.conf")
        try NodeFiles.write(enabledPlugins, place.directory + "/plugins")
        try NodeFiles.write("", place.directory + "/environment.conf")
        let cookie = place.home + "/.erlang.cookie"
        if !FileManager.default.fileExists(atPath: cookie) {
            try NodeFiles.write(RandomText.make(32), cookie, mode: 0o400)
        }
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: installation.plugins)) ?? []
        for folder in neededFolders(among: folders) ?? [] {
            let link = "\(place.applications)/\(folder)"
            try? FileManager.default.removeItem(atPath: link)
            try? FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "\(installation.plugins)/\(folder)")
        }
    }
}
