//! The page on which a playlist is made.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{Code, MakePlaylist, Permit, SeeBriefing};
use hearback_domain::{ClipId, CodeId, ObjectId, Purpose, RecordingId};
use hearback_storage::{Clip, EvidenceCode, Playlist, Proposal, Work};

use super::precise;
use crate::{
    Visit,
    coding::recording,
    error::{FieldError, Result},
    extract::Path,
    frameworks::{Names, framework_of_coding},
    listen::together,
    page::{Page, day, html},
    recordings::moments::{MomentView, marked},
    words::quote::{Preview, previews},
};

#[derive(Template)]
#[template(path = "playlist.html")]
struct PlaylistPage {
    page: Page,
    recording: RecordingId,
    pseudonym: String,
    codes: Vec<CodeView>,
    /// What was proposed in the briefing, in its order.
    proposals: Vec<ProposalView>,
    /// What the practitioner marked, and whether there is an extract of it.
    marked: Vec<(MomentView, bool)>,
    /// What can be heard in an extract: key and name.
    items: Vec<(String, String)>,
    clips: Vec<ClipView>,
    agreed: Option<String>,
    /// Somebody listened to the whole recording as it is heard, which stands for its extracts.
    nothing_to_hide: bool,
    /// Whether something can be shared now.
    shareable: bool,
    /// Whether something is still being cut.
    cutting: bool,
}

struct CodeView {
    id: CodeId,
    skill: String,
    start: String,
    end: String,
    note: String,
}

struct ProposalView {
    code: CodeId,
    skill: String,
    start: String,
    end: String,
    strength: String,
    question: String,
    who: String,
    /// There is an extract of it.
    made: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "what the template asks, one by one")]
struct ClipView {
    id: ClipId,
    skill: String,
    start: String,
    end: String,
    note: String,
    question: String,
    /// Its sound, once it is cut.
    cut: Option<ObjectId>,
    approved: bool,
    vetoed: bool,
    /// Whether its words are to be shown.
    quoted: bool,
    /// Where it begins (ms).
    at: u64,
    words: Preview,
    first: bool,
    last: bool,
}

/// `GET /recordings/{id}/playlist`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    view(&visit, id, Vec::new()).await
}

/// The page, perhaps with what did not go through.
pub(crate) async fn view(visit: &Visit, id: RecordingId, errors: Vec<FieldError>) -> Result {
    let (mut work, permit) = visit.permit::<MakePlaylist>(id).await?;
    let playlist = work.playlist(&permit).await?;
    let (mut work, coding) = visit.also::<Code>(work, id).await?;
    let codes = work.codes(&coding).await?;
    let framework = framework_of_coding(&mut *work, &coding).await?;
    let marked = marked(visit, &mut *work, id).await?;
    let (mut work, briefing) = visit.also::<SeeBriefing>(work, id).await?;
    let proposed = with_names(&mut *work, &briefing).await?;
    let (mut work, recording) = recording(visit, work, id).await?;
    let versions = codes.iter().map(|code| &*code.framework_version);
    let of_clips = playlist.iter().flat_map(|p| &p.clips).map(|clip| &*clip.framework_version);
    let versions: Vec<_> = versions.chain(of_clips).collect();
    let names = Names::of(&mut *work, &versions).await?;
    let spans: Vec<_> = playlist.iter().flat_map(|p| &p.clips).map(|clip| clip.span).collect();
    let previews = if spans.is_empty() || !recording.cover(Purpose::Transcribe) {
        work.commit().await?;
        spans.iter().map(|_| Preview::None).collect()
    } else {
        previews(visit, work, id, &spans).await?
    };

    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(format!("Playlist: {}", recording.pseudonym));
    page.errors = errors;
    let Playlist { clips, agreed_at, nothing_to_hide, .. } = playlist.unwrap_or_else(|| Playlist {
        id: nothing(),
        clips: Vec::new(),
        kept: Vec::new(),
        agreed_at: None,
        nothing_to_hide: false,
    });
    let last = clips.len().saturating_sub(1);
    let proposals = proposed
        .iter()
        .filter_map(|(proposal, who)| proposal_view(&names, &codes, &clips, proposal, who))
        .collect();
    let marked = marked.into_iter().map(|moment| {
        let made = clips.iter().any(|clip| is_heard_in(&moment, clip));
        (moment, made)
    });
    let marked = marked.collect();
    let items = framework.coded().iter().map(|i| (i.key.to_string(), i.name())).collect();
    let clips: Vec<_> = clips
        .iter()
        .zip(previews)
        .enumerate()
        .map(|(n, (clip, words))| clip_view(&names, clip, words, n == 0, n == last))
        .collect();
    let body = html(&PlaylistPage {
        page,
        recording: id,
        pseudonym: recording.pseudonym.to_string(),
        codes: codes.iter().map(|code| code_view(&names, code)).collect(),
        proposals,
        marked,
        items,
        agreed: agreed_at.map(day),
        shareable: clips
            .iter()
            .any(|c| c.cut.is_some() && (c.approved || nothing_to_hide) && !c.vetoed),
        nothing_to_hide,
        cutting: clips.iter().any(|c| c.cut.is_none() && !c.vetoed),
        clips,
    })?;
    Ok((code, body).into_response())
}

