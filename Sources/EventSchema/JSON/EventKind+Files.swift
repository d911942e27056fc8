// Files outside editors, commits, environments.

extension EventKind {
    static let files: [EventKind] = [
        EventKind(
            "file_changed", Event.OneOf_Body.fileChanged,
            { if case .fileChanged(let body) = $0 { body } else { nil } },
            [
                .one("change", \.change, .words(["unspecified", "created", "changed", "moved", "removed"])),
                .one("path", \.path, .bytes), .one("from", \.from, .bytes), .one("hash", \.hash, .hex),
                .one("size", \.size, .count), .one("created", \.createdUs, .time),
                .one("modified", \.modifiedUs, .time), .one("initiator", \.initiator, .text),
            ]),
        EventKind(
            "commit_made", Event.OneOf_Body.commitMade,
            { if case .commitMade(let body) = $0 { body } else { nil } },
            [
                .one("revision", \.revision, .text), .one("branch", \.branch, .text),
                .one("subject", \.subject, .bytes), .one("author", \.author, .text),
            ]),
        EventKind(
            "environment_captured", Event.OneOf_Body.environmentCaptured,
            { if case .environmentCaptured(let body) = $0 { body } else { nil } },
            [
                .one("git_head", \.gitHead, .text), .one("git_branch", \.gitBranch, .text),
                .list("git_dirty", \.gitDirty, .bytes), .one("python_version", \.pythonVersion, .text),
                .one("python_path", \.pythonPath, .bytes), .one("conda_environment", \.condaEnvironment, .text),
                .one("conda_prefix", \.condaPrefix, .bytes), .list("packages", \.packages, .message(package)),
                .list("variables", \.variables, .message(variable)), .one("system", \.system, .text),
                .one("why", \.why, .text),
            ]),
        EventKind(
            "environment_changed", Event.OneOf_Body.environmentChanged,
            { if case .environmentChanged(let body) = $0 { body } else { nil } },
            [
                .list("added", \.added, .message(package)), .list("removed", \.removed, .message(package)),
                .one("why", \.why, .text), .optional("git_head", \.gitHead, if: \.hasGitHead, .text),
                .optional("git_branch", \.gitBranch, if: \.hasGitBranch, .text),
                .list("git_dirty", \.gitDirty, .bytes), .one("git_dirty_known", \.gitDirtyKnown, .flag),
                .optional("conda_environment", \.condaEnvironment, if: \.hasCondaEnvironment, .text),
                .optional("python_version", \.pythonVersion, if: \.hasPythonVersion, .text),
            ]),
        EventKind(
            "snapshot_manifest", Event.OneOf_Body.snapshotManifest,
            { if case .snapshotManifest(let body) = $0 { body } else { nil } },
            [
                .list("files", \.files, .message(snapshotFile))
            ]),
    ]
}

private let package = JSONForm<Package>([
    .one("name", \.name, .text), .one("version", \.version, .text), .one("build", \.build, .text),
    .one("channel", \.channel, .text), .one("manager", \.manager, .text),
])

private let variable = JSONForm<Variable>([.one("name", \.name, .text), .one("value", \.value, .bytes)])

private let snapshotFile = JSONForm<SnapshotFile>([
    .one("path", \.path, .bytes), .one("hash", \.hash, .hex), .one("size", \.size, .count),
    .one("mode", \.mode, .count), .optional("data", \.data, if: \.hasData, .content),
])
