//! Signing in at an OpenID Connect issuer: an authorization code with PKCE (RFC 7636), tokens that are renewed while a session lasts, and
//! signing out there as well.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use dudao_platform::rpc::issuer_client;
use dudao_platform::{Error, Result};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreTokenResponse};
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl,
    LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RefreshToken,
    TokenResponse as _,
};

/// What the issuer says of itself, and its keys, are asked for again after this long.
const KEPT_US: i64 = 10 * 60_000_000;
/// Who has gone to the issuer may take this long there …
const AWAY_US: i64 = 15 * 60_000_000;
/// … and so many may be there at a time; whoever has been away longest gives way.
const MOST_AWAY: usize = 10_000;
/// The largest answer that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Where the console's users sign in.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// The issuer's URL.
    pub url: String,
    /// What the console is called there.
    pub client_id: String,
    /// What proves that it is the console; none for a public client.
    pub client_secret: Option<String>,
    /// Where browsers find the console: `https://dudao.example.cn`.
    pub console: String,
    /// A certificate authority in PEM that the issuer's certificate is from, where it is not a public one.
    pub ca: Option<Vec<u8>>,
}

/// An issuer at which users sign in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Issuer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    back: RedirectUrl,
    left: PostLogoutRedirectUrl,
    http: reqwest::Client,
    known: Mutex<Option<(i64, Arc<ProviderMetadataWithLogout>)>>,
    away: Mutex<HashMap<String, Away>>,
}

/// Somebody who has gone to the issuer.
#[derive(Debug)]
struct Away {
    verifier: PkceCodeVerifier,
    nonce: Nonce,
    next: String,
    since_us: i64,
}

/// What the issuer has given.
#[derive(Debug)]
pub struct Given {
    /// Goes with every call.
    pub access: String,
    /// Gets another one when it ends.
    pub refresh: Option<String>,
    /// Says to the issuer who signs out.
    pub id_token: Option<CoreIdToken>,
}

/// Requests to the issuer go over our own client.
impl<'c> AsyncHttpClient<'c> for Issuer {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Issuer {
    /// With these settings.
    pub fn new(settings: IssuerSettings) -> Result<Self> {
        let IssuerSettings {
            url,
            client_id,
            client_secret,
            console,
            ca,
        } = settings;
        let console = console.trim_end_matches('/').to_owned();
        Ok(Self(Arc::new(Inner {
            url: IssuerUrl::new(url).map_err(Error::internal)?,
            client_id: ClientId::new(client_id),
            client_secret: client_secret.map(ClientSecret::new),
            back: RedirectUrl::new(format!("{console}/login/back")).map_err(Error::internal)?,
            left: PostLogoutRedirectUrl::new(format!("{console}/login"))
                .map_err(Error::internal)?,
            http: issuer_client(ca.as_deref())?,
            known: Mutex::default(),
            away: Mutex::default(),
        })))
    }

