//! One's own attempts: beginning one, handing it in, and what came of it. What was agreed is not shown before it is
//! reached: scoring the same recordings again would then say nothing.

use askama::Template;
use hearback_access::{Learn, SeeTraining};
use hearback_domain::{
    AttemptId, Framework, RecordingId,
    training::{LearnsAs, SET_SIZES, Share, judge, near},
};
use hearback_storage::{HandedIn, JudgedAnswer, LearningAttempt, Work};

use super::{Whole, in_words, most, own_coding, pseudonym};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "attempts.html")]
struct AttemptsPage {
    page: Page,
    version: String,
    title: String,
    per_skill: bool,
    /// Whether whoever looks was named as somebody who learns.
    named: bool,
    /// Since when their codings count.
    reached: Option<String>,
    /// The number of the attempt that was begun.
    begun: Option<u32>,
    /// The recordings of the set that they are let in to.
    recordings: Vec<Line>,
    /// Whether all of these are finished.
    all_finished: bool,
    past: Vec<Past>,
}

struct Line {
    id: RecordingId,
    name: String,
    state: &'static str,
}

/// An attempt that was handed in.
struct Past {
    number: u32,
    when: String,
    reached: bool,
    overall: ShareView,
    items: Vec<(String, ShareView)>,
    /// What could be listened to again: a recording, and the items.
    again: Vec<(RecordingId, String, String)>,
}

struct ShareView {
    near: u32,
    compared: u32,
    left_out: u32,
    reached: bool,
}

impl From<Share> for ShareView {
    fn from(share: Share) -> Self {
        Self {
            near: share.near,
            compared: share.compared,
            left_out: share.left_out,
            reached: share.reached(),
        }
    }
}

/// `GET /training/{version}/attempts`.
pub(crate) async fn show(visit: Visit, Path(version): Path<String>) -> Result {
    let (work, _permit) = visit.permit::<Learn>(()).await?;
    let (mut work, see) = visit.also::<SeeTraining>(work, ()).await?;
    let whole = Whole::of(&mut *work, &see, &version).await?;
    let me = visit.user()?;
    let place = whole.place_of(me).filter(|place| place.part == LearnsAs::Trainee);
    let attempts = work.attempts(&see, &version, me).await?;
    let begun = attempts.iter().find(|attempt| attempt.handed_in.is_none());
    let mut recordings = Vec::new();
    for recording in whole.recordings.iter().take(most()) {
        let id = recording.recording;
        let coding = own_coding(&mut *work, &visit, id).await?;
        let (Some((_, coding)), true) = (coding, place.is_some()) else { continue };
        let Some(name) = pseudonym(&mut *work, &visit, id).await? else { continue };
        recordings.push(Line { id, name, state: in_words(coding.as_ref()) });
    }
    let mut past = Vec::new();
    for attempt in attempts.iter().rev() {
        if let Some(handed) = &attempt.handed_in {
            past.push(of(&mut *work, &visit, &whole.framework, attempt, handed).await?);
        }
    }
    work.commit().await?;
    html(&AttemptsPage {
        page: visit.page(format!("Learning to code: {}", whole.framework.title)),
        title: whole.framework.title.clone(),
        per_skill: whole.set.plan.per_skill,
        named: place.is_some(),
        reached: place.and_then(|place| place.reached).map(|(_, at)| day(at)),
        begun: begun.map(|attempt| attempt.number),
        all_finished: !recordings.is_empty()
            && recordings.iter().all(|line| line.state == "Finished"),
        recordings,
        past,
        version,
    })
}

