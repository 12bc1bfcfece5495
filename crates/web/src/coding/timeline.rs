//! Several codings on one time line, for the page's script: a lane for each skill and coder.

use hearback_domain::{CodeId, RecordingId, passages::union};
use serde::Serialize;

use super::together::Compared;

#[derive(Serialize)]
pub(super) struct Data {
    recording: RecordingData,
    lanes: Vec<LaneData>,
    regions: Vec<RegionData>,
    passages: Vec<StretchData>,
    /// What there is to hear of all of them, nothing twice.
    union: Vec<[u64; 2]>,
}

#[derive(Serialize)]
struct RecordingData {
    id: RecordingId,
    duration_ms: u64,
}

#[derive(Serialize)]
struct LaneData {
    name: String,
    paint: usize,
}

#[derive(Serialize)]
struct RegionData {
    id: CodeId,
    start: u64,
    end: u64,
    label: String,
    paint: usize,
    lane: usize,
}

#[derive(Serialize)]
struct StretchData {
    id: CodeId,
    start: u64,
    end: u64,
    marks: Vec<CodeId>,
}

/// What the script draws and plays.
pub(super) fn data_of(compared: &Compared, id: RecordingId, duration_ms: u64) -> Data {
    let coders = compared.all.len();
    let coded = compared.framework.coded();
    let lanes = coded.iter().enumerate().flat_map(|(paint, item)| {
        let name = item.sub.map_or(&item.skill.name, |sub| &sub.name);
        (1..=coders).map(move |number| LaneData { name: format!("{name} {number}"), paint })
    });
    let regions = compared.passages.iter().flat_map(|passage| &passage.marks).map(|mark| {
        let paint = compared.place(&mark.item);
        let number = compared.number(mark.coder);
        RegionData {
            id: mark.code,
            start: mark.span.start().get(),
            end: mark.span.end().get(),
            label: compared.name(mark.coder).to_owned(),
            paint,
            lane: paint * coders + number,
        }
    });
    let stretches = compared.passages.iter().filter_map(|passage| {
        Some(StretchData {
            id: passage.marks.first()?.code,
            start: passage.span.start().get(),
            end: passage.span.end().get(),
            marks: passage.marks.iter().map(|mark| mark.code).collect(),
        })
    });
    let all = union(compared.passages.iter().map(|passage| passage.span));
    Data {
        recording: RecordingData { id, duration_ms },
        lanes: lanes.collect(),
        regions: regions.collect(),
        passages: stretches.collect(),
        union: all.iter().map(|span| [span.start().get(), span.end().get()]).collect(),
    }
}
