//! Messages with many faults, and exactly the fields that must be named for them.

use pakn::pb;
use prost::Message;
use prost_types::Timestamp;
use tonic::Code;
use unicode_normalization::UnicodeNormalization as _;

use super::{
    everything::named,
    server::{ALL, NOW, Server},
    stage::{submission, target},
};

async fn names(server: &Server, path: &str, message: &impl Message, expected: &[&str]) {
    let status = server.send(ALL, path, message.encode_to_vec()).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{path}: {status:?}");
    let mut fields = named(&status);
    let mut expected = expected.to_vec();
    fields.sort();
    expected.sort_unstable();
    assert_eq!(fields, expected, "{path}");
}

pub async fn every_fault_is_named_at_once(server: &Server) {
    submissions(server).await;
    casework(server).await;
    by_the_petition(server).await;
    directory(server).await;
    questions(server).await;
}

/// What is a fault by the petition alone is named with the faults of the message, to whoever may know of the petition.
async fn by_the_petition(server: &Server) {
    let code = server.petition(pb::PetitionState::InProgress).await;
    let day = |days| pb::ExtendDeadlineRequest { target: target(&code), days, reason: String::new() };
    names(server, "CaseworkService/ExtendDeadline", &day(300), &["days", "reason"]).await;
    names(server, "CaseworkService/ExtendDeadline", &day(5), &["reason"]).await;
    let finding = pb::Finding::Founded.into();
    let draft = pb::SubmitDraftRequest { target: target(&code), outcome_kind: 99, finding };
    names(server, "CaseworkService/SubmitDraft", &draft, &["outcome_kind", "finding"]).await;
    let bare = pb::SubmitPetitionRequest { subject_class: 0, field: String::new(), ..submission() };
    let bare = server.done(ALL, "IntakeService/SubmitPetition", &bare).await;
    let bare = pb::SubmitPetitionResponse::decode(bare.as_slice()).unwrap().code;
    let accept = pb::AcceptPetitionRequest { target: target(&bare), kind: 99, ..Default::default() };
    names(server, "CaseworkService/AcceptPetition", &accept, &["kind", "subject_class", "field"]).await;
    // Not to somebody who may not accept it.
    server.admit_over("of-bc", "CUC-BC", &[pakn::domain::words::Role::Dispatcher], "CUC-BC").await;
    let told = server.send("of-bc", "CaseworkService/AcceptPetition", accept.encode_to_vec()).await.unwrap_err();
    assert_eq!(named(&told), ["kind"]);
}

