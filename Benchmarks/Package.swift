// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what is measured beside Playhead never weighs on Playhead.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "playhead", path: ".."), .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .executableTarget(
            name: "bench",
            dependencies: [
                .product(name: "Archive", package: "playhead"), .product(name: "EventSchema", package: "playhead"),
                .product(name: "Model", package: "playhead"), .product(name: "AMQPBridge", package: "playhead"),
                .product(name: "Delivery", package: "playhead"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ])
    ]
)
