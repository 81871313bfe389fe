//! The face itself: health, reflection, gRPC-Web, and leaving in good order.

use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use pakn::{
    app::App,
    grpc::{self, Options},
};
use prost::Message as _;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, TransactionTrait as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use tonic_types::StatusExt as _;

use crate::{
    on_both,
    world::{World, feedback, pause},
};

/// Where a page comes from that is on the list.
pub const PAGE: &str = "https://portal.example";

/// A face of an application beside that of the world, with options of its own. Dropping it closes it.
pub struct Face {
    /// Where it listens.
    pub address: SocketAddr,
    serving: JoinHandle<Result<(), grpc::Error>>,
}

impl Face {
    pub async fn open(app: &App, options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = app.clone();
        let serving = tokio::spawn(async move { grpc::serve(app, &options, listener, std::future::pending()).await });
        Self { address, serving }
    }

    /// A connection of its own, without TLS.
    pub async fn connect(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }
}

impl Drop for Face {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Why a face cannot be opened.
pub async fn refused(app: &App, options: Options) -> grpc::Error {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serving = grpc::serve(app.clone(), &options, listener, std::future::pending());
    let ended = tokio::time::timeout(std::time::Duration::from_secs(5), serving).await;
    ended.expect("it was opened").unwrap_err()
}

/// Holds whoever writes up, as a slow disk would, until it is rolled back.
pub async fn hold(world: &World) -> DatabaseTransaction {
    let slow = world.database().await.begin().await.unwrap();
    slow.execute_unprepared("update reference set version = version where id = 1").await.unwrap();
    slow
}

/// A request over HTTP/1.1 as a browser sends it, and the answer.
async fn exchange(address: SocketAddr, request: String, body: &[u8]) -> Response<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let (status, lines) = head.split_once("\r\n").unwrap();
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status.split(' ').nth(1).unwrap().parse().unwrap();
    *response.headers_mut() = headers(lines);
    *response.body_mut() = if told(&response, "transfer-encoding") == "chunked" {
        unchunked(&answer[end + 4..])
    } else {
        answer[end + 4..].to_vec()
    };
    response
}

/// Calls through gRPC-Web with one message; `more` are lines of the head.
pub async fn from_a_browser(address: SocketAddr, path: &str, message: &[u8], more: &str) -> Response<Vec<u8>> {
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend(message);
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/grpc-web+proto\r\nx-grpc-web: 1\r\n\
         content-length: {}\r\nconnection: close\r\n{more}\r\n",
        body.len()
    );
    exchange(address, head, &body).await
}

/// Asks, as a browser does before the first call, whether a page may call.
async fn preflight(address: SocketAddr, origin: &str) -> Response<Vec<u8>> {
    let head = format!(
        "OPTIONS /pakn.v1.IntakeService/SubmitPetition HTTP/1.1\r\nhost: {address}\r\norigin: {origin}\r\n\
         access-control-request-method: POST\r\n\
         access-control-request-headers: authorization,content-type,x-grpc-web\r\nconnection: close\r\n\r\n"
    );
    exchange(address, head, &[]).await
}

fn headers(lines: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines.split("\r\n").filter_map(|line| line.split_once(':')) {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value.trim()).unwrap());
    }
    headers
}

/// What a header says; empty without it.
pub fn told<'r>(response: &'r Response<Vec<u8>>, header: &str) -> &'r str {
    response.headers().get(header).map_or("", |value| value.to_str().unwrap())
}

/// The words of a header that lists some, sorted.
fn listed(response: &Response<Vec<u8>>, header: &str) -> Vec<String> {
    let mut words: Vec<String> = told(response, header).split(',').map(|word| word.trim().to_lowercase()).collect();
    words.sort();
    words
}