async fn submissions(server: &Server) {
    const SUBMIT: &str = "IntakeService/SubmitPetition";
    let valid = submission();
    let petitioner = valid.petitioner.clone().unwrap();
    let eight = pb::SubmitPetitionRequest {
        request_id: "seven".to_owned(),
        kind: 99,
        title: "ba\0".to_owned(),
        content: "ngắn".to_owned(),
        place: "Hà Nội".to_owned(),
        petitioner: Some(pb::Petitioner { name: "A".to_owned(), email: "an@".to_owned(), ..petitioner.clone() }),
        consents: vec![pb::Consent { purpose: "share".to_owned(), text: "x".to_owned() }],
        ..valid.clone()
    };
    let eight_fields = [
        "request_id",
        "kind",
        "title",
        "content",
        "place",
        "petitioner.name",
        "petitioner.email",
        "consents[0].purpose",
    ];
    names(server, SUBMIT, &eight, &eight_fields).await;
    names(
        server,
        SUBMIT,
        &pb::SubmitPetitionRequest::default(),
        &["kind", "channel", "title", "content", "petitioner"],
    )
    .await;
    // What only the caller's place and the clock tell is told along with the rest.
    let placed = pb::SubmitPetitionRequest {
        title: String::new(),
        received_at: Some(Timestamp { seconds: NOW + 1, nanos: 0 }),
        focal_unit: "CUC-VT".to_owned(),
        ..valid.clone()
    };
    names(server, SUBMIT, &placed, &["title", "received_at", "focal_unit"]).await;
    let unreachable =
        pb::Petitioner { email: String::new(), phone: String::new(), address: String::new(), ..petitioner.clone() };
    let unreachable =
        pb::SubmitPetitionRequest { petitioner: Some(unreachable), proposal: String::new(), ..valid.clone() };
    names(server, SUBMIT, &unreachable, &["petitioner", "medium", "proposal"]).await;
    for (seconds, nanos) in [(i64::MIN, 0), (i64::MAX, 0), (NOW, -1), (NOW, 1_000_000_000), (253_402_300_800, 0)] {
        let dated = pb::SubmitPetitionRequest { received_at: Some(Timestamp { seconds, nanos }), ..valid.clone() };
        names(server, SUBMIT, &dated, &["received_at"]).await;
    }
    for email in [
        "an",
        "an@",
        "@dan.example",
        "an@dan",
        "a b@dan.example",
        "an@dan.example,b@dan.example",
        "An <an@dan.example>",
        "an@[127.0.0.1]",
    ] {
        let petitioner = Some(pb::Petitioner { email: email.to_owned(), ..petitioner.clone() });
        names(server, SUBMIT, &pb::SubmitPetitionRequest { petitioner, ..valid.clone() }, &["petitioner.email"]).await;
    }
    // A name or title that would begin a header of its own.
    for line in ["An\r\nBcc: moi@nguoi.example", "An\nSubject: x", "An\rX", "An\u{2028}X", "An\u{85}X"] {
        let petitioner = Some(pb::Petitioner { name: line.to_owned(), ..petitioner.clone() });
        let request = pb::SubmitPetitionRequest { petitioner, title: format!("Tiêu đề {line}"), ..valid.clone() };
        names(server, SUBMIT, &request, &["title", "petitioner.name"]).await;
    }
    let many = pb::SubmitPetitionRequest { consents: vec![pb::Consent::default(); 11], ..valid.clone() };
    names(server, SUBMIT, &many, &["consents"]).await;
    let invisible = pb::SubmitPetitionRequest { title: "\u{200b}".repeat(10), ..valid };
    names(server, SUBMIT, &invisible, &["title"]).await;
}

