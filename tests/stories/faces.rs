//! The face itself: health, reflection, gRPC-Web, and leaving in good order.

use prost::Message as _;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::{
    on_both,
    world::{World, feedback, pause},
};

/// A request over HTTP/1.1 as a browser sends it; gives head and body.
async fn from_a_browser(world: &World, path: &str, message: &[u8], more: &str) -> (String, Vec<u8>) {
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend(message);
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/grpc-web+proto\r\nx-grpc-web: 1\r\n\
         content-length: {}\r\nconnection: close\r\n{more}\r\n",
        world.address,
        body.len()
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let body = if head.contains("transfer-encoding: chunked") {
        unchunked(&answer[end + 4..])
    } else {
        answer[end + 4..].to_vec()
    };
    (head, body)
}

fn unchunked(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = chunks.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&chunks[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend(&chunks[line + 2..line + 2 + size]);
        chunks = &chunks[line + 4 + size..];
    }
}

/// Frames of a gRPC-Web body: whether it is the trailers, and its bytes.
fn frames(mut body: &[u8]) -> Vec<(bool, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [flag, a, b, c, d, rest @ ..] = body {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap();
        frames.push((flag & 0x80 != 0, rest[..length].to_vec()));
        body = &rest[length..];
    }
    frames
}

on_both! {
    async fn health_is_told(world: World) {
        let mut health = HealthClient::new(world.channel());
        for service in ["", "pakn.v1.IntakeService", "pakn.v1.CaseworkService", "pakn.v1.PublicService"] {
            let answer = health.check(HealthCheckRequest { service: service.to_owned() }).await.unwrap().into_inner();
            assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
        }
        assert!(health.check(HealthCheckRequest { service: "nothing".to_owned() }).await.is_err());
    }

    async fn reflection_lists_the_services(world: World) {
        let mut reflection = ServerReflectionClient::new(world.channel());
        let ask = ServerReflectionRequest { host: String::new(), message_request: Some(MessageRequest::ListServices(String::new())) };
        let mut answers = reflection.server_reflection_info(futures::stream::iter([ask])).await.unwrap().into_inner();
        let Some(MessageResponse::ListServicesResponse(list)) = answers.message().await.unwrap().unwrap().message_response else {
            panic!("no list")
        };
        let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
        for service in ["Intake", "Casework", "Publication", "Public", "Supervision", "Directory", "Delivery"] {
            assert!(names.contains(&format!("pakn.v1.{service}Service").as_str()), "{names:?}");
        }
    }

    async fn browsers_are_answered(world: World) {
        let (head, body) = from_a_browser(&world, "/pakn.v1.PublicService/ListFields", &[], "").await;
        assert!(head.starts_with("http/1.1 200") && head.contains("content-type: application/grpc-web+proto"), "{head}");
        let frames = frames(&body);
        let [(false, message), (true, trailers)] = &frames[..] else { panic!("{frames:?}") };
        let fields = pakn::pb::ListFieldsResponse::decode(&message[..]).unwrap().fields;
        assert!(fields.iter().any(|field| field.code == "TELECOM-INTERNET"));
        assert!(String::from_utf8_lossy(trailers).contains("grpc-status:0"), "{trailers:?}");
        // Without a token, and from a page that is not on the list.
        let origin = "origin: https://evil.example\r\n";
        let (head, _) = from_a_browser(&world, "/pakn.v1.CaseworkService/ListPetitions", &[], origin).await;
        assert!(head.contains("grpc-status: 16"), "{head}");
        assert!(!head.contains("access-control-allow-origin"), "{head}");
    }

    /// What is in progress when the server is told to stop is finished; what comes after is not taken.
    async fn a_request_in_progress_is_finished(world: World) {
        // Holds the writers up, as a slow disk would.
        let database = world.database().await;
        let slow = database.begin().await.unwrap();
        slow.execute_unprepared("update reference set version = version where id = 1").await.unwrap();
        let citizen = world.citizen();
        let submitting = citizen.submits(feedback());
        let stopping = async {
            pause(300).await;
            let stopped = world.stop();
            pause(300).await;
            assert!(!stopped.is_finished(), "it waits for the request");
            let late = tonic::transport::Endpoint::from_shared(format!("http://{}", world.address)).unwrap();
            assert!(late.connect().await.is_err(), "nobody new is let in");
            slow.rollback().await.unwrap();
            tokio::time::timeout(std::time::Duration::from_secs(5), stopped).await.expect("it stops").unwrap();
        };
        let (submitted, ()) = futures::future::join(submitting, stopping).await;
        let verified = world.app.verify_offline(Some(&submitted.code)).await.unwrap();
        assert_eq!((verified.petitions, verified.events, verified.broken), (1, 1, None));
    }
}
