//! Lists page by page: whatever is listed, two at a time is the same as all at once.

use pakn::pb::{self, PetitionState as S};
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor, Value};

use super::{
    everything::rpcs,
    server::{ALL, Server},
};

/// What every list is asked; something of each is there three times at least.
async fn questions(server: &Server) -> Vec<(&'static str, Vec<u8>)> {
    let code = server.petition(S::Answered).await;
    for _ in 0..3 {
        server.redacted(true).await;
        server.token().await;
        server.delegated().await;
        server.copy().await;
        let reason = "Gọi lại cho người gửi.".to_owned();
        let reveal = pb::RevealPetitionerRequest { code: code.clone(), reason, ..Default::default() };
        let _: pb::RevealPetitionerResponse =
            server.ask(ALL, "CaseworkService/RevealPetitioner", &reveal).await.unwrap();
    }
    let every = pb::PetitionFilter { all_states: true, ..Default::default() };
    let cell = pb::ListPetitionsInReportRequest {
        from: "2026-01-01".to_owned(),
        to: "2027-01-01".to_owned(),
        column: "received".to_owned(),
        ..Default::default()
    };
    let own = pb::ListOwnPetitionsRequest { portal_subject: "user-1".to_owned(), page: None };
    let petitions = pb::ListPetitionsRequest { filter: Some(every), ..Default::default() };
    let tokens = pb::ListTokensRequest { account: "clerk".to_owned(), page: None };
    let version = server.moving_calendar().await;
    let directory = pb::ListAuditEventsRequest { directory: true, ..Default::default() };
    vec![
        ("IntakeService/ListOwnPetitions", own.encode_to_vec()),
        ("CaseworkService/ListPetitions", petitions.encode_to_vec()),
        ("CaseworkService/ListPetitionEvents", pb::ListPetitionEventsRequest { code, page: None }.encode_to_vec()),
        ("CaseworkService/ListRedactedCopies", Vec::new()),
        ("PublicService/SearchPublications", Vec::new()),
        ("PublicService/ListFields", Vec::new()),
        ("SupervisionService/ListPetitionsInReport", cell.encode_to_vec()),
        ("SupervisionService/ListAuditEvents", Vec::new()),
        ("SupervisionService/ListAuditEvents", directory.encode_to_vec()),
        ("SupervisionService/ListReveals", Vec::new()),
        ("DirectoryService/ListUnits", Vec::new()),
        ("DirectoryService/ListAccounts", Vec::new()),
        ("DirectoryService/ListGrants", Vec::new()),
        ("DirectoryService/ListDelegations", Vec::new()),
        ("DirectoryService/ListTokens", tokens.encode_to_vec()),
        ("DeadlineService/PreviewCalendar", pb::PreviewCalendarRequest { version, page: None }.encode_to_vec()),
        ("DirectoryService/ListRoutingRules", Vec::new()),
        ("DeliveryService/ListLetters", Vec::new()),
    ]
}

/// The elements of a list, so many a page.
async fn all(server: &Server, path: &str, rpc: &MethodDescriptor, question: &[u8], size: i32) -> Vec<Value> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let mut request = DynamicMessage::decode(rpc.input(), question).unwrap();
        let page = pb::PageRequest { size, token };
        let kind = rpc.input().get_field_by_name("page").unwrap();
        let page = DynamicMessage::decode(kind.kind().as_message().unwrap().clone(), page.encode_to_vec().as_slice());
        request.set_field(&kind, Value::Message(page.unwrap()));
        let answer = server.send(ALL, path, request.encode_to_vec()).await.unwrap();
        let answer = DynamicMessage::decode(rpc.output(), answer.as_slice()).unwrap();
        let elements = rpc.output().fields().find(|field| field.is_list()).unwrap();
        let page = answer.get_field(&elements).as_list().unwrap().to_vec();
        assert!(page.len() <= usize::try_from(size).unwrap(), "{path}: {} on a page of {size}", page.len());
        found.extend(page);
        assert!(found.len() < 1_000, "{path}: the pages never end");
        let info = answer.get_field_by_name("page").unwrap();
        token = info.as_message().unwrap().get_field_by_name("next_token").unwrap().as_str().unwrap().to_owned();
        if token.is_empty() {
            return found;
        }
    }
}

pub async fn every_list_turns_its_pages(server: &Server) {
    let questions = questions(server).await;
    for (path, rpc) in rpcs().into_iter().filter(|(_, rpc)| rpc.input().get_field_by_name("page").is_some()) {
        let asked: Vec<_> = questions.iter().filter(|(asked, _)| *asked == path).collect();
        assert!(!asked.is_empty(), "{path} is not asked");
        for (_, question) in asked {
            let whole = all(server, &path, &rpc, question, 200).await;
            assert!((3..400).contains(&whole.len()), "{path}: {} are no pages", whole.len());
            for size in [1, 2] {
                assert_eq!(all(server, &path, &rpc, question, size).await, whole, "{path}, {size} a page");
            }
        }
    }
}
