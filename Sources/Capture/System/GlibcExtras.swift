import Glibc

// What Linux and glibc offer and Swift's Glibc module hides because it is beyond POSIX; C types and values of
// their headers, the same on every Linux that Swift runs on.

/// spawn.h, since glibc 2.29.
@_silgen_name("posix_spawn_file_actions_addchdir_np")
func addDirectoryChange(
    _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ path: UnsafePointer<CChar>
) -> CInt

/// spawn.h, since glibc 2.34.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
func addCloseFrom(
    _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: CInt
) -> CInt

/// unistd.h
@_silgen_name("pipe2")
func pipe2(_ ends: UnsafeMutablePointer<CInt>, _ flags: CInt) -> CInt

/// sys/socket.h
@_silgen_name("accept4")
func accept4(
    _ socket: CInt, _ address: UnsafeMutablePointer<sockaddr>?, _ length: UnsafeMutablePointer<socklen_t>?,
    _ flags: CInt
) -> CInt

/// spawn.h: POSIX_SPAWN_SETSID.
let spawnInNewSession: CInt = 0x80
/// asm-generic/ioctls.h: TIOCSPTLCK, unlocks the slave of a pseudo-terminal.
let setPseudoTerminalLock: UInt = 0x4004_5431
/// asm-generic/ioctls.h: TIOCGPTN, gives the number of the slave.
let getPseudoTerminalNumber: UInt = 0x8004_5430
/// asm-generic/ioctls.h: TIOCSIG, signals the foreground group of the slave.
let signalPseudoTerminal: UInt = 0x4004_5436

/// sys/socket.h: struct ucred, what SO_PEERCRED gives.
struct PeerCredentials {
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
}
