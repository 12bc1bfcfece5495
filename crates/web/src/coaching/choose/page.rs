//! The page of a session: what is heard in it, and what could be.

use std::collections::HashMap;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::{ChooseClips, SeeSession, WatchSession, among};
use hearback_domain::{
    ClipId, CoachingSessionId, PieceId, Role, SeriesId,
    choosing::{MOST_PIECES, Reasons, by_reasons},
    coaching::SessionState,
    sheets::{SheetKind, Writer},
};
use hearback_storage::{Extract, Piece, Series};

use super::{
    About, about, heard_as, is_theirs, known_of,
    listed::{Listed, Look, kept, said},
    marked_by, skill_of, words_of,
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::Path,
    frameworks::Names,
    page::{Page, html, page_data},
    when::When,
};

#[derive(Template)]
#[template(path = "session.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the template asks, one by one")]
struct SessionPage {
    page: Page,
    session: CoachingSessionId,
    series: SeriesId,
    /// Whether the visitor is coached; otherwise they coach.
    theirs: bool,
    /// The chosen name that the series is about.
    name: String,
    /// Who else is there.
    other: Option<String>,
    number: Option<u8>,
    when: When,
    place: String,
    state: &'static str,
    /// Whether something can be chosen.
    open: bool,
    live: bool,
    planned: bool,
    postponed: bool,
    /// Both have signed the agreement.
    agreed: bool,
    /// The series has not ended.
    goes_on: bool,
    pieces: Vec<PieceView>,
    /// What the practitioner took out; theirs alone to see.
    vetoed: Vec<PieceView>,
    total: String,
    full: bool,
    proposed: Vec<ProposedView>,
    others: Vec<ProposedView>,
    sheets: Vec<SheetKind>,
    page_data: String,
}

struct PieceView {
    id: PieceId,
    /// What is told of it; none while it rests.
    told: Option<ToldView>,
    heard: bool,
    first: bool,
    last: bool,
}

struct ToldView {
    /// Which words these are, so that nobody changes others unseen.
    said: String,
    title: String,
    question: String,
    /// What is heard in it, where the title says something else.
    skill: Option<String>,
    strength: String,
    length: String,
    why: Vec<String>,
    words: Option<String>,
    sound: Option<String>,
}

struct ProposedView {
    clip: ClipId,
    skill: String,
    from: String,
    strength: String,
    question: String,
    length: String,
    why: Vec<String>,
}

/// `GET /sessions/{session}`. Whoever was invited goes into the room.
pub(crate) async fn show(visit: Visit, Path(session): Path<CoachingSessionId>) -> Result {
    view(&visit, session, Vec::new()).await
}

/// The page with what did not go through.
pub(super) async fn refuse(visit: &Visit, session: CoachingSessionId, error: FieldError) -> Result {
    if visit.wants_json() {
        return Err(WebError::Invalid(vec![error]));
    }
    view(visit, session, vec![error]).await
}

async fn view(visit: &Visit, session: CoachingSessionId, errors: Vec<FieldError>) -> Result {
    let (mut work, permit) = visit.permit::<SeeSession>(session).await?;
    if visit.signed_in()?.role == Role::LineManager {
        work.commit().await?;
        return Ok(Redirect::to(&format!("/sessions/{session}/room")).into_response());
    }
    // Before the list: a page that has an old sign asks once more than it would have to.
    let watch = among::<WatchSession>(work.gate(), visit.cx(), &[session]).await?;
    let sign = match watch.first() {
        Some(watch) => kept(&work.session_sign(watch).await?),
        None => String::new(),
    };
    let pieces = work.pieces(&permit).await?;
    let about = about(visit, &mut *work, &permit).await?;
    let may_choose = among::<ChooseClips>(work.gate(), visit.cx(), &[session]).await?;
    let open = !may_choose.is_empty() && is_open(about.meeting.state);
    let could = match may_choose.first() {
        Some(choose) if open => work.could_be_heard(choose).await?,
        _ => Vec::new(),
    };
    let (versions, quoted) = known(&pieces, &could);
    let versions: Vec<_> = versions.iter().map(String::as_str).collect();
    let names = Names::of(&mut *work, &versions).await?;
    let words = words_of(visit, work, quoted).await?.into_iter().collect();
    let theirs = is_theirs(visit)?;
    let see = Seeing { theirs, session, names, words, sign, about: &about };
    see.page(visit, pieces, could, open, errors)
}

/// The versions of the framework that the page is about, and the extracts whose words are to be shown.
fn known(pieces: &[Piece], could: &[Extract]) -> (Vec<String>, Vec<ClipId>) {
    let told = pieces.iter().filter_map(|piece| piece.told.as_ref()).map(|told| &told.extract);
    let (_, quoted) = known_of(told.clone());
    let (versions, _) = known_of(told.chain(could));
    (versions, quoted)
}

/// Whether something can be chosen for a session.
const fn is_open(state: SessionState) -> bool {
    !matches!(state, SessionState::Held | SessionState::Missed)
}

/// What the pieces of the page are made from.
struct Seeing<'a> {
    theirs: bool,
    session: CoachingSessionId,
    names: Names,
    words: HashMap<ClipId, String>,
    /// Of the list.
    sign: String,
    about: &'a About,
}

