//! Disagreements with ears: two finished codings on one time line, to be listened to and agreed. What each coder wrote
//! stays as it is, and it alone goes into figures.

use askama::Template;
use hearback_access::{AgreeCodings, CompareCodings, SeeRecording, TeachWith, among};
use hearback_domain::{
    CodeId, Framework, RecordingId, UserId,
    passages::{Mark, Passage, passages},
};
use hearback_storage::{AgreedCode, EvidenceCode, Work};

use super::{
    apart::{ScoreView, scores_of},
    compare::{Finished, finished},
    recording,
    timeline::data_of,
};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    frameworks::framework_of,
    listen::together,
    page::{Page, day, html, page_data},
    playlist::precise,
};

#[derive(Template)]
#[template(path = "together.html")]
struct TogetherPage {
    page: Page,
    recording: RecordingId,
    pseudonym: String,
    coders: Vec<CoderView>,
    passages: Vec<PassageView>,
    /// How many passages all coders marked with the same skill.
    same: usize,
    /// None where the codings are of different versions: their numbers are not of one scale.
    scores: Option<Vec<ScoreView>>,
    /// The version with which it can be proposed for a training set.
    teach: Option<String>,
    page_data: String,
}

struct CoderView {
    /// From 1.
    number: usize,
    name: String,
    mine: bool,
    moments: usize,
}

struct PassageView {
    /// One of its marks.
    id: CodeId,
    number: usize,
    start: String,
    end: String,
    /// All coders marked it, with the same skill.
    same: bool,
    marks: Vec<MarkView>,
    /// Who did not mark it.
    missing: Vec<String>,
    choices: Vec<Choice>,
    note: String,
    agreed: String,
}

struct MarkView {
    name: String,
    skill: String,
    /// Which of the colours.
    paint: usize,
    when: String,
    note: String,
    nonverbal: String,
    exemplar: bool,
}

/// One choice of a list.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    pub(super) chosen: bool,
}

/// Everything that the page is about.
pub(super) struct Compared {
    pub(super) all: Vec<Finished>,
    pub(super) framework: Framework,
    pub(super) passages: Vec<Passage>,
    /// Whether all codings are of one version of the framework.
    pub(super) one_scale: bool,
}

impl Compared {
    /// Of these codings, of which there is at least one.
    pub(super) async fn of(work: &mut dyn Work, all: Vec<Finished>) -> Result<Self> {
        let version = |one: &Finished| one.work.coding.framework_version.clone();
        let first = all.first().map(version).ok_or(WebError::NotFound)?;
        let framework = framework_of(work, &first).await?;
        let one_scale = all.iter().all(|one| version(one) == first);
        let marks: Vec<Mark> = all.iter().flat_map(marks_of).collect();
        Ok(Self { passages: passages(&marks), all, framework, one_scale })
    }

    /// The passage that this mark is part of.
    pub(super) fn passage(&self, code: CodeId) -> Option<&Passage> {
        self.passages.iter().find(|passage| passage.holds(code))
    }

    /// The names of what can be heard, by their keys.
    pub(super) fn items(&self) -> Vec<(String, String)> {
        let coded = self.framework.coded().into_iter();
        let named = coded.map(|item| {
            let sub = item.sub.map(|sub| sub.name.as_str());
            (item.key.to_string(), together(&item.skill.name, sub))
        });
        named.collect()
    }

    fn code(&self, id: CodeId) -> Option<&EvidenceCode> {
        self.all.iter().flat_map(|one| &one.work.codes).find(|code| code.id == id)
    }

    pub(super) fn name(&self, coder: UserId) -> &str {
        let found = self.all.iter().find(|one| one.work.coder == coder);
        found.map(|one| one.name.as_str()).unwrap_or_default()
    }

    pub(super) fn number(&self, coder: UserId) -> usize {
        self.all.iter().position(|one| one.work.coder == coder).unwrap_or_default()
    }

    /// Which item a mark's key is, in the framework's order: a skill whose sub-categories are coded is its first.
    pub(super) fn place(&self, key: &str) -> usize {
        let coded = self.framework.coded();
        let exact = coded.iter().position(|item| item.key.as_str() == key);
        let skill = key.split('.').next().unwrap_or(key);
        let near = || coded.iter().position(|item| item.skill.key == skill);
        exact.or_else(near).unwrap_or_default()
    }
}

fn marks_of(one: &Finished) -> Vec<Mark> {
    let mark = |code: &EvidenceCode| Mark {
        code: code.id,
        coder: one.work.coder,
        item: key_of(code),
        span: code.span,
    };
    one.work.codes.iter().map(mark).collect()
}

fn key_of(code: &EvidenceCode) -> String {
    match &code.sub {
        Some(sub) => format!("{}.{sub}", code.skill),
        None => code.skill.clone(),
    }
}

