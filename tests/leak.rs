//! Who wrote, and what, is told to nobody but those whom the permission table lets know it: every RPC is asked by every
//! role, and answers, refusals, log lines and letters are searched for words that stand nowhere else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "the stage is also that of other tests")]

#[path = "bad_input/copies.rs"]
mod copies;
#[path = "bad_input/directory.rs"]
mod directory;
#[path = "bad_input/identity.rs"]
mod identity;
#[path = "bad_input/server.rs"]
mod server;
#[path = "bad_input/stage.rs"]
mod stage;
#[path = "bad_input/time.rs"]
mod time;

use std::{
    io,
    sync::{Mutex, Once, PoisonError},
};

use copies::COPY;
use mail_parser::MessageParser;
use pakn::{
    domain::words::Role,
    pb::{self, PetitionState as S},
    workers::{
        life,
        mail::{options::Options, sender::Sender, templates::Templates, transport::Transport, worker::Worker},
    },
};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, ReflectMessage as _};
use server::{ALL, Server};
use stage::{submission, target};
use tonic::Code;

/// All that the stage's submission tells of who wrote.
const WHO: [&str; 8] = [
    "Nguyễn Văn An",
    "an@dan.example",
    "0912 345 678",
    "0912345678",
    "Số 1, phố Huế",
    "Trần Thị Bình",
    "Tôi đồng ý.",
    "user-1",
];
/// What staff see of who wrote.
const MASKED: &str = "N. V. A.";
/// What is written in it, and nowhere else.
const WHAT: [&str; 3] = ["Khu vực thường xuyên mất sóng vào buổi tối.", "Đề nghị lắp thêm trạm.", "Hai ảnh"];

/// Staff who may know that a petition exists read what is written in it, and the masked name beside it.
const STAFF: [Role; 5] = [Role::Clerk, Role::Dispatcher, Role::Handler, Role::Approver, Role::Supervisor];
/// Those who must speak to the petitioner look, and are on record.
const LOOK: [Role; 4] = [Role::Clerk, Role::Dispatcher, Role::Handler, Role::Approver];

/// Words that an RPC may tell a role.
fn may_tell(rpc: &str, role: Option<Role>) -> Vec<&'static str> {
    let is = |roles: &[Role]| role.is_some_and(|role| roles.contains(&role));
    match rpc {
        "RevealPetitioner" if is(&LOOK) => WHO.to_vec(),
        "GetPetition" if is(&STAFF) => [&WHAT[..], &[MASKED]].concat(),
        "ListPetitionEvents" if is(&STAFF) => WHAT.to_vec(),
        _ => Vec::new(),
    }
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what this process logs, far more than a service is ever told to.
fn listen() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_ansi(false).with_writer(|| Log).init();
    });
}

fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

fn words() -> impl Iterator<Item = &'static str> {
    WHO.into_iter().chain(WHAT).chain([MASKED])
}

fn rpcs() -> Vec<(String, MethodDescriptor)> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let services: Vec<_> = pool.services().collect();
    let path = |method: &MethodDescriptor| format!("{}/{}", method.parent_service().name(), method.name());
    services.iter().flat_map(|service| service.methods().map(|method| (path(&method), method))).collect()
}

/// The request as it is, and as somebody sends it who has no proof.
fn with_and_without_proof(method: &MethodDescriptor, bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let mut message = DynamicMessage::decode(method.input(), bytes.as_slice()).unwrap();
    if message.descriptor().get_field_by_name("proof").is_none() {
        return vec![bytes];
    }
    message.clear_field_by_name("proof");
    vec![bytes, message.encode_to_vec()]
}

/// What a caller is told, answer or refusal.
async fn told(server: &Server, login: &str, path: &str, request: Vec<u8>) -> (String, bool) {
    match server.send(login, path, request).await {
        Ok(answer) => (String::from_utf8_lossy(&answer).into_owned(), true),
        Err(refused) => (format!("{} {}", refused.message(), String::from_utf8_lossy(refused.details())), false),
    }
}

