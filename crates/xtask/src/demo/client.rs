//! One person's browser, as far as the demo needs one: it keeps the session's cookie and says where it comes from.

use std::{fs::File, path::Path, time::Duration};

use anyhow::{Context as _, bail};
use serde_json::Value;
use ureq::{Agent, Body, RequestBuilder, SendBody, http::Response, typestate::WithBody};

/// A visitor of the service, signed in or not.
pub(crate) struct Client {
    agent: Agent,
    address: String,
    cookie: String,
}

impl Client {
    /// Somebody who is not signed in.
    pub(crate) fn new(address: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_mins(5)))
            .build()
            .new_agent();
        Self { agent, address: address.to_owned(), cookie: String::new() }
    }

    /// Whether anybody answers.
    pub(crate) fn is_there(&self) -> bool {
        self.agent.get(self.url("/sign-in")).call().is_ok_and(|answer| answer.status().is_success())
    }

    /// Somebody who is signed in.
    pub(crate) fn sign_in(address: &str, login: &str, passphrase: &str) -> anyhow::Result<Self> {
        let mut client = Self::new(address);
        let answer = client
            .same_origin(client.agent.post(client.url("/sign-in")))
            .send_form([("login", login), ("passphrase", passphrase)])?;
        client.cookie = answer
            .headers()
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next())
            .collect::<Vec<_>>()
            .join("; ");
        let signed_in = answer.status().is_redirection() && !client.cookie.is_empty();
        if signed_in {
            Ok(client)
        } else {
            bail!("{login} could not sign in ({})", answer.status())
        }
    }

    /// What a page's script would read.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.agent.get(self.url(path)).header("cookie", &self.cookie).call()?;
        json(path, answer)
    }

    /// The page as text.
    pub(crate) fn page(&self, path: &str) -> anyhow::Result<String> {
        let mut answer = self.agent.get(self.url(path)).header("cookie", &self.cookie).call()?;
        let text = answer.body_mut().read_to_string()?;
        if answer.status().is_success() { Ok(text) } else { bail!("{path}: {}", answer.status()) }
    }

    /// What a page's script would send.
    pub(crate) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(path, self.agent.post(self.url(path)), body)
    }

    /// As [`Client::post`], to put something in its place.
    pub(crate) fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(path, self.agent.put(self.url(path)), body)
    }

    /// What a form sends. A page's script gets data back; without scripts the answer leads to another page.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Value> {
        let answer = self
            .same_origin(self.agent.post(self.url(path)))
            .header("accept", "application/json")
            .send_form(fields.iter().copied())?;
        if answer.status().is_redirection() { Ok(Value::Null) } else { json(path, answer) }
    }

    /// The file itself as the body, as the upload page sends it.
    pub(crate) fn upload(
        &self,
        path: &str,
        file: &Path,
        seen: &mut dyn FnMut(u32),
    ) -> anyhow::Result<Value> {
        let source =
            File::open(file).with_context(|| format!("could not read {}", file.display()))?;
        let size = source.metadata()?.len();
        let mut counted = Counted { source, size, sent: 0, seen };
        let answer = self
            .same_origin(self.agent.put(self.url(path)))
            .header("content-type", "application/octet-stream")
            .header("content-length", size.to_string())
            .send(SendBody::from_reader(&mut counted))?;
        json(path, answer)
    }

    fn send(
        &self,
        path: &str,
        request: RequestBuilder<WithBody>,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let request = self.same_origin(request).header("content-type", "application/json");
        json(path, request.send(body.to_string())?)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// The headers by which the service knows that a request comes from its own pages.
    fn same_origin(&self, request: RequestBuilder<WithBody>) -> RequestBuilder<WithBody> {
        request
            .header("origin", &self.address)
            .header("sec-fetch-site", "same-origin")
            .header("cookie", &self.cookie)
    }
}

/// Reads a file and tells how much of it has gone.
struct Counted<'a> {
    source: File,
    size: u64,
    sent: u64,
    seen: &'a mut dyn FnMut(u32),
}

impl std::io::Read for Counted<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.source.read(buf)?;
        self.sent += n as u64;
        (self.seen)(u32::try_from(self.sent * 1000 / self.size.max(1)).unwrap_or(1000));
        Ok(n)
    }
}

fn json(path: &str, mut answer: Response<Body>) -> anyhow::Result<Value> {
    let text = answer.body_mut().read_to_string()?;
    if !answer.status().is_success() {
        bail!("{path}: {} {text}", answer.status());
    }
    // Not every answer is data: a form may be answered with a page.
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