/// How a call through gRPC-Web ended: in the head, or in the last frame.
pub fn status(response: &Response<Vec<u8>>) -> Status {
    let trailers = frames(response.body()).into_iter().find(|(trailers, _)| *trailers);
    let trailers = trailers.map(|(_, lines)| headers(&String::from_utf8(lines).unwrap()));
    Status::from_header_map(&trailers.unwrap_or_else(|| response.headers().clone())).unwrap()
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
        let answer = from_a_browser(world.address, "/pakn.v1.PublicService/ListFields", &[], "").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(told(&answer, "content-type"), "application/grpc-web+proto");
        let frames = frames(answer.body());
        let [(false, message), (true, trailers)] = &frames[..] else { panic!("{frames:?}") };
        let fields = pakn::pb::ListFieldsResponse::decode(&message[..]).unwrap().fields;
        assert!(fields.iter().any(|field| field.code == "TELECOM-INTERNET"));
        assert!(String::from_utf8_lossy(trailers).contains("grpc-status:0"), "{trailers:?}");
        // Without a token, and from a page that is not on the list.
        let origin = "origin: https://evil.example\r\n";
        let answer = from_a_browser(world.address, "/pakn.v1.CaseworkService/ListPetitions", &[], origin).await;
        assert_eq!(status(&answer).code(), Code::Unauthenticated);
        assert_eq!(told(&answer, "access-control-allow-origin"), "");
    }

    /// The preflight says what the call may carry, and the call shows the page how it ended, with the details.
    async fn pages_on_the_list_may_call(world: World) {
        let options = Options { cors_origins: vec![PAGE.to_owned(), "https://app.example".to_owned()], ..Options::default() };
        let face = Face::open(&world.app, options).await;
        for page in [PAGE, "https://app.example"] {
            let answer = preflight(face.address, page).await;
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(told(&answer, "access-control-allow-origin"), page);
            assert_eq!(listed(&answer, "access-control-allow-methods"), ["post"]);
            let allowed = ["authorization", "content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"];
            assert_eq!(listed(&answer, "access-control-allow-headers"), allowed);
            assert_eq!(told(&answer, "access-control-max-age"), "3600");
            // A cache must not give one page what was said to another.
            assert!(listed(&answer, "vary").contains(&"origin".to_owned()), "{answer:?}");
        }
        let citizen = world.citizen();
        let token = citizen.ask(()).metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
        let head = format!("origin: {PAGE}\r\nauthorization: {token}\r\n");
        let path = "/pakn.v1.IntakeService/SubmitPetition";
        let shown = ["grpc-message", "grpc-status", "grpc-status-details-bin"];
        let answer = from_a_browser(face.address, path, &feedback().encode_to_vec(), &head).await;
        assert_eq!((status(&answer).code(), told(&answer, "access-control-allow-origin")), (Code::Ok, PAGE));
        assert_eq!(listed(&answer, "access-control-expose-headers"), shown);
        let submitted = pakn::pb::SubmitPetitionResponse::decode(&frames(answer.body())[0].1[..]).unwrap();
        assert_eq!(world.dispatcher().reads(&submitted.code).await.unwrap().content, feedback().content);
        // What is refused is told like what is granted.
        let answer = from_a_browser(face.address, path, &[], &head).await;
        let refused = status(&answer);
        assert_eq!((refused.code(), told(&answer, "access-control-allow-origin")), (Code::InvalidArgument, PAGE));
        assert_eq!(listed(&answer, "access-control-expose-headers"), shown);
        let faults = refused.get_details_bad_request().unwrap().field_violations;
        assert!(faults.iter().any(|fault| fault.field == "petitioner"), "{faults:?}");
        let answer = from_a_browser(face.address, path, &[], &format!("origin: {PAGE}\r\n")).await;
        let told_so = (status(&answer).code(), told(&answer, "access-control-allow-origin"));
        assert_eq!(told_so, (Code::Unauthenticated, PAGE));
    }

    /// An origin is all of scheme, host and port, and no page is on a list that is empty.
    async fn other_pages_may_not_call(world: World) {
        let face = Face::open(&world.app, Options { cors_origins: vec![PAGE.to_owned()], ..Options::default() }).await;
        let others = ["http://portal.example", "https://portal.example:8443", "https://portal.example.evil.example", "null"];
        let all = others.map(|page| (face.address, page)).into_iter().chain([(world.address, PAGE)]);
        for (address, page) in all {
            assert_eq!(told(&preflight(address, page).await, "access-control-allow-origin"), "", "{page}");
            let origin = format!("origin: {page}\r\n");
            let answer = from_a_browser(address, "/pakn.v1.PublicService/ListFields", &[], &origin).await;
            assert_eq!(told(&answer, "access-control-allow-origin"), "", "{page}");
        }
        let anybody = Face::open(&world.app, Options { cors_origins: vec!["*".to_owned()], ..Options::default() }).await;
        assert_eq!(told(&preflight(anybody.address, "https://evil.example").await, "access-control-allow-origin"), "*");
    }

    /// What is in progress when the server is told to stop is finished; what comes after is not taken.
    async fn a_request_in_progress_is_finished(world: World) {
        let slow = hold(&world).await;
        let citizen = world.citizen();
        let submitting = citizen.submits(feedback());
        let stopping = async {
            pause(300).await;
            let stopped = world.stop();
            pause(300).await;
            assert!(!stopped.is_finished(), "it waits for the request");
            let late = Endpoint::from_shared(format!("http://{}", world.address)).unwrap();
            assert!(late.connect().await.is_err(), "nobody new is let in");
            slow.rollback().await.unwrap();
            tokio::time::timeout(std::time::Duration::from_secs(5), stopped).await.expect("it stops").unwrap();
        };
        let (submitted, ()) = futures::future::join(submitting, stopping).await;
        let verified = world.app.verify_offline(Some(&submitted.code)).await.unwrap();
        assert_eq!((verified.petitions, verified.events, verified.broken), (1, 1, None));
    }
}
