//! The page of figures on how far coders agree: its numbers are those that `hearback reliability` makes of its table, digit
//! for digit.

use std::{fs, process::Command};

use axum::{Router, body::Body, http::Request};
use hearback_access::Code;
use hearback_domain::{
    CodeId, Framework, Ms, Note, Rating, RecordingId, Role, Score, Span, UserId, coding::Standing,
};
use hearback_storage::{NewCode, permit};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, session},
    chance::Chance,
    service::binary,
    support::sqlite,
    world::{Stage, World},
};

/// How a coding ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Open,
    Finished { not_blind: bool, standing: Standing },
}

pub(crate) const GOOD: End = End::Finished { not_blind: false, standing: Standing::Counts };

pub(crate) async fn code(
    world: &World,
    coder: UserId,
    id: RecordingId,
    chance: &mut Chance,
    end: End,
) {
    let v1 = Framework::v1();
    let cx = world.cx(coder, Role::Researcher);
    let (mut work, p) = permit::<Code>(&*world.store, cx, id).await.unwrap();
    let state = work.coding(&p).await.unwrap().unwrap();
    let new = hearback_storage::NewCoding {
        id: state.id,
        framework_version: state.framework_version,
        part: None,
    };
    work.begin_coding(&p, &new).await.unwrap();
    for item in v1.items() {
        let rating = match chance.below(9) {
            0 => Some(Rating::NotCodable),
            1 => None,
            // Clarity is what everybody finds much the same.
            n if item.key.as_str() == "clarity" => Some(scored(3 + u8::try_from(n % 2).unwrap())),
            n => Some(scored(1 + u8::try_from(n % 5).unwrap())),
        };
        work.set_score(&p, &v1.version, &item.key, rating).await.unwrap();
    }
    for n in 0..3 {
        let skill = *chance.choose(&["clarity", "empathy"]);
        let start = 2_500 * n + chance.number() % 900;
        let code = NewCode {
            id: CodeId::mint(&*world.ids),
            framework_version: v1.version.clone(),
            item: v1.code(skill, None).unwrap(),
            span: Span::new(Ms::new(start), Ms::new(start + 1_500)).unwrap(),
            note: Note::default(),
            nonverbal: Note::default(),
            exemplar: false,
        };
        work.add_code(&p, &code).await.unwrap();
    }
    if let End::Finished { not_blind, standing } = end {
        work.finish_coding(&p, not_blind, false, standing).await.unwrap();
    }
    work.commit().await.unwrap();
}

fn scored(score: u8) -> Rating {
    Rating::Scored(Score::new(score).unwrap())
}

async fn get(router: &Router, cookie: &str, path: &str) -> String {
    let request = Request::get(path).header("host", "localhost:1").header("cookie", cookie);
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200, "{path} from {ORIGIN}");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// The cells of a table, row by row.
fn cells(page: &str, table: &str) -> Vec<Vec<String>> {
    let from = page.find(&format!("id=\"{table}\"")).unwrap();
    let table = &page[from..][..page[from..].find("</table>").unwrap()];
    let body = &table[table.find("<tbody").unwrap()..];
    let row = |row: &str| -> Vec<String> {
        let cells =
            row.split("govuk-table__header\">").flat_map(|part| part.split("govuk-table__cell\">"));
        cells.skip(1).map(|cell| cell[..cell.find("</t").unwrap()].to_owned()).collect()
    };
    body.split("<tr ").skip(1).map(row).collect()
}

