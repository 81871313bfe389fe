//! The ceiling: a tonic server that decodes a petition and encodes it again, and nothing else.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::Poll,
};

use clap::Args;
use pakn::pb::SubmitPetitionRequest as Petition;
use tonic::{
    Request, Response, Status,
    body::Body,
    client,
    codegen::{BoxFuture, Context, Service, http},
    server::{self, NamedService, UnaryService},
    transport::{Channel, Server},
};
use tonic_prost::ProstCodec;

use crate::failure::Failure;

const PATH: &str = "/pakn.bench.Echo/Echo";

/// Where it listens.
#[derive(Debug, Args)]
pub struct Options {
    /// Port of 127.0.0.1
    #[arg(long)]
    port: u16,
}

/// Serves until it is killed.
///
/// # Errors
/// When the port is taken.
pub async fn run(options: Options) -> Result<(), Failure> {
    Server::builder().add_service(Echo).serve(([127, 0, 0, 1], options.port).into()).await?;
    Ok(())
}

/// Asks for an echo.
///
/// # Errors
/// The status of the call.
pub async fn call(channel: Channel, request: Request<Petition>) -> Result<Petition, Status> {
    let mut grpc = client::Grpc::new(channel);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = http::uri::PathAndQuery::from_static(PATH);
    grpc.unary(request, path, ProstCodec::default()).await.map(Response::into_inner)
}

#[derive(Debug, Clone, Copy)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "pakn.bench.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = server::Grpc::new(ProstCodec::<Petition, Petition>::default());
            Ok(grpc.unary(Same, request).await)
        })
    }
}

struct Same;

impl UnaryService<Petition> for Same {
    type Response = Petition;
    type Future = Ready<Result<Response<Petition>, Status>>;

    fn call(&mut self, request: Request<Petition>) -> Self::Future {
        ready(Ok(Response::new(request.into_inner())))
    }
}
