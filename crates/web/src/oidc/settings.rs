//! What an operator says about the organisation's identity provider.

use std::time::Duration;

use hearback_domain::Role;
use openidconnect::url::{Host, Url};
use ureq::tls::{Certificate, PemItem, parse_pem};

/// The provider, and what is believed of it.
#[derive(Clone)]
pub struct Settings {
    /// The issuer, exactly as the provider writes itself: `https://id.example.org/realms/council`.
    pub issuer: String,
    /// What the provider calls this installation.
    pub client_id: String,
    /// The secret that it gave this installation.
    pub client_secret: String,
    /// What people call this way of signing in.
    pub name: String,
    /// The claim that says in which groups somebody is, if roles come from the provider.
    pub role_claim: Option<String>,
    /// Which group gives which role. The roles named here are the provider's to give and to take.
    pub role_map: Vec<(String, Role)>,
    /// Certificates (PEM) of the authorities that vouch for the provider, instead of the public ones.
    pub authorities: Option<Vec<u8>>,
    /// How long to wait for the provider's answer.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            client_id: String::new(),
            client_secret: String::new(),
            name: "your organisation’s sign-in".to_owned(),
            role_claim: None,
            role_map: Vec::new(),
            authorities: None,
            patience: Duration::from_secs(10),
        }
    }
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// No address at all, or one with a query, a fragment or a password.
    #[error("the issuer is not a plain https address; copy it from the provider's own settings")]
    Issuer,
    /// Not encrypted, and not on this machine.
    #[error("the issuer begins with http: only https keeps sign-ins safe")]
    Insecure,
    /// A door that every organisation's people come through.
    #[error(
        "the issuer is for the people of any organisation; use the one with your own tenant's identifier"
    )]
    AnybodysTenant,
    /// Nothing where something has to be.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// Groups without a claim, or the other way round.
    #[error("roles from the provider take both a claim and a mapping, or neither")]
    Mapping,
    /// The certificates cannot be read.
    #[error("the file of certificate authorities holds no certificate in PEM form")]
    Authorities,
}

/// Hosts at which Microsoft issues tokens, for its public and national clouds.
const MICROSOFT: &[&str] =
    &["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"];

/// Settings that were looked through.
pub(super) struct Checked {
    pub(super) settings: Settings,
    /// The issuer as an address.
    pub(super) url: Url,
    /// The tenant that a token's `tid` has to name, where the provider has tenants.
    pub(super) tenant: Option<String>,
    /// Instead of the public certificate authorities.
    pub(super) authorities: Vec<Certificate<'static>>,
}

impl Checked {
    pub(super) fn new(settings: Settings) -> Result<Self, SettingsError> {
        let url = Url::parse(&settings.issuer).map_err(|_| SettingsError::Issuer)?;
        let plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.host().is_some();
        if !plain || !matches!(url.scheme(), "http" | "https") {
            return Err(SettingsError::Issuer);
        }
        if url.scheme() == "http" && !is_this_machine(&url) {
            return Err(SettingsError::Insecure);
        }
        for (value, what) in [
            (&settings.client_id, "client's identifier"),
            (&settings.client_secret, "client's secret"),
            (&settings.name, "name of the sign-in"),
        ] {
            if value.trim().is_empty() {
                return Err(SettingsError::Empty(what));
            }
        }
        if settings.role_claim.is_none() != settings.role_map.is_empty() {
            return Err(SettingsError::Mapping);
        }
        let tenant = tenant(&url)?;
        let authorities = authorities(settings.authorities.as_deref())?;
        Ok(Self { settings, url, tenant, authorities })
    }
}

/// Whether an address stays on this machine, where nobody listens in.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The tenant in a Microsoft issuer. The doors for everybody (`common` and the like) have none.
fn tenant(url: &Url) -> Result<Option<String>, SettingsError> {
    if !url.host_str().is_some_and(|host| MICROSOFT.contains(&host)) {
        return Ok(None);
    }
    let first = url.path_segments().and_then(|mut s| s.next()).unwrap_or_default();
    if uuid::Uuid::try_parse(first).is_err() {
        return Err(SettingsError::AnybodysTenant);
    }
    Ok(Some(first.to_owned()))
}

fn authorities(pem: Option<&[u8]>) -> Result<Vec<Certificate<'static>>, SettingsError> {
    let Some(pem) = pem else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(SettingsError::Authorities),
        }
    }
    if found.is_empty() { Err(SettingsError::Authorities) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(issuer: &str) -> Result<Option<String>, SettingsError> {
        let settings = Settings {
            issuer: issuer.to_owned(),
            client_id: "hearback".to_owned(),
            client_secret: "secret".to_owned(),
            ..Settings::default()
        };
        Checked::new(settings).map(|checked| checked.tenant)
    }

    #[test]
    fn an_issuer_is_a_plain_address_that_nobody_listens_in_on() {
        for good in [
            "https://id.example/realms/council",
            "https://id.example",
            "http://127.0.0.1:8081",
            "http://localhost:8081/realms/council",
            "http://[::1]:8081",
        ] {
            assert_eq!(checked(good), Ok(None), "{good}");
        }
        for bad in [
            "",
            "id.example",
            "https://",
            "ftp://id.example",
            "https://id.example?x=1",
            "https://id.example#x",
            "https://me:pass@id.example",
        ] {
            assert_eq!(checked(bad), Err(SettingsError::Issuer), "{bad}");
        }
        for bare in ["http://id.example", "http://10.0.0.1", "http://localhost.example"] {
            assert_eq!(checked(bare), Err(SettingsError::Insecure), "{bare}");
        }
    }

    #[test]
    fn microsofts_doors_for_everybody_are_refused() {
        let tenant = "8f1f1c9e-5c5b-4a43-9a53-4f0f7a5f2b7d";
        let issuer = |first: &str| format!("https://login.microsoftonline.com/{first}/v2.0");
        assert_eq!(checked(&issuer(tenant)), Ok(Some(tenant.to_owned())));
        for everybody in ["common", "organizations", "consumers", "", "council.example"] {
            let refused = checked(&issuer(everybody));
            assert_eq!(refused, Err(SettingsError::AnybodysTenant), "{everybody}");
        }
    }

    #[test]
    fn nothing_is_left_half_said() {
        let good = || Settings {
            issuer: "https://id.example".to_owned(),
            client_id: "hearback".to_owned(),
            client_secret: "secret".to_owned(),
            ..Settings::default()
        };
        let error = |settings| Checked::new(settings).err();
        assert_eq!(error(good()), None);
        let half = Settings { role_claim: Some("groups".to_owned()), ..good() };
        assert_eq!(error(half), Some(SettingsError::Mapping));
        let half = Settings { role_map: vec![("a".to_owned(), Role::Coach)], ..good() };
        assert_eq!(error(half), Some(SettingsError::Mapping));
        let empty = Settings { client_secret: " ".to_owned(), ..good() };
        assert_eq!(error(empty), Some(SettingsError::Empty("client's secret")));
        let no_pem = Settings { authorities: Some(b"nothing".to_vec()), ..good() };
        assert_eq!(error(no_pem), Some(SettingsError::Authorities));
    }
}