async fn casework(server: &Server) {
    let code = server.petition(pb::PetitionState::Submitted).await;
    let accept = pb::AcceptPetitionRequest {
        target: Some(pb::Target { code: "PAKN".to_owned(), version: -1, request_id: "x".to_owned() }),
        kind: -1,
        subject_class: 9,
        field: "NO".to_owned(),
        priority: 7,
        concerned_unit: "NO".to_owned(),
        assignment: Some(pb::Assignment {
            unit: String::new(),
            co_handling_units: vec![String::new()],
            handler: "no".to_owned(),
        }),
        ..Default::default()
    };
    let fields = [
        "target.code",
        "target.version",
        "target.request_id",
        "kind",
        "subject_class",
        "field",
        "priority",
        "concerned_unit",
        "assignment.unit",
        "assignment.co_handling_units[0]",
        "assignment.handler",
    ];
    names(server, "CaseworkService/AcceptPetition", &accept, &fields).await;
    let accept = pb::AcceptPetitionRequest {
        target: target(&code),
        subject_class: pb::SubjectClass::Conduct.into(),
        priority: pb::Priority::Urgent.into(),
        concerned_unit: "CUC-VT".to_owned(),
        assignment: Some(pb::Assignment {
            unit: "CUC-VT-DV".to_owned(),
            co_handling_units: vec!["CUC-VT-DV".to_owned(), "CUC-TS".to_owned(), "CUC-TS".to_owned()],
            handler: "cuc-ts-handler".to_owned(),
        }),
        ..Default::default()
    };
    let fields = [
        "priority_reason",
        "assignment.unit",
        "assignment.co_handling_units[0]",
        "assignment.co_handling_units[2]",
        "assignment.handler",
    ];
    names(server, "CaseworkService/AcceptPetition", &accept, &fields).await;
    // What contradicts itself is told along with what cannot be read.
    let unknown = pb::AcceptPetitionRequest { field: "NO".to_owned(), ..accept.clone() };
    names(server, "CaseworkService/AcceptPetition", &unknown, &[&fields[..], &["field"]].concat()).await;
    let assign = pb::AssignPetitionRequest {
        target: Some(pb::Target { code: "PAKN".to_owned(), ..Default::default() }),
        assignment: accept.assignment,
        ..Default::default()
    };
    let assigned = [&["target.code"], &fields[2..]].concat();
    names(server, "CaseworkService/AssignPetition", &assign, &assigned).await;
    let reclassify = pb::ReclassifyPetitionRequest {
        target: target(&code),
        subject_class: pb::SubjectClass::Conduct.into(),
        priority: pb::Priority::Urgent.into(),
        ..Default::default()
    };
    let fields = ["priority_reason", "concerned_unit", "reason"];
    names(server, "CaseworkService/ReclassifyPetition", &reclassify, &fields).await;
    names(server, "CaseworkService/AcceptPetition", &pb::AcceptPetitionRequest::default(), &["target"]).await;
    let refuse = pb::RefusePetitionRequest {
        target: target(&code),
        reason: pb::RefusalReason::Complaint.into(),
        ..Default::default()
    };
    names(server, "CaseworkService/RefusePetition", &refuse, &["text", "redirect"]).await;
    let transfer = pb::TransferPetitionRequest { email: "x".to_owned(), ..Default::default() };
    names(server, "CaseworkService/TransferPetition", &transfer, &["target", "body", "address", "email"]).await;
    let extend = pb::ExtendDeadlineRequest { target: target(&code), days: 367, reason: String::new() };
    names(server, "CaseworkService/ExtendDeadline", &extend, &["days", "reason"]).await;
    let rate = pb::RatePetitionRequest { target: target(&code), stars: 6, ..Default::default() };
    names(server, "IntakeService/RatePetition", &rate, &["stars"]).await;
    // Without a clerk's role, it takes proof.
    let refused = server.send("portal", "IntakeService/RatePetition", rate.encode_to_vec()).await.unwrap_err();
    assert_eq!(
        (refused.code(), named(&refused)),
        (Code::InvalidArgument, vec!["proof".to_owned(), "stars".to_owned()])
    );
}

async fn directory(server: &Server) {
    let unit =
        pb::Unit { code: "mã".to_owned(), parent: "NO".to_owned(), mailbox: "x".to_owned(), ..Default::default() };
    let create = pb::CreateUnitRequest { unit: Some(unit), ..Default::default() };
    names(
        server,
        "DirectoryService/CreateUnit",
        &create,
        &["unit.code", "unit.parent", "unit.level", "unit.name", "unit.mailbox"],
    )
    .await;
    let empty = pb::CreateUnitRequest::default();
    names(
        server,
        "DirectoryService/CreateUnit",
        &empty,
        &["unit", "unit.code", "unit.parent", "unit.level", "unit.name"],
    )
    .await;
    let account = pb::Account {
        login: "Ông An".to_owned(),
        unit: "NO".to_owned(),
        name: "\u{7}".to_owned(),
        email: "x".to_owned(),
        ..Default::default()
    };
    let create = pb::CreateAccountRequest { account: Some(account), ..Default::default() };
    names(
        server,
        "DirectoryService/CreateAccount",
        &create,
        &["account.login", "account.unit", "account.name", "account.email"],
    )
    .await;
    let grant = pb::Grant { id: "x".to_owned(), account: "no".to_owned(), role: 99, ..pb::Grant::default() };
    let create = pb::CreateGrantRequest { grant: Some(grant), ..Default::default() };
    names(server, "DirectoryService/CreateGrant", &create, &["grant.id", "grant.account", "grant.role", "grant.unit"])
        .await;
    let create =
        pb::CreateTokenRequest { account: String::new(), label: "\0".to_owned(), days: 3_651, ..Default::default() };
    names(server, "DirectoryService/CreateToken", &create, &["account", "label", "days"]).await;
}

