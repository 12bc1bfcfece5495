//! Which ID tokens are believed (`OpenID` Connect Core 1.0, 3.1.3.7; RFC 8725).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use hearback_domain::{Role, Timestamp};
use hearback_storage::ExternalIdentity;
use openidconnect::{
    AdditionalClaims, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    IdTokenClaims, IssuerUrl, Nonce, PkceCodeVerifier, RequestTokenError,
    SignatureVerificationError, TokenResponse as _,
    core::{CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    SingleSignOn,
    error::OidcError,
    provider::{Known, Token},
    roles,
};

/// Signatures that are believed: those that only the provider can make. Never `none`, never a shared secret.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// How far the provider's clock and ours may be apart, in seconds.
pub(super) const SKEW_SECONDS: i64 = 60;

/// For how long after it was made a token is taken, in seconds, whatever it says itself.
pub(super) const FRESH_SECONDS: i64 = 600;

/// The most bytes of a subject (Core 1.0, 2: "must not exceed 255 ASCII characters in length").
const LONGEST_SUBJECT: usize = 255;

/// The claims that the standard does not name.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Extra {
    #[serde(flatten)]
    all: HashMap<String, Value>,
}

impl AdditionalClaims for Extra {}

/// What the provider vouches for.
#[derive(Debug)]
pub(super) struct Vouched {
    pub(super) identity: ExternalIdentity,
    /// The provider's name for its own session.
    pub(super) sid: Option<String>,
    /// When the person last showed the provider who they are.
    pub(super) auth_time: Option<Timestamp>,
    /// Whether the provider says that this took two different things (RFC 8176).
    pub(super) two_steps: bool,
    /// The roles that the person's groups give, if roles come from the provider.
    pub(super) roles: Option<Vec<Role>>,
}

impl SingleSignOn {
    /// Gives the code for a token, and believes it or not.
    pub(super) async fn redeem(
        &self,
        known: &Known,
        code: String,
        verifier: String,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Vouched, OidcError> {
        let http = self.http();
        let exchange = known
            .client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        // Tokens and secrets are in none of these texts.
        let answer = exchange.request_async(&http).await.map_err(|error| match error {
            RequestTokenError::Request(error) => OidcError::away(error),
            RequestTokenError::ServerResponse(said) => {
                OidcError::refused(format!("the code was not taken: {}", said.error().as_ref()))
            }
            RequestTokenError::Parse(..) => OidcError::refused("there is no token in the answer"),
            RequestTokenError::Other(what) => OidcError::refused(what),
        })?;
        let token = answer.id_token().ok_or_else(|| OidcError::refused("there is no ID token"))?;
        let keys = self.keys(known).await;
        match self.believe(token, &keys, nonce, now) {
            Err(Doubt::NoSuchKey) => match self.keys_anew(known).await? {
                Some(keys) => self.believe(token, &keys, nonce, now).map_err(Into::into),
                None => Err(Doubt::NoSuchKey.into()),
            },
            other => other.map_err(Into::into),
        }
    }

    fn believe(
        &self,
        token: &Token,
        keys: &CoreJsonWebKeySet,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Vouched, Doubt> {
        let settings = self.settings();
        let issuer =
            IssuerUrl::new(settings.issuer.clone()).map_err(|e| Doubt::other(e.to_string()))?;
        let verifier = CoreIdTokenVerifier::new_confidential_client(
            ClientId::new(settings.client_id.clone()),
            ClientSecret::new(settings.client_secret.clone()),
            issuer,
            keys.clone(),
        )
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || moment(now.plus_seconds(-SKEW_SECONDS)))
        .set_issue_time_verifier_fn(move |issued| is_fresh(issued.timestamp(), now));
        let nonce = Nonce::new(nonce.to_owned());
        let claims = token.claims(&verifier, &nonce).map_err(|error| match error {
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            ) => Doubt::NoSuchKey,
            other => Doubt::Other(other.into()),
        })?;
        self.read(claims, now)
    }

