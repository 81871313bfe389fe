//! The face at its limits: too much, too long, the database away, faults of our own, and another process that has
//! changed what a decision rests on.

use std::{
    io,
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    sync::{Mutex, Once},
    time::{Duration, Instant},
};

use futures::stream::{FuturesUnordered, StreamExt as _};
use pakn::{
    grpc::Options,
    pb::{
        self, casework_service_client::CaseworkServiceClient, intake_service_client::IntakeServiceClient,
        public_service_client::PublicServiceClient,
    },
};
use prost::Message as _;
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use tokio::time::timeout;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

use super::{
    faces::{Face, PAGE, from_a_browser, hold, status, told},
    time::{due, explained, put, terms},
};
use crate::{
    call, on_both,
    world::{Deed, Refused as _, World, feedback, feedback_of, pause},
};

const ONE: &str = "0193a5b0-0000-7000-8000-000000000001";

fn some(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

async fn petitions(world: &World) -> i64 {
    call!(world.dispatcher(), casework.count_petitions, pb::CountPetitionsRequest::default()).unwrap().total
}

async fn submits(
    channel: &Channel,
    world: &World,
    petition: pb::SubmitPetitionRequest,
) -> Result<pb::SubmitPetitionResponse, Status> {
    let ask = world.citizen().ask(petition);
    IntakeServiceClient::new(channel.clone()).submit_petition(ask).await.map(tonic::Response::into_inner)
}

/// Needs neither a token nor the database, only room.
async fn looks(channel: &Channel) -> Result<(), Status> {
    PublicServiceClient::new(channel.clone()).list_fields(pb::ListFieldsRequest::default()).await.map(drop)
}

/// Whether it says when to come back.
fn come_back(status: &Status) -> bool {
    status.get_details_retry_info().and_then(|info| info.retry_delay).is_some_and(|delay| !delay.is_zero())
}

/// What this process logged as an error, kept.
static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.lock().unwrap().push(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to keep the log; once for the process.
fn keep_the_log() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_ansi(false).with_writer(|| Log).init();
    });
}

