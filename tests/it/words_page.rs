//! The words of a recording on the real router: corrected by two at once, doubted and listened to, names replaced and
//! offered for hiding, found; and the pages in a real browser.

mod machine;
mod visit;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use hearback_domain::{
    RecordingId, Role, UserId, sound,
    transcript::{Doubt, Transcript},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use self::visit::{segment, visit};
use crate::{
    access::{ORIGIN, app, session},
    support::sqlite,
    world::{Objects, Stage, World},
};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Gives a recording as much sound as these words last, and the words.
async fn speak_of(world: &World, recording: RecordingId, transcript: &Transcript) {
    let frames =
        usize::try_from(transcript.duration_ms * u64::from(sound::RATE_HZ) / 1_000).unwrap();
    let tone = |n: usize| if (n / 40).is_multiple_of(2) { -200_i16 } else { 200 };
    let pcm: Vec<u8> = (0..frames).flat_map(|n| tone(n).to_le_bytes()).collect();
    world.sound(recording, &pcm).await;
    world.words(recording, &serde_json::to_vec(transcript).unwrap()).await;
}

/// A recording that its practitioner and a researcher read, and the two.
struct Desk {
    world: World,
    router: Router,
    objects: Objects,
    id: RecordingId,
    wren: String,
    rook: String,
}

impl Desk {
    async fn new() -> Self {
        Self::at(Stage::Released, &visit()).await
    }

    async fn at(stage: Stage, transcript: &Transcript) -> Self {
        let world = World::new(sqlite().await).await;
        let objects = world.recording(stage).await;
        let id = objects.recording;
        speak_of(&world, id, transcript).await;
        let router = hearback_web::router(app(&world, ORIGIN));
        let wren = session(&world, world.owner, Role::Practitioner).await;
        let rook = session(&world, world.researcher, Role::Researcher).await;
        Self { world, router, objects, id, wren, rook }
    }

    async fn as_somebody(&self, user: UserId, role: Role) -> String {
        session(&self.world, user, role).await
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        kind: &str,
        body: &str,
    ) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:1")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, kind)
            .header(header::COOKIE, cookie)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn page(&self, path: &str, cookie: &str) -> (u16, String) {
        self.ask("GET", path, cookie, FORM, "").await
    }

    fn here(&self, rest: &str) -> String {
        format!("/recordings/{}/{rest}", self.id)
    }

