//! The first page, for each hat; help; about.

use askama::Template;
use hearback_access::{SeeBriefing, SeePlaylist, SeeRecording, list};
use hearback_domain::{
    PlaylistId, RecordingId, Role, SessionKind, Timestamp, withdrawal::ErasureCause,
};
use hearback_storage::{PassageHeard, PlaylistSummary, RecordingSummary, TakenBack, Work};

use crate::{
    Visit,
    coaching::series::{self, Line},
    error::{Result, sentence},
    page::{Page, day, day_and_time, html, written_day, written_month},
    playlist::precise,
    recordings::{kept::sound_until, status},
};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
    name: String,
    hat: Role,
    recordings: Vec<RecordingLine>,
    playlists: Vec<PlaylistLine>,
    /// Where somebody prepares with the visitor.
    briefings: Vec<BriefingLine>,
    taken_back: Vec<String>,
    heard: Vec<HeardLine>,
    /// What the visitor's agreements with their coaches allow to be said.
    coaching: Vec<Line>,
    /// A supervisor let the visitor read a note.
    debriefs: bool,
}

struct RecordingLine {
    id: RecordingId,
    pseudonym: String,
    kind: &'static str,
    day: String,
    state: &'static str,
    /// The last day of its sound, if that is near.
    kept_until: Option<String>,
}

/// A passage that was heard to keep somebody safe.
struct HeardLine {
    /// None if it is no more.
    recording: Option<HeardOn>,
    when: String,
    from: String,
    to: String,
    reason: String,
}

struct HeardOn {
    id: RecordingId,
    pseudonym: String,
}

struct BriefingLine {
    recording: RecordingId,
    pseudonym: String,
}

struct PlaylistLine {
    id: PlaylistId,
    pseudonym: String,
    day: String,
}

/// `GET /`.
pub(crate) async fn show(visit: Visit) -> Result {
    let who = visit.signed_in()?;
    let mut work = visit.app().store.begin().await?;
    let mut recordings = Vec::new();
    let mut playlists = Vec::new();
    if matches!(who.role, Role::Practitioner | Role::Researcher) {
        recordings = summaries(&mut *work, &visit).await?;
    }
    let mut lines: Vec<_> = recordings.iter().map(recording_line).collect();
    let (mut heard, mut coaching) = (Vec::new(), Vec::new());
    if who.role == Role::Practitioner {
        coaching = series::lines(&mut *work, &visit).await?;
        say_endings(&mut *work, &visit, &mut lines).await?;
        heard = passages_heard(&mut *work, &visit, &recordings).await?;
    }
    if matches!(who.role, Role::Practitioner | Role::Coach) {
        for permit in list::<SeePlaylist>(work.gate(), visit.cx()).await? {
            playlists.extend(work.playlist_summary(&permit).await?);
        }
    }
    let mut briefings = Vec::new();
    if who.role == Role::Coach {
        for permit in list::<SeeBriefing>(work.gate(), visit.cx()).await? {
            let recording = permit.object();
            let briefing = work.briefing(&permit).await?;
            briefings.extend(briefing.map(|briefing| BriefingLine {
                recording,
                pseudonym: briefing.pseudonym.to_string(),
            }));
        }
    }
    let debriefs = who.role == Role::Researcher && work.has_debriefs(visit.cx()).await?;
    let taken_back = work.taken_back(visit.cx()).await?;
    work.commit().await?;
    html(&HomePage {
        page: visit.page("Home"),
        name: who.person.name.clone(),
        hat: who.role,
        recordings: lines,
        playlists: playlists.iter().map(playlist_line).collect(),
        briefings,
        taken_back: taken_back.iter().map(gone).collect(),
        heard,
        coaching,
        debriefs,
    })
}

/// For how long it is said on the first page that a passage was heard, from when it was first shown: 30 days.
const SAID_FOR: i64 = 30 * 86_400;

