import EventSchema

/// What Capture knows of one document of an editor.
struct EditorDocumentState: Sendable {
    var document: EditorDocument
    var placement: EditorPlacement
    /// Nil until the plugin has given it; it gives it only for what is recorded.
    var text: MaskedText?
    /// The copy was found wrong, and the text asked for.
    var awaitsResync = false
    /// A save whose hash did not fit, to be told after the resync.
    var owedSave: (hash: ContentHash, time: RecordTime)?
    /// The focus came before the text.
    var owedFocus: RecordTime?
    var why = ""

    init(_ document: EditorDocument, placement: EditorPlacement) {
        self.document = document
        self.placement = placement
    }
}