async fn every_rpc_of_every_role(server: &Server) {
    let mut callers: Vec<(String, Option<Role>)> = vec![(String::new(), None)];
    for role in Role::ALL {
        let login = format!("only-{role}");
        server.admit(&login, "BTTTT", &[*role]).await;
        callers.push((login, Some(*role)));
    }
    let (mut leaks, mut let_know, mut asked) = (Vec::new(), 0, 0);
    for (path, method) in rpcs() {
        let mut requests = with_and_without_proof(&method, server.valid(&path).await);
        for (login, role) in &callers {
            for n in 0..requests.len() {
                let (told, through) = told(server, login, &path, requests[n].clone()).await;
                asked += 1;
                let may = may_tell(method.name(), *role);
                let known: Vec<&str> = words().filter(|word| told.contains(word)).collect();
                let_know += known.iter().filter(|word| may.contains(word)).count();
                leaks.extend(
                    known.iter().filter(|word| !may.contains(word)).map(|word| format!("{path} to {login:?}: {word}")),
                );
                if through {
                    requests = with_and_without_proof(&method, server.valid(&path).await);
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    // Four look, five read petitions and steps: the search finds what is there to be found.
    assert!(let_know >= 4 * 6 + 5 * 4 + 5 * 2 && asked > 600, "{let_know} of {asked}");
}

/// What is wrong with a submission is told by the field, never by what stands in it.
async fn faults_repeat_nothing(server: &Server) {
    let good = submission();
    let petitioner = good.petitioner.clone().unwrap();
    let [name, email, phone] = ["Nguyễn Văn An\u{202E}", "an@dan.example@", "0912 345 678 xin gọi"].map(str::to_owned);
    let petitioner = pb::Petitioner { name, email, phone, ..petitioner };
    let content = format!("{}\u{0}", WHAT[0]);
    let bad = pb::SubmitPetitionRequest { petitioner: Some(petitioner), content, ..good };
    let (told, through) = told(server, ALL, "IntakeService/SubmitPetition", bad.encode_to_vec()).await;
    assert!(!through && told.contains("petitioner.email"), "{told}");
    assert_eq!(words().filter(|word| told.contains(word)).collect::<Vec<_>>(), [] as [&str; 0]);
}

/// Letters to units, to other bodies and to persons name nobody; what is written goes to the body that is to act on it.
async fn letters_to_others(server: &Server) {
    let folder = tempfile::tempdir().unwrap();
    for state in [S::Submitted, S::Answered] {
        server.petition(state).await;
    }
    let transfer = server.valid("CaseworkService/TransferPetition").await;
    server.send(ALL, "CaseworkService/TransferPetition", transfer).await.unwrap();
    let copied = server.complaint("CUC-BC", ALL).await;
    server.share(&copied, ALL).await;
    let urgent = server.valid("CaseworkService/AcceptPetition").await;
    server.send(ALL, "CaseworkService/AcceptPetition", urgent).await.unwrap();
    // Long after, so that persons are told what is late.
    server.app.clock().set(server.app.clock().now() + chrono::TimeDelta::days(60));
    life::step(&server.app).await.unwrap();
    life::digest(&server.app, chrono::NaiveTime::MIN).await.unwrap();
    let transport = format!("kind = 'folder'\npath = '{}'", folder.path().display());
    let head = "from = 'Cổng <pakn@mic.example>'\nmessage_id_domain = 'mic.example'\n[transport]\n";
    let options: Options = toml::from_str(&format!("{head}{transport}")).unwrap();
    let (sender, transport) = (Sender::parse(&options).unwrap(), Transport::open(&options.transport).unwrap());
    let worker = Worker::new(server.app.clone(), Templates::new().unwrap(), sender, transport, 100_000);
    while worker.step().await.unwrap() > 0 {}
    let (mut own, mut others, mut copies) = (0, 0, 0);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let raw = std::fs::read(file.unwrap().path()).unwrap();
        let Some(letter) = MessageParser::default().parse(&raw) else { continue };
        let to = letter.to().unwrap().first().unwrap().address().unwrap().to_owned();
        if to == WHO[1] {
            own += 1;
            continue;
        }
        others += 1;
        let whole = [
            letter.subject().unwrap_or_default().to_owned(),
            letter.body_text(0).unwrap_or_default().into_owned(),
            letter.body_html(0).unwrap_or_default().into_owned(),
            String::from_utf8_lossy(&raw).into_owned(),
        ];
        let whole = whole.join("\n");
        let known: Vec<_> = WHO.into_iter().chain([MASKED]).filter(|word| whole.contains(word)).collect();
        assert_eq!(known, [] as [&str; 0], "to {to}: {whole}");
        if letter.subject().unwrap_or_default().contains("giải trình") {
            copies += 1;
            assert!(!whole.contains("PAKN.") && !whole.contains(COPY) && letter.references().is_empty(), "{whole}");
        }
        let known: Vec<_> = WHAT.into_iter().filter(|word| whole.contains(word)).collect();
        assert!(known.is_empty() || to == "so@tinh.example", "to {to}: {known:?}");
    }
    assert!(own > 3 && others > 3 && copies > 1, "{own} to the petitioner, {others} to others, {copies} of copies");
}

/// In no list, count or trail does the unit complained of find the petition, whatever roles it has.
async fn the_accused_learn_nothing(server: &Server) {
    server.admit("accused", "CUC-BC", Role::ALL).await;
    let code = server.petition(S::Submitted).await;
    let look =
        pb::RevealPetitionerRequest {
            code: code.clone(), reason: "Gọi hỏi thêm.".to_owned(), ..Default::default()
        };
    let _: pb::RevealPetitionerResponse = server.ask(ALL, "CaseworkService/RevealPetitioner", &look).await.unwrap();
    // Another of the same sender and of the same words, which they may see.
    let seen = server.petition(S::Submitted).await;
    while server.app.compare().await.unwrap() > 0 {}
    let accuse = pb::AcceptPetitionRequest {
        target: target(&code),
        subject_class: pb::SubjectClass::Conduct.into(),
        field: "TELECOM".to_owned(),
        concerned_unit: "CUC-BC".to_owned(),
        ..Default::default()
    };
    let _: pb::AcceptPetitionResponse = server.ask(ALL, "CaseworkService/AcceptPetition", &accuse).await.unwrap();
    let every = pb::PetitionFilter { all_states: true, ..Default::default() };
    let cell = pb::ListPetitionsInReportRequest {
        from: "2026-01-01".to_owned(),
        to: "2027-01-01".to_owned(),
        column: "received".to_owned(),
        as_of: Some(prost_types::Timestamp { seconds: server::NOW + 3_600, nanos: 0 }),
        ..Default::default()
    };
    let mut found = 0;
    for (path, method) in rpcs() {
        let rpc = method.name();
        // Letters are looked at with the letters of conduct cases; what is of one petition, with the permissions.
        if !(rpc.starts_with("List") || rpc.starts_with("Search") || rpc.starts_with("Count")) || rpc == "ListLetters" {
            continue;
        }
        let request = match rpc {
            "ListPetitions" => {
                pb::ListPetitionsRequest { filter: Some(every.clone()), ..Default::default() }.encode_to_vec()
            }
            "CountPetitions" => pb::CountPetitionsRequest { filter: Some(every.clone()) }.encode_to_vec(),
            "ListPetitionsInReport" => cell.encode_to_vec(),
            "ListSimilarPetitions" => pb::ListSimilarPetitionsRequest { code: seen.clone() }.encode_to_vec(),
            "ListPetitionEvents" => pb::ListPetitionEventsRequest { code: code.clone(), page: None }.encode_to_vec(),
            "ListOwnPetitions" => {
                pb::ListOwnPetitionsRequest { portal_subject: WHO[7].to_owned(), page: None }.encode_to_vec()
            }
            _ => Vec::new(),
        };
        let (told, through) = told(server, "accused", &path, request.clone()).await;
        assert!(!told.contains(&code), "{path}: {told}");
        assert_eq!(WHO.into_iter().find(|word| told.contains(word)), None, "{path}");
        if rpc != "ListPetitionEvents" && !matches!(rpc, "ListOwnPetitions" | "CountPetitions") {
            let (others, _) = self::told(server, ALL, &path, request).await;
            found += usize::from(others.contains(&code));
        }
        assert!(
            through || rpc == "ListPetitionEvents" || rpc.starts_with("ListT") || rpc.starts_with("ListG"),
            "{path}: {told}"
        );
    }
    assert!(found >= 5, "whoever may know of it finds it: {found}");
    let filter = Some(every);
    let listed: pb::ListPetitionsResponse = server
        .ask(
            "accused",
            "CaseworkService/ListPetitions",
            &pb::ListPetitionsRequest { filter: filter.clone(), ..Default::default() },
        )
        .await
        .unwrap();
    let counted: pb::CountPetitionsResponse =
        server.ask("accused", "CaseworkService/CountPetitions", &pb::CountPetitionsRequest { filter }).await.unwrap();
    assert_eq!(counted.total, i64::try_from(listed.petitions.len()).unwrap());
    // What they may see of the other names nobody either; and of the one there is nothing to look up.
    let hidden = pb::GetPetitionRequest { code: code.clone() };
    let refused = server.send("accused", "CaseworkService/GetPetition", hidden.encode_to_vec()).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let trail = pb::ListRevealsRequest { code, ..Default::default() };
    let refused = server.send("accused", "SupervisionService/ListReveals", trail.encode_to_vec()).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

/// Those complained of read the copy that was written for them, and nothing else: not who wrote, nor what, nor the code,
/// nor when it came. What they say reaches those who have the case.
async fn the_accused_read_a_copy(server: &Server) {
    server.admit("accused-2", "CUC-TTCS", Role::ALL).await;
    let code = server.complaint("CUC-TTCS", ALL).await;
    server.app.clock().set(server.app.clock().now() + chrono::TimeDelta::hours(20));
    let id = server.share(&code, ALL).await;
    let petition = server.app.petition(&server.app.caller_named(ALL).unwrap(), &code).await.unwrap().petition;
    let received = server.app.reference().zone.date(petition.received_at).to_string();
    let secrets = [code.clone(), petition.id.to_string(), received, petition.answer_due.date.to_string()];
    let says = "Đơn vị đã trả hồ sơ đúng hẹn, có sổ theo dõi.";
    let get = pb::GetRedactedCopyRequest { id: id.clone() }.encode_to_vec();
    let state = pb::SubmitStatementRequest { id: id.clone(), text: says.to_owned(), request_id: stage::fresh_id() };
    let list = Vec::new();
    for (rpc, request) in
        [("ListRedactedCopies", &list), ("GetRedactedCopy", &get), ("SubmitStatement", &state.encode_to_vec())]
    {
        let (told, through) = told(server, "accused-2", &format!("CaseworkService/{rpc}"), request.clone()).await;
        assert!(through && told.contains(&id) && told.contains(COPY), "{rpc}: {told}");
        let known: Vec<_> = words().filter(|word| told.contains(word)).collect();
        assert_eq!(known, [] as [&str; 0], "{rpc}");
        let known: Vec<_> = secrets.iter().filter(|secret| told.contains(*secret)).collect();
        assert!(known.is_empty(), "{rpc} tells {known:?}");
    }
    let refused = server
        .send("accused-2", "CaseworkService/GetPetition", pb::GetPetitionRequest { code: code.clone() }.encode_to_vec())
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    for path in ["CaseworkService/GetPetition", "CaseworkService/ListPetitionEvents"] {
        let request = pb::GetPetitionRequest { code: code.clone() }.encode_to_vec();
        let (told, _) = told(server, ALL, path, request).await;
        assert!(told.contains(says) && told.contains(COPY), "{path}: {told}");
    }
    // A page tells where it ends: a day, and an id that leads nowhere.
    let page = Some(pb::PageRequest { size: 1, token: String::new() });
    server.share(&code, ALL).await;
    let first: pb::ListRedactedCopiesResponse = server
        .ask("accused-2", "CaseworkService/ListRedactedCopies", &pb::ListRedactedCopiesRequest { page })
        .await
        .unwrap();
    let token = first.page.unwrap().next_token;
    let micros = u64::from_str_radix(&token[16..32], 16).unwrap();
    assert_eq!(micros % 86_400_000_000, 0, "{token}");
    // Once it has ended they are not told how.
    let withdraw =
        pb::WithdrawPetitionRequest { target: target(&code), proof: server.key(&code), reason: String::new() };
    let _: pb::WithdrawPetitionResponse =
        server.ask("portal", "IntakeService/WithdrawPetition", &withdraw).await.unwrap();
    let more = pb::SubmitStatementRequest { request_id: stage::fresh_id(), ..state };
    let (told, through) = told(server, "accused-2", "CaseworkService/SubmitStatement", more.encode_to_vec()).await;
    assert!(!through && told.contains("CASE_ENDED") && !told.contains("WITHDRAWN") && !told.contains(&code), "{told}");
}

async fn whole(server: Server) {
    listen();
    the_accused_learn_nothing(&server).await;
    every_rpc_of_every_role(&server).await;
    faults_repeat_nothing(&server).await;
    the_accused_read_a_copy(&server).await;
    letters_to_others(&server).await;
    let log = logged();
    assert!(log.lines().count() > 10, "{log}");
    for word in words() {
        let line = log.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "{word}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_learns_who_wrote_on_sqlite() {
    whole(server::start(false).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_learns_who_wrote_on_postgres() {
    whole(server::start(true).await).await;
}
