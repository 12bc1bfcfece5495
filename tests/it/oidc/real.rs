//! A real provider, a real browser's requests, the built binary.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use openidconnect::url::Url;

use crate::service::{PASSPHRASE, Service};

const SECRET: &str = "a-secret-that-only-the-tests-have-0123456789";

/// The provider, which ends with the test.
struct Provider {
    child: Child,
    issuer: String,
    /// Held open: a program that writes to a closed pipe ends.
    _lines: Lines<BufReader<ChildStdout>>,
}

impl Provider {
    fn start(service: &Service, port: u16) -> Self {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc");
        assert!(
            dir.join("node_modules/oidc-provider").exists(),
            "the provider is not installed: run `cargo xtask test --suite oidc`"
        );
        let log = fs::File::create(service.dir.path().join("provider.log")).unwrap();
        let mut child = Command::new("node")
            .arg("provider.mjs")
            .current_dir(dir)
            .env("ORIGIN", service.origin())
            .env("CLIENT", "hearback")
            .env("SECRET", SECRET)
            .env("PORT", port.to_string())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("node is installed: run `cargo xtask test --suite oidc`");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = lines.find_map(|line| line.ok().filter(|l| l.starts_with("http://")));
        Self { child, issuer: issuer.expect("it prints its issuer"), _lines: lines }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// An answer, after all redirects and hops.
struct Page {
    address: Url,
    status: u16,
    body: String,
}

/// A browser: cookies for each host, redirects and hop pages followed.
struct Browser {
    agent: ureq::Agent,
    cookies: BTreeMap<(String, String), String>,
    /// Who they are at the provider.
    who: String,
}

impl Browser {
    fn of(who: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)));
        let agent = config.build().new_agent();
        Self { agent, cookies: BTreeMap::new(), who: who.to_owned() }
    }

    fn get(&mut self, address: &str) -> Page {
        self.go("GET", address, "")
    }

    fn post(&mut self, address: &str, form: &str) -> Page {
        self.go("POST", address, form)
    }

    fn go(&mut self, method: &str, address: &str, form: &str) -> Page {
        let (mut method, mut form) = (method.to_owned(), form.to_owned());
        let mut address = Url::parse(address).unwrap();
        for _ in 0..20 {
            // The provider's sign-in page knows people by what the browser says.
            if address.path().starts_with("/interaction/") {
                address.set_query(Some(&format!("as={}", self.who)));
            }
            let origin = address.origin().ascii_serialization();
            let pairs = self.cookies.iter().filter(|((place, _), _)| *place == origin);
            let cookies: Vec<_> = pairs.map(|((_, n), v)| format!("{n}={v}")).collect();
            let request = ureq::http::Request::builder()
                .method(method.as_str())
                .uri(address.as_str())
                .header("origin", &origin)
                .header("cookie", cookies.join("; "))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.clone())
                .unwrap();
            let mut response = self.agent.run(request).unwrap();
            for line in response.headers().get_all("set-cookie") {
                let pair = line.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                let key = (origin.clone(), name.to_owned());
                if value.is_empty() {
                    self.cookies.remove(&key);
                } else {
                    self.cookies.insert(key, value.to_owned());
                }
            }
            let status = response.status().as_u16();
            let to = response.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
            let body = response.body_mut().read_to_string().unwrap();
            let hop = body.split_once("content=\"0; url=").and_then(|(_, r)| r.split_once('"'));
            let hop = hop.map(|(to, _)| to.replace("&#38;", "&").replace("&amp;", "&"));
            match to.filter(|_| status / 100 == 3).or(hop) {
                Some(to) => address = address.join(&to).unwrap(),
                None => return Page { address, status, body },
            }
            (method, form) = ("GET".to_owned(), String::new());
        }
        panic!("it goes on and on: {address}");
    }
}

fn sso(service: &Service, issuer: &str, more: &[&str]) -> Vec<String> {
    let secret = service.dir.path().join("oidc-secret");
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let secret = secret.display().to_string();
    let mut args = vec!["--oidc-issuer", issuer, "--oidc-client-id", "hearback"];
    args.extend(["--oidc-client-secret-file", &secret, "--oidc-name", "Council sign-in"]);
    args.extend(more);
    args.into_iter().map(str::to_owned).collect()
}

fn start(service: &mut Service, args: &[String]) {
    service.start(&args.iter().map(String::as_str).collect::<Vec<_>>());
}