    /// What the library leaves to the caller.
    fn read(
        &self,
        claims: &IdTokenClaims<Extra, CoreGenderClaim>,
        now: Timestamp,
    ) -> Result<Vouched, Doubt> {
        let settings = self.settings();
        let extra = &claims.additional_claims().all;
        let text = |name: &str| extra.get(name).and_then(Value::as_str);
        if claims.authorized_party().is_some_and(|party| **party != settings.client_id) {
            return Err(Doubt::other("it was made for another client (azp)"));
        }
        if let Some(from) = extra.get("nbf") {
            let from = from.as_f64().ok_or_else(|| Doubt::other("its nbf is no number"))?;
            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
            let latest = (seconds(now) + SKEW_SECONDS) as f64;
            if from > latest {
                return Err(Doubt::other("it is not valid yet (nbf)"));
            }
        }
        if let Some(tenant) = &self.checked.tenant
            && text("tid") != Some(tenant)
        {
            return Err(Doubt::other("it is from another tenant (tid)"));
        }
        let subject = claims.subject().as_str();
        if !is_name(subject) {
            return Err(Doubt::other("its subject is no subject"));
        }
        let sid = match extra.get("sid") {
            None => None,
            Some(Value::String(sid)) if is_name(sid) => Some(sid.clone()),
            Some(_) => return Err(Doubt::other("its sid is no name")),
        };
        // Only this says that there were two (RFC 8176, 2); the others name what one of them was.
        let two_steps = claims
            .auth_method_refs()
            .is_some_and(|refs| refs.iter().any(|method| method.as_str() == "mfa"));
        Ok(Vouched {
            identity: ExternalIdentity {
                issuer: settings.issuer.clone(),
                subject: subject.to_owned(),
            },
            sid,
            auth_time: claims.auth_time().map(|at| Timestamp::from_micros(at.timestamp_micros())),
            two_steps,
            roles: roles::given(settings, extra).map_err(Doubt::other)?,
        })
    }
}

/// Whether this can be the name of somebody, or of a session, at the provider.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_SUBJECT
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

/// Whether something was made lately, and not in the future.
pub(super) fn is_fresh(issued: i64, now: Timestamp) -> Result<(), String> {
    let age = seconds(now).saturating_sub(issued);
    if (-SKEW_SECONDS..=FRESH_SECONDS + SKEW_SECONDS).contains(&age) {
        Ok(())
    } else {
        Err(format!("made {age} seconds ago (iat)"))
    }
}

/// Whole seconds since 1970.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}

fn moment(at: Timestamp) -> DateTime<Utc> {
    // What no calendar holds is after everything that a token says.
    DateTime::from_timestamp_micros(at.as_micros()).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Why a token is not believed.
enum Doubt {
    /// It names a key that is not known (yet).
    NoSuchKey,
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Doubt {
    fn other(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(cause.into())
    }
}

impl From<Doubt> for OidcError {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::NoSuchKey => Self::refused("no key of the provider's fits the token"),
            Doubt::Other(cause) => Self::Refused(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use openidconnect::{
        Audience, JsonWebKeyId, PrivateSigningKey as _, StandardClaims, SubjectIdentifier,
        core::CoreEdDsaPrivateSigningKey,
    };

    use super::*;
    use crate::oidc::Settings;

    const TENANT: &str = "8f1f1c9e-5c5b-4a43-9a53-4f0f7a5f2b7d";

    fn key() -> CoreEdDsaPrivateSigningKey {
        // PKCS #8 (RFC 8410, 7): what stands before the 32 bytes of every Ed25519 key.
        let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
        der.extend([7; 32]);
        let label = "PRIVATE KEY";
        let pem = format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            BASE64_STANDARD.encode(der)
        );
        let kid = Some(JsonWebKeyId::new("k1".to_owned()));
        CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, kid).unwrap()
    }

    /// A token of Microsoft's that says this about its tenant, believed or not.
    fn believed(tenant: Option<&str>) -> bool {
        let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let settings = Settings {
            issuer: issuer.clone(),
            client_id: "hearback".to_owned(),
            client_secret: "secret".to_owned(),
            ..Settings::default()
        };
        let sso = SingleSignOn::new(settings, "https://hearback.example").unwrap();
        let now = Timestamp::from_micros(1_790_000_000_000_000);
        let all = tenant.map(|t| ("tid".to_owned(), Value::from(t))).into_iter().collect();
        let claims = IdTokenClaims::new(
            IssuerUrl::new(issuer).unwrap(),
            vec![Audience::new("hearback".to_owned())],
            moment(now.plus_seconds(300)),
            moment(now),
            StandardClaims::new(SubjectIdentifier::new("somebody".to_owned())),
            Extra { all },
        )
        .set_nonce(Some(Nonce::new("n".to_owned())));
        let alg = CoreJwsSigningAlgorithm::EdDsa;
        let token = Token::new(claims, &key(), alg, None, None).unwrap();
        let keys = CoreJsonWebKeySet::new(vec![key().as_verification_key()]);
        sso.believe(&token, &keys, "n", now).is_ok()
    }

    #[test]
    fn microsofts_tokens_are_from_the_own_tenant() {
        assert!(believed(Some(TENANT)));
        assert!(!believed(Some("00000000-5c5b-4a43-9a53-4f0f7a5f2b7d")));
        assert!(!believed(Some("")));
        assert!(!believed(None));
    }

    #[test]
    fn times_are_believed_within_a_minute() {
        let now = Timestamp::from_micros(1_790_000_000_900_000);
        for (issued, fresh) in [
            (1_790_000_060, true),
            (1_790_000_061, false),
            (1_789_999_340, true),
            (1_789_999_339, false),
            (i64::MAX, false),
            (i64::MIN, false),
        ] {
            assert_eq!(is_fresh(issued, now).is_ok(), fresh, "{issued}");
        }
    }
}
