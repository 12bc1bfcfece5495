//! What is sent to each address, so that it does its work.

use std::fmt::Write as _;

use hearback_domain::{
    BUILT_IN_FRAMEWORK, Clock as _, Day, PartyKind,
    forms::{NOTHING_ELSE_CHANGES, built_in},
};
use hearback_web::Route;
use uuid::Uuid;

use crate::{
    service::PASSPHRASE,
    world::{Objects, World},
};

/// A body with which the route does its work, by method and path. A route without one fails the test.
#[expect(clippy::too_many_lines, reason = "a row for each address")]
pub(crate) fn body(route: &Route, world: &World, objects: &Objects) -> (&'static str, String) {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    const CODE: &str = r#"{"skill":"clarity","sub":null,"start_ms":1000,"end_ms":2000,"note":"","exemplar":false}"#;
    let details = "pseudonym=Robin&session_kind=visit&phase=post_training\
        &person.0.kind=practitioner&person.0.label=Worker&person.1.kind=child&person.1.label=Robin";
    let text = match (route.method.as_str(), route.path) {
        ("GET", _) => return (FORM, String::new()),
        ("POST", "/sign-in") => {
            format!("login=visitor&passphrase={}", PASSPHRASE.replace(' ', "+"))
        }
        ("POST", "/search") => "q=river".to_owned(),
        ("POST", "/hat") => "hat=practitioner".to_owned(),
        ("POST", "/recordings" | "/recordings/new") => details.to_owned(),
        ("POST", "/recordings/{id}/people/{person}/consent") => consent(world),
        ("POST", "/recordings/{id}/people") => "kind=other&label=Neighbour".to_owned(),
        ("POST", "/admin/forms/{kind}") => form(),
        ("POST", "/recordings/{id}/upload") => {
            let part = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
                content-type: application/octet-stream\r\n\r\nsound\r\n--x--\r\n";
            return ("multipart/form-data; boundary=x", part.to_owned());
        }
        ("PUT", "/recordings/{id}/original") => {
            return ("application/octet-stream", "sound".to_owned());
        }
        ("POST", "/recordings/{id}/release") => {
            format!("researcher={}&coach={}", world.researcher, world.coach)
        }
        ("POST", "/recordings/{id}/codes") | ("PUT", "/recordings/{id}/codes/{code}") => {
            return (JSON, CODE.to_owned());
        }
        ("DELETE", "/recordings/{id}/codes/{code}") => return (JSON, String::new()),
        ("PUT", "/recordings/{id}/coding/draft") => return (JSON, r#"{"text":"{}"}"#.to_owned()),
        ("POST", "/recordings/{id}/coding/heard") => {
            return (JSON, r#"{"heard":[{"stretch":0,"ms":900}]}"#.to_owned());
        }
        ("PUT", "/recordings/{id}/scores/{item}") => return (JSON, r#"{"score":3}"#.to_owned()),
        ("POST", "/recordings/{id}/codings/compare/passage") => {
            format!("passage={}&agreed=clarity&note=", objects.code)
        }
        ("POST", "/recordings/{id}/codings/compare/score") => {
            "item=clarity&agreed=3.5&note=".to_owned()
        }
        ("POST", "/coaching/coaches/{person}/check") => {
            format!("until=2027-12-31&seen={}", world.clock.now().as_micros())
        }
        ("POST", "/coaching/profile") => {
            "about=I+listen&independence=outside&reports_to=&accreditation=&languages=English\
             &taking_on=yes&most=20"
                .to_owned()
        }
        ("POST", "/coaching/new") => format!(
            "name=Robin&skill=empathy&coach={}&counselling=no&reluctant=no&witness=no&safety=no",
            World::visitor()
        ),
        ("POST", "/coaching/hours") => {
            let day = Day::of(world.clock.now());
            format!("kind=taught&day={day}&spent=1:30&note=Silence")
        }
        ("POST", "/series/{series}/agreement") => {
            "version=0&place=a+quiet+room&channel=here&times=2&reminders=yes".to_owned()
        }
        ("POST", "/series/{series}/agreement/sign") => {
            "version=1&tick.0=yes&tick.1=yes&tick.2=yes".to_owned()
        }
        ("POST", "/series/{series}/sessions" | "/series/{series}/sessions/{session}/move") => {
            let day = Day::of(world.clock.now()).plus_days(7);
            format!("day={day}&time=10:00&zone=60&place=a+quiet+room")
        }
        ("POST", "/series/{series}/coach") => "coach=nobody".to_owned(),
        ("POST", "/series/{series}/focus") => "name=Robin&skill=&issue=Saturdays".to_owned(),
        ("POST", "/series/{series}/attendance") => "answer=yes".to_owned(),
        ("POST", "/series/{series}/recordings") => {
            format!("recording={}&do=add", objects.recording)
        }
        ("POST", "/series/{series}/end") => "how=nothing".to_owned(),
        ("POST", "/recordings/{id}/briefing/enter") => return (JSON, "{}".to_owned()),
        // Nobody sits there: whoever may come in is told so.
        ("POST", "/recordings/{id}/briefing/beat" | "/recordings/{id}/briefing/leave") => {
            return (JSON, r#"{"seat":""}"#.to_owned());
        }
        ("POST", "/recordings/{id}/briefing/play" | "/sessions/{session}/room/play") => {
            return (JSON, r#"{"seat":"","do":"pause"}"#.to_owned());
        }
        ("POST", "/recordings/{id}/briefing/piece") => {
            return (JSON, format!(r#"{{"seat":"","code":"{}"}}"#, objects.code));
        }
        ("POST", "/recordings/{id}/briefing/notes") => "note=Listen+to+the+pause".to_owned(),
        ("POST", "/recordings/{id}/briefing/proposals") => {
            format!("code={}&do=propose&strength=Plain+words&question=", objects.code)
        }
        ("POST", "/recordings/{id}/protocol") => format!("protocol={}", World::protocol()),
        ("POST", "/recordings/{id}/second-coder" | "/recordings/{id}/teaching") => {
            "answer=yes".to_owned()
        }
        ("POST", "/recordings/{id}/training") => "version=1&do=add&level=lower".to_owned(),
        ("POST", "/recordings/{id}/agreed/{version}") => "agreed.clarity=3.5".to_owned(),
        // A version has one set, and there is one.
        ("POST", "/training") => "version=1&size=3".to_owned(),
        ("POST", "/training/{version}/people") => "person=&part=trainee".to_owned(),
        ("POST", "/recordings/{id}/second") => format!("coder={}", world.stranger),
        ("POST", "/protocols/new") => "name=Autumn&framework=1&seed=1&twice=20".to_owned(),
        ("POST", "/recordings/{id}/playlist/clips") => format!("code={}", objects.code),
        ("POST", "/recordings/{id}/playlist/clips/{clip}") => {
            "start=0:01.000&end=0:02.000&note=a&question=b".to_owned()
        }
        ("POST", "/recordings/{id}/playlist/clips/{clip}/move") => "direction=up".to_owned(),
        ("POST", "/recordings/{id}/playlist/clips/{clip}/approve") => {
            format!("heard=yes&cut={}", objects.cut)
        }
        ("POST", "/recordings/{id}/playlist/clips/{clip}/words") => "shown=no".to_owned(),
        ("POST", "/recordings/{id}/redaction") => "start=0:01&end=0:02&why=name".to_owned(),
        ("POST", "/recordings/{id}/words") => "do=rename&speaker=A&name=Worker".to_owned(),
        ("POST", "/recordings/{id}/words/again") => "language=cy".to_owned(),
        ("POST", "/recordings/{id}/corrections") => {
            let change =
                r#"{"revision":0,"change":{"kind":"rename","speaker":"A","name":"Worker"}}"#;
            return (JSON, change.to_owned());
        }
        ("POST", "/sessions/{session}/room/piece") => {
            return (JSON, format!(r#"{{"seat":"","piece":"{}"}}"#, objects.piece));
        }
        ("POST", path) if path.starts_with("/sessions/{session}/room/") => {
            return (JSON, r#"{"seat":""}"#.to_owned());
        }
        ("POST", "/sessions/{session}/guests") => format!("person={}", world.stranger),
        ("POST", "/join") => "code=K4M+7PX".to_owned(),
        ("POST", "/recordings/{id}/names") => "name=Robin&do=find".to_owned(),
        ("POST", "/recordings/{id}/redaction/sounds") => "with=silence".to_owned(),
        ("POST", "/recordings/{id}/redaction/{hidden}/show") => "do=ask".to_owned(),
        ("POST", "/recordings/{id}/redaction/approve") => "heard=yes&version=1".to_owned(),
        // Another one each time: a short name is taken once.
        ("POST", "/frameworks/new") => {
            let id = objects.job.to_string();
            format!("title=T&source=S&short=x{}", &id[id.len() - 12..])
        }
        ("POST", "/frameworks/{framework}/edit") => "do=title&title=T&source=S".to_owned(),
        ("POST", "/frameworks/{framework}/edit/{skill}") => {
            "do=save&revision=0&name=Clarity&area=respectful_authority&definition=D".to_owned()
        }
        // Without notes: the draft is to be there for the next one.
        ("POST", "/frameworks/{framework}/publish") => "revision=0&notes=".to_owned(),
        ("POST", "/sign-in/second" | "/account/app/confirm") => "code=000000".to_owned(),
        ("POST", "/confirm") => "passphrase=x".to_owned(),
        // Too short: who has been let in here is to be found in again.
        ("POST", "/account/passphrase" | "/invite/{token}") => "new=x&passphrase=x".to_owned(),
        ("POST", path) if path.contains("/passkey") && !path.ends_with("/remove") => {
            return (JSON, "{}".to_owned());
        }
        ("POST", "/recordings/{id}/people/{person}/withdraw") => {
            "purpose=record&asked=phone&confirm=yes".to_owned()
        }
        ("POST", "/admin/holdings/{id}/hold") => "reason=a+court&review=2026-12-01".to_owned(),
        ("POST", "/admin/holdings/{id}/extend") => {
            "class=sound&until=2027-12-01&reason=a+second+coder".to_owned()
        }
        ("POST", "/admin/retention") => "days.sound.created=365".to_owned(),
        ("POST", "/admin/people/{person}/roles") => "roles=coach".to_owned(),
        ("POST", "/admin/people/sso") => "login=stranger".to_owned(),
        ("POST", "/recordings/{id}/concerns/new") => {
            "start=0:01&end=0:02&heard=a+worry&told=yes&informed=nobody".to_owned()
        }
        ("POST", "/clips/{id}/concern") => "heard=a+worry&told=not_yet".to_owned(),
        ("POST", "/concerns/{concern}") => "note=told+the+team&state=passed_on".to_owned(),
        ("POST", "/concerns/{concern}/glass") => "reason=to+know+who+is+meant".to_owned(),
        ("POST", "/concerns/{concern}/glass/decide") => {
            format!("glass={}&answer=allow", objects.glass)
        }
        ("POST", "/recordings/{id}/people/{person}/name") => "name=Zo%C3%AB+Ashdown".to_owned(),
        // Too short: making a key takes its time, and nothing is to be made anew here.
        ("POST", "/admin/identity-key") => "passphrase=x&again=x&lost=yes".to_owned(),
        ("POST", "/admin/identities/{id}") => format!("passphrase={}", world.printed),
        ("POST", "/recordings/{id}/keep-away" | "/recordings/{id}/keep-away/remove") => {
            format!("person={}", World::visitor())
        }
        ("POST", "/admin/managers") => {
            format!("practitioner={}&manager={}", world.stranger, World::visitor())
        }
        ("POST", "/admin/people") => {
            let login = Uuid::from_u128(u128::from(objects.job.as_uuid().as_u64_pair().1));
            format!("login=p{login}&name=P&roles=coach&passphrase=a+quiet+walk+along+the+river")
        }
        ("POST", "/recordings/{id}/moments" | "/recordings/{id}/moments/{moment}") => {
            "kind=wonder&start=0:01&end=0:03&note=".to_owned()
        }
        // To a meeting to which they are not invited: whoever may bring is told so.
        (
            "POST",
            "/recordings/{id}/moments/{moment}/bring"
            | "/recordings/{id}/moments/{moment}/bring/take-back",
        ) => format!("meeting={}", objects.meeting),
        // Another skill than the one that its extract has; where it does not fit, whoever may is told so.
        ("POST", "/recordings/{id}/moments/{moment}/extract") => "item=clarity".to_owned(),
        ("POST", "/sessions/{session}/clips") => format!("clip={}", objects.clip),
        ("POST", "/sessions/{session}/clips/{piece}") => "title=A+pause&question=".to_owned(),
        ("POST", "/sessions/{session}/clips/{piece}/move") => "direction=up".to_owned(),
        ("POST", "/sessions/{session}/clips/{piece}/veto") => "vetoed=yes".to_owned(),
        // Both of the two keep this one; whoever comes second is told so.
        ("POST", "/sessions/{session}/sheets/{sheet}") => "revision=0&before=Quiet".to_owned(),
        ("POST", "/sessions/{session}/sheets/{sheet}/share") => "do=keep".to_owned(),
        ("POST", "/series/{series}/goals") => "text=Ask+once+more".to_owned(),
        ("POST", "/series/{series}/goals/{goal}") => "status=there".to_owned(),
        ("POST", "/supervision/lead") => {
            format!("day=2026-12-01&time=14:00&coach={}", world.coach)
        }
        ("POST", "/supervision/lead/{meeting}") => format!("do=came&coach={}", world.coach),
        ("POST", "/supervision/lead/{meeting}/dome") => {
            format!("do=begin&volunteer={}", world.coach)
        }
        ("POST", "/supervision/lead/{meeting}/focus") => {
            "do=plan&day=2026-12-01&time=16:15".to_owned()
        }
        ("POST", "/supervision/lead/{meeting}/debrief") => "do=save&note=Calm".to_owned(),
        // There is none yet: whoever is invited is told so.
        ("POST", "/supervision/{meeting}/focus") => "takes_part=yes".to_owned(),
        ("POST", "/supervision/{meeting}/note") => "note=I+wait".to_owned(),
        (
            "POST",
            "/sign-out"
            | "/account/app"
            | "/account/app/remove"
            | "/account/recovery-codes"
            | "/account/passkeys/{passkey}/remove"
            | "/account/sessions/{session}/end"
            | "/account/sessions/end-others"
            | "/admin/people/invitations/{invitation}/withdraw"
            | "/admin/people/{person}/disable"
            | "/admin/people/{person}/enable"
            | "/admin/people/{person}/end-sessions"
            | "/admin/people/{person}/reset-second-steps"
            | "/sign-in/sso"
            | "/sign-in/sso/logout"
            | "/account/sso"
            | "/account/sso/disconnect"
            | "/confirm/sso"
            | "/frameworks/{framework}/draft"
            | "/frameworks/{framework}/{number}/current"
            | "/recordings/{id}/transcription/stop"
            | "/recordings/{id}/transcription/go-on"
            | "/recordings/{id}/decode/again"
            | "/recordings/{id}/withhold"
            | "/recordings/{id}/coding/finish"
            | "/recordings/{id}/playlist/clips/{clip}/remove"
            | "/recordings/{id}/playlist/agree"
            | "/clips/{id}/veto"
            | "/admin/holdings/{id}/lift"
            | "/admin/retention/release"
            | "/admin/jobs/{job}/requeue"
            | "/protocols/{protocol}/close"
            | "/series/{series}/sessions/{session}/postpone"
            | "/series/{series}/sessions/{session}/missed"
            | "/training/{version}/open"
            | "/training/{version}/attempts"
            | "/training/{version}/hand-in"
            | "/sessions/{session}/sheets/{sheet}/remove"
            | "/coaching/hours/{hours}/remove"
            | "/recordings/{id}/moments/{moment}/remove"
            | "/sessions/{session}/clips/{piece}/remove"
            | "/sessions/{session}/begin"
            | "/sessions/{session}/end"
            | "/sessions/{session}/stop"
            | "/sessions/{session}/guests/{person}/end",
        ) => String::new(),
        other => panic!("{other:?} is a route without a row in this test"),
    };
    (FORM, text)
}

/// A child's yes to everything, given today.
fn consent(world: &World) -> String {
    let today = Day::of(world.clock.now());
    let mut text = format!(
        "version=1&how=screen&explained_by=Worker&informed_on={today}&decided_on={today}\
         &decided_sooner=yes&age=11_to_15&authority=parental_responsibility&signatory=Mum&assent=yes"
    );
    for statement in built_in(PartyKind::Child).statements {
        write!(text, "&tick.{}=yes", statement.key).unwrap();
    }
    text
}

/// A form with one sentence; looked at, not published: the next child is asked with the same words as the last.
fn form() -> String {
    format!(
        "do=preview&title=T&introduction={}&thinking_days=7&valid_months=12&alone_from=18\
         &s.0.text=%7Bname%7D+agrees&s.0.purpose=record",
        NOTHING_ELSE_CHANGES.replace(' ', "+")
    )
}

/// The route's path for these objects.
pub(crate) fn path(route: &Route, objects: &Objects) -> String {
    // Somebody who is heard, or somebody with an account.
    let person = if route.path.starts_with("/recordings/") {
        objects.person.to_string()
    } else {
        World::visitor().to_string()
    };
    let id = if route.path.starts_with("/clips/") {
        objects.clip.to_string()
    } else {
        objects.recording.to_string()
    };
    route
        .path
        .replace("{id}", &id)
        .replace("{code}", &objects.code.to_string())
        .replace("{hidden}", &objects.hidden.to_string())
        .replace("{clip}", &objects.clip.to_string())
        .replace("{playlist}", &objects.playlist.to_string())
        .replace("{job}", &objects.job.to_string())
        .replace("{item}", "clarity")
        .replace("{name}", "app.css")
        .replace("{person}", &person)
        .replace("{concern}", &objects.concern.to_string())
        .replace("{kind}", "child")
        .replace("{protocol}", &World::protocol().to_string())
        .replace("{framework}", &BUILT_IN_FRAMEWORK.to_string())
        .replace("{number}", "1")
        .replace("{version}", "1")
        .replace("{skill}", "clarity")
        .replace("{token}", &"0".repeat(64))
        .replace("{passkey}", &objects.job.to_string())
        .replace(
            "{session}",
            &if route.path.starts_with("/account/") {
                objects.job.to_string()
            } else {
                objects.session.to_string()
            },
        )
        .replace("{series}", &objects.series.to_string())
        .replace("{piece}", &objects.piece.to_string())
        .replace("{goal}", &objects.goal.to_string())
        // Nobody noted these; whoever takes them out finds them gone.
        .replace("{hours}", &objects.goal.to_string())
        .replace("{moment}", &objects.moment.to_string())
        .replace("{meeting}", &objects.meeting.to_string())
        .replace("{brought}", &objects.brought.to_string())
        .replace("{sheet}", "thinking")
        .replace("{invitation}", &objects.job.to_string())
}