on_both! {
    /// To the byte; and the connection lives on.
    async fn a_message_has_a_size(world: World) {
        let message = feedback();
        let options = Options { message_bytes: some(message.encoded_len()), ..Options::default() };
        let face = Face::open(&world.app, options).await;
        let channel = face.connect().await;
        submits(&channel, &world, message.clone()).await.unwrap();
        let longer = pb::SubmitPetitionRequest { title: message.title.clone() + "!", ..message.clone() };
        assert_eq!(submits(&channel, &world, longer).await.unwrap_err().code(), Code::OutOfRange);
        submits(&channel, &world, message).await.unwrap();
        assert_eq!(petitions(&world).await, 2);
    }

    /// What does not fit is refused at once, told when to come back, and did nothing; what fits is finished.
    async fn more_than_fit_are_told_to_come_back(world: World) {
        let options = Options { concurrency: some(2), cors_origins: vec![PAGE.to_owned()], ..Options::default() };
        let face = Face::open(&world.app, options).await;
        let channel = face.connect().await;
        let slow = hold(&world).await;
        let three = ["a", "b", "c"].map(|name| submits(&channel, &world, feedback_of(name)));
        let mut three: FuturesUnordered<_> = three.into_iter().collect();
        let first = timeout(Duration::from_secs(5), three.next()).await.expect("one is refused at once");
        let refused = first.unwrap().unwrap_err();
        assert_eq!((refused.code(), come_back(&refused)), (Code::ResourceExhausted, true), "{refused:?}");
        // Whoever it is, and on another connection; a page is told too.
        let refused = looks(&face.connect().await).await.unwrap_err();
        assert_eq!((refused.code(), come_back(&refused)), (Code::ResourceExhausted, true), "{refused:?}");
        let origin = format!("origin: {PAGE}\r\n");
        let answer = from_a_browser(face.address, "/pakn.v1.PublicService/ListFields", &[], &origin).await;
        let refused = status(&answer);
        assert_eq!((refused.code(), come_back(&refused)), (Code::ResourceExhausted, true), "{answer:?}");
        assert_eq!(told(&answer, "access-control-allow-origin"), PAGE);
        // Another face of the same application has room of its own.
        looks(&world.channel()).await.unwrap();
        slow.rollback().await.unwrap();
        while let Some(done) = three.next().await {
            done.unwrap();
        }
        submits(&channel, &world, feedback_of("d")).await.unwrap();
        assert_eq!(petitions(&world).await, 3);
    }

    /// One connection does not take the room of all others: what is beyond its share waits on the caller's side.
    async fn a_connection_has_a_share(world: World) {
        let options = Options { streams: NonZeroU32::MIN, concurrency: some(2), ..Options::default() };
        let face = Face::open(&world.app, options).await;
        let channel = face.connect().await;
        // A connection learns its share with the first answer.
        looks(&channel).await.unwrap();
        let slow = hold(&world).await;
        let three = ["a", "b", "c"].map(|name| submits(&channel, &world, feedback_of(name)));
        let mut three: FuturesUnordered<_> = three.into_iter().collect();
        assert!(timeout(Duration::from_millis(300), three.next()).await.is_err(), "none is refused");
        looks(&face.connect().await).await.unwrap();
        slow.rollback().await.unwrap();
        while let Some(done) = three.next().await {
            done.unwrap();
        }
        assert_eq!(petitions(&world).await, 3);
    }

    /// A caller who hangs up gives the place back at once, not when the request would have ended.
    async fn whoever_goes_away_makes_room(world: World) {
        let face = Face::open(&world.app, Options { concurrency: some(1), ..Options::default() }).await;
        let channel = face.connect().await;
        let slow = hold(&world).await;
        {
            let mut held = std::pin::pin!(submits(&channel, &world, feedback()));
            assert!(timeout(Duration::from_millis(300), &mut held).await.is_err(), "it is held");
            assert_eq!(looks(&channel).await.unwrap_err().code(), Code::ResourceExhausted);
        }
        let room = async {
            while looks(&channel).await.is_err() {
                pause(20).await;
            }
        };
        timeout(Duration::from_secs(5), room).await.expect("there is room again");
        slow.rollback().await.unwrap();
    }

    /// A request that takes too long ends for the caller. It may come off all the same, and its id tells.
    async fn what_takes_too_long_ends(world: World) {
        let options = Options { timeout_seconds: NonZeroU64::MIN, concurrency: some(1), ..Options::default() };
        let face = Face::open(&world.app, options).await;
        let channel = face.connect().await;
        let slow = hold(&world).await;
        let named = || pb::SubmitPetitionRequest { request_id: ONE.to_owned(), ..feedback() };
        let begun = Instant::now();
        let ended = submits(&channel, &world, named()).await.unwrap_err();
        let took = begun.elapsed();
        assert_eq!(ended.code(), Code::DeadlineExceeded, "{ended:?}");
        assert!((Duration::from_secs(1)..Duration::from_secs(5)).contains(&took), "{took:?}");
        looks(&channel).await.expect("its place is free");
        slow.rollback().await.unwrap();
        let first = submits(&channel, &world, named()).await.unwrap();
        assert_eq!(submits(&channel, &world, named()).await.unwrap(), first);
        assert_eq!(petitions(&world).await, 1);
    }

    /// Whoever waits for less than the server gives is not kept longer.
    async fn a_caller_may_wait_for_less(world: World) {
        let slow = hold(&world).await;
        let token = world.citizen().ask(()).metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
        let head = format!("authorization: {token}\r\ngrpc-timeout: 200m\r\n");
        let (path, message) = ("/pakn.v1.IntakeService/SubmitPetition", feedback().encode_to_vec());
        let submitting = from_a_browser(world.address, path, &message, &head);
        let answer = timeout(Duration::from_secs(5), submitting).await.expect("it ends");
        assert!(matches!(status(&answer).code(), Code::DeadlineExceeded | Code::Cancelled), "{answer:?}");
        slow.rollback().await.unwrap();
    }

    /// A fault of ours is told by an id alone; what it was is in the log, once, under that id.
    async fn what_is_ours_is_told_by_an_id(world: World) {
        keep_the_log();
        let code = world.citizen().submits(feedback()).await.code;
        let database = world.database().await;
        database.execute_unprepared("alter table petition rename to mislaid").await.unwrap();
        let read = world.dispatcher().reads(&code).await.unwrap_err();
        let written = world.citizen().tries_to_submit(feedback_of("b")).await.unwrap_err();
        for refused in [&read, &written] {
            assert_eq!((refused.code(), refused.details()), (Code::Internal, &[][..]), "{refused:?}");
            let id = refused.message().strip_prefix("internal error ").unwrap();
            assert!(id.len() == 16 && id.chars().all(|c| c.is_ascii_hexdigit()), "{id}");
            let logged: Vec<String> = LOGGED.lock().unwrap().iter().filter(|line| line.contains(id)).cloned().collect();
            let [line] = &logged[..] else { panic!("{logged:?}") };
            assert!(line.contains("petition"), "it says what is missing: {line}");
            assert!(!line.contains("Ông b") && !line.contains("b@example.vn"), "{line}");
        }
        assert_ne!(read.message(), written.message());
        database.execute_unprepared("alter table mislaid rename to petition").await.unwrap();
        assert_eq!(world.dispatcher().reads(&code).await.unwrap().content, feedback().content);
        world.citizen().submits(feedback_of("c")).await;
        assert_eq!(petitions(&world).await, 2);
    }

    /// A role that was taken away in one process gives no right in another, which has not heard of it.
    async fn a_role_taken_away_elsewhere_is_gone(world: World) {
        let other = world.another_process().await;
        let face = Face::open(&other, Options::default()).await;
        let mut elsewhere = CaseworkServiceClient::new(face.connect().await);
        let dispatcher = world.dispatcher();
        let first = world.citizen().submits(feedback_of("a")).await.code;
        let second = world.citizen().submits(feedback_of("b")).await.code;
        let accept = |code: &str| {
            dispatcher.ask(pb::AcceptPetitionRequest {
                target: Some(pb::Target { code: code.to_owned(), ..pb::Target::default() }),
                subject_class: pb::SubjectClass::Other.into(),
                field: "TELECOM-INTERNET".to_owned(),
                ..pb::AcceptPetitionRequest::default()
            })
        };
        elsewhere.accept_petition(accept(&first)).await.unwrap();
        // No RPC takes a role away; this is what one would write.
        let database = world.database().await;
        let grants = "delete from account_grant where account = (select id from account where login = 'dispatcher')";
        assert!(database.execute_unprepared(grants).await.unwrap().rows_affected() > 0);
        database.execute_unprepared("update reference set version = version + 1 where id = 1").await.unwrap();
        world.app.refresh().await.unwrap();
        assert!(other.reference().version < world.app.reference().version, "it has not heard of it");
        let refused = elsewhere.accept_petition(accept(&second)).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "without a role, not even that there is such a petition: {refused:?}");
        let petition = world.who("supervisor").reads(&second).await.unwrap().summary.unwrap();
        assert_eq!((petition.state(), petition.version), (pb::PetitionState::Submitted, 1));
    }

    /// What was added in one process is known in another, which has not heard of it: a token at once, a role at once, and
    /// what a request names when it comes again, as it is told to.
    async fn what_was_added_elsewhere_is_known(world: World) {
        use pakn::{
            app::Asked,
            domain::{account::Grant, command::Submit, ids::GrantId, petitioner::Petitioner, text::Submission, words},
        };
        let other = world.another_process().await;
        let face = Face::open(&other, Options::default()).await;
        let channel = face.connect().await;
        let unheard = || assert!(other.reference().version < world.app.reference().version, "it has not heard of it");
        world.add_account("new-portal", "BTTTT", &[words::Role::Portal]).await;
        unheard();
        let of = |person: &crate::world::Person<'_>, petition| person.ask(petition);
        let portal = world.who("new-portal");
        let mut elsewhere = IntakeServiceClient::new(channel.clone());
        elsewhere.submit_petition(of(&portal, feedback_of("a"))).await.unwrap();
        let mut nobody = tonic::Request::new(feedback_of("a"));
        nobody.metadata_mut().insert("authorization", "Bearer made-up".parse().unwrap());
        assert_eq!(elsewhere.submit_petition(nobody).await.unwrap_err().code(), Code::Unauthenticated);

        let field = pb::CreateFieldRequest {
            field: Some(pb::Field { code: "NEW".to_owned(), name: "Lĩnh vực mới".to_owned(), ..pb::Field::default() }),
            ..pb::CreateFieldRequest::default()
        };
        call!(world.who("admin"), directory.create_field, field).unwrap();
        unheard();
        // It was looked at for the token a moment ago.
        pause(150).await;
        let named = pb::SubmitPetitionRequest { field: "NEW".to_owned(), ..feedback_of("b") };
        let again = elsewhere.submit_petition(of(&portal, named.clone())).await.unwrap_err();
        assert_eq!(again.code(), Code::Unavailable, "{again:?}");
        assert!(again.get_details_retry_info().is_some(), "{again:?}");
        elsewhere.submit_petition(of(&portal, named)).await.unwrap();
        let none = pb::SubmitPetitionRequest { field: "NONE".to_owned(), ..feedback_of("b") };
        let refused = elsewhere.submit_petition(of(&portal, none)).await.unwrap_err();
        assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, vec!["field".to_owned()]));

        let reference = world.app.reference();
        let (unit, account) = (reference.units.by_code("BTTTT").unwrap().id, reference.logins["dispatcher"]);
        let grant = Grant::for_good(GrantId(world.app.source().id(world.now())), account, words::Role::Portal, unit);
        world.app.direct_as(None, &[pakn::app::DirectoryStep::Grant(grant)]).await.unwrap();
        unheard();
        let submit = Submit {
            kind: words::Kind::Feedback,
            class: None,
            field: None,
            channel: words::Channel::Portal,
            submission: Submission { title: "Mạng chậm".to_owned(), ..Submission::default() },
            petitioner: Petitioner {
                kind: words::PetitionerType::Individual,
                name: "Lan".to_owned(),
                email: "lan@example.vn".to_owned(),
                phone: String::new(),
                address: String::new(),
                representative: String::new(),
                signatories: 1,
                consents: Vec::new(),
                portal_user: None,
            },
            medium: words::Medium::Email,
            language: words::Language::Vi,
            received_at: None,
            focal: None,
        };
        other.submit(&world.caller("dispatcher"), &Asked::once("SubmitPetition"), submit).await.unwrap();
    }

    /// A policy that was added in one process counts in another, which has not heard of it.
    async fn a_policy_added_elsewhere_counts(world: World) {
        let other = world.another_process().await;
        let face = Face::open(&other, Options::default()).await;
        let channel = face.connect().await;
        let supervisor = world.who("supervisor");
        let before = submits(&channel, &world, feedback_of("a")).await.unwrap().code;
        assert_eq!(due(&explained(&supervisor, &before).await, pb::Clock::Answer), "2026-03-05");
        let administrator = world.who("admin");
        let mut quick = terms(&administrator, "portal").await;
        quick.scope = Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() });
        quick.answer = Some(pb::Span { amount: 3, unit: pb::TimeUnit::WorkingDay.into() });
        put(&administrator, quick).await.unwrap();
        assert!(other.reference().version < world.app.reference().version, "it has not heard of it");
        let after = submits(&channel, &world, feedback_of("b")).await.unwrap().code;
        assert_eq!(due(&explained(&supervisor, &after).await, pb::Clock::Answer), "2026-02-25");
        assert_eq!(due(&explained(&supervisor, &before).await, pb::Clock::Answer), "2026-03-05");
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }
}

