//! Who is calling: a tower layer that turns what a request shows into a caller, and sheds what is too much.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{Request, Response, header::AUTHORIZATION};
use tokio::sync::{Semaphore, watch};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

use super::{
    credential::{Shown, Vouchers},
    malformed,
    rates::{Origin, Rates},
    status,
};
use crate::{
    app::{App, Caller, Error},
    domain::permission::{self, Entry, Others},
};

/// Puts the caller, or why there is none, into the request's extensions.
#[derive(Debug, Clone)]
pub(super) struct Authenticate {
    pub(super) app: App,
    /// Whoever vouches for callers beside the directory.
    pub(super) vouchers: Vouchers,
    /// How often may be called.
    pub(super) rates: Rates,
    /// Requests in progress at the most.
    pub(super) room: Arc<Semaphore>,
    /// How long one may take.
    pub(super) limit: Duration,
    /// Turns true when what is still in progress is cut off.
    pub(super) cut: watch::Receiver<bool>,
}

/// The caller of a request; services that need none do not look.
#[derive(Debug, Clone)]
struct Called(Option<Caller>);

impl<S> Layer<S> for Authenticate {
    type Service = Authenticated<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticated { inner, guard: self.clone() }
    }
}

/// The service behind the layer.
#[derive(Debug, Clone)]
pub(super) struct Authenticated<S> {
    inner: S,
    guard: Authenticate,
}

impl<S> Service<Request<Body>> for Authenticated<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // Whoever asks whether a busy service lives is told.
        let health = is_health(request.uri().path());
        let permit = match health {
            true => None,
            false => match Arc::clone(&self.guard.room).try_acquire_owned() {
                Ok(permit) => Some(permit),
                Err(_) => {
                    let refused = status::retry(Code::ResourceExhausted, "too many requests in progress");
                    return Box::pin(async move { Ok(refused.into_http()) });
                }
            },
        };
        let clone = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, clone);
        let guard = self.guard.clone();
        let (limit, mut cut) = (guard.limit, guard.cut.clone());
        let shown = guard.vouchers.shown(&guard.app, bearer(&request), request.extensions());
        let (entry, origin) = (asked_for(&request), guard.rates.origin(&request));
        Box::pin(async move {
            let answered = async {
                // Before a byte of the body is read.
                let called = if health { Ok(Called(None)) } else { guard.called(shown, entry, origin).await };
                match called {
                    Ok(called) => {
                        request.extensions_mut().insert(called);
                        Ok(unless_stale(&guard.app, ready.call(request).await?).await)
                    }
                    Err(refused) => Ok(refused.into_http()),
                }
            };
            let answer = tokio::select! {
                answer = tokio::time::timeout(limit, answered) => answer,
                _ = cut.wait_for(|cut| *cut) => {
                    let stopping = "the service is stopping; the request may have been done";
                    return Ok(status::retry(Code::Unavailable, stopping).into_http());
                }
            };
            drop(permit);
            match answer {
                Ok(answer) => answer.map(malformed::told),
                Err(_) => Ok(Status::deadline_exceeded("the request took too long; it may have been done").into_http()),
            }
        })
    }
}

/// What the permission table says of the RPC. Health and reflection are not in it, nor is a method that is none: to those
/// nobody is told to be anybody, and the router says what there is.
fn asked_for(request: &Request<Body>) -> Option<&'static Entry> {
    let (_, rpc) = request.uri().path().strip_prefix("/pakn.v1.")?.split_once('/')?;
    permission::entry(rpc)
}

impl Authenticate {
    /// Who calls an RPC, if the permission table has them heard, and they do not call too often.
    ///
    /// # Errors
    /// Without a proof of who it is where one is needed; without a role that may; RESOURCE_EXHAUSTED.
    async fn called(&self, shown: Shown, entry: Option<&'static Entry>, origin: Origin) -> Result<Called, Status> {
        let (app, rates) = (&self.app, &self.rates);
        rates.arrives(origin)?;
        let Some(Entry { rpc, .. }) = entry.filter(|entry| entry.others != Others::Anyone) else {
            // A portal that says who it is asks for many.
            let proof = self.vouchers.volunteered(shown);
            match proof.and_then(|proof| Some((proof.caller(app).ok()?, proof))) {
                Some((known, proof)) => rates.known(origin, known.account, proof.counted())?,
                None => rates.anonymous(origin)?,
            }
            return Ok(Called(None));
        };
        let proof = match self.vouchers.proof(app, shown).await {
            Ok(proof) => match proof.caller(app) {
                // The account or its token may just have been made elsewhere. Whoever makes tokens up costs no look at
                // the database each time.
                Err(_) => app.refresh_seldom().await.map_err(status::status).and_then(|()| proof.caller(app)),
                known => known,
            }
            .map(|known| (known, proof)),
            Err(refused) => Err(refused),
        };
        let (known, proof) = proof.or_else(|refused| {
            // Whoever is somebody is heard, however often others at the same address are not.
            if refused.code() == Code::Unauthenticated {
                rates.failed(origin)?;
            }
            Err(refused)
        })?;
        rates.known(origin, known.account, proof.counted())?;
        match known.heard(rpc) {
            Ok(()) => Ok(Called(Some(known))),
            // A refusal must not rest on a stale copy: a grant may just have been made elsewhere.
            Err(_) => {
                app.refresh().await.map_err(status::status)?;
                let known = proof.caller(app)?;
                known.heard(rpc).map_err(status::status)?;
                Ok(Called(Some(known)))
            }
        }
    }
}

/// The answer, unless it refuses what was looked up in reference data that has moved since: a unit, a field or an account
/// may just have been added elsewhere. Then one that says to come back, to what is known by now.
async fn unless_stale(app: &App, answer: Response<Body>) -> Response<Body> {
    let status = Status::from_header_map(answer.headers());
    if !status.is_some_and(|status| matches!(status.code(), Code::InvalidArgument | Code::NotFound)) {
        return answer;
    }
    let known = app.reference().version;
    match app.refresh_seldom().await {
        Ok(()) if app.reference().version != known => {
            status::retry(Code::Unavailable, "the directory has moved meanwhile; try again").into_http()
        }
        // Where it cannot be looked at, what was known holds.
        Ok(()) | Err(_) => answer,
    }
}

fn is_health(path: &str) -> bool {
    path.starts_with("/grpc.health.v1.")
}

fn bearer(request: &Request<Body>) -> Option<String> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The caller of a request and its message.
///
/// # Errors
/// UNAUTHENTICATED without a valid token.
pub(super) fn open<T>(request: tonic::Request<T>) -> Result<(Caller, T), Status> {
    let (_, mut extensions, message) = request.into_parts();
    let called = extensions.remove::<Called>().and_then(|called| called.0);
    called.map(|caller| (caller, message)).ok_or_else(|| status::status(Error::Unauthenticated))
}
