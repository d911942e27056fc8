import EventSchema
import Foundation

/// Makes a session of an editing trace: one document, named after the file, and every patch an edit.
enum EditingTraceImport {
    /// Between transactions of a trace without any times.
    static let stepWithoutTimes = Duration.milliseconds(100)

    /// - Throws: `ImportError` if the file is no trace, an edit falls outside the text, or `endContent` does not come out.
    static func read(_ input: ImportInput) throws(ImportError) -> ImportedSession {
        let trace = try EditingTrace(input)
        var warnings: [String] = []
        let times = effectiveTimes(of: trace, &warnings)
        let started = times.first ?? EffectiveTime.earliest

        let (startPieces, startContent) = ContentPieces.make(Data(trace.start.utf8))
        var opened = DocumentOpened()
        opened.document = 1
        opened.path = Data(input.title.utf8)
        opened.text = startContent
        opened.hash = Data(ContentHash(of: trace.start.utf8).bytes)
        var events = (startPieces + [Event(.documentOpened(opened))]).map { (time: started, event: $0) }

        var text = CodePointText(Array(trace.start.utf8))
        for (number, transaction) in try ConcurrentTrace.inOneLine(trace, input).enumerated() {
            for (index, patch) in transaction.patches.enumerated() {
                let inserted = Array(patch.inserted.utf8)
                guard let place = text.replace(at: patch.position, removing: patch.removed, with: inserted) else {
                    let path: [JSONOutline.Step] = [
                        .member("txns"), .element(number), .member("patches"), .element(index),
                    ]
                    throw ImportError(
                        file: input.name, line: JSONOutline.line(of: path, in: input.bytes),
                        "transaction \(number): patch \(index) is outside the text of \(text.codePoints) code points")
                }
                guard place.removed > 0 || !inserted.isEmpty else { continue }
                append(place, inserted, of: transaction, at: times[number], to: &events)
            }
        }
        if let end = trace.end, text.bytes != Array(end.utf8) {
            throw ImportError(
                file: input.name, line: JSONOutline.line(of: [.member("endContent")], in: input.bytes),
                "the edits do not give \"endContent\"")
        }
        return ImportedSession(
            title: input.title, started: started, ended: times.last ?? started,
            content: [Array("editing trace".utf8), Array(input.title.utf8), input.bytes], opened: SessionOpened(),
            warnings: warnings, sources: [(.editor, "editing trace", events)])
    }

    private static func append(
        _ place: (offset: Int, removed: Int), _ inserted: [UInt8], of transaction: EditingTrace.Transaction,
        at time: RecordTime, to events: inout [(time: RecordTime, event: Event)]
    ) {
        var edit = Edit()
        edit.document = 1
        edit.offset = UInt64(place.offset)
        edit.removed = UInt64(place.removed)
        if inserted.count <= ContentPieces.inlineLimit {
            edit.inserted = Data(inserted)
        } else {
            let (pieces, content) = ContentPieces.make(Data(inserted))
            events += pieces.map { (time: time, event: $0) }
            edit.longInserted = content
        }
        var event = Event(.edit(edit))
        if let stamp = transaction.stamp, stamp != time { event.originalUs = stamp.microseconds }
        events.append((time: time, event: event))
    }

    private static func effectiveTimes(of trace: EditingTrace, _ warnings: inout [String]) -> [RecordTime] {
        let stamps = trace.transactions.map { $0.stamp ?? .epoch }
        let without = trace.transactions.count { $0.stamp == nil }
        if !stamps.isEmpty, without == stamps.count {
            warnings.append("the trace has no times: one transaction each \(stepWithoutTimes.text) from 2000-01-01")
            return stamps.indices.map { EffectiveTime.earliest + stepWithoutTimes * $0 }
        }
        let times = EffectiveTime.repair(stamps)
        let repaired = zip(stamps, times).count { $0 != $1 }
        if repaired > 0 {
            warnings.append("\(repaired) of \(stamps.count) times went back or were not set, and are repaired")
        }
        return times
    }
}
