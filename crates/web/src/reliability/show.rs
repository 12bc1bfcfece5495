//! The page of figures, and the table of scores that they are made from.

use askama::Template;
use axum::{http::header, response::IntoResponse as _};
use hearback_access::{Permit, SeeFrameworks, SeeProtocols, SeeReliability};
use hearback_domain::{Framework, ProtocolId, Role, UserId};
use hearback_stats::{
    Interval, Undefined,
    agreement::Share,
    drift::Window,
    icc::{Form, Icc},
    table::Line,
};
use hearback_storage::{Person, VersionState, Work};

use super::{
    drawing::Picture,
    places::{Drifting, PairPlaces, TOLERANCE, WINDOW, drifts, places},
    ratings::{Chosen, Shared, Skill, choice, coder_label, figures, gather, skills, to_csv},
};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Fields, Query},
    page::{Page, html},
};

#[derive(Template)]
#[template(path = "reliability.html")]
struct ReliabilityPage {
    page: Page,
    version: String,
    practice: bool,
    versions: Vec<Choice>,
    protocols: Vec<Choice>,
    items: Vec<Choice>,
    coders: Vec<Choice>,
    file: String,
    metric: &'static str,
    single: &'static str,
    average: &'static str,
    resamples: usize,
    seed: u64,
    recordings: usize,
    columns: Vec<String>,
    lines: Vec<SkillLine>,
    picture: Picture,
    narrow: Vec<String>,
    pairs: Vec<PairLine>,
    tolerance: u64,
    window: usize,
    places: Vec<PlaceLine>,
    drifts: Vec<DriftLine>,
}

/// Something that can be chosen.
struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

/// One item's line of the table (REL-03).
struct SkillLine {
    name: String,
    /// One for each column of coders.
    means: Vec<String>,
    alpha: String,
    single: String,
    average: String,
    exact: String,
    within_one: String,
    recordings: usize,
    complete: usize,
    missing: usize,
}

struct PairLine {
    skill: String,
    coders: String,
    kappa: String,
    exact: String,
    within_one: String,
}

struct PlaceLine {
    coders: String,
    recordings: usize,
    marked: String,
    which: String,
    covered: String,
    matched: String,
}

struct DriftLine {
    coder: String,
    recordings: usize,
    first: String,
    last: String,
}

/// `GET /reliability`: `framework`, `protocol`, `item` and `coder` as often as wished, `practice=yes`.
pub(crate) async fn show(visit: Visit, Query(fields): Query) -> Result {
    let asked = ask(&visit, &fields).await?;
    let csv = to_csv(&asked.skills, &asked.chosen.version);
    let lines = figures(&asked.skills, &csv).await?;
    html(&asked.page(&visit, &lines))
}

/// `GET /reliability/ratings.csv`: the same choice as a table of scores, which `hearback reliability` reads.
pub(crate) async fn download(visit: Visit, Query(fields): Query) -> Result {
    let asked = ask(&visit, &fields).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"ratings.csv\""),
    ];
    Ok((headers, to_csv(&asked.skills, &asked.chosen.version)).into_response())
}

/// What was asked for, and what there is.
struct Asked {
    chosen: Chosen,
    framework: Framework,
    versions: Vec<(String, String)>,
    protocols: Vec<(ProtocolId, String)>,
    people: Vec<Person>,
    shared: Vec<Shared>,
    skills: Vec<Skill>,
}

async fn ask(visit: &Visit, fields: &Fields) -> Result<Asked> {
    let (work, permit) = visit.permit::<SeeReliability>(()).await?;
    let (work, frameworks) = visit.also::<SeeFrameworks>(work, ()).await?;
    let (mut work, see) = visit.also::<SeeProtocols>(work, ()).await?;
    let published = work.frameworks(&frameworks).await?;
    let published =
        published.into_iter().filter(|v| matches!(v.state, VersionState::Published { .. }));
    let versions: Vec<_> = published.map(|v| (v.body.version, v.body.title)).collect();
    let protocols = work.protocols(&see).await?;
    let protocols: Vec<_> =
        protocols.into_iter().map(|p| (p.id, p.plan.name.to_string())).collect();
    let version = match fields.get("framework") {
        "" => work.current_framework().await?.version,
        version => version.to_owned(),
    };
    let framework = work.framework(&version).await?.ok_or(WebError::NotFound)?;
    let chosen = Chosen {
        version,
        protocol: fields.get("protocol").parse().ok(),
        items: fields.all("item").map(str::to_owned).collect(),
        coders: fields.all("coder").filter_map(|id| id.parse().ok()).collect(),
        practice: fields.get("practice") == "yes",
    };
    let people = work.people_with(Role::Researcher).await?;
    answer(visit, work, &permit, chosen, framework, (versions, protocols, people)).await
}

