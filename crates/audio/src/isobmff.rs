//! What the demuxer does not tell about an MP4, M4A or 3GP file: its edit list, the encoder's priming, locks, what the
//! sound is if it cannot be decoded, and whether the file was cut off.
//!
//! Only box headers and a few small boxes are read (ISO 14496-12), each through its own bounds.

use std::io;

use crate::ReadAt;

/// One stretch of a track's media that is presented, in ticks of the track's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Presented {
    pub(crate) start: u64,
    /// `None`: to the end.
    pub(crate) end: Option<u64>,
}

/// What one track says.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrackFacts {
    pub(crate) id: u32,
    pub(crate) is_sound: bool,
    /// Ticks in a second.
    pub(crate) timescale: u32,
    /// The name of its coding.
    pub(crate) entry: [u8; 4],
    /// Whether its samples are encrypted.
    pub(crate) locked: bool,
    /// What is presented, in order; empty if all of it is.
    pub(crate) presented: Vec<Presented>,
}

/// What the file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Movie {
    pub(crate) tracks: Vec<TrackFacts>,
    /// Whether there is an index at all.
    pub(crate) has_index: bool,
    /// Where the file would end had it not been cut off.
    pub(crate) cut_from: Option<u64>,
    timescale: u32,
    gapless: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Debug)]
struct Item {
    kind: [u8; 4],
    /// Where its content starts and ends; `end` may lie past the end of the file.
    start: u64,
    end: u64,
}

/// More boxes than any recorder writes on one level, and enough that a hostile file cannot keep us busy.
const MAX_ITEMS: usize = 100_000;
/// More edits than a person makes.
const MAX_EDITS: usize = 64;

/// Reads what there is to know. A file that makes no sense gives an empty answer: judging it is the demuxer's task.
pub(crate) fn survey(source: &mut dyn ReadAt, start: u64) -> io::Result<Movie> {
    let mut movie = Movie::default();
    let len = source.len();
    let mut at = start;
    for _ in 0..MAX_ITEMS {
        let Some(item) = item_at(source, at, u64::MAX)? else { break };
        match &item.kind {
            b"moov" if item.end <= len => {
                movie.has_index = true;
                read_movie(source, item, &mut movie)?;
            }
            b"mdat" | b"moof" => {
                if item.end > len {
                    movie.cut_from = Some(item.end);
                }
                if movie.has_index {
                    break;
                }
            }
            _ => {}
        }
        at = item.end;
        if at >= len {
            break;
        }
    }
    if let Some((priming, frames)) = movie.gapless {
        // Only where no edit list says it better, and where the track's clock counts samples.
        for track in movie.tracks.iter_mut().filter(|t| t.is_sound && t.presented.is_empty()) {
            let end = (frames > 0).then_some(priming.saturating_add(frames));
            track.presented = vec![Presented { start: priming, end }];
        }
    }
    Ok(movie)
}

/// The box that begins at `at`, inside of something that ends at `limit`.
fn item_at(source: &mut dyn ReadAt, at: u64, limit: u64) -> io::Result<Option<Item>> {
    let mut header = [0; 16];
    let n = source.fill_at(at, &mut header)?;
    if n < 8 || at.saturating_add(8) > limit {
        return Ok(None);
    }
    let short = u64::from(be32(&header, 0));
    let kind = [header[4], header[5], header[6], header[7]];
    let (size, head) = match short {
        0 => (source.len().min(limit).saturating_sub(at), 8),
        1 if n == 16 => (u64::from(be32(&header, 8)) << 32 | u64::from(be32(&header, 12)), 16),
        _ => (short, 8),
    };
    let end = at.saturating_add(size);
    Ok((size >= head && end <= limit).then_some(Item { kind, start: at + head, end }))
}

/// The boxes inside `parent`, from `skip` bytes after its content begins.
fn children(source: &mut dyn ReadAt, parent: Item, skip: u64) -> io::Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut at = parent.start.saturating_add(skip);
    while items.len() < 1_000 {
        let Some(item) = item_at(source, at, parent.end)? else { break };
        at = item.end;
        items.push(item);
    }
    Ok(items)
}

fn child(source: &mut dyn ReadAt, parent: Item, kind: [u8; 4]) -> io::Result<Option<Item>> {
    Ok(children(source, parent, 0)?.into_iter().find(|item| item.kind == kind))
}

fn read_movie(source: &mut dyn ReadAt, moov: Item, movie: &mut Movie) -> io::Result<()> {
    let items = children(source, moov, 0)?;
    if let Some(header) = items.iter().find(|i| &i.kind == b"mvhd") {
        movie.timescale = clock_rate(&content(source, *header, 32)?);
    }
    for item in &items {
        match &item.kind {
            b"trak" => {
                let track = read_track(source, *item, movie.timescale)?;
                movie.tracks.push(track);
            }
            b"udta" => movie.gapless = gapless_note(&content(source, *item, 1 << 20)?),
            _ => {}
        }
    }
    Ok(())
}

fn read_track(source: &mut dyn ReadAt, trak: Item, movie_rate: u32) -> io::Result<TrackFacts> {
    let mut facts = TrackFacts::default();
    if let Some(header) = child(source, trak, *b"tkhd")? {
        let bytes = content(source, header, 24)?;
        let at = if bytes.first() == Some(&1) { 20 } else { 12 };
        facts.id = be32(&bytes, at);
    }
    if let Some(mdia) = child(source, trak, *b"mdia")? {
        if let Some(header) = child(source, mdia, *b"mdhd")? {
            facts.timescale = clock_rate(&content(source, header, 32)?);
        }
        if let Some(handler) = child(source, mdia, *b"hdlr")? {
            facts.is_sound = content(source, handler, 12)?.get(8..12) == Some(b"soun");
        }
        read_coding(source, mdia, &mut facts)?;
    }
    if let Some(edts) = child(source, trak, *b"edts")?
        && let Some(elst) = child(source, edts, *b"elst")?
    {
        let bytes = content(source, elst, 8 + MAX_EDITS * 20)?;
        facts.presented = edits(&bytes, movie_rate, facts.timescale);
    }
    Ok(facts)
}

