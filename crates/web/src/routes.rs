//! The one table of addresses. What is not in it does not exist.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler as _,
    http::Method,
    middleware::{from_fn, from_fn_with_state},
    routing::{self, MethodRouter},
};
use hearback_domain::policy::Action;
use tokio::sync::oneshot;

use crate::{
    App, WebError, account, admin, assets, briefing, clips, coaching, coding, confirm, consent,
    frameworks, guard::guard, headers, home, invite, keep_away, limits::Limiter, listen, matrix,
    names, oidc, passkeys, playlist, protocols, recordings, redaction, reliability, safeguarding,
    search, second_step, sign_in, training, withdrawing, words,
};

/// Who may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody.
    Public,
    /// Anybody who has signed in; the answer holds nothing but their own.
    SignedIn,
    /// The organisation's identity provider itself: no browser, so neither our origin nor a session. The handler
    /// believes what it says for its signature alone.
    Provider,
    /// Whoever the policy lets do this to the object in the address. The handler asks for exactly this first.
    Asks(Action),
}

/// What an address answers with, which is also how its errors look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page.
    Page,
    /// A redirect to a page, after a form; problem+json for scripts that ask for JSON.
    Form,
    /// JSON.
    Json,
    /// Sound and other bytes.
    Bytes,
}

/// One address.
pub struct Route {
    /// The method. `GET` stands for `HEAD` too.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may come.
    pub guard: Guard,
    /// What it answers with.
    pub kind: Kind,
    /// The most bytes of a body that it reads; none if it reads a recording and counts for itself.
    pub body_cap: Option<usize>,
    handler: fn() -> MethodRouter<App>,
}

/// Forms and small JSON.
const SMALL: Option<usize> = Some(64 << 10);
/// What lies on a coder's desk, and forms with several long texts, in any script.
const DRAFT: Option<usize> = Some(256 << 10);
/// No body.
const NONE: Option<usize> = Some(0);

macro_rules! table {
    ($($method:ident $verb:ident $path:literal $guard:expr, $kind:ident, $cap:expr => $handler:path;)+) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            guard: $guard,
            kind: Kind::$kind,
            body_cap: $cap,
            handler: || routing::$verb($handler),
        }),+]
    };
}

use Action as A;
use Guard::{Asks, Provider, Public, SignedIn};

