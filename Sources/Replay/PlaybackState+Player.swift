extension PlaybackState {
    /// Moves to where the player wants the state; gives the instant before which nothing is due, nil if a command is
    /// waited for.
    public mutating func carryOut(_ actions: [Player.Action]) -> Duration? {
        var wakeAt: Duration?
        for action in actions {
            switch action {
            case .advance(let count), .rebuild(let count): move(to: count)
            case .sleep(let until): wakeAt = until
            case .wait: wakeAt = nil
            case .draw: break
            }
        }
        return wakeAt
    }
}