/// The first sample description of a track.
fn read_coding(source: &mut dyn ReadAt, mdia: Item, facts: &mut TrackFacts) -> io::Result<()> {
    let mut at = mdia;
    for kind in [*b"minf", *b"stbl", *b"stsd"] {
        match child(source, at, kind)? {
            Some(item) => at = item,
            None => return Ok(()),
        }
    }
    if let Some(entry) = children(source, at, 8)?.first() {
        facts.entry = entry.kind;
        facts.locked = matches!(&entry.kind, b"enca" | b"drms" | b"encv" | b"drmi");
    }
    Ok(())
}

/// Edits as stretches of media. Empty edits delay the presentation and are left out: our zero is the first sample that
/// is heard. An order that plays something twice or backwards is not followed at all.
fn edits(bytes: &[u8], movie_rate: u32, track_rate: u32) -> Vec<Presented> {
    let wide = bytes.first() == Some(&1);
    let size = if wide { 20 } else { 12 };
    let count = be32(bytes, 4) as usize;
    if movie_rate == 0 || track_rate == 0 || count > MAX_EDITS {
        return Vec::new();
    }
    let mut stretches: Vec<Presented> = Vec::new();
    for entry in bytes.get(8..).unwrap_or(&[]).chunks_exact(size).take(count) {
        let (length, start) = if wide {
            (be64(entry, 0), i64::from_be_bytes(be64(entry, 8).to_be_bytes()))
        } else {
            (u64::from(be32(entry, 0)), i64::from(be32(entry, 4).cast_signed()))
        };
        let Ok(start) = u64::try_from(start) else { continue };
        let ticks = u128::from(length) * u128::from(track_rate) / u128::from(movie_rate);
        let end = u64::try_from(ticks).ok().filter(|t| *t > 0).and_then(|t| start.checked_add(t));
        if stretches.last().is_some_and(|last| last.end.is_none_or(|e| e > start)) {
            return Vec::new();
        }
        stretches.push(Presented { start, end });
    }
    stretches
}

/// `iTunSMPB`: hexadecimal words, the second of which is the priming and the fourth the number of samples.
fn gapless_note(bytes: &[u8]) -> Option<(u64, u64)> {
    let at = bytes.windows(8).position(|w| w == b"iTunSMPB")?;
    let text = bytes.get(at + 8..)?;
    // A `data` box: its name, then four bytes of type and four of locale.
    let data = text.windows(4).position(|w| w == b"data")?;
    let text = text.get(data + 12..)?;
    let text = std::str::from_utf8(text.get(..64.min(text.len()))?).ok()?;
    let mut words = text.split_ascii_whitespace().map(|w| u64::from_str_radix(w, 16).ok());
    let (_, priming, _, frames) = (words.next()?, words.next()??, words.next()?, words.next()??);
    // A second of priming is more than any encoder has.
    (priming < 48_000).then_some((priming, frames))
}

/// Ticks per second of a movie or media header, which have the same first fields.
fn clock_rate(bytes: &[u8]) -> u32 {
    be32(bytes, if bytes.first() == Some(&1) { 20 } else { 12 })
}

/// At most `max` bytes of what is in a box.
fn content(source: &mut dyn ReadAt, item: Item, max: usize) -> io::Result<Vec<u8>> {
    let len = usize::try_from(item.end.saturating_sub(item.start)).unwrap_or(max).min(max);
    let mut bytes = vec![0; len];
    let n = source.fill_at(item.start, &mut bytes)?;
    bytes.truncate(n);
    Ok(bytes)
}

/// Four bytes, big end first; zero if they are not there.
fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn be64(bytes: &[u8], at: usize) -> u64 {
    u64::from(be32(bytes, at)) << 32 | u64::from(be32(bytes, at + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(u32, i32)]) -> Vec<u8> {
        let mut bytes = vec![0; 4];
        bytes.extend(u32::try_from(entries.len()).expect("few").to_be_bytes());
        for (length, start) in entries {
            bytes.extend(length.to_be_bytes());
            bytes.extend(start.to_be_bytes());
            bytes.extend([0, 1, 0, 0]);
        }
        bytes
    }

    #[test]
    fn edits_become_stretches_of_media() {
        let one = edits(&list(&[(1_000, 1_024)]), 1_000, 44_100);
        assert_eq!(one, [Presented { start: 1_024, end: Some(45_124) }]);
        let delayed = edits(&list(&[(500, -1), (0, 2_112)]), 1_000, 48_000);
        assert_eq!(delayed, [Presented { start: 2_112, end: None }]);
        let twice = edits(&list(&[(1_000, 0), (1_000, 0)]), 1_000, 48_000);
        assert_eq!(twice, [], "playing something twice is not followed");
        assert_eq!(edits(&list(&[(1, 0)]), 0, 48_000), []);
        assert_eq!(edits(&[0, 0, 0, 0, 255, 255, 255, 255], 1, 1), []);
    }

    #[test]
    fn the_gapless_note_is_hexadecimal() {
        let note = b"....iTunSMPB\0\0\0\x80data\0\0\0\x01\0\0\0\0 00000000 00000840 000001CA 00000000003F31F6 00000000";
        assert_eq!(gapless_note(note), Some((0x840, 0x3f_31f6)));
        assert_eq!(gapless_note(b"iTunSMPB"), None);
        assert_eq!(gapless_note(b"iTunSMPBdata"), None);
    }
}
