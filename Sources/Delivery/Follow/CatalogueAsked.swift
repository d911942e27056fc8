/// A request for what there is of a target, under way.
struct CatalogueAsked: Sendable {
    let target: Int
    /// Asked for, besides what is open: whatever arrived since, in microseconds of the archive's clock.
    let since: Int64?
    /// The archive's clock at its first page.
    var asOf: Int64?
    var deadline = ContinuousClock.now

    init(target: Int, since: Int64?) { (self.target, self.since) = (target, since) }
}