    async fn reading(&self, cookie: &str) -> Value {
        let (status, body) = self.page(&self.here("corrections"), cookie).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Makes a change; what the answer is.
    async fn change(&self, cookie: &str, revision: u64, change: Value) -> (u16, Value) {
        let body = json!({"revision": revision, "change": change}).to_string();
        let (status, body) = self.ask("POST", &self.here("corrections"), cookie, JSON, &body).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn form(&self, path: &str, cookie: &str, body: &str) -> (u16, String) {
        self.ask("POST", &self.here(path), cookie, FORM, body).await
    }

    async fn search(&self, cookie: &str, q: &str) -> String {
        let (status, page) = self.ask("POST", "/search", cookie, FORM, &format!("q={q}")).await;
        assert_eq!(status, 200, "{page}");
        page
    }
}

/// The text change that turns a segment into `text`.
fn rewrite(segment: &Value, text: &str) -> Value {
    json!({
        "kind": "text", "start_ms": segment["start_ms"], "end_ms": segment["end_ms"],
        "was": segment["text"], "text": text
    })
}

fn revision(reading: &Value) -> u64 {
    reading["revision"].as_u64().unwrap()
}

#[tokio::test]
async fn a_passage_is_corrected_and_taken_back() {
    let desk = Desk::new().await;
    let before = desk.reading(&desk.wren).await;
    let nan = &before["segments"][3];
    let better = "Better, I think. We went to see his gran on Saturday, and Rowan laughed the whole way home.";
    let (status, after) = desk.change(&desk.wren, 0, rewrite(nan, better)).await;
    assert_eq!((status, after["segments"][3]["text"].as_str()), (200, Some(better)));
    assert_eq!(after["segments"][3]["machine"], nan["text"], "what the machine wrote is beside it");
    assert_eq!(after["history"][0]["was"], "nan", "the smallest change");
    assert_eq!(after["history"][0]["is"], "gran");
    let words = after["segments"][3]["words"].as_array().unwrap();
    let corrected: Vec<_> = words.iter().filter(|word| word["corrected"] == true).collect();
    assert_eq!(corrected.len(), 1);

    // Sent again after the answer was lost: nothing is made twice.
    let (status, again) = desk.change(&desk.wren, 0, rewrite(nan, better)).await;
    assert_eq!((status, revision(&again)), (200, revision(&after)));
    // The other one reads it, and takes it back.
    let theirs = desk.reading(&desk.rook).await;
    assert_eq!(theirs["history"][0]["who"], "The social worker");
    let undo = json!({"kind": "undo", "index": 0});
    let (status, undone) = desk.change(&desk.rook, revision(&theirs), undo).await;
    assert_eq!((status, &undone["segments"][3]["text"]), (200, &nan["text"]));
    assert_eq!(undone["history"][0]["undone"], true);
}

#[tokio::test]
async fn two_write_at_once_and_nothing_is_lost() {
    let desk = Desk::new().await;
    let both = desk.reading(&desk.wren).await;
    let (first, third) = (&both["segments"][0], &both["segments"][2]);
    let mine = "Hello. Thank you for having me today.";
    assert_eq!(desk.change(&desk.wren, 0, rewrite(first, mine)).await.0, 200);
    // Elsewhere, with a revision that is not the newest: both stand.
    let (status, reading) = desk.change(&desk.rook, 0, rewrite(third, "There is no rush.")).await;
    assert_eq!(status, 200);
    assert_eq!(reading["segments"][0]["text"], mine);
    assert_eq!(reading["segments"][2]["text"], "There is no rush.");
    // In the same place: whoever comes second is told, and nothing is written over.
    let (status, problem) = desk.change(&desk.rook, 0, rewrite(first, "Hi.")).await;
    assert_eq!(status, 409);
    assert!(problem["detail"].as_str().unwrap().contains("still here"), "{problem}");
    let stretch = format!("corrections?start_ms={}&end_ms={}", first["start_ms"], first["end_ms"]);
    let (_, there) = desk.page(&desk.here(&stretch), &desk.rook).await;
    assert_eq!(serde_json::from_str::<Value>(&there).unwrap()["there"], mine);

    // Without scripts: the page comes back with what was typed, and with what stands there.
    let form = format!(
        "do=text&revision=0&start_ms={}&end_ms={}&was=Hello.+Thank+you+for+letting+me+come+today.&text=Hi+there.",
        first["start_ms"], first["end_ms"]
    );
    let (status, page) = desk.form("words", &desk.rook, &form).await;
    assert_eq!(status, 409);
    assert!(page.contains("Hi there.</textarea>") && page.contains(mine), "{page}");
    let (status, _) = desk
        .form(
            "words",
            &desk.rook,
            &form.replace("Hello.+Thank+you+for+letting+me+come+today.", &mine.replace(' ', "+")),
        )
        .await;
    assert_eq!(status, 303, "the person decided");

    // Many at once, each in a place of their own.
    let now = desk.reading(&desk.wren).await;
    let desk = Arc::new(desk);
    let mut all = tokio::task::JoinSet::new();
    for nth in [1_usize, 3, 5, 6] {
        let (desk, passage) = (Arc::clone(&desk), now["segments"][nth].clone());
        all.spawn(async move {
            let who = if nth % 2 == 0 { &desk.wren } else { &desk.rook };
            desk.change(who, 0, rewrite(&passage, &format!("Passage number {nth}."))).await.0
        });
    }
    while let Some(status) = all.join_next().await {
        assert_eq!(status.unwrap(), 200);
    }
    let text = desk.reading(&desk.wren).await.to_string();
    assert!(
        [1, 3, 5, 6].iter().all(|nth| text.contains(&format!("Passage number {nth}."))),
        "{text}"
    );
}

#[tokio::test]
async fn a_doubt_is_open_until_somebody_has_listened() {
    let desk = Desk::new().await;
    let (_, page) = desk.page(&desk.here("words"), &desk.wren).await;
    assert!(page.contains("It may be wrong – listen."));
    assert!(page.contains("The machine was unsure of these words."), "the reason is in words");
    assert!(page.contains("Speech here that the machine could not put into words"));
    assert!(page.contains("3 passages are worth listening to."));
    let reading = desk.reading(&desk.wren).await;
    let doubtful = &reading["segments"][4];
    let form = format!("do=heard&start_ms={}&end_ms={}", doubtful["start_ms"], doubtful["end_ms"]);
    let was = doubtful["text"].as_str().unwrap().replace(' ', "+");
    // Nobody answers for words that they do not name.
    assert_eq!(desk.form("words", &desk.wren, &form).await.0, 409);
    let form = format!("{form}&was={was}");
    assert_eq!(desk.form("words", &desk.wren, &form).await.0, 303);
    let reading = desk.reading(&desk.rook).await;
    assert_eq!(reading["segments"][4]["doubts"], json!([]));
    assert_eq!(reading["segments"][9]["doubts"].as_array().unwrap().len(), 1);
    // What a person writes where the machine found nothing is no doubt any more.
    let silent = &reading["segments"][8];
    let wrote = desk.change(&desk.wren, 1, rewrite(silent, "He came down the stairs.")).await.1;
    assert!(wrote.to_string().contains("He came down the stairs."));
    assert!(!wrote.to_string().contains(Doubt::NoText.sentence()));
    // A coach has no part in it.
    let coach = desk.as_somebody(desk.world.coach, Role::Coach).await;
    for path in ["words", "corrections", "names"] {
        assert_eq!(desk.page(&desk.here(path), &coach).await.0, 404, "{path}");
    }
    assert_eq!(desk.form("words", &coach, &form).await.0, 404);
}

#[tokio::test]
async fn who_read_other_words_than_there_are_now_is_told() {
    let desk = Desk::new().await;
    let before = desk.reading(&desk.wren).await;
    // The machine reads the recording again while somebody looks at its first words.
    let mut again = visit();
    let first = &mut again.segments[0];
    *first =
        segment(first.start_ms, first.end_ms, Some('A'), "Hello, thank you for seeing us.", &[]);
    desk.world.words(desk.id, &serde_json::to_vec(&again).unwrap()).await;
    let edit = rewrite(&before["segments"][0], "Hello. Thanks for letting me in.");
    assert_eq!(desk.change(&desk.wren, 0, edit).await.0, 409);
    let was = before["segments"][0]["text"].as_str().unwrap().replace(' ', "+");
    let stretch = format!("start_ms=0&end_ms={}&was={was}", before["segments"][0]["end_ms"]);
    assert_eq!(desk.form("words", &desk.wren, &format!("do=heard&{stretch}")).await.0, 409);
    let form = format!("do=text&text=Hello&{stretch}");
    let (status, page) = desk.form("words", &desk.wren, &form).await;
    assert_eq!(status, 409);
    assert!(page.contains("thank you for seeing us"), "what there is now: {page}");
    assert_eq!(desk.reading(&desk.wren).await["revision"], 0);
    // With what there is now before them, they change it.
    let now = desk.reading(&desk.wren).await;
    assert_eq!(desk.change(&desk.wren, 0, rewrite(&now["segments"][0], "Hello.")).await.0, 200);
}

#[tokio::test]
async fn it_is_read_again_in_a_language_that_the_model_knows() {
    let desk = Desk::new().await;
    let (_, page) = desk.page(&desk.here("words"), &desk.wren).await;
    assert!(page.contains("value=\"cy\"") && page.contains("id=\"words-again\" hidden"), "{page}");
    assert_eq!(desk.form("words/again", &desk.wren, "language=tlh").await.0, 400);
    assert_eq!(desk.form("words/again", &desk.wren, "language=").await.0, 303);
    let (_, page) = desk.page(&desk.here("words"), &desk.wren).await;
    assert!(page.contains("It waits to be read again. These words stay"), "{page}");
    assert!(!page.contains("value=\"cy\""), "one at a time: {page}");
    assert_eq!(desk.reading(&desk.wren).await["again"]["working"], true);
    assert_eq!(desk.form("words/again", &desk.wren, "language=cy").await.0, 409);
}

#[tokio::test]
async fn people_say_who_speaks_and_it_survives_the_machine() {
    let desk = Desk::new().await;
    for form in [
        "do=rename&speaker=A&name=Worker&revision=0",
        "do=rename&speaker=B&name=Mum&revision=0",
        "do=speaker&start=0:13&end=0:19.6&speaker=G&revision=0",
        "do=rename&speaker=G&name=Aunt&revision=0",
    ] {
        assert_eq!(desk.form("words", &desk.wren, form).await.0, 303, "{form}");
    }
    // The machine listens again, and divides what it hears another way.
    let mut again = visit();
    let joined = again.segments.remove(3);
    again.segments[2].end_ms = joined.end_ms;
    again.segments[2].text = format!("{} {}", again.segments[2].text, joined.text);
    again.segments[2].words.extend(joined.words);
    desk.world.words(desk.id, &serde_json::to_vec(&again).unwrap()).await;
    let reading = desk.reading(&desk.wren).await;
    let names: Vec<_> =
        reading["voices"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Worker", "Mum", "Aunt"]);
    let aunt =
        reading["segments"].as_array().unwrap().iter().find(|s| s["speaker"] == "G").unwrap();
    assert!(aunt["text"].as_str().unwrap().starts_with("Better, I think."), "{aunt}");
    // After all, the two were one.
    assert_eq!(desk.form("words", &desk.wren, "do=merge&from=G&into=B&revision=4").await.0, 303);
    let reading = desk.reading(&desk.wren).await;
    assert_eq!(reading["voices"].as_array().unwrap().len(), 2);
    let (status, page) = desk.form("words", &desk.wren, "do=merge&from=B&into=B&revision=5").await;
    assert_eq!(status, 422);
    assert!(page.contains("Choose two different speakers"), "{page}");

    // Counts are for coders, and only once they are asked for.
    let (_, plain) = desk.page(&desk.here("words"), &desk.rook).await;
    assert!(plain.contains("Show them") && !plain.contains("of all talking"));
    let (_, counted) = desk.page(&desk.here("words?aids=on"), &desk.rook).await;
    assert!(counted.contains("of all talking") && counted.contains("Questions: "), "{counted}");
    for (asked, seconds) in [("2", 2), ("20", 20), ("7", 4), ("x", 4)] {
        let path = desk.here(&format!("words?aids=on&silence={asked}"));
        let (_, page) = desk.page(&path, &desk.rook).await;
        assert!(page.contains(&format!("Silences of {seconds} seconds and more")), "{asked}");
    }
    let (_, own) = desk.page(&desk.here("words?aids=on"), &desk.wren).await;
    assert!(!own.contains("Counts for coders") && !own.contains("of all talking"));
}

#[tokio::test]
async fn a_name_is_read_as_another_one_and_offered_for_hiding() {
    let desk = Desk::new().await;
    let (status, page) = desk.form("names", &desk.wren, "do=find&name=rowan").await;
    assert_eq!(status, 200);
    assert!(page.contains("Said 3 times"), "{page}");
    let offer =
        page.split("redaction?offer=").nth(1).unwrap().split('#').next().unwrap().to_owned();
    assert_eq!(offer.split(',').count(), 3);
    // A voice was given the name as well.
    let rename = "do=rename&speaker=B&name=Rowan%27s+mum&revision=0";
    assert_eq!(desk.form("words", &desk.wren, rename).await.0, 303);
    let (status, page) = desk.form("names", &desk.wren, "do=replace&name=Rowan&to=Robin").await;
    assert_eq!(status, 200);
    assert!(page.contains("“Robin” is read in its place"), "{page}");
    let reading = desk.reading(&desk.rook).await.to_string();
    assert!(!reading.contains("Rowan") && reading.contains("Robin"), "{reading}");
    assert_eq!(reading.matches("Robin's mum").count(), 2, "as a voice, in the history: {reading}");
    let (_, page) = desk.page(&desk.here("words"), &desk.wren).await;
    assert!(!page.contains("Rowan") && page.contains("Speaker B is called Robin"), "{page}");
    assert!(desk.search(&desk.rook, "rowan").await.contains("Nothing was found"));
    assert!(desk.search(&desk.rook, "robin").await.contains("3 places in 1 recording"));

    // What is offered is hidden by nobody but the person who decides it.
    let (_, page) = desk.page(&desk.here(&format!("redaction?offer={offer}")), &desk.wren).await;
    assert_eq!(page.matches("name=\"span\"").count(), 3);
    assert!(page.contains("Nothing is hidden yet"));
    let spans: Vec<_> = offer.split(',').take(2).map(|span| format!("span={span}")).collect();
    let form = format!("do=offered&offer={offer}&{}", spans.join("&"));
    // What is missing is told, and what was offered and ticked is still there.
    for (wrong, error, ticked) in [
        (format!("do=offered&offer={offer}&why=name"), "span-1", 0),
        (form.clone(), "offered-why", 2),
        (format!("{form}&span=50000-70000&why=name"), "span-1", 2),
        (format!("offer={offer}&start=0:01&end=0:02"), "why", 3),
        (format!("offer={offer}&with=bells"), "with", 3),
    ] {
        let path = if error == "with" { "redaction/sounds" } else { "redaction" };
        let (status, page) = desk.form(path, &desk.wren, &wrong).await;
        assert_eq!(status, 422, "{wrong}");
        assert!(page.contains(&format!("id=\"{error}-error\"")), "{wrong}: {page}");
        assert_eq!(page.matches("name=\"span\"").count(), 3, "{wrong}");
        let boxes = page.split("name=\"span\"").skip(1).map(|rest| rest.split('>').next().unwrap());
        assert_eq!(boxes.filter(|one| one.contains("checked")).count(), ticked, "{wrong}");
        assert!(page.contains(&format!("name=\"offer\" value=\"{offer}\"")), "{wrong}");
    }
    let (status, _) = desk.form("redaction", &desk.wren, &format!("{form}&why=name")).await;
    assert_eq!(status, 303);
    let reading = desk.reading(&desk.wren).await.to_string();
    assert!(reading.contains("\"hidden\":true"));
    // Found once now: what cannot be heard cannot be found.
    assert!(desk.search(&desk.wren, "robin").await.contains("1 place in 1 recording"));
    let nearby = desk.search(&desk.wren, "laughed").await;
    assert!(nearby.contains("[hidden]") && !nearby.contains("Rowan"), "{nearby}");

    for (form, missing) in
        [("do=find&name=", "id=\"name-error\""), ("do=replace&name=Rowan&to=", "id=\"to-error\"")]
    {
        let (status, page) = desk.form("names", &desk.wren, form).await;
        assert_eq!(status, 422);
        assert!(page.contains(missing), "{form}: {page}");
    }
}

#[tokio::test]
async fn words_of_an_extract_are_shown_once_somebody_has_listened() {
    let mut unsure = visit();
    unsure.segments[0].doubts = vec![Doubt::LowProbability];
    let desk = Desk::at(Stage::Shared, &unsure).await;
    let coach = desk.as_somebody(desk.world.coach, Role::Coach).await;
    let room = format!("/listen/{}", desk.objects.playlist);
    let words = format!("playlist/clips/{}/words", desk.objects.clip);
    let (status, page) = desk.form(&words, &desk.rook, "shown=yes").await;
    assert_eq!(status, 422);
    assert!(page.contains(Doubt::LowProbability.sentence()), "the reason: {page}");
    assert!(page.contains(&desk.here("words?t=1000")), "and where to listen");
    let (_, page) = desk.page(&room, &coach).await;
    assert!(page.contains("hb-clip__skill") && !page.contains("hb-quote"), "{page}");

    let first = &desk.reading(&desk.wren).await["segments"][0];
    let heard = json!({
        "kind": "heard", "start_ms": first["start_ms"], "end_ms": first["end_ms"], "was": first["text"]
    });
    assert_eq!(desk.change(&desk.wren, 0, heard).await.0, 200);
    assert_eq!(desk.form(&words, &desk.rook, "shown=yes").await.0, 303);
    let (_, page) = desk.page(&room, &coach).await;
    assert!(page.contains("Thank you for</blockquote>"), "no more than what is heard: {page}");
    assert!(page.contains("A machine wrote these words. They may be wrong – listen."));
    let (status, _) = desk.form(&words, &coach, "shown=no").await;
    assert_eq!(status, 404, "that is not a coach's to decide");

    // The machine listens again, hears something else there, and is unsure of it.
    unsure.segments[0] = segment(
        400,
        3_600,
        Some('A'),
        "Hello. Think of her letting me go today.",
        &[Doubt::LowProbability],
    );
    desk.world.words(desk.id, &serde_json::to_vec(&unsure).unwrap()).await;
    assert!(!desk.page(&room, &coach).await.1.contains("hb-quote"), "it is in doubt anew");
    desk.world.words(desk.id, &serde_json::to_vec(&visit()).unwrap()).await;
    assert!(desk.page(&room, &coach).await.1.contains("Thank you for</blockquote>"));
    assert_eq!(desk.form(&words, &desk.rook, "shown=no").await.0, 303);
    assert!(!desk.page(&room, &coach).await.1.contains("hb-quote"));
}

#[tokio::test]
async fn only_what_one_may_read_is_found() {
    let desk = Desk::new().await;
    let found = "1 place in 1 recording";
    assert!(desk.search(&desk.wren, "upstairs").await.contains(found));
    assert!(desk.search(&desk.rook, "UPST*").await.contains(found));
    assert!(desk.search(&desk.rook, "%22choose+together%22").await.contains(found));
    assert!(desk.search(&desk.rook, "%22together+choose%22").await.contains("Nothing was found"));
    assert!(desk.search(&desk.rook, "%3Cb%3E").await.contains("Nothing was found"));
    let (status, page) = desk.ask("POST", "/search", &desk.rook, FORM, "q=%2A").await;
    assert_eq!(status, 422, "{page}");
    // Addresses stay in histories: what stands in one is not looked for.
    let (status, page) = desk.page("/search?q=upstairs", &desk.rook).await;
    assert_eq!(status, 200);
    assert!(!page.contains("upstairs") && !page.contains("id=\"found\""), "{page}");
    for (user, role) in [
        (desk.world.stranger, Role::Practitioner),
        (desk.world.stranger, Role::Researcher),
        (desk.world.coach, Role::Coach),
        (desk.world.owner, Role::SysAdmin),
        (desk.world.owner, Role::Dpo),
    ] {
        let cookie = desk.as_somebody(user, role).await;
        let page = desk.search(&cookie, "upstairs").await;
        assert!(page.contains("There are no words here that you can read yet"), "{role}: {page}");
    }
    // Kept to oneself: the researcher, whose words lay in memory a moment ago, finds nothing.
    let wren = desk.as_somebody(desk.world.owner, Role::Practitioner).await;
    assert_eq!(desk.form("withhold", &wren, "").await.0, 303);
    assert!(desk.search(&desk.rook, "upstairs").await.contains("Nothing was found"));
    assert!(desk.search(&wren, "upstairs").await.contains(found));
    // Taken back: nobody does.
    let person = {
        let (_, page) = desk.page(&desk.here("withdraw"), &wren).await;
        page.split("/people/").nth(1).unwrap().split('/').next().unwrap().to_owned()
    };
    let path = format!("people/{person}/withdraw");
    let (status, page) =
        desk.form(&path, &wren, "purpose=transcribe&asked=phone&confirm=yes").await;
    assert!(status < 400, "{page}");
    assert!(desk.search(&wren, "upstairs").await.contains("Nothing was found"));
}

/// The pages in a browser: with the keyboard alone, without scripts, at both widths, with axe.
#[tokio::test(flavor = "multi_thread")]
async fn the_words_in_a_browser() {
    let world = World::new(sqlite().await).await;
    let id = world.recording(Stage::Released).await.recording;
    speak_of(&world, id, &visit()).await;
    let shared = world.recording(Stage::Shared).await;
    let words = segment(400, 3_600, Some('A'), "Good morning. It is kind of you to ask.", &[]);
    let visit = Transcript { segments: vec![words], ..visit() };
    speak_of(&world, shared.recording, &visit).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let app = app(&world, &origin);
    let given = [
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("ROOK", session(&world, world.researcher, Role::Researcher).await),
        ("COACH", session(&world, world.coach, Role::Coach).await),
        ("SHARED", shared.recording.to_string()),
        ("PLAYLIST", shared.playlist.to_string()),
    ];
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(async move {
        hearback_web::serve(listener, app, async { drop(ended.await) }).await.unwrap();
    });
    let out = pictures();
    let done = tokio::task::spawn_blocking(move || {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Command::new("node")
            .arg(here.join("browser/words.mjs"))
            .env("ORIGIN", &origin)
            .env("OUT", &out)
            .env("ID", id.to_string())
            .envs(given)
            .output()
            .expect("node is installed: run `cargo xtask test`")
    });
    let done = done.await.unwrap();
    drop(end);
    serving.join_next().await.unwrap().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn pictures() -> PathBuf {
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/browser-words");
    fs::remove_dir_all(&out).ok();
    out
}