/// Every address there is.
#[rustfmt::skip]
pub static ROUTES: &[Route] = table! {
    GET    get    "/healthz"                                Public,                  Json,  NONE  => assets::health;
    GET    get    "/assets/{name}"                          Public,                  Bytes, NONE  => assets::show;
    GET    get    "/help"                                   Public,                  Page,  NONE  => home::help;
    GET    get    "/about"                                  Public,                  Page,  NONE  => home::about;
    GET    get    "/who-may-hear"                           Public,                  Page,  NONE  => matrix::show;
    GET    get    "/sign-in"                                Public,                  Page,  NONE  => sign_in::show;
    POST   post   "/sign-in"                                Public,                  Form,  SMALL => sign_in::sign_in;
    POST   post   "/sign-in/sso"                            Public,                  Form,  SMALL => oidc::start::sign_in;
    GET    get    "/sign-in/sso/callback"                   Public,                  Page,  NONE  => oidc::callback::show;
    GET    get    "/sign-in/sso/link"                       Public,                  Page,  NONE  => oidc::link::show;
    POST   post   "/sign-in/sso/logout"                     Provider,                Json,  SMALL => oidc::logout::logout;
    POST   post   "/account/sso"                            SignedIn,                Form,  SMALL => oidc::start::connect;
    POST   post   "/account/sso/disconnect"                 SignedIn,                Form,  SMALL => oidc::disconnect::disconnect;
    POST   post   "/confirm/sso"                            SignedIn,                Form,  SMALL => oidc::start::confirm;
    POST   post   "/sign-in/passkey/begin"                  Public,                  Json,  NONE  => passkeys::begin_sign_in;
    POST   post   "/sign-in/passkey/finish"                 Public,                  Json,  SMALL => passkeys::finish_sign_in;
    GET    get    "/sign-in/second"                         Public,                  Page,  NONE  => second_step::show;
    POST   post   "/sign-in/second"                         Public,                  Form,  SMALL => second_step::finish;
    GET    get    "/invite/{token}"                         Public,                  Page,  NONE  => invite::show;
    POST   post   "/invite/{token}"                         Public,                  Form,  SMALL => invite::accept;
    GET    get    "/confirm"                                SignedIn,                Page,  NONE  => confirm::show;
    POST   post   "/confirm"                                SignedIn,                Form,  SMALL => confirm::confirm;
    POST   post   "/confirm/passkey/begin"                  SignedIn,                Json,  NONE  => passkeys::begin_confirm;
    POST   post   "/confirm/passkey/finish"                 SignedIn,                Json,  SMALL => passkeys::finish_confirm;
    GET    get    "/account"                                SignedIn,                Page,  NONE  => account::show;
    POST   post   "/account/passphrase"                     SignedIn,                Form,  SMALL => account::change_passphrase;
    GET    get    "/account/app"                            SignedIn,                Page,  NONE  => account::show_app;
    POST   post   "/account/app"                            SignedIn,                Form,  SMALL => account::begin_app;
    POST   post   "/account/app/confirm"                    SignedIn,                Form,  SMALL => account::confirm_app;
    POST   post   "/account/app/remove"                     SignedIn,                Form,  SMALL => account::remove_app;
    POST   post   "/account/recovery-codes"                 SignedIn,                Form,  SMALL => account::new_codes;
    POST   post   "/account/passkeys/begin"                 SignedIn,                Json,  NONE  => passkeys::begin_new;
    POST   post   "/account/passkeys/finish"                SignedIn,                Json,  SMALL => passkeys::finish_new;
    POST   post   "/account/passkeys/{passkey}/remove"      SignedIn,                Form,  SMALL => account::remove_passkey;
    POST   post   "/account/sessions/{session}/end"         SignedIn,                Form,  SMALL => account::end_one;
    POST   post   "/account/sessions/end-others"            SignedIn,                Form,  SMALL => account::end_others;
    POST   post   "/sign-out"                               SignedIn,                Form,  SMALL => sign_in::sign_out;
    POST   post   "/hat"                                    SignedIn,                Form,  SMALL => sign_in::change_hat;
    GET    get    "/"                                       SignedIn,                Page,  NONE  => home::show;
    GET    get    "/search"                                 SignedIn,                Page,  NONE  => search::show::form;
    POST   post   "/search"                                 SignedIn,                Form,  SMALL => search::show::find;

    GET    get    "/recordings/new"                         Asks(A::Upload),         Page,  NONE  => recordings::start::form;
    POST   post   "/recordings/new"                         Asks(A::Upload),         Form,  SMALL => recordings::start::begin;
    POST   post   "/recordings"                             Asks(A::Upload),         Json,  SMALL => recordings::start::create;
    POST   post   "/recordings/{id}/upload"                 Asks(A::Upload),         Form,  None  => recordings::multipart::file_alone;
    PUT    put    "/recordings/{id}/original"               Asks(A::Upload),         Json,  None  => recordings::file::put;
    GET    get    "/recordings/{id}"                        Asks(A::SeeRecording),   Page,  NONE  => recordings::show::show;
    GET    get    "/recordings/{id}/status"                 Asks(A::SeeRecording),   Json,  NONE  => recordings::status::show;
    GET    get    "/recordings/{id}/audio"                  Asks(A::PlayRecording),  Bytes, NONE  => recordings::sound::audio;
    GET    get    "/recordings/{id}/listen"                 Asks(A::PlayRecording),  Bytes, NONE  => recordings::sound::listen;
    GET    get    "/recordings/{id}/peaks.dat"              Asks(A::PlayRecording),  Bytes, NONE  => recordings::sound::peaks;
    GET    get    "/recordings/{id}/transcript"             Asks(A::ReadTranscript), Json,  NONE  => recordings::transcript::show;
    POST   post   "/recordings/{id}/transcription/stop"     Asks(A::StopTranscribing), Form, SMALL => recordings::stopping::stop;
    POST   post   "/recordings/{id}/transcription/go-on"    Asks(A::TranscribeAgain), Form, SMALL => recordings::stopping::go_on;
    GET    get    "/recordings/{id}/original"               Asks(A::TakeFileBack),   Bytes, NONE  => recordings::refused::give_back;
    POST   post   "/recordings/{id}/decode/again"           Asks(A::DecodeAgain),    Form,  SMALL => recordings::refused::decode_again;
    POST   post   "/recordings/{id}/release"                Asks(A::DecideSharing),  Form,  SMALL => recordings::sharing::release;
    POST   post   "/recordings/{id}/second-coder"           Asks(A::DecideSharing),  Form,  SMALL => recordings::sharing::second_coder;
    POST   post   "/recordings/{id}/withhold"               Asks(A::DecideSharing),  Form,  SMALL => recordings::sharing::withhold;

    GET    get    "/recordings/{id}/people"                 Asks(A::SeeConsent),     Page,  NONE  => consent::people::show;
    POST   post   "/recordings/{id}/people"                 Asks(A::RecordConsent),  Form,  SMALL => consent::add::add;
    GET    get    "/recordings/{id}/people/new"             Asks(A::RecordConsent),  Page,  NONE  => consent::add::form;
    GET    get    "/recordings/{id}/people/{person}/consent"  Asks(A::RecordConsent), Page, NONE  => consent::ask::form;
    POST   post   "/recordings/{id}/people/{person}/consent"  Asks(A::RecordConsent), Form, SMALL => consent::ask::write;
    GET    get    "/recordings/{id}/people/{person}/copy"   Asks(A::SeeConsent),     Page,  NONE  => consent::copy::show;
    GET    get    "/forms/{kind}"                           SignedIn,                Page,  NONE  => consent::sheet::show;
    GET    get    "/admin/forms"                            Asks(A::ManageForms),    Page,  NONE  => consent::forms::list;
    GET    get    "/admin/forms/{kind}"                     Asks(A::ManageForms),    Page,  NONE  => consent::forms::show;
    POST   post   "/admin/forms/{kind}"                     Asks(A::ManageForms),    Form,  SMALL => consent::forms::write;

    GET    get    "/recordings/{id}/withdraw"               Asks(A::Withdraw),       Page,  NONE  => withdrawing::ask::choose;
    GET    get    "/recordings/{id}/people/{person}/withdraw" Asks(A::Withdraw),     Page,  NONE  => withdrawing::ask::form;
    POST   post   "/recordings/{id}/people/{person}/withdraw" Asks(A::Withdraw),     Form,  SMALL => withdrawing::ask::withdraw;
    GET    get    "/receipt/{code}"                         Public,                  Page,  NONE  => withdrawing::receipt::show;

    GET    get    "/recordings/{id}/code"                   Asks(A::Code),           Page,  NONE  => coding::desk::show;
    GET    get    "/recordings/{id}/codes"                  Asks(A::Code),           Json,  NONE  => coding::codes::list;
    POST   post   "/recordings/{id}/codes"                  Asks(A::Code),           Json,  SMALL => coding::codes::add;
    PUT    put    "/recordings/{id}/codes/{code}"           Asks(A::Code),           Json,  SMALL => coding::codes::change;
    DELETE delete "/recordings/{id}/codes/{code}"           Asks(A::Code),           Json,  SMALL => coding::codes::remove;
    PUT    put    "/recordings/{id}/scores/{item}"          Asks(A::Code),           Json,  SMALL => coding::scores::put;
    GET    get    "/recordings/{id}/coding/draft"           Asks(A::Code),           Json,  NONE  => coding::memory::draft;
    PUT    put    "/recordings/{id}/coding/draft"           Asks(A::Code),           Json,  DRAFT => coding::memory::keep_draft;
    GET    get    "/recordings/{id}/coding/heard"           Asks(A::Code),           Json,  NONE  => coding::memory::heard;
    POST   post   "/recordings/{id}/coding/heard"           Asks(A::Code),           Json,  SMALL => coding::memory::hear;
    POST   post   "/recordings/{id}/coding/finish"          Asks(A::Code),           Form,  SMALL => coding::scores::finish;

    GET    get    "/coaching"                               Asks(A::SeeCoaching),    Page,  NONE  => coaching::series::coaches::show;
    POST   post   "/coaching/coaches/{person}/check"        Asks(A::CheckProfile),   Form,  SMALL => coaching::series::coaches::check;
    GET    get    "/coaching/profile"                       Asks(A::KeepProfile),    Page,  NONE  => coaching::series::profile::show;
    POST   post   "/coaching/profile"                       Asks(A::KeepProfile),    Form,  DRAFT => coaching::series::profile::keep;
    GET    get    "/coaching/hours"                         Asks(A::KeepProfile),    Page,  NONE  => coaching::series::hours::show;
    POST   post   "/coaching/hours"                         Asks(A::KeepProfile),    Form,  SMALL => coaching::series::hours::add;
    POST   post   "/coaching/hours/{hours}/remove"          Asks(A::KeepProfile),    Form,  SMALL => coaching::series::hours::remove;
    GET    get    "/coaching/new"                           Asks(A::StartSeries),    Page,  NONE  => coaching::series::begin::form;
    POST   post   "/coaching/new"                           Asks(A::StartSeries),    Form,  DRAFT => coaching::series::begin::begin;
    GET    get    "/coaching/figures"                       Asks(A::SeeCoachingFigures), Page, NONE => coaching::series::attendance::figures;
    GET    get    "/attendance"                             Asks(A::SeeAttendance),  Page,  NONE  => coaching::series::attendance::show;
    GET    get    "/series/{series}"                        Asks(A::SeeSeries),      Page,  NONE  => coaching::series::page::show;
    GET    get    "/series/{series}/agreement"              Asks(A::SeeSeries),      Page,  NONE  => coaching::series::agreement::show;
    POST   post   "/series/{series}/agreement"              Asks(A::Agree),          Form,  DRAFT => coaching::series::agreement::write;
    POST   post   "/series/{series}/agreement/sign"         Asks(A::Agree),          Form,  SMALL => coaching::series::agreement::sign;
    GET    get    "/series/{series}/agreement/print"        Asks(A::SeeSeries),      Page,  NONE  => coaching::series::agreement::print;
    GET    get    "/series/{series}/sessions/new"           Asks(A::ArrangeSessions), Page, NONE  => coaching::series::sessions::form;
    POST   post   "/series/{series}/sessions"               Asks(A::ArrangeSessions), Form, SMALL => coaching::series::sessions::plan;
    GET    get    "/series/{series}/sessions/{session}/move" Asks(A::ArrangeSessions), Page, NONE => coaching::series::sessions::move_form;
    POST   post   "/series/{series}/sessions/{session}/move" Asks(A::ArrangeSessions), Form, SMALL => coaching::series::sessions::shift;
    POST   post   "/series/{series}/sessions/{session}/postpone" Asks(A::ArrangeSessions), Form, SMALL => coaching::series::sessions::postpone;
    GET    get    "/series/{series}/sessions/{session}/calendar" Asks(A::SeeSeries), Bytes, NONE  => coaching::series::calendar::show;
    POST   post   "/series/{series}/sessions/{session}/missed" Asks(A::ArrangeSessions), Form, SMALL => coaching::series::sessions::missed;
    GET    get    "/series/{series}/coach"                  Asks(A::DecideSeries),   Page,  NONE  => coaching::series::decide::coach_form;
    POST   post   "/series/{series}/coach"                  Asks(A::DecideSeries),   Form,  SMALL => coaching::series::decide::change_coach;
    POST   post   "/series/{series}/focus"                  Asks(A::DecideSeries),   Form,  SMALL => coaching::series::decide::focus;
    POST   post   "/series/{series}/attendance"             Asks(A::DecideSeries),   Form,  SMALL => coaching::series::decide::attendance;
    POST   post   "/series/{series}/recordings"             Asks(A::DecideSeries),   Form,  SMALL => coaching::series::decide::recordings;
    GET    get    "/series/{series}/end"                    Asks(A::DecideSeries),   Page,  NONE  => coaching::series::end::form;
    POST   post   "/series/{series}/end"                    Asks(A::DecideSeries),   Form,  SMALL => coaching::series::end::end;

    GET    get    "/sessions/{session}/sheets/{sheet}"      Asks(A::KeepSheets),     Page,  NONE  => coaching::sheets::show::show;
    POST   post   "/sessions/{session}/sheets/{sheet}"      Asks(A::KeepSheets),     Form,  DRAFT => coaching::sheets::keep::save;
    POST   post   "/sessions/{session}/sheets/{sheet}/share" Asks(A::KeepSheets),    Form,  SMALL => coaching::sheets::keep::share;
    POST   post   "/sessions/{session}/sheets/{sheet}/remove" Asks(A::KeepSheets),   Form,  SMALL => coaching::sheets::keep::remove;
    GET    get    "/sessions/{session}/sheets/{sheet}/print" Asks(A::KeepSheets),    Page,  NONE  => coaching::sheets::print::show;
    GET    get    "/series/{series}/goals"                  Asks(A::SeeSeries),      Page,  NONE  => coaching::sheets::goals::show;
    GET    get    "/series/{series}/goals/print"            Asks(A::SeeSeries),      Page,  NONE  => coaching::sheets::print::goals;
    POST   post   "/series/{series}/goals"                  Asks(A::DecideSeries),   Form,  SMALL => coaching::sheets::goals::add;
    POST   post   "/series/{series}/goals/{goal}"           Asks(A::DecideSeries),   Form,  SMALL => coaching::sheets::goals::change;
    GET    get    "/series/{series}/prompts/print"          Asks(A::SeeSeries),      Page,  NONE  => coaching::sheets::prompts::show;

    GET    get    "/supervision"                            Asks(A::AttendSupervision), Page, NONE => coaching::supervision::attend::list;
    GET    get    "/supervision/{meeting}"                  Asks(A::AttendSupervision), Page, NONE => coaching::supervision::attend::show;
    GET    get    "/supervision/{meeting}/dome"             Asks(A::AttendSupervision), Json, NONE => coaching::supervision::attend::follow;
    POST   post   "/supervision/{meeting}/note"             Asks(A::AttendSupervision), Form, SMALL => coaching::supervision::attend::note;
    POST   post   "/supervision/{meeting}/focus"            Asks(A::AttendSupervision), Form, SMALL => coaching::supervision::focus::answer;
    GET    get    "/supervision/brought/{brought}/sound"    Asks(A::HearBrought),    Bytes, NONE  => coaching::supervision::brought::sound;
    GET    get    "/supervision/lead"                       Asks(A::Supervise),      Page,  NONE  => coaching::supervision::lead::list;
    POST   post   "/supervision/lead"                       Asks(A::Supervise),      Form,  SMALL => coaching::supervision::lead::call;
    GET    get    "/supervision/lead/{meeting}"             Asks(A::Supervise),      Page,  NONE  => coaching::supervision::lead::show;
    POST   post   "/supervision/lead/{meeting}"             Asks(A::Supervise),      Form,  SMALL => coaching::supervision::lead::change;
    GET    get    "/supervision/lead/{meeting}/dome"        Asks(A::Supervise),      Json,  NONE  => coaching::supervision::lead::follow;
    POST   post   "/supervision/lead/{meeting}/dome"        Asks(A::Supervise),      Form,  SMALL => coaching::supervision::lead::keep_time;
    POST   post   "/supervision/lead/{meeting}/focus"       Asks(A::Supervise),      Form,  SMALL => coaching::supervision::focus::decide;
    POST   post   "/supervision/lead/{meeting}/debrief"     Asks(A::Supervise),      Form,  SMALL => coaching::supervision::debrief::write;
    GET    get    "/debriefs"                               Asks(A::ReadDebriefs),   Page,  NONE  => coaching::supervision::debrief::list;

    GET    get    "/frameworks"                             Asks(A::SeeFrameworks),  Page,  NONE  => frameworks::list::show;
    GET    get    "/frameworks/new"                         Asks(A::ManageFrameworks), Page, NONE => frameworks::list::form;
    POST   post   "/frameworks/new"                         Asks(A::ManageFrameworks), Form, SMALL => frameworks::list::begin;
    GET    get    "/frameworks/{framework}/{number}"        Asks(A::SeeFrameworks),  Page,  NONE  => frameworks::read::show;
    POST   post   "/frameworks/{framework}/{number}/current" Asks(A::ManageFrameworks), Form, SMALL => frameworks::publish::take;
    POST   post   "/frameworks/{framework}/draft"           Asks(A::ManageFrameworks), Form, SMALL => frameworks::list::draft;
    GET    get    "/frameworks/{framework}/edit"            Asks(A::ManageFrameworks), Page, NONE => frameworks::outline::show;
    POST   post   "/frameworks/{framework}/edit"            Asks(A::ManageFrameworks), Form, SMALL => frameworks::outline::change;
    GET    get    "/frameworks/{framework}/edit/{skill}"    Asks(A::ManageFrameworks), Page, NONE => frameworks::skill::show;
    POST   post   "/frameworks/{framework}/edit/{skill}"    Asks(A::ManageFrameworks), Form, SMALL => frameworks::skill::change;
    GET    get    "/frameworks/{framework}/publish"         Asks(A::ManageFrameworks), Page, NONE => frameworks::publish::form;
    POST   post   "/frameworks/{framework}/publish"         Asks(A::ManageFrameworks), Form, SMALL => frameworks::publish::publish;

    GET    get    "/recordings/{id}/codings/compare"        Asks(A::CompareCodings), Page,  NONE  => coding::together::show;
    GET    get    "/recordings/{id}/codings/compare.json"   Asks(A::CompareCodings), Json,  NONE  => coding::compare::show;
    POST   post   "/recordings/{id}/codings/compare/passage" Asks(A::CompareCodings), Form,  SMALL => coding::agreeing::passage;
    POST   post   "/recordings/{id}/codings/compare/score"  Asks(A::CompareCodings), Form,  SMALL => coding::agreeing::score;
    POST   post   "/recordings/{id}/protocol"               Asks(A::Code),           Form,  SMALL => protocols::assign::take_in;
    POST   post   "/recordings/{id}/second"                 Asks(A::AssignSecond),   Form,  SMALL => protocols::assign::second;
    GET    get    "/protocols"                              Asks(A::SeeProtocols),   Page,  NONE  => protocols::list::show;
    GET    get    "/protocols/new"                          Asks(A::ManageProtocols), Page, NONE  => protocols::write::form;
    POST   post   "/protocols/new"                          Asks(A::ManageProtocols), Form, SMALL => protocols::write::add;
    GET    get    "/protocols/{protocol}"                   Asks(A::SeeProtocols),   Page,  NONE  => protocols::show::show;
    POST   post   "/protocols/{protocol}/close"             Asks(A::ManageProtocols), Form, SMALL => protocols::write::close;
    GET    get    "/training"                               Asks(A::SeeTraining),    Page,  NONE  => training::list::show;
    POST   post   "/training"                               Asks(A::ManageTraining), Form,  SMALL => training::list::make;
    GET    get    "/training/{version}"                     Asks(A::SeeTraining),    Page,  NONE  => training::show::show;
    POST   post   "/training/{version}/people"              Asks(A::ManageTraining), Form,  SMALL => training::people::add;
    POST   post   "/training/{version}/open"                Asks(A::ManageTraining), Form,  SMALL => training::people::open;
    GET    get    "/training/{version}/attempts"            Asks(A::Learn),          Page,  NONE  => training::attempts::show;
    POST   post   "/training/{version}/attempts"            Asks(A::Learn),          Form,  SMALL => training::attempts::begin;
    POST   post   "/training/{version}/hand-in"             Asks(A::Learn),          Form,  SMALL => training::attempts::hand_in;
    POST   post   "/recordings/{id}/training"               Asks(A::TeachWith),      Form,  SMALL => training::recordings::change;
    POST   post   "/recordings/{id}/teaching"               Asks(A::DecideSharing),  Form,  SMALL => training::recordings::decide;
    GET    get    "/recordings/{id}/agreed/{version}"       Asks(A::AgreeCodings),   Page,  NONE  => training::agreed::show;
    POST   post   "/recordings/{id}/agreed/{version}"       Asks(A::AgreeCodings),   Form,  SMALL => training::agreed::write;
    GET    get    "/reliability"                            Asks(A::SeeReliability), Page,  NONE  => reliability::show::show;
    GET    get    "/reliability/ratings.csv"                Asks(A::SeeReliability), Page,  NONE  => reliability::show::download;

    GET    get    "/recordings/{id}/playlist"               Asks(A::MakePlaylist),   Page,  NONE  => playlist::show::show;
    POST   post   "/recordings/{id}/playlist/clips"         Asks(A::MakePlaylist),   Form,  SMALL => playlist::edit::add;
    POST   post   "/recordings/{id}/playlist/clips/{clip}"  Asks(A::MakePlaylist),   Form,  SMALL => playlist::edit::change;
    POST   post   "/recordings/{id}/playlist/clips/{clip}/move"    Asks(A::MakePlaylist), Form, SMALL => playlist::edit::shift;
    POST   post   "/recordings/{id}/playlist/clips/{clip}/remove"  Asks(A::MakePlaylist), Form, SMALL => playlist::edit::remove;
    POST   post   "/recordings/{id}/playlist/clips/{clip}/approve" Asks(A::MakePlaylist), Form, SMALL => playlist::edit::approve;
    POST   post   "/recordings/{id}/playlist/clips/{clip}/words"   Asks(A::MakePlaylist), Form, SMALL => words::quote::show_words;
    POST   post   "/recordings/{id}/playlist/agree"         Asks(A::MakePlaylist),   Form,  SMALL => playlist::edit::agree;

    POST   post   "/recordings/{id}/moments"                Asks(A::Nominate),       Form,  SMALL => recordings::moments::add;
    POST   post   "/recordings/{id}/moments/{moment}"       Asks(A::Nominate),       Form,  SMALL => recordings::moments::change;
    POST   post   "/recordings/{id}/moments/{moment}/remove" Asks(A::Nominate),      Form,  SMALL => recordings::moments::remove;
    POST   post   "/recordings/{id}/moments/{moment}/bring" Asks(A::BringMoment),    Form,  SMALL => recordings::bring::bring;
    POST   post   "/recordings/{id}/moments/{moment}/bring/take-back" Asks(A::Nominate),  Form, SMALL => recordings::bring::take_back;
    POST   post   "/recordings/{id}/moments/{moment}/extract" Asks(A::MakePlaylist), Form,  SMALL => playlist::taken::take_over;

    GET    get    "/join"                                   SignedIn,                Page,  NONE  => coaching::room::join::form;
    POST   post   "/join"                                   SignedIn,                Form,  SMALL => coaching::room::join::join;
    GET    get    "/sessions/{session}/room"                Asks(A::SeeSession),     Page,  NONE  => coaching::room::page::show;
    GET    get    "/sessions/{session}/room/pieces"         Asks(A::SeeSession),     Json,  NONE  => coaching::room::page::pieces;
    GET    get    "/sessions/{session}/room/stream"         Asks(A::MeetInSession),  Bytes, NONE  => coaching::room::meet::stream;
    POST   post   "/sessions/{session}/room/enter"          Asks(A::MeetInSession),  Json,  SMALL => coaching::room::meet::enter;
    POST   post   "/sessions/{session}/room/beat"           Asks(A::MeetInSession),  Json,  SMALL => coaching::room::meet::beat;
    POST   post   "/sessions/{session}/room/leave"          Asks(A::MeetInSession),  Json,  SMALL => coaching::room::meet::leave;
    POST   post   "/sessions/{session}/room/play"           Asks(A::MeetInSession),  Json,  SMALL => coaching::room::meet::play;
    POST   post   "/sessions/{session}/room/mark"           Asks(A::MeetInSession),  Json,  SMALL => coaching::room::meet::mark;
    POST   post   "/sessions/{session}/room/piece"          Asks(A::LeadSession),    Json,  SMALL => coaching::room::meet::piece;
    GET    get    "/sessions/{session}/sound/{piece}"       Asks(A::HearInSession),  Bytes, NONE  => coaching::room::hear::sound;
    POST   post   "/sessions/{session}/begin"               Asks(A::LeadSession),    Form,  SMALL => coaching::room::live::begin;
    POST   post   "/sessions/{session}/end"                 Asks(A::LeadSession),    Form,  SMALL => coaching::room::live::end;
    POST   post   "/sessions/{session}/stop"                Asks(A::DecideSeries),   Form,  SMALL => coaching::room::live::stop;
    POST   post   "/sessions/{session}/guests"              Asks(A::DecideSeries),   Form,  SMALL => coaching::room::guests::invite;
    POST   post   "/sessions/{session}/guests/{person}/end" Asks(A::DecideSeries),   Form,  SMALL => coaching::room::guests::take_back;

    GET    get    "/sessions/{session}"                     Asks(A::SeeSession),     Page,  NONE  => coaching::choose::page::show;
    GET    get    "/sessions/{session}/clips"               Asks(A::WatchSession),   Json,  NONE  => coaching::choose::listed::list;
    POST   post   "/sessions/{session}/clips"               Asks(A::ChooseClips),    Form,  SMALL => coaching::choose::change::add;
    POST   post   "/sessions/{session}/clips/{piece}"       Asks(A::ChooseClips),    Form,  SMALL => coaching::choose::change::change;
    POST   post   "/sessions/{session}/clips/{piece}/move"  Asks(A::ChooseClips),    Form,  SMALL => coaching::choose::change::shift;
    POST   post   "/sessions/{session}/clips/{piece}/remove" Asks(A::ChooseClips),   Form,  SMALL => coaching::choose::change::remove;
    POST   post   "/sessions/{session}/clips/{piece}/veto"  Asks(A::ChooseClips),    Form,  SMALL => coaching::choose::change::veto;
    GET    get    "/sessions/{session}/clips/{piece}/sound" Asks(A::PrepareClip),    Bytes, NONE  => coaching::choose::hear::sound;
    GET    get    "/series/{series}/thread"                 Asks(A::SeeSeries),      Page,  NONE  => coaching::thread::show;

    GET    get    "/recordings/{id}/briefing"               Asks(A::SeeBriefing),    Page,  NONE  => briefing::page::show;
    GET    get    "/recordings/{id}/briefing/said"          Asks(A::SeeBriefing),    Json,  NONE  => briefing::page::written;
    GET    get    "/recordings/{id}/briefing/stream"        Asks(A::SeeBriefing),    Bytes, NONE  => briefing::meet::stream;
    GET    get    "/recordings/{id}/briefing/audio"         Asks(A::HearBriefing),   Bytes, NONE  => briefing::hear::audio;
    POST   post   "/recordings/{id}/briefing/enter"         Asks(A::MeetInBriefing), Json,  SMALL => briefing::meet::enter;
    POST   post   "/recordings/{id}/briefing/beat"          Asks(A::MeetInBriefing), Json,  SMALL => briefing::meet::beat;
    POST   post   "/recordings/{id}/briefing/leave"         Asks(A::MeetInBriefing), Json,  SMALL => briefing::meet::leave;
    POST   post   "/recordings/{id}/briefing/play"          Asks(A::MeetInBriefing), Json,  SMALL => briefing::meet::play;
    POST   post   "/recordings/{id}/briefing/piece"         Asks(A::PutOnInBriefing), Json, SMALL => briefing::meet::piece;
    POST   post   "/recordings/{id}/briefing/notes"         Asks(A::WriteBriefing),  Form,  SMALL => briefing::say::add_note;
    POST   post   "/recordings/{id}/briefing/proposals"     Asks(A::WriteBriefing),  Form,  SMALL => briefing::say::propose;

    GET    get    "/recordings/{id}/redaction"              Asks(A::SeeRedaction),   Page,  NONE  => redaction::show::show;
    POST   post   "/recordings/{id}/redaction"              Asks(A::Hide),           Form,  SMALL => redaction::edit::hide;
    POST   post   "/recordings/{id}/redaction/sounds"       Asks(A::Hide),           Form,  SMALL => redaction::edit::sounds;
    POST   post   "/recordings/{id}/redaction/{hidden}/show" Asks(A::ShowAgain),     Form,  SMALL => redaction::edit::show_again;
    POST   post   "/recordings/{id}/redaction/approve"      Asks(A::ApproveRedaction), Form, SMALL => redaction::edit::approve;
    GET    get    "/recordings/{id}/redaction/audio"        Asks(A::PlayRecording),  Bytes, NONE  => redaction::hear::audio;
    GET    get    "/recordings/{id}/redaction/words"        Asks(A::ReadTranscript), Json,  NONE  => redaction::hear::words;

    GET    get    "/recordings/{id}/words"                  Asks(A::ReadTranscript), Page,  NONE  => words::show::show;
    POST   post   "/recordings/{id}/words"                  Asks(A::CorrectTranscript), Form, SMALL => words::form::change_words;
    POST   post   "/recordings/{id}/words/again"            Asks(A::TranscribeAgain), Form, SMALL => words::again::again;
    GET    get    "/recordings/{id}/corrections"            Asks(A::ReadTranscript), Json,  NONE  => words::correct::show;
    POST   post   "/recordings/{id}/corrections"            Asks(A::CorrectTranscript), Json, SMALL => words::correct::add;
    GET    get    "/recordings/{id}/names"                  Asks(A::CorrectTranscript), Page, NONE => words::names::form;
    POST   post   "/recordings/{id}/names"                  Asks(A::CorrectTranscript), Form, SMALL => words::names::find;

    GET    get    "/listen/{playlist}"                      Asks(A::SeePlaylist),    Page,  NONE  => listen::show;
    GET    get    "/clips/{id}/audio"                       Asks(A::PlayClip),       Bytes, NONE  => clips::audio;
    GET    get    "/clips/{id}/preview"                     Asks(A::PreviewClip),    Bytes, NONE  => clips::preview;
    POST   post   "/clips/{id}/veto"                        Asks(A::VetoClip),       Form,  SMALL => clips::veto;

    GET    get    "/recordings/{id}/concerns/new"           Asks(A::RaiseConcern),   Page,  NONE  => safeguarding::raise::form;
    POST   post   "/recordings/{id}/concerns/new"           Asks(A::RaiseConcern),   Form,  SMALL => safeguarding::raise::raise;
    GET    get    "/clips/{id}/concern"                     Asks(A::RaiseConcern),   Page,  NONE  => safeguarding::raise::clip_form;
    POST   post   "/clips/{id}/concern"                     Asks(A::RaiseConcern),   Form,  SMALL => safeguarding::raise::raise_on_clip;
    GET    get    "/concerns"                               Asks(A::SeeConcerns),    Page,  NONE  => safeguarding::log::list;
    GET    get    "/concerns/{concern}"                     Asks(A::SeeConcern),     Page,  NONE  => safeguarding::log::show;
    POST   post   "/concerns/{concern}"                     Asks(A::WriteConcern),   Form,  SMALL => safeguarding::log::write;
    POST   post   "/concerns/{concern}/glass"               Asks(A::RequestGlass),   Form,  SMALL => safeguarding::glass::request;
    POST   post   "/concerns/{concern}/glass/decide"        Asks(A::DecideGlass),    Form,  SMALL => safeguarding::glass::decide;
    GET    get    "/concerns/{concern}/passage"             Asks(A::HearPassage),    Bytes, NONE  => safeguarding::glass::passage;
    GET    get    "/admin/glass"                            Asks(A::SeeGlass),       Page,  NONE  => safeguarding::glass::list;

    GET    get    "/recordings/{id}/people/{person}/name"   Asks(A::LinkIdentity),   Page,  NONE  => names::note::form;
    POST   post   "/recordings/{id}/people/{person}/name"   Asks(A::LinkIdentity),   Form,  SMALL => names::note::keep;
    GET    get    "/admin/identity-key"                     Asks(A::ManageIdentityKey), Page, NONE => names::key::show;
    POST   post   "/admin/identity-key"                     Asks(A::ManageIdentityKey), Form, SMALL => names::key::make;
    GET    get    "/admin/identities/{id}"                  Asks(A::RevealIdentity), Page,  NONE  => names::reveal::form;
    POST   post   "/admin/identities/{id}"                  Asks(A::RevealIdentity), Form,  SMALL => names::reveal::reveal;

    GET    get    "/recordings/{id}/keep-away"              Asks(A::Block),          Page,  NONE  => keep_away::show;
    POST   post   "/recordings/{id}/keep-away"              Asks(A::Block),          Form,  SMALL => keep_away::keep;
    POST   post   "/recordings/{id}/keep-away/remove"       Asks(A::Block),          Form,  SMALL => keep_away::let_back;
    GET    get    "/admin/managers"                         Asks(A::ManagePeople),   Page,  NONE  => admin::managers::show;
    POST   post   "/admin/managers"                         Asks(A::ManagePeople),   Form,  SMALL => admin::managers::change;
    GET    get    "/admin/conflicts"                        Asks(A::ReadAudit),      Page,  NONE  => admin::managers::conflicts;

    GET    get    "/admin/people"                           Asks(A::ManagePeople),   Page,  NONE  => admin::people::show;
    POST   post   "/admin/people"                           Asks(A::ManagePeople),   Form,  SMALL => admin::people::invite;
    POST   post   "/admin/people/invitations/{invitation}/withdraw" Asks(A::ManagePeople), Form, SMALL => admin::people::withdraw;
    GET    get    "/admin/people/{person}"                  Asks(A::ManagePeople),   Page,  NONE  => admin::person::show;
    POST   post   "/admin/people/{person}/roles"            Asks(A::ManagePeople),   Form,  SMALL => admin::person::set_roles;
    POST   post   "/admin/people/{person}/disable"          Asks(A::ManagePeople),   Form,  SMALL => admin::person::disable;
    POST   post   "/admin/people/{person}/enable"           Asks(A::ManagePeople),   Form,  SMALL => admin::person::enable;
    POST   post   "/admin/people/{person}/end-sessions"     Asks(A::ManagePeople),   Form,  SMALL => admin::person::end_sessions;
    POST   post   "/admin/people/{person}/reset-second-steps" Asks(A::ManagePeople), Form,  SMALL => admin::person::reset_second_steps;
    POST   post   "/admin/people/sso"                       Asks(A::ManagePeople),   Form,  SMALL => oidc::link::make;
    GET    get    "/admin/audit"                            Asks(A::ReadAudit),      Page,  NONE  => admin::audit::show;
    GET    get    "/admin/audit/entries.csv"                Asks(A::ReadAudit),      Page,  NONE  => admin::audit_file::download;
    GET    get    "/admin/holdings"                         Asks(A::SeeHoldings),    Page,  NONE  => admin::holdings::show;
    POST   post   "/admin/holdings/{id}/hold"               Asks(A::Hold),           Form,  SMALL => admin::holdings::hold;
    POST   post   "/admin/holdings/{id}/lift"               Asks(A::Hold),           Form,  SMALL => admin::holdings::lift;
    POST   post   "/admin/holdings/{id}/extend"             Asks(A::ExtendKeeping),  Form,  SMALL => admin::holdings::extend;
    GET    get    "/admin/retention"                        Asks(A::SeeHoldings),    Page,  NONE  => admin::retention::show;
    POST   post   "/admin/retention"                        Asks(A::ManageRetention), Form, SMALL => admin::retention::set;
    POST   post   "/admin/retention/release"                Asks(A::ManageRetention), Form, SMALL => admin::retention::release;
    GET    get    "/admin/jobs"                             Asks(A::SeeJobs),        Page,  NONE  => admin::jobs::show;
    POST   post   "/admin/jobs/{job}/requeue"               Asks(A::SeeJobs),        Form,  SMALL => admin::jobs::requeue;
};