async fn questions(server: &Server) {
    let page = || Some(pb::PageRequest { size: -1, token: "x".to_owned() });
    for (from, to, fields) in [
        ("2026-02-30", "2026-13-01", &["from", "to"][..]),
        ("2026-06-01", "2026-06-01", &["to"]),
        ("1900-01-01", "2026-01-01", &["to"]),
        ("1899-12-31", "2201-01-01", &["from", "to"]),
        ("+2026-1-01", "2026-1-1", &["from", "to"]),
        ("26-01-01", "", &["from", "to"]),
    ] {
        let (from, to) = (from.to_owned(), to.to_owned());
        let report = pb::GetOnTimeReportRequest { from, to, ..Default::default() };
        names(server, "SupervisionService/GetOnTimeReport", &report, fields).await;
    }
    let cell = pb::ListPetitionsInReportRequest {
        from: "x".to_owned(),
        to: "y".to_owned(),
        unit: "NO".to_owned(),
        column: "no".to_owned(),
        as_of: Some(Timestamp { seconds: i64::MAX, nanos: 0 }),
        page: page(),
        ..Default::default()
    };
    let fields = ["from", "to", "unit", "column", "as_of", "page.size", "page.token"];
    names(server, "SupervisionService/ListPetitionsInReport", &cell, &fields).await;
    let filter = pb::PetitionFilter { states: vec![0, 99], unit: "NO".to_owned(), ..Default::default() };
    let list = pb::ListPetitionsRequest { filter: Some(filter), order: 99, page: page() };
    let fields = ["filter.states[0]", "filter.states[1]", "filter.unit", "order", "page.size", "page.token"];
    names(server, "CaseworkService/ListPetitions", &list, &fields).await;
    let search = pb::SearchPublicationsRequest { text: "\0".to_owned(), field: "NO".to_owned(), page: page() };
    names(server, "PublicService/SearchPublications", &search, &["text", "field", "page.size", "page.token"]).await;
    // Few letters that fold into many words.
    let text = "\u{fdfa}".repeat(200);
    let wide = pb::SearchPublicationsRequest { text: text.clone(), ..Default::default() };
    names(server, "PublicService/SearchPublications", &wide, &["text"]).await;
    let filter = Some(pb::PetitionFilter { text, ..Default::default() });
    names(server, "CaseworkService/CountPetitions", &pb::CountPetitionsRequest { filter }, &["filter.text"]).await;
    let own = pb::ListOwnPetitionsRequest { portal_subject: String::new(), page: page() };
    names(server, "IntakeService/ListOwnPetitions", &own, &["portal_subject", "page.size", "page.token"]).await;
}

/// However it was typed, NFC is stored and found.
pub async fn what_is_stored_is_composed(server: &Server) {
    let typed = submission();
    let apart = |text: &str| text.nfd().collect::<String>();
    let request = pb::SubmitPetitionRequest {
        title: apart(&typed.title),
        content: apart(&typed.content),
        proposal: apart(&typed.proposal),
        ..typed.clone()
    };
    assert_ne!(request.title, typed.title);
    let submitted: pb::SubmitPetitionResponse =
        server.ask(ALL, "IntakeService/SubmitPetition", &request).await.unwrap();
    let get = pb::GetPetitionRequest { code: submitted.code };
    let petition: pb::GetPetitionResponse = server.ask(ALL, "CaseworkService/GetPetition", &get).await.unwrap();
    let petition = petition.petition.unwrap();
    assert_eq!((petition.content, petition.proposal), (typed.content, typed.proposal));
    assert_eq!(petition.summary.unwrap().title, typed.title);
    for text in ["mất sóng".to_owned(), apart("MẤT SÓNG"), "mat song".to_owned()] {
        let filter = Some(pb::PetitionFilter { text, ..Default::default() });
        let count = pb::CountPetitionsRequest { filter };
        let found: pb::CountPetitionsResponse =
            server.ask(ALL, "CaseworkService/CountPetitions", &count).await.unwrap();
        assert_eq!(found.total, 1);
    }
}
