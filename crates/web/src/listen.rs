//! The room: extracts in order, for the coach and for the practitioner. No numbers (K-05).

use std::collections::HashMap;

use askama::Template;
use hearback_access::SeePlaylist;
use hearback_domain::{ClipId, Ms, PlaylistId, sound};
use hearback_storage::RoomClip;
use serde::Serialize;

use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    frameworks::Names,
    page::{Page, html, page_data},
    words::quote::in_the_room,
};

#[derive(Template)]
#[template(path = "player.html")]
struct PlayerPage {
    page: Page,
    playlist: PlaylistView,
    practitioner_is_me: bool,
    clips: Vec<ClipView>,
    page_data: String,
}

struct PlaylistView {
    title: String,
    about: Option<String>,
}

struct ClipView {
    id: ClipId,
    skill: String,
    note: String,
    question: String,
    audio: String,
    /// What is said in it, if that is shown.
    words: Option<String>,
}

#[derive(Serialize)]
struct PlayerData<'a> {
    playlist: PlaylistData<'a>,
    clips: Vec<ClipData>,
}

#[derive(Serialize)]
struct PlaylistData<'a> {
    id: PlaylistId,
    title: &'a str,
    practitioner_is_me: bool,
}

#[derive(Serialize)]
struct ClipData {
    id: ClipId,
    position: usize,
    skill_name: String,
    sub_name: Option<String>,
    question: String,
    note: String,
    duration_ms: Ms,
    audio: String,
}

/// `GET /listen/{playlist}`.
pub(crate) async fn show(visit: Visit, Path(id): Path<PlaylistId>) -> Result {
    let (mut work, permit) = visit.permit::<SeePlaylist>(id).await?;
    let room = work.room_playlist(&permit).await?.ok_or(WebError::NotFound)?;
    let versions: Vec<_> = room.clips.iter().map(|clip| &*clip.framework_version).collect();
    let names = Names::of(&mut *work, &versions).await?;
    let quoted: Vec<_> = room.clips.iter().filter(|clip| clip.quoted).map(|clip| clip.id).collect();
    let words = in_the_room(&visit, work, &quoted).await?;
    let words: HashMap<ClipId, String> =
        quoted.into_iter().zip(words).filter_map(|(id, words)| Some((id, words?))).collect();
    let mine = visit.user()? == room.practitioner;
    let title = format!("Moments with {}", room.pseudonym);
    let data = PlayerData {
        playlist: PlaylistData { id, title: &title, practitioner_is_me: mine },
        clips: (1..)
            .zip(&room.clips)
            .map(|(n, clip)| data_of(room.named.then_some(&names), n, clip))
            .collect(),
    };
    html(&PlayerPage {
        page: visit.page(title.as_str()),
        practitioner_is_me: mine,
        page_data: page_data(&data)?,
        clips: data.clips.iter().map(|clip| view_of(clip, words.get(&clip.id))).collect(),
        playlist: PlaylistView {
            title: title.clone(),
            about: Some("Listen in your own time. What stood out?".to_owned()),
        },
    })
}

fn data_of(names: Option<&Names>, position: usize, clip: &RoomClip) -> ClipData {
    let (skill_name, sub_name) = match names {
        Some(names) => names.get(&clip.framework_version, &clip.skill, clip.sub.as_deref()),
        None => ("A moment to listen to".to_owned(), None),
    };
    ClipData {
        id: clip.id,
        position,
        skill_name,
        sub_name,
        question: clip.question.to_string(),
        note: clip.note.to_string(),
        duration_ms: sound::duration(clip.bytes.saturating_sub(sound::WAV_HEADER_LEN)),
        audio: format!("/clips/{}/audio", clip.id),
    }
}

fn view_of(clip: &ClipData, words: Option<&String>) -> ClipView {
    ClipView {
        id: clip.id,
        skill: together(&clip.skill_name, clip.sub_name.as_deref()),
        note: clip.note.clone(),
        question: clip.question.clone(),
        audio: clip.audio.clone(),
        words: words.cloned(),
    }
}

/// "Empathy – Curiosity".
pub(crate) fn together(skill: &str, sub: Option<&str>) -> String {
    match sub {
        Some(sub) => format!("{skill} – {sub}"),
        None => skill.to_owned(),
    }
}
