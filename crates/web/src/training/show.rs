//! One set: its recordings, who agrees on their scores, and who learns with it.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{Permit, SeeRecording, SeeTraining, TeachWith, among};
use hearback_domain::{
    RecordingId, Relation, Role, UserId,
    coding::{Place, Progress, progress},
    training::{Agreed, FEWEST_FOUNDERS, LearnsAs, Level},
};
use hearback_storage::{FounderPlace, Person, Work};

use super::{Whole, in_words, most, own_coding, pseudonym};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Path,
    page::{Page, day, html},
};

#[derive(Template)]
#[template(path = "training.html")]
struct TrainingPage {
    page: Page,
    version: String,
    title: String,
    size: usize,
    per_skill: bool,
    open_since: Option<String>,
    /// How many recordings belong to it now.
    recordings: usize,
    /// How these are spread; none to whoever learns, and has not reached it.
    spread: Option<(usize, usize, usize)>,
    /// Those that whoever looks may see.
    lines: Vec<RecordingLine>,
    /// Recordings of whoever looks that could be taken in.
    could: Vec<(RecordingId, String)>,
    founders: Vec<PersonLine>,
    trainees: Vec<PersonLine>,
    people: Vec<PersonLine>,
    progress: Progress,
    founder: bool,
    trainee: bool,
    /// What is missing before it can be opened; none if nothing is.
    missing: Option<String>,
    /// The words for them.
    levels: Vec<(&'static str, &'static str)>,
}

struct RecordingLine {
    id: RecordingId,
    name: String,
    level: Option<&'static str>,
    /// How far one's own coding is; none if it is no part of it.
    own: Option<&'static str>,
    /// How many of its items are agreed, for its founders once they have finished.
    agreed: Option<(usize, usize)>,
    /// Whether whoever looks may take it out.
    mine: bool,
}

struct PersonLine {
    id: UserId,
    name: String,
    since: Option<String>,
}

/// `GET /training/{version}`.
pub(crate) async fn show(visit: Visit, Path(version): Path<String>) -> Result {
    let (mut work, permit) = visit.permit::<SeeTraining>(()).await?;
    let whole = Whole::of(&mut *work, &permit, &version).await?;
    view(&visit, work, &permit, whole, Vec::new()).await
}

/// The page, perhaps with what stands in somebody's way.
pub(super) async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    see: &Permit<SeeTraining>,
    whole: Whole,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let me = visit.user()?;
    let version = whole.set.framework_version.clone();
    let place = whole.place_of(me);
    let founder = place.is_some_and(|place| place.part == LearnsAs::Founder);
    let trainee = place.is_some_and(|place| place.part == LearnsAs::Trainee);
    let learning = trainee && place.is_some_and(|place| place.reached.is_none());
    let places = work.founder_places(see, &version).await?;
    let keys = work.answer_keys(see, &version).await?;
    let people = work.people_with(Role::Researcher).await?;
    let mut lines = Vec::new();
    for recording in whole.recordings.iter().take(most()) {
        let id = recording.recording;
        let Some(name) = pseudonym(&mut *work, visit, id).await? else { continue };
        let coding = own_coding(&mut *work, visit, id).await?;
        let coding = coding.and_then(|(_, coding)| coding);
        let finished = coding.as_ref().is_some_and(|coding| coding.finished.is_some());
        let mine = !among::<TeachWith>(work.gate(), visit.cx(), &[id]).await?.is_empty();
        lines.push(RecordingLine {
            id,
            name,
            level: (!learning).then_some(level(recording.level)),
            own: place.map(|_| in_words(coding.as_ref())),
            agreed: (founder && finished).then(|| whole.agreed_of(id, &keys)),
            mine: mine && whole.set.opened_at.is_none(),
        });
    }
    let could = if whole.set.opened_at.is_none() {
        could_come(&mut *work, visit, &whole).await?
    } else {
        Vec::new()
    };
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(format!("Learning to code: {}", whole.framework.title));
    page.errors = errors;
    let places: Vec<_> = places.iter().map(place_of).collect();
    let count = |level| whole.recordings.iter().filter(|r| r.level == level).count();
    let body = html(&TrainingPage {
        page,
        title: whole.framework.title.clone(),
        size: usize::from(whole.set.plan.size),
        per_skill: whole.set.plan.per_skill,
        open_since: whole.set.opened_at.map(day),
        recordings: whole.recordings.len(),
        spread: (!learning)
            .then(|| (count(Level::Lower), count(Level::Middle), count(Level::Higher))),
        lines,
        could,
        founders: whole.named(LearnsAs::Founder, &people),
        trainees: whole.named(LearnsAs::Trainee, &people),
        people: whole.not_named(&people),
        progress: progress(me, &places),
        founder,
        trainee,
        // How far the scores are is not for whoever could be told of a colleague's by it.
        missing: if founder || places.is_empty() {
            whole.is_missing(&keys)
        } else {
            whole.is_missing(&keys).map(|_| "the scores are not all agreed yet".to_owned())
        },
        levels: Level::ALL.iter().map(|of| (of.as_str(), level(*of))).collect(),
        version,
    })?;
    Ok((code, body).into_response())
}

