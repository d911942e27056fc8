extension Screen {
    /// Keeps the clusters that some cell shows. If nearly all are in use, lines above the screen lose theirs, then the
    /// screen itself: whoever sends that many is not writing text.
    mutating func sweepClusters() {
        collectClusters()
        guard clusters.isCrowded else { return }
        let table = clusters
        let strip: (inout Cell) -> Void = { cell in
            guard cell.isCluster else { return }
            let base = table[cell.glyph].first ?? 0x20
            cell.content = cell.content & ~Cell.glyphMask | base
        }
        scrollback.mapCells(strip)
        collectClusters()
        guard clusters.isCrowded else { return }
        grid.mapCells(strip)
        hidden?.mapCells(strip)
        collectClusters()
    }

    private mutating func collectClusters() {
        let old = clusters
        var fresh = Pool<[UInt32]>(empty: [])
        mapAllCells { cell in
            guard cell.isCluster else { return }
            cell.content = cell.content & ~Cell.scalarMask | fresh.insert(old[cell.glyph], weight: 64)
        }
        clusters = fresh
    }

    /// The same for links and underline colours; the pens keep theirs.
    mutating func sweepExtras() {
        collectExtras()
        guard extras.isCrowded else { return }
        scrollback.mapCells { $0.extra = 0 }
        collectExtras()
        guard extras.isCrowded else { return }
        grid.mapCells { $0.extra = 0 }
        hidden?.mapCells { $0.extra = 0 }
        collectExtras()
    }

    private mutating func collectExtras() {
        let old = extras
        var fresh = Pool(empty: CellExtra())
        let renumber: (inout Cell) -> Void = { cell in
            guard cell.extra != 0 else { return }
            let extra = old[cell.extra]
            cell.extra = fresh.insert(extra, weight: extra.weight)
        }
        renumber(&pen)
        renumber(&saved.pen)
        renumber(&hiddenSaved.pen)
        mapAllCells(renumber)
        extras = fresh
    }

    private mutating func mapAllCells(_ change: (inout Cell) -> Void) {
        scrollback.mapCells(change)
        grid.mapCells(change)
        hidden?.mapCells(change)
    }
}
