//! What every answer carries, and that nothing changes unless the request comes from one of our own pages.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
};
use hearback_domain::{Hat, Relation, Role, UserId, policy};
use hearback_web::{Guard, Kind, ROUTES, Route};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    access::{ORIGIN, app, body, path, session},
    direct::Direct,
    support::sqlite,
    world::{Objects, Stage, World},
};

/// What a page says about itself, once more and in full.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'; object-src 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";
/// And what sound says.
const BYTES: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

const EXACT: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "microphone=(), camera=(), geolocation=(), display-capture=()"),
    ("x-robots-tag", "noindex"),
];

const NEVER: [&str; 5] = [
    "server",
    "x-powered-by",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
];

/// What is wrong with the headers of an answer.
fn complaint(
    route: &Route,
    status: StatusCode,
    headers: &HeaderMap,
    https: bool,
) -> Option<String> {
    let only = |name: &str| {
        let mut all = headers.get_all(name).iter();
        let first = all.next().and_then(|v| v.to_str().ok());
        first.filter(|_| all.next().is_none())
    };
    let mut wrong = Vec::new();
    let policy = only("content-security-policy");
    let bytes = route.kind == Kind::Bytes && !route.path.starts_with("/assets");
    if policy != Some(PAGE) && !(bytes && policy == Some(BYTES)) {
        wrong.push(format!("policy {policy:?}"));
    }
    wrong.extend(
        EXACT
            .iter()
            .filter(|(name, value)| only(name) != Some(value))
            .map(|(n, _)| (*n).to_owned()),
    );
    // Scripts and styles are everybody's, and may be kept.
    let kept = route.path.starts_with("/assets") && status.is_success();
    if only("cache-control") != Some("no-store") && !kept {
        wrong.push(format!("cache-control {:?}", headers.get("cache-control")));
    }
    // Text says in which characters it is written; JSON is UTF-8 by definition.
    let kind = only("content-type").unwrap_or_default();
    let text = kind.starts_with("text/") || kind.contains("xml");
    if text && !kind.ends_with("; charset=utf-8") || status == StatusCode::OK && kind.is_empty() {
        wrong.push(format!("content-type {kind:?}"));
    }
    let strict = only("strict-transport-security");
    if strict != https.then_some("max-age=63072000; includeSubDomains") {
        wrong.push(format!("strict-transport-security {strict:?}"));
    }
    wrong.extend(NEVER.iter().filter(|n| headers.contains_key(**n)).map(|n| format!("has {n}")));
    if let Some(cookie) = headers.get("set-cookie").and_then(|v| v.to_str().ok())
        && !(cookie.contains("HttpOnly")
            && cookie.contains("Path=/")
            && cookie.contains("SameSite="))
    {
        wrong.push("a cookie that scripts or other sites see".to_owned());
    }
    (!wrong.is_empty()).then(|| format!("{} {}: {status}: {wrong:?}", route.method, route.path))
}

/// The service on one world, and the persons who may do what each route does.
struct House {
    database: Direct,
    world: World,
    router: Router,
    objects: Objects,
    cookies: BTreeMap<String, String>,
    checks: u64,
    wrong: BTreeSet<String>,
}

impl House {
    async fn new() -> Self {
        let (store, database) = Direct::sqlite().await;
        let world = World::new(store).await;
        let router = hearback_web::router(app(&world, ORIGIN));
        let objects = world.recording(Stage::Shared).await;
        let cookies = BTreeMap::new();
        Self { database, world, router, objects, cookies, checks: 0, wrong: BTreeSet::new() }
    }

    /// A session of somebody whom the policy lets do this, as far as hat and relation go.
    async fn cookie(&mut self, route: &Route) -> String {
        let (user, role) = who_may(route, &self.world);
        let key = format!("{user} {role}");
        if let Some(cookie) = self.cookies.get(&key) {
            return cookie.clone();
        }
        let cookie = session(&self.world, user, role).await;
        self.cookies.insert(key, cookie.clone());
        cookie
    }

    fn path(&self, route: &Route) -> String {
        // Whatever else an address is about: something that is not there.
        let path = path(route, &self.objects);
        let mut parts: Vec<_> = path.split('/').map(ToOwned::to_owned).collect();
        for part in parts.iter_mut().filter(|part| part.starts_with('{')) {
            *part = Uuid::from_u128(9).to_string();
        }
        parts.join("/")
    }