/// Passages of one's own recordings that somebody heard to keep somebody safe. Nobody can switch this off, and it is
/// noted that it was shown. The recording's own page says it for good.
async fn passages_heard(
    work: &mut dyn Work,
    visit: &Visit,
    recordings: &[RecordingSummary],
) -> Result<Vec<HeardLine>> {
    let cx = visit.cx();
    let mut lines = Vec::new();
    for permit in list::<SeeRecording>(work.gate(), cx).await? {
        let heard = work.passages_heard(&permit).await?;
        let called = recordings.iter().find(|r| r.id == permit.object());
        if heard.iter().any(|h| h.seen_at.is_none()) {
            work.passages_shown(&permit).await?;
        }
        let on = || HeardOn {
            id: permit.object(),
            pseudonym: called.map(|r| r.pseudonym.to_string()).unwrap_or_default(),
        };
        lines
            .extend(heard.iter().filter(|h| is_said(h, cx.now)).map(|h| heard_line(h, Some(on()))));
    }
    // Nobody loses this news because the recording was taken back meanwhile.
    let of_gone = work.tell_what_was_heard_of_gone(cx).await?;
    lines.extend(of_gone.iter().filter(|h| is_said(h, cx.now)).map(|h| heard_line(h, None)));
    Ok(lines)
}

fn is_said(heard: &PassageHeard, now: Timestamp) -> bool {
    heard.seen_at.is_none_or(|seen| now < seen.plus_seconds(SAID_FOR))
}

fn heard_line(heard: &PassageHeard, recording: Option<HeardOn>) -> HeardLine {
    HeardLine {
        recording,
        when: day_and_time(heard.heard_at),
        from: precise::format(heard.span.start()),
        to: precise::format(heard.span.end()),
        reason: sentence(heard.reason.as_str()),
    }
}

/// Writes beside each of one's own recordings until when it is kept, if that is near.
async fn say_endings(
    work: &mut dyn Work,
    visit: &Visit,
    lines: &mut [RecordingLine],
) -> Result<()> {
    let cx = visit.cx();
    for permit in list::<SeeRecording>(work.gate(), cx).await? {
        let kept = work.kept_here(&permit).await?;
        for line in lines.iter_mut().filter(|line| line.id == permit.object()) {
            line.kept_until = sound_until(&kept, cx.now);
        }
    }
    Ok(())
}

async fn summaries(work: &mut dyn Work, visit: &Visit) -> Result<Vec<RecordingSummary>> {
    let mut found = Vec::new();
    for permit in list::<SeeRecording>(work.gate(), visit.cx()).await? {
        found.extend(work.summary(&permit).await?);
    }
    Ok(found)
}

fn recording_line(recording: &RecordingSummary) -> RecordingLine {
    RecordingLine {
        id: recording.id,
        pseudonym: recording.pseudonym.to_string(),
        kind: SessionKind::title(recording.session_kind),
        day: match &recording.held_on {
            Some(held_on) => written_day(held_on),
            None => format!("added {}", day(recording.created_at)),
        },
        state: status::in_brief(recording.state),
        kept_until: None,
    }
}

/// What is told of a recording that is no more: months, and not who asked.
fn gone(gone: &TakenBack) -> String {
    let (began, went) = (written_month(&gone.began_in), written_month(&gone.gone_in));
    match gone.cause {
        ErasureCause::Retention => {
            format!("One that you began in {began} came to the end of its time in {went}.")
        }
        _ => format!("One that you began in {began} was taken back in {went}."),
    }
}

fn playlist_line(playlist: &PlaylistSummary) -> PlaylistLine {
    PlaylistLine {
        id: playlist.id,
        pseudonym: playlist.pseudonym.to_string(),
        day: day(playlist.agreed_at),
    }
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    page: Page,
}

/// `GET /help`.
pub(crate) async fn help(visit: Visit) -> Result {
    html(&HelpPage { page: visit.page("Help") })
}

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    page: Page,
    version: &'static str,
    model: Option<String>,
    framework_title: String,
    framework_version: String,
    framework_source: String,
}

/// `GET /about`.
pub(crate) async fn about(visit: Visit) -> Result {
    let mut work = visit.app().store.begin().await?;
    let framework = work.current_framework().await?;
    drop(work);
    html(&AboutPage {
        page: visit.page("About"),
        version: env!("CARGO_PKG_VERSION"),
        model: visit.app().config.speech_model.clone(),
        framework_title: framework.title.clone(),
        framework_version: framework.version.clone(),
        framework_source: framework.source.clone(),
    })
}