/// `GET /recordings/{id}/codings/compare`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, permit) = visit.permit::<CompareCodings>(id).await?;
    let (mut work, all) = finished(&visit, work, &permit).await?;
    let compared = Compared::of(&mut *work, all).await?;
    let agreed_codes = work.agreed_codes(&permit).await?;
    let (mut work, agree) = visit.also::<AgreeCodings>(work, id).await?;
    let version = compared.framework.version.clone();
    let agreed_scores = work.agreed(&agree, &version).await?;
    let teach = may_be_proposed(&visit, &mut *work, id, &version).await?;
    let (work, recording) = recording(&visit, work, id).await?;
    work.commit().await?;
    let duration = recording.state.duration.ok_or(WebError::NotFound)?.get();
    let data = data_of(&compared, id, duration);
    let scores = compared.one_scale.then(|| scores_of(&compared, &agreed_scores));
    let list: Vec<_> = (1..)
        .zip(&compared.passages)
        .map(|(number, passage)| passage_view(&compared, passage, number, &agreed_codes))
        .collect();
    let me = visit.user()?;
    html(&TogetherPage {
        page: visit.page(format!("Two codings: {}", recording.pseudonym)),
        recording: id,
        pseudonym: recording.pseudonym.to_string(),
        coders: coders(&compared, me),
        same: list.iter().filter(|passage| passage.same).count(),
        passages: list,
        scores,
        teach: teach.then_some(version),
        page_data: page_data(&data)?,
    })
}

fn coders(compared: &Compared, me: UserId) -> Vec<CoderView> {
    let view = |(number, one): (usize, &Finished)| CoderView {
        number,
        name: one.name.clone(),
        mine: one.work.coder == me,
        moments: one.work.codes.len(),
    };
    (1..).zip(&compared.all).map(view).collect()
}

/// Whether the recording can become part of a training set of this version: everybody heard said yes to teaching, the
/// practitioner lets people practise on it, and there is a set that is not open yet.
async fn may_be_proposed(
    visit: &Visit,
    work: &mut dyn Work,
    id: RecordingId,
    version: &str,
) -> Result<bool> {
    let cx = visit.cx();
    if among::<TeachWith>(work.gate(), cx, &[id]).await?.is_empty() {
        return Ok(false);
    }
    let sees = among::<SeeRecording>(work.gate(), cx, &[id]).await?;
    let Some(sees) = sees.first() else { return Ok(false) };
    if !work.teaching_allowed(sees).await? {
        return Ok(false);
    }
    let trains = among::<hearback_access::SeeTraining>(work.gate(), cx, &[()]).await?;
    let Some(trains) = trains.first() else { return Ok(false) };
    let sets = work.training_sets(trains).await?;
    Ok(sets.iter().any(|set| set.framework_version == version && set.opened_at.is_none()))
}

fn passage_view(
    compared: &Compared,
    passage: &Passage,
    number: usize,
    agreed: &[AgreedCode],
) -> PassageView {
    let agreed = agreed.iter().find(|one| passage.holds(one.agreed.code));
    let items = compared.items();
    let kept = agreed.map(|one| one.agreed.item.as_deref());
    let keep = items.iter().map(|(key, name)| Choice {
        value: key.clone(),
        text: format!("Keep it: {name}"),
        chosen: kept == Some(Some(key)),
    });
    let other = |value: &str, text: &str, chosen| Choice {
        value: value.to_owned(),
        text: text.to_owned(),
        chosen,
    };
    let everybody = passage.marks.len() == compared.all.len();
    let absent = compared.all.iter().filter(|one| !marked_by(passage, one.work.coder));
    PassageView {
        id: passage.marks.first().map_or_else(nobody, |mark| mark.code),
        number,
        start: precise::format(passage.span.start()),
        end: precise::format(passage.span.end()),
        same: everybody && passage.item().is_some(),
        marks: passage.marks.iter().filter_map(|mark| mark_view(compared, mark)).collect(),
        missing: absent.map(|one| one.name.clone()).collect(),
        choices: [other("", "Not agreed yet", kept.is_none())]
            .into_iter()
            .chain(keep)
            .chain([other("none", "Leave it out", kept == Some(None))])
            .collect(),
        note: agreed.map(|one| one.agreed.note.to_string()).unwrap_or_default(),
        agreed: agreed.map(|one| noted(compared, one.by, one.at)).unwrap_or_default(),
    }
}

fn nobody() -> CodeId {
    CodeId::from_uuid(uuid::Uuid::nil())
}

fn marked_by(passage: &Passage, coder: UserId) -> bool {
    passage.marks.iter().any(|mark| mark.coder == coder)
}

pub(super) fn noted(compared: &Compared, by: UserId, at: hearback_domain::Timestamp) -> String {
    match compared.name(by) {
        "" => format!("Agreed on {}.", day(at)),
        name => format!("Agreed. Noted by {name}, {}.", day(at)),
    }
}

fn mark_view(compared: &Compared, mark: &Mark) -> Option<MarkView> {
    let code = compared.code(mark.code)?;
    let (paint, items) = (compared.place(&mark.item), compared.items());
    let exact = items.iter().find(|(key, _)| *key == mark.item).map(|(_, name)| name.clone());
    let skill = compared.framework.skill(&code.skill).map(|skill| skill.name.clone());
    Some(MarkView {
        name: compared.name(mark.coder).to_owned(),
        skill: exact.or(skill).unwrap_or_else(|| mark.item.clone()),
        paint: paint % 8,
        when: format!(
            "{} – {}",
            precise::format(mark.span.start()),
            precise::format(mark.span.end())
        ),
        note: code.note.to_string(),
        nonverbal: code.nonverbal.to_string(),
        exemplar: code.exemplar,
    })
}
