//! Sound that has a name but cannot be read here, by what stands in the file: so that the answer can name it and say
//! how to save it in another form.

/// Where a marker stands, the marker, and what people call the thing.
type Mark = (usize, &'static [u8], &'static str);

/// Kinds of file, by their first bytes.
const FILES: &[Mark] = &[
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
    (0, b"\x02dss", "DSS dictation"),
    (0, b"\x03dss", "DSS dictation"),
    (0, b"\x01ds2", "DS2 dictation"),
    (0, b"\x03ds2", "DS2 dictation"),
    (0, b"\x07ds2", "DS2 dictation"),
    (0, b"#!AMR_MC1.0", "AMR with several channels"),
    (0, b"#!AMR-WB_MC1.0", "AMR with several channels"),
    (0, b"#!EVRC", "EVRC"),
    (0, b"#!SILK", "SILK"),
    (1, b"#!SILK", "SILK"),
    (8, b"QLCM", "QCELP"),
    (0, b"riff\x2e\x91\xcf\x11", "Wave64"),
    (0, b".snd", "Sun audio"),
    (0, b"Creative Voice File", "Creative Voice"),
    (0, b"NIST_1A", "NIST Sphere"),
    (0, b".RMF", "RealAudio"),
    (0, b".ra\xfd", "RealAudio"),
    (0, b"MThd", "MIDI"),
    (0, b"MAC ", "Monkeys Audio"),
    (0, b"wvpk", "WavPack"),
    (0, b"MPCK", "Musepack"),
    (0, b"MP+", "Musepack"),
    (0, b"TTA1", "True Audio"),
    (0, b"ADIF", "AAC in ADIF"),
    (0, b"\x0b\x77", "Dolby Digital"),
    (0, b"FLV\x01", "Flash video"),
    (0, b"\0\0\x01\xba", "MPEG film"),
    (8, b"AVI ", "AVI film"),
];

/// Streams in an Ogg file, by the beginning of their first packet.
const OGG: &[Mark] = &[
    (0, b"Speex   ", "Speex"),
    (0, b"PCM     ", "PCM in Ogg"),
    (0, b"CELT    ", "CELT"),
    (0, b"\x80theora", "Theora film"),
];

/// Codings in a Matroska file, by their name there.
const MATROSKA: &[Mark] = &[
    (0, b"A_AC3", "Dolby Digital"),
    (0, b"A_EAC3", "Dolby Digital"),
    (0, b"A_DTS", "DTS"),
    (0, b"A_TRUEHD", "Dolby TrueHD"),
    (0, b"A_MS/ACM", "sound for Windows only"),
    (0, b"A_QUICKTIME", "sound for QuickTime only"),
    (0, b"A_REAL", "RealAudio"),
    (0, b"A_WAVPACK4", "WavPack"),
    (0, b"A_TTA1", "True Audio"),
    (0, b"A_OPUS", "Opus with several channels"),
];

/// Codings in a WAV file, by their tag (RFC 2361).
const WAVE_TAGS: &[(u16, &str)] = &[
    (0x0022, "TrueSpeech"),
    (0x0031, "GSM 6.10"),
    (0x0040, "G.721"),
    (0x0042, "G.723"),
    (0x0045, "G.726"),
    (0x0062, "Dialogic ADPCM"),
    (0x0064, "G.726"),
    (0x0065, "G.722"),
    (0x00ff, "AAC in WAV"),
    (0x0160, "WMA"),
    (0x0161, "WMA"),
    (0x0162, "WMA"),
    (0x0163, "WMA"),
    (0x2000, "Dolby Digital"),
    (0xa109, "Speex"),
];

/// Sound (or what people mistake for it) in a file that begins like this.
pub(crate) fn file_name(head: &[u8]) -> Option<&'static str> {
    let transport = |n: usize| head.get(n * 188) == Some(&0x47);
    let is_transport = head.len() > 5 * 188 && (0..5).all(transport);
    found(FILES, head).or_else(|| is_transport.then_some("MPEG film"))
}

/// The coding in an Ogg file that begins like this, if it is one that cannot be read.
pub(crate) fn ogg_name(head: &[u8]) -> Option<&'static str> {
    found(OGG, ogg_packet(head))
}

/// The first packet of an Ogg file lies behind the first page's header.
fn ogg_packet(head: &[u8]) -> &[u8] {
    let segments = usize::from(head.get(26).copied().unwrap_or(0));
    head.get(27 + segments..).unwrap_or(&[])
}