fn by_passphrase(browser: &mut Browser, at: &str) {
    let form = format!("login=wren&passphrase={}", PASSPHRASE.replace(' ', "+"));
    let page = browser.post(&format!("{at}/sign-in"), &form);
    assert_eq!((page.status, page.address.path()), (200, "/"), "{}", page.body);
}

#[test]
fn a_real_provider_signs_people_in_and_out() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    let provider = Provider::start(&service, 0);
    let map = ["--oidc-role-claim", "groups", "--oidc-map", "/staff/research=researcher"];
    let args = sso(&service, &provider.issuer, &map);
    start(&mut service, &args);
    let at = service.origin();
    let groups = |are: &str| {
        let address = format!("{}/test/groups?of=wren-at-work&are={are}", provider.issuer);
        ureq::post(&address).send_empty().unwrap();
    };

    // Somebody with Wren's e-mail address is not Wren.
    let page = Browser::of("cuckoo").post(&format!("{at}/sign-in/sso"), "");
    assert_eq!(page.status, 403, "{}\n{}", page.body, service.log());
    assert!(page.body.contains("Ask your administrator for an invitation"));

    // Wren ties her account, from inside.
    let mut wren = Browser::of("wren-at-work");
    by_passphrase(&mut wren, &at);
    let page = wren.post(&format!("{at}/account/sso"), "");
    assert_eq!(page.address.path(), "/account", "{}\n{}", page.body, service.log());

    // From then on the provider is enough, in any browser; it gives roles and takes them.
    groups("/staff/research");
    let mut elsewhere = Browser::of("wren-at-work");
    let page = elsewhere.post(&format!("{at}/sign-in/sso"), "next=/help");
    assert_eq!((page.status, page.address.path()), (200, "/help"), "{}", service.log());
    assert!(page.body.contains("Researcher") && page.body.contains("Wren"));
    groups("");
    let mut again = Browser::of("wren-at-work");
    let page = again.post(&format!("{at}/sign-in/sso"), "");
    assert_eq!((page.status, page.address.path()), (200, "/"));
    assert!(!page.body.contains("Researcher"), "{}", page.body);

    // She shows once more that it is her.
    let page = again.post(&format!("{at}/confirm/sso"), "next=/about");
    assert_eq!((page.status, page.address.path()), (200, "/about"), "{}", service.log());

    // She leaves at the provider, and is out here, in that browser and in no other.
    let form = again.get(&format!("{}/session/end", provider.issuer)).body;
    let (_, rest) = form.split_once("name=\"xsrf\" value=\"").expect("a form");
    let (xsrf, _) = rest.split_once('"').unwrap();
    let confirm = format!("{}/session/end/confirm", provider.issuer);
    again.post(&confirm, &format!("xsrf={xsrf}&logout=yes"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while again.get(&at).address.path() != "/sign-in" {
        assert!(Instant::now() < deadline, "still signed in\n{}", service.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(elsewhere.get(&format!("{at}/")).address.path(), "/", "another session there");
}

/// The provider may be down when the service starts: passphrases work, the page says so, and later it is found.
#[test]
fn the_service_does_without_its_provider_and_finds_it_later() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let args = sso(&service, &format!("http://127.0.0.1:{port}"), &[]);
    start(&mut service, &args);
    let at = service.origin();
    let mut wren = Browser::of("wren-at-work");
    let page = wren.get(&format!("{at}/sign-in"));
    assert!(page.body.contains("not in touch with Council sign-in"), "{}", page.body);
    let page = wren.post(&format!("{at}/sign-in/sso"), "");
    assert_eq!(page.status, 503, "{}", page.body);
    assert!(page.body.contains("a passphrase works as always"));
    by_passphrase(&mut wren, &at);

    let _provider = Provider::start(&service, port);
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut anybody = Browser::of("cuckoo");
    while anybody.get(&format!("{at}/sign-in")).body.contains("not in touch") {
        assert!(Instant::now() < deadline, "not found\n{}", service.log());
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(anybody.post(&format!("{at}/sign-in/sso"), "").status, 403, "it is asked now");
}

/// What cannot be safe does not start.
#[test]
fn settings_that_are_not_safe_are_refused() {
    let service = Service::with_people(&[]);
    for (issuer, word) in [
        ("http://id.example", "only https"),
        ("https://login.microsoftonline.com/common/v2.0", "any organisation"),
        ("not an address", "plain https address"),
    ] {
        let args = sso(&service, issuer, &[]);
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let said = service
            .command(&[&["serve", "--listen", "127.0.0.1:0"], &args[..]].concat())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(78), "{issuer}: {text}");
        assert!(text.contains(word), "{issuer}: {text}");
    }
}
