import Capture
import Delivery
import EventSchema
import Foundation

/// What configuration says about sending what is recorded:
///
///     publish = "always"
///     broker = "amqps://alice:…@mq.example/team"
///
/// `broker` only says where, in the person's own file or the machine's. `publish` counts in the person's own file
/// only. A workspace's `.playhead.toml` can take it back for itself, `publish = "never"`, and nothing else.
struct SharingSettings {
    /// Whether new sessions go to the team's archive without being asked for.
    private(set) var publishesAlways = false
    /// The broker that is configured, with its login.
    private(set) var broker: String?
    /// What is ignored, and why; one sentence each.
    private(set) var warnings: [String] = []

    /// - Parameter workspace: whose own file is asked as well; nil: none.
    init(_ settings: Settings, workspace: String? = nil) {
        broker = settings.environment["PLAYHEAD_BROKER"].flatMap { $0.isEmpty ? nil : $0 }
        readOwn(settings)
        readMachine(settings)
        if let workspace { read(workspace: workspace + "/.playhead.toml") }
        if publishesAlways { checkBroker(settings) }
    }

    /// Without a broker that can be logged in to, a session stays here: it is recorded in any case.
    private mutating func checkBroker(_ settings: Settings) {
        var problem = "no broker is known"
        if let broker {
            do throws(DestinationError) {
                _ = try BrokerLogin(broker)
                return
            } catch { problem = error.message }
        }
        publishesAlways = false
        warnings.append(
            "\(settings.configuration) says publish = \"always\", and \(problem): the session stays here; "
                + "say broker = \"amqps://NAME:PASSWORD@HOST/VHOST\" there, or set PLAYHEAD_BROKER")
    }

    private mutating func readOwn(_ settings: Settings) {
        guard let text = text(of: settings.configuration) else { return }
        switch text["publish"] {
        case .string("always"): publishesAlways = true
        case .string("never"), nil: break
        default: ignore(text, "publish", in: settings.configuration, "is neither \"always\" nor \"never\"")
        }
        takeBroker(of: text, settings.configuration)
    }

    private mutating func readMachine(_ settings: Settings) {
        let base = settings.environment["XDG_CONFIG_DIRS"]?.split(separator: ":").first.map(String.init) ?? "/etc/xdg"
        let file = "\(base)/playhead/config.toml"
        guard let text = text(of: file) else { return }
        if text["publish"] != nil { ignore(text, "publish", in: file, "counts only in \(settings.configuration)") }
        takeBroker(of: text, file)
    }

    private mutating func read(workspace file: String) {
        guard FileManager.default.fileExists(atPath: file) else { return }
        // What cannot be read may have wanted this.
        guard let text = text(of: file) else {
            publishesAlways = false
            return
        }
        switch text["publish"] {
        case nil: break
        case .string("never"): publishesAlways = false
        default: ignore(text, "publish", in: file, "can be \"never\" only: a workspace sends nothing by itself")
        }
        if text["broker"] != nil {
            ignore(text, "broker", in: file, "does not count: a workspace sends nothing by itself")
        }
    }

    private mutating func takeBroker(of text: ConfigText, _ file: String) {
        switch text["broker"] {
        case .string(let url): broker = broker ?? url
        case nil: break
        default: ignore(text, "broker", in: file, "is no text in quotes")
        }
    }

    private mutating func ignore(_ text: ConfigText, _ name: String, in file: String, _ why: String) {
        warnings.append("\(file), line \(text.line(of: [name]) ?? 1): '\(name)' \(why); ignored")
    }

    /// Nil if there is no such file, or it cannot be read; then nothing in it counts.
    private mutating func text(of file: String) -> ConfigText? {
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        guard let bytes = FileManager.default.contents(atPath: file) else {
            warnings.append("\(file) cannot be read; nothing is sent because of it")
            return nil
        }
        do throws(ConfigError) { return try ConfigText(Array(bytes)) } catch {
            warnings.append("\(file), \(error); nothing is sent because of it")
            return nil
        }
    }

    /// What the agent is told of it when a session is opened.
    var request: [(key: String, value: JSONValue)] {
        guard publishesAlways, let broker else { return [] }
        return [("publish", "always"), ("configured_broker", .string(broker))]
    }
}
