import Glibc

/// What the operating system says of this machine and this process.
public enum Machine {
    /// The identity of this boot, 16 bytes; empty where the kernel tells none.
    public static var boot: [UInt8] {
        let text = readSmallFile("/proc/sys/kernel/random/boot_id").filter { $0 != UInt8(ascii: "-") }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: text.count - 1, by: 2) {
            guard let high = Character(Unicode.Scalar(text[pair])).hexDigitValue,
                let low = Character(Unicode.Scalar(text[pair + 1])).hexDigitValue
            else { break }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    /// Microseconds since the boot, sleep counted; the same in every process.
    public static var microsecondsSinceBoot: Int64 { microseconds(of: CLOCK_BOOTTIME) }

    /// The wall clock, microseconds since the epoch.
    public static var wallMicroseconds: Int64 { microseconds(of: CLOCK_REALTIME) }

    private static func microseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000
    }

    public static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, 255) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The kernel's name, release and processor: `Linux 6.1.0 x86_64`; empty if it does not say.
    public static var kernel: String {
        var kernel = utsname()
        guard uname(&kernel) == 0 else { return "" }
        func text(_ field: some Any) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(kernel.sysname)) \(text(kernel.release)) \(text(kernel.machine))"
    }

    /// The program that runs, for starting it again.
    public static var executablePath: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return CommandLine.arguments.first ?? "playhead" }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    public static var userID: UInt32 { getuid() }
    public static var processID: Int32 { getpid() }

    /// Whether there is a process of this number.
    public static func isRunning(_ process: UInt32) -> Bool {
        guard let process = pid_t(exactly: process), process > 0 else { return false }
        return kill(process, 0) == 0 || errno == EPERM
    }

    private static func readSmallFile(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        return Array(buffer.prefix(max(0, count)).prefix { $0 != 0x0A })
    }
}