fn place_of(place: &FounderPlace) -> Place<RecordingId> {
    Place {
        recording: place.recording,
        coder: place.person,
        begun: place.begun,
        locked: place.locked,
    }
}

/// Recordings of whoever looks that are not in the set, and that the practitioner lets people practise on.
async fn could_come(
    work: &mut dyn Work,
    visit: &Visit,
    whole: &Whole,
) -> Result<Vec<(RecordingId, String)>> {
    let mut found = Vec::new();
    let cx = visit.cx();
    for id in work.gate().related(visit.user()?, Relation::Codes, cx.now).await? {
        if found.len() == 2 * most() {
            break;
        }
        let there = whole.recordings.iter().any(|recording| recording.recording == id);
        if there || among::<TeachWith>(work.gate(), cx, &[id]).await?.is_empty() {
            continue;
        }
        let seen = among::<SeeRecording>(work.gate(), cx, &[id]).await?;
        let Some(see) = seen.first() else { continue };
        if !work.teaching_allowed(see).await? {
            continue;
        }
        if let Some(summary) = work.summary(see).await? {
            found.push((id, summary.pseudonym.to_string()));
        }
    }
    Ok(found)
}

impl Whole {
    /// How many of a recording's items are agreed, and of how many.
    fn agreed_of(&self, id: RecordingId, keys: &[(RecordingId, String, Agreed)]) -> (usize, usize) {
        let items = self.framework.items();
        let agreed = items
            .iter()
            .filter(|item| keys.iter().any(|(of, key, _)| *of == id && key == item.key.as_str()));
        (agreed.count(), items.len())
    }

    /// What is missing before people can learn with the set, without a full stop; none if nothing is.
    pub(super) fn is_missing(&self, keys: &[(RecordingId, String, Agreed)]) -> Option<String> {
        if self.founders().count() < FEWEST_FOUNDERS {
            return Some("two or three people are named who agree on the scores".to_owned());
        }
        let (there, wanted) = (self.recordings.len(), usize::from(self.set.plan.size));
        if there < wanted {
            return Some(format!("{there} of its {wanted} recordings are there"));
        }
        let (agreed, all) = self.recordings.iter().fold((0, 0), |(agreed, all), recording| {
            let (some, items) = self.agreed_of(recording.recording, keys);
            (agreed + some, all + items)
        });
        (agreed < all || all == 0).then(|| format!("{agreed} of its {all} scores are agreed"))
    }

    fn named(&self, part: LearnsAs, people: &[Person]) -> Vec<PersonLine> {
        let of_part = self.learners.iter().filter(|learner| learner.part == part);
        let line = |learner: &hearback_storage::Learner| PersonLine {
            id: learner.person,
            name: name_of(learner.person, people),
            since: learner.reached.map(|(_, at)| day(at)),
        };
        of_part.map(line).collect()
    }

    fn not_named(&self, people: &[Person]) -> Vec<PersonLine> {
        let others = people.iter().filter(|person| self.place_of(person.id).is_none());
        let line =
            |person: &Person| PersonLine { id: person.id, name: person.name.clone(), since: None };
        others.map(line).collect()
    }
}

/// What somebody is called; nobody is left without a name because their role was taken away.
pub(super) fn name_of(id: UserId, people: &[Person]) -> String {
    let found = people.iter().find(|person| person.id == id);
    found.map_or_else(|| "Somebody who left".to_owned(), |person| person.name.clone())
}

/// A level, as people say it.
fn level(level: Level) -> &'static str {
    match level {
        Level::Lower => "lower",
        Level::Middle => "in the middle",
        Level::Higher => "higher",
    }
}