fn with_ends(value: &Value) -> String {
    if value["value"].is_null() {
        return format!("not defined, because {}", value["not_defined"].as_str().unwrap());
    }
    let number = |value: &Value| value.as_f64().unwrap();
    let ends = &value["ci95"];
    if number(&ends[0]) > number(&ends[1]) {
        return format!(
            "{:.3} (no lower end; up to {:.3})",
            number(&value["value"]),
            number(&ends[1])
        );
    }
    format!("{:.3} ({:.3} to {:.3})", number(&value["value"]), number(&ends[0]), number(&ends[1]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_says_what_the_command_says_of_its_table() {
    let world = World::new(sqlite().await).await;
    let router = hearback_web::router(app(&world, ORIGIN));
    let mut chance = Chance::new(7);
    let (first, second) = (world.researcher, World::second());
    let practice = End::Finished { not_blind: false, standing: Standing::Practice };
    let seeing = End::Finished { not_blind: true, standing: Standing::Counts };
    let mut counted = Vec::new();
    for n in 0..16 {
        let id = world.recording(Stage::Released).await.recording;
        // Four that are not counted: one coder still at work, or in training, or not blind.
        let (one, two) = match n {
            3 => (GOOD, End::Open),
            6 => (practice, GOOD),
            9 => (GOOD, seeing),
            12 => (End::Open, GOOD),
            _ => (GOOD, GOOD),
        };
        code(&world, first, id, &mut chance, one).await;
        code(&world, second, id, &mut chance, two).await;
        if ![3, 6, 9, 12].contains(&n) {
            counted.push(id);
        }
    }
    let cookie = session(&world, first, Role::Researcher).await;
    let query = format!("protocol={}", World::protocol());
    let page = get(&router, &cookie, &format!("/reliability?{query}")).await;
    let csv = get(&router, &cookie, &format!("/reliability/ratings.csv?{query}")).await;
    let labels: std::collections::BTreeSet<_> =
        csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(labels.len(), counted.len(), "only what both finished, blind, and counting");
    for id in &counted {
        assert!(labels.iter().any(|l| id.to_string().replace('-', "").starts_with(&l[10..])));
    }
    assert!(!csv.contains("Researcher") && !csv.contains("Robin"), "labels and no names");
    assert!(csv.lines().skip(1).all(|line| line.contains(&World::protocol().to_string())));

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ratings.csv");
    fs::write(&file, &csv).unwrap();
    let printed =
        Command::new(binary()).args(["reliability", "--json"]).arg(&file).output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let skills = printed["skills"].as_array().unwrap();
    let lines = cells(&page, "figures");
    assert_eq!((skills.len(), lines.len()), (7, 7));
    let pairs = cells(&page, "pairs");
    for ((skill, line), pair) in skills.iter().zip(&lines).zip(&pairs) {
        let share = |value: &Value| format!("{:.1} % (", value.as_f64().unwrap() * 100.0);
        let mean = |n: usize| format!("{:.2}", skill["coders"][n]["mean"].as_f64().unwrap());
        assert_eq!((&line[1], &line[2]), (&mean(0), &mean(1)), "{skill}");
        assert_eq!(line[3], with_ends(&skill["alpha"]));
        assert_eq!(line[4], with_ends(&skill["icc"]["single"]));
        assert_eq!(line[5], with_ends(&skill["icc"]["average"]));
        assert!(line[6].starts_with(&share(&skill["exact"])), "{line:?}");
        assert!(line[7].starts_with(&share(&skill["within_one"])), "{line:?}");
        for (cell, name) in [(8, "n_recordings"), (9, "n_complete"), (10, "n_missing")] {
            assert_eq!(line[cell], skill[name].to_string(), "{name}");
        }
        let kappa = &skill["pairs"][0]["kappa_quadratic"];
        assert_eq!(pair[2], format!("{:.3}", kappa.as_f64().unwrap()));
    }
    let narrow: Vec<_> = skills.iter().filter(|skill| skill["narrow"] == true).collect();
    assert!(!narrow.is_empty(), "one item's scores hardly differ");
    assert!(page.contains("nine of ten scores lie on two neighbouring steps"));
    // One pair's moments, and two coders of whom the others' mean is the other.
    assert_eq!((cells(&page, "places").len(), cells(&page, "drifts").len()), (1, 2));
    let drifts = cells(&page, "drifts");
    assert!(drifts.iter().all(|row| row[1] == "12" && row[2].contains(" to ")), "{drifts:?}");
    assert!(!page.contains("NaN"));

    let one = get(&router, &cookie, &format!("/reliability?{query}&coder={first}")).await;
    assert!(one.contains("There is no recording yet that two people finished coding."));
    let some =
        get(&router, &cookie, &format!("/reliability/ratings.csv?{query}&item=clarity")).await;
    assert!(some.lines().skip(1).all(|line| line.contains(",clarity,")));
}