/// Whether an extract holds some of a moment.
fn is_heard_in(moment: &MomentView, clip: &Clip) -> bool {
    moment.start_ms < clip.span.end().get() && clip.span.start().get() < moment.end_ms
}

fn nothing() -> hearback_domain::PlaylistId {
    hearback_domain::PlaylistId::from_uuid(uuid::Uuid::nil())
}

/// What is proposed, each with who proposed it.
async fn with_names(
    work: &mut dyn Work,
    permit: &Permit<SeeBriefing>,
) -> Result<Vec<(Proposal, String)>> {
    let mut out = Vec::new();
    for proposal in work.proposals(permit).await? {
        let who = work.person(proposal.by).await?.map(|person| person.name);
        out.push((proposal, who.unwrap_or_default()));
    }
    Ok(out)
}

fn proposal_view(
    names: &Names,
    codes: &[EvidenceCode],
    clips: &[Clip],
    proposal: &Proposal,
    who: &str,
) -> Option<ProposalView> {
    let code = codes.iter().find(|code| code.id == proposal.proposed.code)?;
    let CodeView { id, skill, start, end, .. } = code_view(names, code);
    Some(ProposalView {
        code: id,
        skill,
        start,
        end,
        strength: proposal.proposed.strength.to_string(),
        question: proposal.proposed.question.to_string(),
        who: who.to_owned(),
        made: clips.iter().any(|clip| clip.span == code.span),
    })
}

fn code_view(names: &Names, code: &EvidenceCode) -> CodeView {
    let (skill, sub) = names.get(&code.framework_version, &code.skill, code.sub.as_deref());
    CodeView {
        id: code.id,
        skill: together(&skill, sub.as_deref()),
        start: precise::format(code.span.start()),
        end: precise::format(code.span.end()),
        note: code.note.to_string(),
    }
}

fn clip_view(names: &Names, clip: &Clip, words: Preview, first: bool, last: bool) -> ClipView {
    let (skill, sub) = names.get(&clip.framework_version, &clip.skill, clip.sub.as_deref());
    ClipView {
        id: clip.id,
        skill: together(&skill, sub.as_deref()),
        start: precise::format(clip.span.start()),
        end: precise::format(clip.span.end()),
        note: clip.note.to_string(),
        question: clip.question.to_string(),
        cut: clip.cut,
        approved: clip.approved_by.is_some(),
        vetoed: clip.vetoed,
        quoted: clip.quoted,
        at: clip.span.start().get(),
        words,
        first,
        last,
    }
}