type There = (Vec<(String, String)>, Vec<(ProtocolId, String)>, Vec<Person>);

async fn answer(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<SeeReliability>,
    chosen: Chosen,
    framework: Framework,
    (versions, protocols, people): There,
) -> Result<Asked> {
    let shared = gather(visit, &mut *work, permit, &chosen).await?;
    work.commit().await?;
    let skills = skills(&framework, &shared, &chosen);
    Ok(Asked { chosen, framework, versions, protocols, people, shared, skills })
}

impl Asked {
    fn name(&self, coder: UserId) -> String {
        let found = self.people.iter().find(|person| person.id == coder);
        found.map_or_else(|| coder_label(coder), |person| person.name.clone())
    }

    /// The same choice, for the address of the table.
    fn query(&self) -> String {
        let mut query = format!("framework={}", self.chosen.version);
        let protocol = self.chosen.protocol.map(|id| format!("&protocol={id}"));
        query.extend(protocol);
        // Only what the framework has: nobody else's words come into an address.
        let known = self.framework.items();
        let items =
            self.chosen.items.iter().filter(|i| known.iter().any(|k| k.key.as_str() == **i));
        query.extend(items.map(|item| format!("&item={item}")));
        query.extend(self.chosen.coders.iter().map(|coder| format!("&coder={coder}")));
        query.push_str(if self.chosen.practice { "&practice=yes" } else { "" });
        query
    }

    fn page(&self, visit: &Visit, lines: &[Line]) -> ReliabilityPage {
        let mut columns: Vec<UserId> = Vec::new();
        for coder in self.skills.iter().flat_map(|skill| &skill.coders) {
            if !columns.contains(coder) {
                columns.push(*coder);
            }
        }
        let choice = choice();
        let wanted: Vec<String> = self.skills.iter().map(|skill| skill.key.clone()).collect();
        let rows = || self.skills.iter().zip(lines);
        let narrow = rows().filter(|(_, line)| line.narrow).map(|(skill, _)| skill.name.clone());
        ReliabilityPage {
            page: visit.page("How far coders agree"),
            version: self.chosen.version.clone(),
            practice: self.chosen.practice,
            versions: self.choices_of_versions(),
            protocols: self.choices_of_protocols(),
            items: self.choices_of_items(),
            coders: self.choices_of_coders(),
            file: format!("/reliability/ratings.csv?{}", self.query()),
            metric: choice.metric.as_str(),
            single: choice.single.as_str(),
            average: choice.average.as_str(),
            resamples: choice.bootstrap.resamples.get(),
            seed: choice.bootstrap.seed,
            recordings: self.shared.len(),
            columns: columns.iter().map(|coder| self.name(*coder)).collect(),
            lines: rows().map(|(skill, line)| skill_line(skill, line, &columns)).collect(),
            picture: Picture::of(rows().map(|(skill, line)| (skill.name.as_str(), line))),
            narrow: narrow.collect(),
            pairs: rows().flat_map(|(skill, line)| self.pair_lines(skill, line)).collect(),
            tolerance: TOLERANCE / 1_000,
            window: WINDOW,
            places: places(&self.framework, &self.shared)
                .iter()
                .map(|pair| self.place_line(pair))
                .collect(),
            drifts: drifts(&wanted, &self.shared).iter().map(|d| self.drift_line(d)).collect(),
        }
    }

    fn choices_of_versions(&self) -> Vec<Choice> {
        let choice = |(version, title): &(String, String)| Choice {
            value: version.clone(),
            text: format!("{title} ({version})"),
            chosen: *version == self.chosen.version,
        };
        self.versions.iter().map(choice).collect()
    }

    fn choices_of_protocols(&self) -> Vec<Choice> {
        let choice = |(id, name): &(ProtocolId, String)| Choice {
            value: id.to_string(),
            text: name.clone(),
            chosen: Some(*id) == self.chosen.protocol,
        };
        self.protocols.iter().map(choice).collect()
    }