    /// `https://host:port` of the issuer, where forms may lead.
    pub fn origin(&self) -> String {
        self.0.url.url().origin().ascii_serialization()
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse> {
        let request = reqwest::Request::try_from(request).map_err(Error::internal)?;
        let unreachable = |error: reqwest::Error| {
            tracing::warn!(%error, "the issuer can't be reached: {error}");
            Error::unavailable("the issuer can't be reached")
        };
        let mut answer = self.0.http.execute(request).await.map_err(unreachable)?;
        let mut body = Vec::new();
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(Error::internal("the issuer's answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        response.body(body).map_err(Error::internal)
    }

    async fn known(&self, now_us: i64) -> Result<Arc<ProviderMetadataWithLogout>> {
        let known = self
            .0
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((since_us, known)) = known
            && now_us - since_us < KEPT_US
        {
            return Ok(known);
        }
        let told = ProviderMetadataWithLogout::discover_async(self.0.url.clone(), self).await;
        let told = Arc::new(told.map_err(|error| {
            tracing::warn!(%error, "the issuer does not say what it is: {error}");
            Error::unavailable("the issuer can't be reached")
        })?);
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((now_us, Arc::clone(&told)));
        Ok(told)
    }

    async fn client(&self, now_us: i64) -> Result<Client> {
        let known = self.known(now_us).await?;
        let (id, secret) = (self.0.client_id.clone(), self.0.client_secret.clone());
        let client = CoreClient::from_provider_metadata((*known).clone(), id, secret);
        Ok(client.set_redirect_uri(self.0.back.clone()))
    }

    /// Where to go to sign in, and the state that comes back from there.
    pub async fn begin(&self, next: &str, now_us: i64) -> Result<(String, String)> {
        let client = self.client(now_us).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (address, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .url();
        let gone = Away {
            verifier,
            nonce,
            next: next.to_owned(),
            since_us: now_us,
        };
        let mut away = self.0.away.lock().unwrap_or_else(PoisonError::into_inner);
        away.retain(|_, away| now_us - away.since_us < AWAY_US);
        if away.len() >= MOST_AWAY {
            let longest = away.iter().min_by_key(|(_, away)| away.since_us);
            if let Some(longest) = longest.map(|(state, _)| state.clone()) {
                away.remove(&longest);
            }
        }
        away.insert(state.secret().clone(), gone);
        Ok((address.to_string(), state.into_secret()))
    }

    /// What the issuer gives for the code that it sent back, and where its holder wanted to go; none if it gives nothing: the code is
    /// good once, for who went there.
    pub async fn end(
        &self,
        state: &str,
        code: &str,
        now_us: i64,
    ) -> Result<Option<(Given, String)>> {
        let gone = {
            let mut away = self.0.away.lock().unwrap_or_else(PoisonError::into_inner);
            away.remove(state)
        };
        let Some(gone) = gone.filter(|gone| now_us - gone.since_us < AWAY_US) else {
            return Ok(None);
        };
        let client = self.client(now_us).await?;
        let exchange = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(Error::internal)?
            .set_pkce_verifier(gone.verifier);
        let told = match exchange.request_async(self).await {
            Ok(told) => told,
            Err(error) => {
                tracing::info!(%error, "the issuer gives nothing for a code: {error}");
                return Ok(None);
            }
        };
        let refused = |why: String| {
            tracing::warn!(why, "an id token does not hold: {why}");
            Ok(None)
        };
        let Some(id_token) = told.id_token() else {
            return refused("there is none".to_owned());
        };
        let verifier = client.id_token_verifier();
        let claims = match id_token.claims(&verifier, &gone.nonce) {
            Ok(claims) => claims,
            Err(error) => return refused(error.to_string()),
        };
        // Where the issuer binds the access token to it, it must be the one that came along.
        if let Some(hash) = claims.access_token_hash() {
            let own = id_token
                .signing_alg()
                .ok()
                .zip(id_token.signing_key(&verifier).ok());
            let own = own.and_then(|(algorithm, key)| {
                AccessTokenHash::from_token(told.access_token(), algorithm, key).ok()
            });
            if own.as_ref() != Some(hash) {
                return refused("it is of another access token".to_owned());
            }
        }
        Ok(Some((Given::of(&told), gone.next)))
    }

    /// Another access token; none if the issuer gives no more.
    pub async fn renew(&self, refresh: &str, now_us: i64) -> Result<Option<Given>> {
        let client = self.client(now_us).await?;
        let refresh = RefreshToken::new(refresh.to_owned());
        let renewal = client.exchange_refresh_token(&refresh);
        let told = renewal.map_err(Error::internal)?.request_async(self).await;
        Ok(told.ok().map(|told| Given::of(&told)))
    }

    /// Where to go to sign out; none if the issuer has no such place, or can't be reached.
    pub async fn leave(&self, id_token: &CoreIdToken, now_us: i64) -> Option<String> {
        let known = self.known(now_us).await.ok()?;
        let place = known.additional_metadata().end_session_endpoint.clone()?;
        let request = LogoutRequest::from(place)
            .set_id_token_hint(id_token)
            .set_client_id(self.0.client_id.clone())
            .set_post_logout_redirect_uri(self.0.left.clone());
        Some(request.http_get_url().to_string())
    }
}

impl Given {
    fn of(told: &CoreTokenResponse) -> Self {
        Self {
            access: told.access_token().secret().clone(),
            refresh: told.refresh_token().map(|token| token.secret().clone()),
            id_token: told.id_token().cloned(),
        }
    }
}
