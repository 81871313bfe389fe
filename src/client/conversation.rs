//! Tests alone: a session against a real server that speaks a small part of the contract.

use std::time::Duration;

use prost_reflect::DynamicMessage;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status,
    transport::{Endpoint, Server},
};

use super::{
    failure::Failure,
    instant::Zone,
    json,
    output::{Format, Output},
    session::Session,
};
use crate::pb::{
    self,
    public_service_server::{PublicService, PublicServiceServer},
};

struct Fake;

#[tonic::async_trait]
impl PublicService for Fake {
    async fn search_publications(
        &self,
        _: Request<pb::SearchPublicationsRequest>,
    ) -> Result<Response<pb::SearchPublicationsResponse>, Status> {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Err(Status::internal("too late"))
    }

    async fn get_publication(
        &self,
        request: Request<pb::GetPublicationRequest>,
    ) -> Result<Response<pb::GetPublicationResponse>, Status> {
        assert!(request.metadata().get("authorization").is_none());
        Err(Status::not_found(format!("no publication {}", request.into_inner().id)))
    }

    async fn list_fields(&self, _: Request<pb::ListFieldsRequest>) -> Result<Response<pb::ListFieldsResponse>, Status> {
        let field = pb::Field { code: "post".to_owned(), name: "Bưu chính".to_owned(), ..Default::default() };
        let fields = vec![field];
        Ok(Response::new(pb::ListFieldsResponse { fields, page: None }))
    }
}

fn session(server: String) -> Session {
    let endpoint = Endpoint::from_shared(server.clone()).unwrap();
    let output = Output { format: Format::Json, zone: Zone::new(false) };
    let token = Some("Bearer x".parse().unwrap());
    Session::new(&endpoint, server, token, Duration::from_secs(1), output)
}

async fn with_server() -> Session {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let incoming = TcpListenerStream::new(listener);
    let serving = Server::builder().add_service(PublicServiceServer::new(Fake));
    tokio::spawn(serving.serve_with_incoming(incoming));
    session(server)
}

fn line(answer: Result<DynamicMessage, Failure>) -> (u8, String) {
    let failure = answer.unwrap_err();
    (failure.exit(), failure.to_string())
}

#[tokio::test]
async fn an_answer_arrives() {
    let answer = with_server().await.call(pb::ListFieldsRequest::default()).await.unwrap();
    assert_eq!(json::of(&answer)["fields"][0]["name"], "Bưu chính");
}

#[tokio::test]
async fn a_refusal_gives_the_servers_reason() {
    let mut session = with_server().await;
    let id = "7".to_owned();
    let refused = line(session.call(pb::GetPublicationRequest { id }).await);
    assert_eq!(refused, (4, "no publication 7".to_owned()));
    let (exit, _) = line(session.call(pb::ListUnitsRequest::default()).await);
    assert_eq!(exit, 1, "a service that is not there");
}

fn start() -> pb::StartPetitionRequest {
    let target = pb::Target { request_id: "0190".to_owned(), ..Default::default() };
    pb::StartPetitionRequest { target: Some(target) }
}

#[tokio::test]
async fn a_slow_server_is_not_waited_for() {
    let request = pb::SearchPublicationsRequest::default();
    let (exit, said) = line(with_server().await.call(request).await);
    assert_eq!(exit, 6);
    assert!(said.starts_with("no answer from http://127.0.0.1"), "{said}");
    assert!(said.ends_with("in 1 s"), "{said}");
}

#[tokio::test]
async fn a_command_whose_answer_is_lost_can_be_repeated() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let (exit, said) = line(session(server).call(start()).await);
    assert_eq!(exit, 6);
    assert!(said.contains("--request-id 0190"), "{said}");
}

#[tokio::test]
async fn a_server_that_is_away_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (exit, said) = line(session(server.clone()).call(start()).await);
    assert_eq!(exit, 6);
    assert!(said.starts_with(&format!("cannot reach {server}: ")), "{said}");
    assert!(!said.contains("--request-id"), "it was surely not done: {said}");
}