    async fn ask(&mut self, route: &Route, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        self.checks += 1;
        self.wrong.extend(complaint(route, status, response.headers(), false));
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    /// Everything the database holds, but for what says what happened.
    async fn fingerprint(&self) -> String {
        let mut all = String::new();
        for table in self.database.tables().await {
            let columns = format!(
                "select group_concat('quote(\"' || name || '\")', ' || ') from pragma_table_info('{table}')"
            );
            let columns = self.database.texts(&columns).await.remove(0);
            let rows = format!("select {columns} from \"{table}\" order by 1");
            all += &table;
            all += &self.database.texts(&rows).await.join("\n");
        }
        all
    }

    fn done(&self) {
        let wrong: Vec<_> = self.wrong.iter().take(20).cloned().collect();
        assert!(wrong.is_empty(), "{} of {}:\n{}", self.wrong.len(), self.checks, wrong.join("\n"));
    }
}

fn who_may(route: &Route, world: &World) -> (UserId, Role) {
    let Guard::Asks(action) = route.guard else { return (world.owner, Role::Practitioner) };
    let rules = policy::TABLE.iter().filter(|rule| rule.action == action);
    let about_one = route.path.contains("{id}") || route.path.contains("{playlist}");
    let mut people = rules.filter_map(|rule| match (rule.hat, rule.tie) {
        (Hat::Person(role), policy::Tie::By(Relation::Owns) | policy::Tie::AnyRecording) => {
            Some((world.owner, role))
        }
        (Hat::Person(role), policy::Tie::By(Relation::Codes)) => Some((world.researcher, role)),
        (Hat::Person(role), policy::Tie::By(Relation::Coaches)) => Some((world.coach, role)),
        (Hat::Person(role), policy::Tie::Installation) => {
            (!about_one).then_some((world.owner, role))
        }
        _ => None,
    });
    people.next().unwrap_or((world.owner, Role::Practitioner))
}

/// The values of `Origin` that a browser or somebody else may send, `None` for none at all.
const ORIGINS: [Option<&str>; 16] = [
    None,
    Some(ORIGIN),
    Some("null"),
    Some(""),
    Some("HTTP://LOCALHOST:1"),
    Some("http://localhost"),
    Some("http://localhost:2"),
    Some("https://localhost:1"),
    Some("http://localhost:1/"),
    Some("http://localhost:1@evil.example"),
    Some("http://user@localhost:1"),
    Some("http://localhost:1.evil.example"),
    Some("http://evil.example"),
    Some("http://evil.example http://localhost:1"),
    Some("http://localhost:1 http://evil.example"),
    Some("http://127.0.0.1:1"),
];

const SITES: [Option<&str>; 7] = [
    None,
    Some("same-origin"),
    Some("same-site"),
    Some("cross-site"),
    Some("none"),
    Some("SAME-ORIGIN"),
    Some("same-origin, cross-site"),
];

/// A request that proves where it comes from: our origin and nothing that speaks against it, or a browser that says so.
fn proves(origin: Option<&str>, site: Option<&str>) -> bool {
    match origin {
        Some(origin) => origin == ORIGIN && matches!(site, None | Some("same-origin")),
        None => site == Some("same-origin"),
    }
}

fn request(
    method: &Method,
    path: &str,
    cookie: Option<&str>,
    pairs: &[(&'static str, &str)],
    body: String,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).body(Body::from(body)).unwrap();
    let headers = request.headers_mut();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    if let Some(cookie) = cookie {
        headers.insert(header::COOKIE, cookie.parse().unwrap());
    }
    request
}

/// Every route that changes something × where the request says it comes from × with and without a session.
async fn from_elsewhere(house: &mut House) {
    let kinds =
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];
    for route in ROUTES.iter().filter(|r| !r.method.is_safe() && r.guard != Guard::Provider) {
        let cookie = house.cookie(route).await;
        let before = house.fingerprint().await;
        let mut n = 0;
        for origin in ORIGINS {
            for site in SITES.iter().filter(|site| !proves(origin, **site)) {
                for cookie in [None, Some(cookie.as_str())] {
                    let (kind, text) = body(route, &house.world, &house.objects);
                    n += 1;
                    let kind = if n % 2 == 0 { kind } else { kinds[n % 3] };
                    let mut pairs = vec![("content-type", kind)];
                    pairs.extend(origin.map(|origin| ("origin", origin)));
                    pairs.extend(site.map(|site| ("sec-fetch-site", site)));
                    let path = house.path(route);
                    let request = request(&route.method, &path, cookie, &pairs, text);
                    let (status, _) = house.ask(route, request).await;
                    if status != StatusCode::FORBIDDEN {
                        let what =
                            format!("{} {} from {origin:?} {site:?}", route.method, route.path);
                        house.wrong.insert(format!("{what}: {status}"));
                    }
                }
            }
        }
        // Two headers of one name: a proxy and the service must not each believe another one.
        for pairs in [
            [("origin", ORIGIN), ("origin", "http://evil.example")],
            [("origin", "http://evil.example"), ("origin", ORIGIN)],
            [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        ] {
            let (_, text) = body(route, &house.world, &house.objects);
            let path = house.path(route);
            let request = request(&route.method, &path, Some(&cookie), &pairs, text);
            let (status, _) = house.ask(route, request).await;
            if status != StatusCode::FORBIDDEN {
                let what = format!("{} {} with {pairs:?}", route.method, route.path);
                house.wrong.insert(format!("{what}: {status}"));
            }
        }
        if house.fingerprint().await != before {
            house.wrong.insert(format!("{} {}: something changed", route.method, route.path));
        }
    }
}

/// Every address × every method that it does not know.
async fn wrong_methods(house: &mut House) {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
    let mut known: BTreeMap<&str, Vec<&Method>> = BTreeMap::new();
    for route in ROUTES {
        known.entry(route.path).or_default().push(&route.method);
    }
    for route in ROUTES {
        let own = &known[route.path];
        let cookie = house.cookie(route).await;
        let before = house.fingerprint().await;
        for method in methods {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let seen = own.contains(&&method) || method == "HEAD" && own.contains(&&Method::GET);
            if seen {
                continue;
            }
            for cookie in [None, Some(cookie.as_str())] {
                let pairs = [("origin", ORIGIN), ("content-type", "application/json")];
                let path = house.path(route);
                let request = request(&method, &path, cookie, &pairs, "{}".to_owned());
                let (status, _) = house.ask(route, request).await;
                if !matches!(status.as_u16(), 404 | 405) {
                    house.wrong.insert(format!("{method} {}: {status}", route.path));
                }
            }
        }
        // Nor does a header turn one method into another.
        for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
            for to in ["DELETE", "PUT", "POST"] {
                let pairs = [(name, to), ("sec-fetch-site", "cross-site")];
                let path = format!("{}?_method={to}", house.path(route));
                let request = request(&Method::GET, &path, Some(&cookie), &pairs, String::new());
                house.ask(route, request).await;
            }
        }
        if house.fingerprint().await != before {
            house.wrong.insert(format!("{} {}: something changed", route.method, route.path));
        }
    }
}

/// Looking changes nothing, wherever the link stands; and `HEAD` says what `GET` says, without a body.
async fn looking(house: &mut House) {
    for route in ROUTES.iter().filter(|r| r.method == Method::GET) {
        let cookie = house.cookie(route).await;
        let before = house.fingerprint().await;
        for cookie in [None, Some(cookie.as_str())] {
            let path = house.path(route);
            let mut answers = Vec::new();
            for method in [Method::GET, Method::HEAD] {
                let request = request(&method, &path, cookie, &[], String::new());
                answers.push(house.ask(route, request).await);
            }
            // The provider's answer is good for one use, and `HEAD` does not use it.
            let once = route.path == "/sign-in/sso/callback";
            if !once && answers[0].0 != answers[1].0 || !answers[1].1.is_empty() {
                house.wrong.insert(format!("HEAD {}: {}", route.path, answers[1].0));
            }
            for site in SITES {
                for dest in ["document", "iframe", "image", "empty"] {
                    let mut pairs =
                        vec![("origin", "http://evil.example"), ("sec-fetch-dest", dest)];
                    pairs.extend(site.map(|site| ("sec-fetch-site", site)));
                    let request = request(&Method::GET, &path, cookie, &pairs, String::new());
                    house.ask(route, request).await;
                }
            }
        }
        if house.fingerprint().await != before {
            house.wrong.insert(format!("GET {}: something changed", route.path));
        }
    }
}

/// Answers that are errors carry the same headers: nothing there, too much, not the right kind.
async fn errors(house: &mut House) {
    let mut seen = BTreeSet::new();
    // Whoever reads no body cannot misread one.
    let reads = |r: &&Route| !r.method.is_safe() && r.body_cap.is_some_and(|most| most > 0);
    for route in ROUTES.iter().filter(reads) {
        let cookie = house.cookie(route).await;
        let before = house.fingerprint().await;
        for (kind, text) in [
            ("application/x-www-form-urlencoded", "a=".to_owned() + &"x".repeat(70 << 10)),
            ("application/json", format!("\"{}\"", "x".repeat(70 << 10))),
            ("application/json", "{".to_owned()),
            ("application/xml", "<a/>".to_owned()),
            ("application/x-www-form-urlencoded", "%ff=%zz&&=".to_owned()),
        ] {
            // Without a session, so that a body that is not looked at changes nothing either.
            for cookie in [None, Some(cookie.as_str())] {
                if cookie.is_some() && text.len() < 100 {
                    continue;
                }
                let pairs = [("origin", ORIGIN), ("content-type", kind)];
                let path = house.path(route);
                let request = request(&route.method, &path, cookie, &pairs, text.clone());
                let (status, _) = house.ask(route, request).await;
                seen.insert(status.as_u16());
                if status.is_server_error() || cookie.is_none() && status.is_success() {
                    house.wrong.insert(format!("{} {kind}: {status}", route.path));
                }
            }
        }
        if house.fingerprint().await != before && route.guard != Guard::SignedIn {
            // Forms that hold no fields do not read them, and may do what they are for.
            let fields = !body(route, &house.world, &house.objects).1.is_empty();
            if fields {
                house.wrong.insert(format!("{} {}: changed", route.method, route.path));
            }
        }
    }
    assert!(seen.contains(&413), "{seen:?}");
    for path in
        ["/nothing", "/%2e%2e/etc/passwd", "//evil.example", "/recordings/x", "/assets/..%2f"]
    {
        let request = request(&Method::GET, path, None, &[], String::new());
        let route = ROUTES.iter().find(|r| r.path == "/help").unwrap();
        let (status, _) = house.ask(route, request).await;
        if !status.is_client_error() && !status.is_redirection() {
            house.wrong.insert(format!("{path}: {status}"));
        }
    }
}

/// With the proof, the same requests do what they are for: what was refused above was not refused for another reason.
async fn from_our_own_pages(house: &mut House) -> usize {
    let mut changed = BTreeSet::new();
    for route in ROUTES.iter().filter(|r| !r.method.is_safe()) {
        house.objects = house.world.recording(Stage::Shared).await;
        house.cookies.clear();
        let cookie = house.cookie(route).await;
        let before = house.fingerprint().await;
        let (kind, text) = body(route, &house.world, &house.objects);
        let pairs = [("origin", ORIGIN), ("sec-fetch-site", "same-origin"), ("content-type", kind)];
        let path = house.path(route);
        let request = request(&route.method, &path, Some(&cookie), &pairs, text);
        let (status, _) = house.ask(route, request).await;
        if status == StatusCode::FORBIDDEN && route.kind != Kind::Json {
            house.wrong.insert(format!("{} {}: {status} from us", route.method, route.path));
        }
        if house.fingerprint().await != before {
            changed.insert((route.method.as_str(), route.path));
        }
    }
    changed.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_changes_without_proof_and_every_answer_is_armoured() {
    let mut house = House::new().await;
    from_elsewhere(&mut house).await;
    house.done();
    wrong_methods(&mut house).await;
    house.done();
    looking(&mut house).await;
    house.done();
    errors(&mut house).await;
    house.done();
    let changed = from_our_own_pages(&mut house).await;
    house.done();
    let changing = ROUTES.iter().filter(|r| !r.method.is_safe()).count();
    assert!(changed * 3 > changing, "{changed} of {changing} did something from our own pages");
    crate::evidence::add(
        "hardening",
        &[
            ("checks", json!(house.checks)),
            ("routes", json!(ROUTES.len())),
            ("changed_without_proof", json!(0)),
            ("changed_with_proof", json!(changed)),
        ],
    );
}

/// Behind TLS the browser is told to stay there, on every answer.
#[tokio::test]
async fn behind_tls_every_answer_says_so() {
    let world = World::new(sqlite().await).await;
    let router = hearback_web::router(app(&world, "https://hearback.example"));
    let mut wrong = Vec::new();
    for route in ROUTES {
        let path = route.path.replace(['{', '}'], "x");
        let request = request(&route.method, &path, None, &[], String::new());
        let response = router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers());
        wrong.extend(complaint(route, status, headers, true));
        let cookies: Vec<_> = headers.get_all("set-cookie").iter().collect();
        if cookies.iter().any(|c| !c.to_str().unwrap().contains("; Secure")) {
            wrong.push(format!("{}: a cookie that travels in the clear", route.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