impl Seeing<'_> {
    fn series(&self) -> &Series {
        &self.about.series
    }

    /// Whether extracts play here: for the practitioner also when the series has ended.
    fn may_hear(&self) -> bool {
        self.theirs || self.series().ended.is_none()
    }

    /// Who marked moments, as the visitor calls them; none if it was the visitor.
    fn practitioner(&self) -> Option<&str> {
        (!self.theirs).then_some(&*self.series().practitioner_name)
    }

    fn page(
        self,
        visit: &Visit,
        pieces: Vec<Piece>,
        could: Vec<Extract>,
        open: bool,
        errors: Vec<FieldError>,
    ) -> Result {
        let (series, meeting) = (self.series(), &self.about.meeting);
        let writer = if self.theirs { Writer::Practitioner } else { Writer::Coach };
        let (vetoed, chosen): (Vec<_>, Vec<_>) =
            pieces.into_iter().partition(|piece| piece.vetoed_at.is_some());
        let list = Listed::of(&chosen, meeting.state);
        let total = list.total.clone();
        let full = chosen.len() >= MOST_PIECES;
        let (proposed, others) = self.proposed(could);
        let code =
            if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let mut page = visit.page(format!("Session about {}", series.focus.name));
        page.errors = errors;
        let other = if self.theirs {
            series.coach.as_ref().map(|(_, name)| name.clone())
        } else {
            Some(series.practitioner_name.clone())
        };
        let body = html(&SessionPage {
            page,
            session: self.session,
            series: series.id,
            theirs: self.theirs,
            name: series.focus.name.to_string(),
            other,
            number: self.about.number,
            when: When::of(meeting.began_at.unwrap_or(meeting.planned_at)),
            place: meeting.place.to_string(),
            state: meeting.state.title(),
            open,
            live: meeting.state == SessionState::Live,
            planned: meeting.state == SessionState::Planned,
            postponed: meeting.state == SessionState::Postponed,
            agreed: series.agreed_at.is_some(),
            goes_on: series.ended.is_none(),
            total,
            pieces: self.pieces(chosen),
            vetoed: self.pieces(vetoed),
            page_data: page_data(&Look { sign: self.sign, list: Some(list) })?,
            full,
            proposed,
            others,
            sheets: SheetKind::ALL.iter().copied().filter(|kind| kind.is_kept_by(writer)).collect(),
        })?;
        Ok((code, body).into_response())
    }

    fn pieces(&self, pieces: Vec<Piece>) -> Vec<PieceView> {
        let last = pieces.len().saturating_sub(1);
        let views = pieces.into_iter().enumerate().map(|(n, piece)| PieceView {
            told: piece.told.as_ref().map(|told| {
                let skill = skill_of(&self.names, &told.extract);
                ToldView {
                    said: said(&told.title, &told.question),
                    title: told.title.to_string(),
                    question: told.question.to_string(),
                    strength: told.extract.strength.to_string(),
                    length: told.extract.length.to_string(),
                    why: marked_by(self.practitioner(), &told.extract.marked),
                    words: self.words.get(&piece.clip).cloned(),
                    sound: (self.may_hear() && piece.vetoed_at.is_none())
                        .then(|| format!("/sessions/{}/clips/{}/sound", self.session, piece.id)),
                    skill: (skill != told.title.as_str()).then_some(skill),
                }
            }),
            id: piece.id,
            heard: piece.heard_at.is_some(),
            first: n == 0,
            last: n == last,
        });
        views.collect()
    }

    /// What is proposed, for a reason, and what is there besides.
    fn proposed(&self, could: Vec<Extract>) -> (Vec<ProposedView>, Vec<ProposedView>) {
        let focus = self.series().focus.skill.as_deref();
        let mut all: Vec<(Extract, Reasons)> = could
            .into_iter()
            .map(|extract| {
                let reasons = Reasons {
                    focus: extract.named && focus == Some(&*extract.skill),
                    marked: extract.marked.clone(),
                    exemplar: extract.exemplar,
                };
                (extract, reasons)
            })
            .collect();
        by_reasons(&mut all, |(_, reasons)| reasons);
        let (proposed, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, reasons)| reasons.any());
        let views = |all: Vec<(Extract, Reasons)>| {
            all.iter().map(|(extract, reasons)| self.proposal(extract, reasons)).collect()
        };
        (views(proposed), views(others))
    }

    fn proposal(&self, extract: &Extract, reasons: &Reasons) -> ProposedView {
        let skill = skill_of(&self.names, extract);
        let mut why = Vec::new();
        if reasons.focus {
            let who = self.practitioner().unwrap_or("you");
            why.push(format!("It is about what {who} chose to look at."));
        }
        why.extend(marked_by(self.practitioner(), &reasons.marked));
        if reasons.exemplar {
            why.push(heard_as(self.theirs, &skill));
        }
        ProposedView {
            clip: extract.clip,
            skill,
            from: extract.pseudonym.to_string(),
            strength: extract.strength.to_string(),
            question: extract.question.to_string(),
            length: extract.length.to_string(),
            why,
        }
    }
}