/// What answers where there is no address.
static NOWHERE: Route = Route {
    method: Method::GET,
    path: "(no such address)",
    guard: Public,
    kind: Kind::Page,
    body_cap: NONE,
    handler: || routing::any(nowhere),
};

async fn nowhere() -> WebError {
    WebError::NotFound
}

/// The service. A test drives it; the server listens with it.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    let limiter = Arc::new(Limiter::default());
    for route in ROUTES {
        let limit = match route.body_cap {
            Some(most) => DefaultBodyLimit::max(most),
            None => DefaultBodyLimit::disable(),
        };
        let handler = (route.handler)()
            .route_layer(limit)
            .route_layer(from_fn_with_state((app.clone(), route, limiter.clone()), guard));
        router = router.route(route.path, handler);
    }
    let nowhere = nowhere.layer(from_fn_with_state((app.clone(), &NOWHERE, limiter), guard));
    router
        .method_not_allowed_fallback(nowhere.clone())
        .fallback(nowhere)
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .layer(from_fn(logged))
        .with_state(app)
}

/// For how long answers that are under way may hold up the end of the service.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves the service until `shutdown` ends; requests that are under way are answered first, but for ten seconds at
/// most: a player that was paused in the middle of its sound never asks for the rest.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (tell, told) = oneshot::channel();
    let asked = async {
        shutdown.await;
        let _ = tell.send(());
    };
    // With the address of whoever connects: how often a network may ask has an end.
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(asked);
    bounded(serving.into_future(), told, PATIENCE).await
}