/// What came of an attempt, without what was agreed.
async fn of(
    work: &mut dyn Work,
    visit: &Visit,
    framework: &Framework,
    attempt: &LearningAttempt,
    handed: &HandedIn,
) -> Result<Past> {
    let name = |key: &str| {
        let items = framework.items();
        let found = items.iter().find(|item| item.key.as_str() == key);
        found.map_or_else(|| key.to_owned(), hearback_domain::Item::name)
    };
    let mut again: Vec<(RecordingId, String, String)> = Vec::new();
    for answer in handed.answers.iter().filter(|answer| answer.near == Some(false)) {
        let item = name(&answer.item);
        if let Some((_, _, items)) = again.iter_mut().find(|(id, ..)| *id == answer.recording) {
            items.push_str(", ");
            items.push_str(&item);
        } else if let Some(called) = pseudonym(work, visit, answer.recording).await? {
            again.push((answer.recording, called, item));
        }
    }
    let items = &handed.judgement.items;
    Ok(Past {
        number: attempt.number,
        when: day(handed.at),
        reached: handed.reached,
        overall: handed.judgement.overall().into(),
        items: items.iter().map(|(key, share)| (name(key), (*share).into())).collect(),
        again,
    })
}

/// Why there is no attempt when too much was taken back.
const TOO_FEW: &str =
    "fewer than three recordings of this set are open to you; ask those who look after it";

/// `POST /training/{version}/attempts`: begins one. What was scored in the one before is cleared, and stays with it.
pub(crate) async fn begin(visit: Visit, Path(version): Path<String>) -> Result {
    let (work, permit) = visit.permit::<Learn>(()).await?;
    let (mut work, see) = visit.also::<SeeTraining>(work, ()).await?;
    let whole = Whole::of(&mut *work, &see, &version).await?;
    let me = visit.user()?;
    let doors = whole.everybody(&visit, |learner| learner.person == me);
    let id = AttemptId::mint(&*visit.app().ids);
    if !work.begin_attempt(&permit, &version, id, &doors).await? {
        return Err(WebError::conflict(
            "an attempt begins when you were named for it, the scores are agreed, and none is begun",
        ));
    }
    let mut open = 0;
    for recording in whole.recordings.iter().take(most()) {
        open += u8::from(own_coding(&mut *work, &visit, recording.recording).await?.is_some());
    }
    if open < *SET_SIZES.start() {
        // Nothing of it is kept: it can be begun when there are more.
        return Err(WebError::conflict(
            "fewer than three recordings of this set can be heard now; ask those who look after it",
        ));
    }
    work.commit().await?;
    Ok(Said::AttemptBegun.at(&format!("/training/{version}/attempts")))
}

/// `POST /training/{version}/hand-in`: compares what was scored with what was agreed, and keeps both figures and answers.
pub(crate) async fn hand_in(visit: Visit, Path(version): Path<String>) -> Result {
    let (work, permit) = visit.permit::<Learn>(()).await?;
    let (mut work, see) = visit.also::<SeeTraining>(work, ()).await?;
    let whole = Whole::of(&mut *work, &see, &version).await?;
    let keys = work.answer_keys(&see, &version).await?;
    let (mut answers, mut heard) = (Vec::<JudgedAnswer>::new(), 0);
    for recording in whole.recordings.iter().take(most()) {
        let id = recording.recording;
        let Some((code, coding)) = own_coding(&mut *work, &visit, id).await? else { continue };
        if coding.is_none_or(|coding| coding.finished.is_none()) {
            return Err(WebError::conflict("finish coding every recording of the set first"));
        }
        heard += 1;
        let scores = work.scores(&code).await?;
        for item in whole.framework.items() {
            let key = item.key.as_str();
            let own = scores.iter().find(|score| score.item == key).map(|score| score.rating);
            let Some((_, _, agreed)) =
                keys.iter().find(|(of, of_item, _)| *of == id && of_item == key)
            else {
                continue;
            };
            answers.push(JudgedAnswer {
                recording: id,
                item: key.to_owned(),
                answer: own,
                near: near(own, *agreed),
            });
        }
    }
    if heard < *SET_SIZES.start() {
        return Err(WebError::conflict(TOO_FEW));
    }
    let judged =
        judge(answers.iter().map(|one| (one.item.as_str(), one.near)), whole.set.plan.per_skill);
    if !work.hand_in(&permit, &version, &judged, &answers).await? {
        return Err(WebError::conflict("begin an attempt first"));
    }
    work.commit().await?;
    Ok(Said::HandedIn.at(&format!("/training/{version}/attempts")))
}
