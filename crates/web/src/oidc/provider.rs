//! What is known of the provider: its addresses and its keys, asked for when they are wanted and kept.

use std::{pin::Pin, sync::Arc, time::Duration};

use openidconnect::{
    AuthType, AuthUrl, ClientId, ClientSecret, EmptyExtraTokenFields, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IdToken, IdTokenFields, IssuerUrl, RedirectUrl,
    StandardErrorResponse, StandardTokenResponse, TokenUrl,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
        CoreTokenType,
    },
    url::Url,
};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{
    sync::{Mutex, RwLock},
    time::Instant,
};

use super::{
    Settings, SettingsError,
    error::OidcError,
    outbound::{Outbound, OutboundError},
    settings::Checked,
    token::Extra,
};

/// How long to wait between two questions that did not get a useful answer.
const BETWEEN: Duration = Duration::from_secs(10);

/// The ID token of this installation, with the claims that are none of the standard's.
pub(super) type Token =
    IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

type TokenResponse = StandardTokenResponse<
    IdTokenFields<
        Extra,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

pub(super) type Client = openidconnect::Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenResponse,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// A request under way.
pub(super) type Sending = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send>>;

/// The provider as it described itself (`OpenID` Connect Discovery 1.0, 3).
pub(super) struct Known {
    pub(super) client: Client,
    /// Whether it names itself when it sends people back (RFC 9207, 3).
    pub(super) names_itself: bool,
    jwks_uri: Url,
    keys: RwLock<Arc<CoreJsonWebKeySet>>,
    asked_anew: Mutex<Option<Instant>>,
}

/// Signing in at the organisation's identity provider.
pub struct SingleSignOn {
    pub(super) checked: Checked,
    outbound: Arc<Outbound>,
    redirect: RedirectUrl,
    known: RwLock<Option<Arc<Known>>>,
    last_try: Mutex<Option<Instant>>,
}

