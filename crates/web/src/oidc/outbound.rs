//! Requests to the provider: few, short, and to nobody else.

use std::{error::Error, sync::Arc, time::Duration};

use openidconnect::{HttpRequest, HttpResponse, url::Url};
use tokio::sync::Semaphore;
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig},
};

use super::settings::Checked;

/// The most bytes of an answer. Key sets of large providers have some ten thousand.
const LARGEST: u64 = 256 << 10;

/// Requests at once. Each holds a thread.
const AT_ONCE: usize = 4;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutboundError {
    /// Not an address of the provider's.
    #[error("{0} is not the provider's")]
    Elsewhere(String),
    /// No connection, too slow, too much.
    #[error("the provider did not answer")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// The way to one provider.
pub(super) struct Outbound {
    agent: Agent,
    issuer: Url,
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl Outbound {
    pub(super) fn new(checked: &Checked) -> Self {
        let mut tls = TlsConfig::builder();
        if !checked.authorities.is_empty() {
            tls = tls.root_certs(RootCerts::new_with_certs(&checked.authorities));
        }
        let patience = checked.settings.patience;
        let config = Agent::config_builder()
            // An answer that sends us elsewhere is no answer.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .https_only(checked.url.scheme() == "https")
            .max_idle_connections(0)
            .max_response_header_size(16 << 10)
            .user_agent("hearback")
            .timeout_global(Some(patience))
            .tls_config(tls.build());
        Self {
            agent: config.build().new_agent(),
            issuer: checked.url.clone(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            patience,
        }
    }

    /// Whether an address is the provider's: its scheme, its host and its port.
    pub(super) fn is_the_providers(&self, url: &Url) -> bool {
        let place = |url: &Url| {
            (
                url.scheme().to_owned(),
                url.host_str().map(str::to_owned),
                url.port_or_known_default(),
            )
        };
        place(url) == place(&self.issuer)
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    }

    /// Sends a request and reads its answer, whatever its status.
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let address = request.uri().to_string();
        if !Url::parse(&address).is_ok_and(|url| self.is_the_providers(&url)) {
            return Err(OutboundError::Elsewhere(address));
        }
        let failed = |cause: Box<dyn Error + Send + Sync>| OutboundError::Failed(cause);
        let turn = tokio::time::timeout(self.patience, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|e| failed(e.into()))?.map_err(|e| failed(e.into()))?;
        let agent = self.agent.clone();
        let answer = tokio::task::spawn_blocking(move || {
            // Given back when the answer is here, not when the asker goes away: the thread is busy until then.
            let _turn = turn;
            let mut response = agent.run(request)?;
            let body = response.body_mut().with_config().limit(LARGEST).read_to_vec()?;
            Ok::<_, ureq::Error>(response.map(|_| body))
        });
        answer.await.map_err(|e| failed(e.into()))?.map_err(|e| failed(e.into()))
    }
}