/// What to call the sound of an Ogg file that no decoder takes.
pub(crate) fn ogg_unread(head: &[u8]) -> &'static str {
    let opus = ogg_packet(head).starts_with(b"OpusHead");
    ogg_name(head).unwrap_or(if opus { "Opus with several channels" } else { UNNAMED })
}

/// The coding in a Matroska or WebM file that begins like this.
pub(crate) fn matroska_name(head: &[u8]) -> &'static str {
    // The element `CodecID`: a name that begins so, with its length before it.
    let ids = head.windows(3).enumerate().filter(|(_, w)| w[0] == 0x86 && w[2] == b'A');
    let mut names = ids.filter_map(|(at, _)| found(MATROSKA, &head[at + 2..]));
    names.next().unwrap_or(UNNAMED)
}

/// The everyday name of a WAV file's coding.
pub(crate) fn wave_tag_name(tag: u16) -> &'static str {
    WAVE_TAGS.iter().find(|(known, _)| *known == tag).map_or(UNNAMED, |(_, name)| name)
}

/// The everyday name of an ISO sample entry.
pub(crate) fn entry_name(entry: [u8; 4]) -> &'static str {
    match &entry {
        b"ac-3" | b"ec-3" => "Dolby Digital",
        b"Opus" => "Opus with several channels",
        b"samr" | b"sawb" => "AMR with several channels",
        b"sevc" => "EVRC",
        b"sqcp" => "QCELP",
        b"agsm" => "GSM 6.10",
        b"QDM2" | b"QDMC" => "QDesign",
        b"MAC3" | b"MAC6" => "MACE",
        b"mhm1" | b"mha1" => "MPEG-H",
        _ => UNNAMED,
    }
}

/// What to call a coding that is in no table.
const UNNAMED: &str = "this coding of sound";

fn found(marks: &[Mark], head: &[u8]) -> Option<&'static str> {
    let stands = |(at, marker, _): &&Mark| head.get(*at..at + marker.len()) == Some(*marker);
    marks.iter().find(stands).map(|(_, _, name)| *name)
}

/// What somebody can do with a recording that has this name here; nothing where there is only the usual advice.
pub(crate) fn advice(codec: &str) -> Option<&'static str> {
    Some(match codec {
        "DSS dictation" | "DS2 dictation" => {
            "open it in the dictation program that came with the recorder, choose “save as” or “export”, then WAV"
        }
        "WMA" => {
            "set the recorder to MP3 or WAV for the next visit, and convert this one to MP3 or WAV with the program \
             that came with the recorder or on any Windows computer"
        }
        "Speex" | "SILK" | "EVRC" | "QCELP" => {
            "open it in the app that recorded it, choose “share” or “export”, then WAV, MP3 or M4A"
        }
        "GSM 6.10" | "TrueSpeech" | "Dialogic ADPCM" => {
            "ask whoever runs the telephone system to export it as uncompressed WAV (PCM)"
        }
        "Dolby Digital" | "DTS" | "MPEG film" | "AVI film" | "Flash video" => {
            "open it on the device that filmed it and export it as MP4, or its sound alone as MP3 or M4A"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_has_its_name() {
        assert_eq!(file_name(b"\x03ds2\0\0"), Some("DS2 dictation"));
        assert_eq!(file_name(b"RIFF\0\0\0\0AVI LIST"), Some("AVI film"));
        assert_eq!(file_name(b"RIFF\0\0\0\0WAVE"), None);
        let mut stream = vec![0; 1_000];
        (0..5).for_each(|n| stream[n * 188] = 0x47);
        assert_eq!(file_name(&stream), Some("MPEG film"));
        let mut page = b"OggS".to_vec();
        page.extend([0; 22]);
        page.extend(b"\x01\x50Speex   1.2");
        assert_eq!((ogg_name(&page), ogg_unread(&page)), (Some("Speex"), "Speex"));
        assert_eq!((ogg_name(b"OggS"), ogg_unread(b"OggS")), (None, UNNAMED));
        assert_eq!(matroska_name(b"....\x86\x85A_AC3...."), "Dolby Digital");
        assert_eq!(wave_tag_name(0x31), "GSM 6.10");
        assert_eq!(wave_tag_name(0x1234), UNNAMED);
    }
}