/// The server goes down and comes back: every call is told to come back meanwhile, and nothing is half there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_on_postgres() {
    let world = World::on_postgres().await;
    let code = world.citizen().submits(feedback()).await.code;
    let name = Statement::from_string(DbBackend::Postgres, "select current_database()::text");
    let name = world.database().await.query_one_raw(name).await.unwrap().unwrap();
    let name: String = name.try_get_by_index(0).unwrap();
    let server = Database::connect(std::env::var("PAKN_TEST_POSTGRES").unwrap()).await.unwrap();
    let let_in = async |in_or_not: bool| {
        server.execute_unprepared(&format!("alter database {name} with allow_connections {in_or_not}")).await.unwrap();
    };
    let_in(false).await;
    let ends = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
    server.execute_unprepared(&ends).await.unwrap();
    let named = || pb::SubmitPetitionRequest { request_id: ONE.to_owned(), ..feedback_of("b") };
    for _ in 0..2 {
        let read = world.dispatcher().reads(&code).await.unwrap_err();
        let written = world.citizen().tries_to_submit(named()).await.unwrap_err();
        let decided = world.dispatcher().tries(Deed::Accept, &code).await.unwrap_err();
        for refused in [read, written, decided] {
            assert_eq!((refused.code(), come_back(&refused)), (Code::Unavailable, true), "{refused:?}");
            assert!(!refused.message().contains(&name), "{refused:?}");
        }
    }
    looks(&world.channel()).await.expect("what needs no database goes on");
    let_in(true).await;
    let first = world.citizen().submits(named()).await;
    assert_eq!(world.citizen().submits(named()).await, first);
    world.dispatcher().does(Deed::Accept, &code).await;
    assert_eq!(petitions(&world).await, 2);
    assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
}

/// Another program holds the file for longer than anyone waits; whoever only reads is not disturbed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_on_sqlite() {
    let world = World::on_sqlite().await;
    let code = world.citizen().submits(feedback()).await.code;
    let slow = hold(&world).await;
    let refused = world.dispatcher().tries(Deed::Accept, &code).await.unwrap_err();
    assert_eq!((refused.code(), come_back(&refused)), (Code::Unavailable, true), "{refused:?}");
    assert_eq!(world.dispatcher().reads(&code).await.unwrap().summary.unwrap().version, 1);
    slow.rollback().await.unwrap();
    let accepted = world.dispatcher().does(Deed::Accept, &code).await;
    assert_eq!(accepted.register_number, "1/2026/BTTTT-VP", "what failed used no number up");
}