/// What we read of the provider's description.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl SingleSignOn {
    /// With these settings, for the installation at `origin`. Asks nobody anything yet.
    pub fn new(settings: Settings, origin: &str) -> Result<Self, SettingsError> {
        let checked = Checked::new(settings)?;
        let redirect = format!("{}/sign-in/sso/callback", origin.trim_end_matches('/'));
        Ok(Self {
            outbound: Arc::new(Outbound::new(&checked)),
            checked,
            redirect: RedirectUrl::new(redirect).map_err(|_| SettingsError::Empty("origin"))?,
            known: RwLock::new(None),
            last_try: Mutex::new(None),
        })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.checked.settings
    }

    /// Asks until the provider has described itself: a provider that is down when the service starts is asked again.
    pub async fn keep_asking(&self) {
        let mut pause = Duration::from_secs(1);
        while let Err(error) = self.known().await {
            tracing::warn!(
                cause = error.chain(),
                "the identity provider cannot be used yet; passphrases work"
            );
            tokio::time::sleep(pause.max(BETWEEN)).await;
            pause = (pause * 2).min(Duration::from_mins(5));
        }
    }

    /// Whether the provider has described itself.
    pub(super) fn is_known(&self) -> bool {
        self.known.try_read().is_ok_and(|known| known.is_some())
    }

    /// The provider; asks it to describe itself if it has not done so yet, but not again and again.
    pub(super) async fn known(&self) -> Result<Arc<Known>, OidcError> {
        if let Some(known) = &*self.known.read().await {
            return Ok(known.clone());
        }
        let mut last_try = self.last_try.lock().await;
        // Whoever waited for their turn may find it done.
        if let Some(known) = &*self.known.read().await {
            return Ok(known.clone());
        }
        if last_try.is_some_and(|at| at.elapsed() < BETWEEN) {
            return Err(OidcError::away("it did not answer just now"));
        }
        *last_try = Some(Instant::now());
        let known = Arc::new(self.discover().await?);
        *self.known.write().await = Some(known.clone());
        Ok(known)
    }

    async fn discover(&self) -> Result<Known, OidcError> {
        let issuer = &self.settings().issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let said: Metadata = self.get(&address).await?;
        if said.issuer != *issuer {
            return Err(OidcError::away(format!("it calls itself {}, not {issuer}", said.issuer)));
        }
        let lacks = |list: &Option<Vec<String>>, what| {
            list.as_ref().is_some_and(|l| !l.iter().any(|x| x == what))
        };
        if lacks(&said.code_challenge_methods_supported, "S256") {
            return Err(OidcError::away("it does not offer PKCE with S256"));
        }
        let methods = &said.token_endpoint_auth_methods_supported;
        let auth_type =
            match (lacks(methods, "client_secret_basic"), lacks(methods, "client_secret_post")) {
                (false, _) => AuthType::BasicAuth,
                (true, false) => AuthType::RequestBody,
                (true, true) => return Err(OidcError::away("it takes no client secret")),
            };
        let authorization = self.own(&said.authorization_endpoint)?;
        let jwks_uri = self.own(&said.jwks_uri)?;
        let issuer = IssuerUrl::new(issuer.clone()).map_err(|e| OidcError::away(e.to_string()))?;
        let id = ClientId::new(self.settings().client_id.clone());
        let secret = ClientSecret::new(self.settings().client_secret.clone());
        let client = openidconnect::Client::new(id, issuer, CoreJsonWebKeySet::default())
            .set_client_secret(secret)
            .set_auth_type(auth_type)
            .set_auth_uri(AuthUrl::from_url(authorization))
            .set_token_uri(TokenUrl::from_url(self.own(&said.token_endpoint)?))
            .set_redirect_uri(self.redirect.clone());
        let keys = self.get(jwks_uri.as_str()).await?;
        Ok(Known {
            client,
            names_itself: said.authorization_response_iss_parameter_supported,
            jwks_uri,
            keys: RwLock::new(Arc::new(keys)),
            asked_anew: Mutex::new(None),
        })
    }

    /// An address of the provider's own: nothing it says makes us ask, or send people, anywhere else.
    fn own(&self, address: &str) -> Result<Url, OidcError> {
        Url::parse(address)
            .ok()
            .filter(|url| self.outbound.is_the_providers(url))
            .ok_or_else(|| OidcError::away(format!("{address} is not on the issuer's own host")))
    }

    async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, OidcError> {
        let request = openidconnect::http::Request::get(address)
            .header("accept", "application/json")
            .body(Vec::new())
            .map_err(|e| OidcError::away(e.to_string()))?;
        let answer = self.outbound.send(request).await?;
        if answer.status() != 200 {
            return Err(OidcError::away(format!("it answered {} at {address}", answer.status())));
        }
        serde_json::from_slice(answer.body()).map_err(|e| {
            OidcError::away(format!("what it says at {address} is no description: {e}"))
        })
    }

    /// Requests to the provider, as the library makes them. Boxed: the compiler cannot see through the library's types
    /// that the whole may move between threads.
    pub(super) fn http(&self) -> impl Fn(HttpRequest) -> Sending + Send + Sync + 'static {
        let outbound = self.outbound.clone();
        move |request| {
            let outbound = outbound.clone();
            Box::pin(async move { outbound.send(request).await })
        }
    }

    /// The provider's keys.
    pub(super) async fn keys(&self, known: &Known) -> Arc<CoreJsonWebKeySet> {
        known.keys.read().await.clone()
    }

    /// The provider's keys as they are now: it may have changed them. None if it was asked a moment ago, so that
    /// tokens with invented keys do not make us ask all the time.
    pub(super) async fn keys_anew(
        &self,
        known: &Known,
    ) -> Result<Option<Arc<CoreJsonWebKeySet>>, OidcError> {
        let mut asked = known.asked_anew.lock().await;
        if asked.is_some_and(|at| at.elapsed() < BETWEEN) {
            return Ok(None);
        }
        *asked = Some(Instant::now());
        let keys: Arc<CoreJsonWebKeySet> = Arc::new(self.get(known.jwks_uri.as_str()).await?);
        *known.keys.write().await = keys.clone();
        Ok(Some(keys))
    }
}
