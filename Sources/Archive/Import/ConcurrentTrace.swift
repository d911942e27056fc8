/// Puts the transactions of a concurrent trace in one line.
enum ConcurrentTrace {
    static func inOneLine(
        _ trace: EditingTrace, _ input: ImportInput
    ) throws(ImportError) -> [EditingTrace.Transaction] {
        guard trace.isConcurrent else { return trace.transactions }
        throw ImportError(
            .unsupported, file: input.name,
            "a concurrent editing trace; use its flat form (clownschool_flat of clownschool)")
    }
}
