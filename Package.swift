// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Rooms that hold values only: the compiler refuses every unsafe construct in them.
let pure = settings + [.strictMemorySafety()]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

func room(
    _ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = settings,
    exclude: [String] = []
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func program(_ name: String) -> Target {
    .executableTarget(name: name, dependencies: ["Commands"], swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        swiftSettings: settings)
}

let neovimModules = [
    "cursor", "documents", "link", "mirror", "opening", "queue", "shadow", "text",
    "follow", "leader", "marks", "pages", "tether", "view",
]

let package = Package(
    name: "playhead",
    products: [
        .library(name: "EventSchema", targets: ["EventSchema"]),
        .library(name: "AMQPBridge", targets: ["AMQPBridge"]),
        .library(name: "Model", targets: ["Model"]),
        .library(name: "Capture", targets: ["Capture"]),
        .library(name: "Archive", targets: ["Archive"]),
        .library(name: "Replay", targets: ["Replay"]),
        .library(name: "Delivery", targets: ["Delivery"]),
        .executable(name: "playhead", targets: ["playhead"]),
        .executable(name: "publisher", targets: ["publisher"]),
        .executable(name: "archiver", targets: ["archiver"]),
        .executable(name: "subscriber", targets: ["subscriber"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // The rooms in the order of the line: each depends only on rooms above it.
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        room("EventSchema", ["CCrypto", protobuf], exclude: ["events.proto"]),
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        room("AMQPBridge", ["CRabbitMQ"]),
        room("Model", ["EventSchema", protobuf], pure),
        .target(
            name: "Integrations", path: "Integrations",
            resources: [
                .embedInCode("bash/playhead.bash"), .embedInCode("zsh/playhead.zsh"),
                .embedInCode("fish/playhead.fish"), .embedInCode("nvim/plugin/playhead.lua"),
                .embedInCode("nvim/plugin/playhead_follow.lua"),
            ] + neovimModules.map { .embedInCode("nvim/lua/playhead/\($0).lua") }
                + ["tether", "page", "follow"].map { .embedInCode("emacs/playhead-\($0).el") },
            swiftSettings: settings),
        room("Capture", ["EventSchema", "Model", "Integrations", logging, protobuf]),
        room("Archive", ["EventSchema", "Model", "CZstd", "CZlib", grdb, sqlite, logging, protobuf]),
        room("Replay", ["EventSchema", "Model"], pure),
        room("Delivery", ["EventSchema", "AMQPBridge", "Model", "Archive", logging, protobuf]),
        room("Agent", ["EventSchema", "AMQPBridge", "Capture", "Archive", "Delivery", logging, protobuf]),
        room("Viewer", ["EventSchema", "Model", "Capture", "Archive", "Replay", "Agent"]),
        room(
            "Commands",
            [
                "EventSchema", "AMQPBridge", "Model", "Capture", "Archive", "Replay", "Delivery", "Agent", "Viewer",
                argumentParser, logging,
            ]
        ),
        program("playhead"), program("publisher"), program("archiver"), program("subscriber"),

        .target(
            name: "TestSupport", dependencies: ["EventSchema", "AMQPBridge", "Capture", subprocess, system],
            path: "Tests/TestSupport", swiftSettings: settings),
        .executableTarget(
            name: "campaign",
            dependencies: [
                "EventSchema", "AMQPBridge", "Model", "Integrations", "Capture", "Archive", "Delivery", "TestSupport",
                argumentParser, grdb,
            ],
            path: "Tests/Campaigns/Campaign", exclude: ["drive.lua"], swiftSettings: settings),
        tests(of: "EventSchema", [protobuf]), tests(of: "AMQPBridge"), tests(of: "Model"),
        tests(of: "Capture", ["Integrations", "Model", protobuf]),
        tests(of: "Archive", [grdb]), tests(of: "Replay"), tests(of: "Delivery", [protobuf, logging]),
        tests(of: "Agent"),
        tests(of: "Viewer"), tests(of: "Commands", [argumentParser]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "TestSupport", "EventSchema", "AMQPBridge", "Model", "Archive", "Delivery", "playhead", "campaign",
                subprocess, system,
            ],
            swiftSettings: settings),
    ]
)
