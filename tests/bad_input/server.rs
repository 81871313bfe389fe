//! A running server on a fresh database, and calls to it whose messages are bytes: a test may send anything.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use pakn::{
    app::{App, Clock, DirectoryStep, Secure, ministry},
    domain::{
        account::{Account, Grant},
        ids::{AccountId, GrantId},
        time::Zone,
        words::Role,
    },
    store::{Keys, Options, Store},
};
use prost::Message;
use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot};
use tonic::{
    Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::Channel,
};

/// The instant at which the clock stands.
pub const NOW: i64 = 1_795_230_000;
/// All roles over everything; stands in the office that receives.
pub const ALL: &str = "everything";
/// The same: whoever drafts does not approve.
pub const SECOND: &str = "everything-2";

/// A server and what belongs to it.
pub struct Server {
    pub app: App,
    channel: Channel,
    tokens: Mutex<Vec<(String, String)>>,
    /// Access keys by tracking code.
    pub keys: Mutex<Vec<(String, String)>>,
    _stop: oneshot::Sender<()>,
    _folder: TempDir,
}

/// Starts a server on SQLite, or on a fresh database of the PostgreSQL server that the tests are given.
pub async fn start(postgres: bool) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let url = if postgres { fresh().await } else { format!("sqlite://{}/pakn.db", folder.path().display()) };
    Store::migrate(&url).await.unwrap();
    let keys = Keys::parse(&format!("1:{}", "0a1b2c3d".repeat(8))).unwrap();
    let store = Store::open(&url, &Options::default(), Zone(chrono_tz::Asia::Ho_Chi_Minh), keys).await.unwrap();
    let clock = Clock::set_to(chrono::DateTime::from_timestamp(NOW, 0).unwrap());
    let app = App::new(store, clock, Arc::new(Secure::default()), b"a secret of tests, long enough");
    app.take_master_key().await.unwrap();
    app.import_directory(&ministry()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let served = app.clone();
    tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        pakn::grpc::serve(served, &pakn::grpc::Options::default(), listener, stopped).await.unwrap();
    });
    let channel = Channel::from_shared(address).unwrap().timeout(Duration::from_secs(60)).connect().await.unwrap();
    let server =
        Server { app, channel, tokens: Mutex::default(), keys: Mutex::default(), _stop: stop, _folder: folder };
    server.admit(ALL, "BTTTT-VP", Role::ALL).await;
    server.admit(SECOND, "BTTTT-VP", Role::ALL).await;
    server.admit("portal", "", &[]).await;
    server
}

/// A database that no other test has.
async fn fresh() -> String {
    let Ok(server) = std::env::var("PAKN_TEST_POSTGRES") else {
        panic!("PAKN_TEST_POSTGRES is not set: run scripts/test, or name a server on which tests may create databases");
    };
    let name = format!("pakn_bad_input_{}", u64::from_be_bytes(pakn::app::secure_bytes()));
    let connection = sea_orm::Database::connect(&server).await.expect("PAKN_TEST_POSTGRES");
    connection.execute_unprepared(&format!("create database {name}")).await.unwrap();
    let (base, _) = server.rsplit_once('/').expect("PAKN_TEST_POSTGRES ends in /database");
    format!("{base}/{name}")
}

impl Server {
    /// Gives an account a token; makes the account, in a unit with roles over everything, unless it is there.
    pub async fn admit(&self, login: &str, unit: &str, roles: &[Role]) {
        self.admit_over(login, unit, roles, "BTTTT").await;
    }

    /// Whether an account has a token.
    pub fn knows(&self, login: &str) -> bool {
        self.tokens.lock().unwrap().iter().any(|(known, _)| known == login)
    }

    /// As [`Server::admit`], with roles over a unit.
    pub async fn admit_over(&self, login: &str, unit: &str, roles: &[Role], top: &str) {
        let (app, now) = (&self.app, self.app.clock().now());
        let reference = app.reference();
        let mut steps = Vec::new();
        let account = reference.account(login).map_or_else(|| AccountId(app.source().id(now)), |account| account.id);
        if reference.account(login).is_none() {
            let [unit, top] = [unit, top].map(|code| reference.units.by_code(code).unwrap().id);
            let (name, email) = ("Người thử".to_owned(), String::new());
            steps.push(DirectoryStep::Account(Account {
                id: account,
                login: login.to_owned(),
                unit,
                name,
                email,
                closed_at: None,
                former: Vec::new(),
            }));
            let grant = |role: &Role| Grant::for_good(GrantId(app.source().id(now)), account, *role, top);
            steps.extend(roles.iter().map(|role| DirectoryStep::Grant(grant(role))));
        }
        let (token, secret) = app.new_token(account, "test".to_owned(), 1);
        steps.push(DirectoryStep::Token(token));
        app.direct_as(None, &steps).await.unwrap();
        self.tokens.lock().unwrap().push((login.to_owned(), secret));
    }

    /// Sends bytes as somebody to `Service/Method`; nobody for an empty login.
    pub async fn send(&self, login: &str, path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Status> {
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await.unwrap();
        let mut request = Request::new(bytes);
        let token =
            self.tokens.lock().unwrap().iter().find(|(known, _)| *known == login).map(|(_, token)| token.clone());
        if let Some(token) = token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let path = format!("/pakn.v1.{path}").parse().unwrap();
        client.unary(request, path, Bytes).await.map(tonic::Response::into_inner)
    }

    /// Sends a message and reads the answer.
    pub async fn ask<A: Message + Default>(
        &self,
        login: &str,
        path: &str,
        message: &impl Message,
    ) -> Result<A, Status> {
        let answer = self.send(login, path, message.encode_to_vec()).await?;
        Ok(A::decode(answer.as_slice()).unwrap())
    }
}

/// Messages as the bytes that they are.
#[derive(Debug, Clone, Copy)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        prost::bytes::BufMut::put_slice(into, &item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        use prost::bytes::Buf as _;
        Ok(Some(from.copy_to_bytes(from.remaining()).to_vec()))
    }
}
