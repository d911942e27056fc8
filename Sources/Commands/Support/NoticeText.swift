import Capture

extension AgentLink.Notice {
    /// What the person reads; `goesOn` is what they work in.
    func text(goesOn: String) -> String {
        switch self {
        case .stalled(let bytes): "the agent does not answer; \(bytes / 1024) KiB wait, \(goesOn) goes on"
        case .waiting(let why): "\(why); what is recorded waits, \(goesOn) goes on"
        case .recovered(droppedEvents: 0): "it is stored again; nothing was lost"
        case .recovered(let dropped): "it is stored again; \(dropped) events had no room and are lost"
        case .refused(let why): "not kept: \(why)"
        }
    }
}
