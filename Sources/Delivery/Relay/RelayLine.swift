import AMQPBridge
import EventSchema

/// What a connection tells its relay; in the order it happened.
public enum RelayEvent: Sendable {
    /// A connection stands, with everything declared and bound. Numbers of an earlier one mean nothing any more.
    case connected
    case confirmed([UInt64])
    /// The broker does not take them: the archive's queue is full.
    case refused([UInt64])
    /// Not sent, or unknown whether: the connection broke, or too much waits.
    case lost([UInt64])
    /// It can never be sent, for this reason.
    case impossible(UInt64, String)
    /// No queue took it.
    case returned(UInt64)
    /// The broker takes nothing, for this reason (memory, disk); nil: it takes again.
    case blocked(String?)
    /// The connection is gone or could not be made; another attempt follows by itself.
    case waiting(AMQPError)
    /// From the archive: watermarks and the like.
    case told(AMQPMessage)
    /// The answer to the request of this number.
    case answered(UInt64, ArchiveReply)
}

/// A connection to a broker that comes back by itself. Calls return at once; what cannot be sent is dropped, for the
/// relay sends it again when it is connected.
public protocol RelayLine: Sendable {
    func publish(_ publications: [AMQPPublication])
    /// - Parameter dropping: whether what waits to be sent is not to leave any more.
    func close(dropping: Bool)
}

/// The connection on which a relay hears the archive and asks it.
public protocol ControlLine: Sendable {
    func ask(_ request: ArchiveRequest, number: UInt64)
    func close()
}