/// Waits for `serving`, but no longer than `patience` after it was told to end.
async fn bounded(
    serving: impl Future<Output = std::io::Result<()>>,
    told: oneshot::Receiver<()>,
    patience: Duration,
) -> std::io::Result<()> {
    let late = async {
        match told.await {
            Ok(()) => tokio::time::sleep(patience).await,
            // Nobody will tell: the service ended by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = serving => ended,
        () = late => {
            tracing::info!("ended while answers were under way");
            Ok(())
        }
    }
}

/// A span around each request: method and address pattern, never an id and never a query.
async fn logged(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    use tracing::Instrument as _;
    let route = request.extensions().get::<axum::extract::MatchedPath>();
    let route = route.map_or("", axum::extract::MatchedPath::as_str);
    let span = tracing::info_span!("request", method = %request.method(), route);
    let response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    response
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_address_stands_in_the_table_once() {
        let all: HashSet<_> = ROUTES.iter().map(|r| (&r.method, r.path)).collect();
        assert_eq!(all.len(), ROUTES.len());
    }

    #[test]
    fn nothing_about_recordings_is_open_to_whoever_signed_in() {
        for route in ROUTES {
            let content = [
                "/recordings",
                "/clips",
                "/listen",
                "/concerns",
                "/admin",
                "/frameworks",
                "/protocols",
                "/reliability",
                "/training",
                "/coaching",
                "/attendance",
                "/sessions",
                "/series",
                "/supervision",
                "/debriefs",
            ];
            let asks = matches!(route.guard, Asks(_));
            assert_eq!(asks, content.iter().any(|p| route.path.starts_with(p)), "{}", route.path);
            let door = ["/sign-in", "/invite"].iter().any(|p| route.path.starts_with(p));
            if !route.method.is_safe() && !door {
                assert_ne!(route.guard, Public, "{}", route.path);
            }
        }
    }

    #[tokio::test]
    async fn the_end_does_not_wait_for_answers_that_never_end() {
        let (tell, told) = oneshot::channel();
        tell.send(()).unwrap();
        let never = std::future::pending();
        assert!(bounded(never, told, Duration::from_millis(1)).await.is_ok());

        let (tell, told) = oneshot::channel::<()>();
        drop(tell);
        let broke = std::future::ready(Err(std::io::ErrorKind::AddrInUse.into()));
        assert!(bounded(broke, told, Duration::ZERO).await.is_err(), "what went wrong is told");
    }
}