    fn choices_of_items(&self) -> Vec<Choice> {
        let items = self.framework.items();
        let choice = |item: &hearback_domain::Item<'_>| Choice {
            value: item.key.as_str().to_owned(),
            text: match item.sub {
                Some(sub) => format!("{}: {}", item.skill.name, sub.name),
                None => item.skill.name.clone(),
            },
            chosen: self.chosen.items.iter().any(|wanted| wanted == item.key.as_str()),
        };
        items.iter().map(choice).collect()
    }

    fn choices_of_coders(&self) -> Vec<Choice> {
        let choice = |person: &Person| Choice {
            value: person.id.to_string(),
            text: person.name.clone(),
            chosen: self.chosen.coders.contains(&person.id),
        };
        self.people.iter().map(choice).collect()
    }

    fn two(&self, (first, second): (UserId, UserId)) -> String {
        format!("{} and {}", self.name(first), self.name(second))
    }

    fn pair_lines(&self, skill: &Skill, line: &Line) -> Vec<PairLine> {
        let pairs = line.pairs.iter().filter(|pair| pair.exact.all > 0);
        let of_pair = |pair: &hearback_stats::table::Pair| PairLine {
            skill: skill.name.clone(),
            coders: self.two((skill.coders[pair.coders.0], skill.coders[pair.coders.1])),
            kappa: number(pair.kappa),
            exact: share(pair.exact),
            within_one: share(pair.within_one),
        };
        pairs.map(of_pair).collect()
    }

    fn place_line(&self, pair: &PairPlaces) -> PlaceLine {
        let figure = |of: fn(&hearback_stats::timeline::Where) -> Result<f64, Undefined>| {
            number(pair.figures.and_then(|figures| of(&figures)))
        };
        PlaceLine {
            coders: self.two(pair.coders),
            recordings: pair.recordings,
            marked: figure(|figures| figures.marked),
            which: figure(|figures| figures.which),
            covered: match pair.figures {
                Ok(figures) => format!("{:.1} %", figures.covered * 100.0),
                Err(why) => not_defined(why),
            },
            matched: if pair.matched.all == 0 {
                not_defined(Undefined::NothingMarked)
            } else {
                share(pair.matched)
            },
        }
    }

    fn drift_line(&self, drifting: &Drifting) -> DriftLine {
        let too_few = || format!("not defined, because there are fewer than {WINDOW} recordings");
        let figure = |of: fn(&[Window]) -> Option<&Window>| match &drifting.windows {
            Ok(windows) => of(windows).map_or_else(too_few, moved),
            Err(_) => too_few(),
        };
        DriftLine {
            coder: self.name(drifting.coder),
            recordings: drifting.recordings,
            first: figure(<[Window]>::first),
            last: figure(<[Window]>::last),
        }
    }
}

fn moved(window: &Window) -> String {
    let moved = with_ends(&format!("{:+.2}", window.difference), window.interval, 2);
    let icc = window.icc.map(|icc| icc.value);
    format!("{moved}; {} {}", Form::Agreement.as_str(), number(icc))
}

fn skill_line(skill: &Skill, line: &Line, columns: &[UserId]) -> SkillLine {
    let mean = |coder: &UserId| {
        let place = skill.coders.iter().position(|c| c == coder);
        let mean = place.and_then(|place| line.means.get(place).copied().flatten());
        mean.map_or_else(|| "nothing scored".to_owned(), |mean| format!("{mean:.2}"))
    };
    let icc = |icc: &Result<Icc, Undefined>| match icc {
        Ok(icc) => with_ends(&format!("{:.3}", icc.value), icc.interval, 3),
        Err(why) => not_defined(*why),
    };
    SkillLine {
        name: skill.name.clone(),
        means: columns.iter().map(mean).collect(),
        alpha: match &line.alpha {
            Ok(drawn) => with_ends(&format!("{:.3}", drawn.value), drawn.percentile, 3),
            Err(why) => not_defined(*why),
        },
        single: icc(&line.single),
        average: icc(&line.average),
        exact: share(line.exact),
        within_one: share(line.within_one),
        recordings: line.recordings,
        complete: line.complete,
        missing: line.missing,
    }
}

fn with_ends(value: &str, Interval { low, high }: Interval, digits: usize) -> String {
    if low > high {
        // The correlation of a mean has no lower end where that of one coder is far below zero: the formula turns over.
        return format!("{value} (no lower end; up to {high:.digits$})");
    }
    format!("{value} ({low:.digits$} to {high:.digits$})")
}

fn number(value: Result<f64, Undefined>) -> String {
    value.map_or_else(not_defined, |value| format!("{value:.3}"))
}

fn not_defined(why: Undefined) -> String {
    format!("not defined, because {why}")
}

fn share(share: Share) -> String {
    match share.fraction() {
        Some(fraction) => format!("{:.1} % ({} of {})", fraction * 100.0, share.of_them, share.all),
        None => not_defined(Undefined::NoPairs),
    }
}
