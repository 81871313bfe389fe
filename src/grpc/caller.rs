//! Who is calling: a tower layer that turns the bearer token into a caller, and sheds what is too much.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{Request, Response, header::AUTHORIZATION};
use tokio::sync::Semaphore;
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

use super::{malformed, status};
use crate::app::{App, Caller, Error};

/// Puts the caller, or why there is none, into the request's extensions.
#[derive(Debug, Clone)]
pub(super) struct Authenticate {
    pub(super) app: App,
    /// Requests in progress at the most.
    pub(super) room: Arc<Semaphore>,
    /// How long one may take.
    pub(super) limit: Duration,
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
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // Whoever asks whether a busy service lives is told.
        let permit = match is_health(request.uri().path()) {
            true => None,
            false => match Arc::clone(&self.guard.room).try_acquire_owned() {
                Ok(permit) => Some(permit),
                Err(_) => {
                    let refused = status::retry(Code::ResourceExhausted, "too many requests in progress");
                    return Box::pin(async move { Ok(refused.into_http()) });
                }
            },
        };
        let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
        let caller = token.and_then(|token| self.guard.app.caller(token).ok());
        if caller.is_none() && !open_to_anyone(request.uri().path()) {
            // Before a byte of the body is read.
            let refused = status::status(Error::Unauthenticated);
            return Box::pin(async move { Ok(refused.into_http()) });
        }
        request.extensions_mut().insert(Called(caller));
        let clone = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, clone);
        let limit = self.guard.limit;
        Box::pin(async move {
            let answer = tokio::time::timeout(limit, ready.call(request)).await;
            drop(permit);
            match answer {
                Ok(answer) => answer.map(malformed::told),
                Err(_) => Ok(Status::deadline_exceeded("the request took too long; it may have been done").into_http()),
            }
        })
    }
}

/// Services that need no token.
fn open_to_anyone(path: &str) -> bool {
    is_health(path) || ["/pakn.v1.PublicService/", "/grpc.reflection."].iter().any(|service| path.starts_with(service))
}

fn is_health(path: &str) -> bool {
    path.starts_with("/grpc.health.v1.")
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
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
