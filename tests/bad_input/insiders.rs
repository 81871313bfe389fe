//! What those who stand inside may not turn to their advantage.

use pakn::{domain::words::Role, pb};
use tonic::Code;

use super::{
    server::{ALL, NOW, Server},
    stage::{submission, target},
};

/// A complaint counts in the figures of those complained of, but nothing tells them which it is.
pub async fn a_complaint_is_concealed_from_those_complained_of(server: &Server) {
    server.admit("insider", "CUC-BC", &[Role::Supervisor, Role::Handler, Role::Dispatcher]).await;
    let submitted: pb::SubmitPetitionResponse =
        server.ask(ALL, "IntakeService/SubmitPetition", &submission()).await.unwrap();
    let code = submitted.code;
    let assignment = Some(pb::Assignment { unit: "BTTTT-TTRA".to_owned(), ..Default::default() });
    let accept = pb::AcceptPetitionRequest {
        target: target(&code),
        subject_class: pb::SubjectClass::Conduct.into(),
        concerned_unit: "CUC-BC".to_owned(),
        assignment,
        ..Default::default()
    };
    let _: pb::AcceptPetitionResponse = server.ask(ALL, "CaseworkService/AcceptPetition", &accept).await.unwrap();
    let cell = pb::ListPetitionsInReportRequest {
        from: "2026-01-01".to_owned(),
        to: "2027-01-01".to_owned(),
        column: "received".to_owned(),
        ..Default::default()
    };
    let list = pb::ListPetitionsRequest::default();
    let get = pb::GetPetitionRequest { code: code.clone() };
    let trail = pb::ListAuditEventsRequest::default();
    for (login, sees) in [(ALL, true), ("insider", false)] {
        let opened: pb::ListPetitionsInReportResponse =
            server.ask(login, "SupervisionService/ListPetitionsInReport", &cell).await.unwrap();
        assert_eq!((opened.total, opened.rounds.len(), opened.rounds[0].petition.is_some()), (1, 1, sees), "{login}");
        let listed: pb::ListPetitionsResponse =
            server.ask(login, "CaseworkService/ListPetitions", &list).await.unwrap();
        assert_eq!(listed.petitions.len(), usize::from(sees), "{login}");
        let got = server.ask::<pb::GetPetitionResponse>(login, "CaseworkService/GetPetition", &get).await;
        assert_eq!(got.err().map(|status| status.code()), (!sees).then_some(Code::NotFound), "{login}");
        let events: pb::ListAuditEventsResponse =
            server.ask(login, "SupervisionService/ListAuditEvents", &trail).await.unwrap();
        assert_eq!(events.events.is_empty(), !sees, "{login}");
    }
}

/// The clerk who typed a petition in was shown its key; a rating given with it is not the petitioner's.
pub async fn a_clerk_with_the_key_is_no_petitioner(server: &Server) {
    server.admit("typist", "BTTTT-VP", &[Role::Clerk]).await;
    for (login, counted) in [("typist", false), ("portal", true)] {
        let code = server.petition(pb::PetitionState::Answered).await;
        let proof = server.key(&code);
        let rate = pb::RatePetitionRequest { target: target(&code), proof, stars: 5, comment: String::new() };
        let _: pb::RatePetitionResponse = server.ask(login, "IntakeService/RatePetition", &rate).await.unwrap();
        let events = pb::ListPetitionEventsRequest { code, page: None };
        let events: pb::ListPetitionEventsResponse =
            server.ask(ALL, "CaseworkService/ListPetitionEvents", &events).await.unwrap();
        let rated = events.events.into_iter().find(|event| event.kind == "RATED").unwrap();
        assert_eq!((rated.actor.as_str(), rated.through.as_str()), ("petitioner", login));
        assert!(rated.facts_json.contains(&format!("\"counted\":{counted}")), "{login}: {}", rated.facts_json);
        assert!(rated.happened_at.unwrap().seconds >= NOW);
    }
}

/// A clerk who typed in a complaint of the own unit was shown its key, and gets nowhere with it once it is taken up as one.
pub async fn a_clerk_complained_of_keeps_no_key(server: &Server) {
    server.admit("clerk-of-them", "CUC-BC", &[Role::Clerk]).await;
    let typed: pb::SubmitPetitionResponse =
        server.ask("clerk-of-them", "IntakeService/SubmitPetition", &submission()).await.unwrap();
    let code = typed.code;
    let proof = Some(pb::Proof { access_key: typed.access_key, portal_subject: String::new() });
    let track = pb::TrackPetitionRequest { code: code.clone(), proof: proof.clone() };
    let seen = server.ask::<pb::TrackPetitionResponse>("clerk-of-them", "IntakeService/TrackPetition", &track).await;
    assert!(seen.unwrap().details.is_some(), "nobody is complained of yet");
    let accept = pb::AcceptPetitionRequest {
        target: target(&code),
        subject_class: pb::SubjectClass::Both.into(),
        concerned_unit: "CUC-BC".to_owned(),
        ..Default::default()
    };
    let _: pb::AcceptPetitionResponse = server.ask(ALL, "CaseworkService/AcceptPetition", &accept).await.unwrap();
    let seen = server.ask::<pb::TrackPetitionResponse>("clerk-of-them", "IntakeService/TrackPetition", &track).await;
    assert_eq!(seen.unwrap_err().code(), Code::NotFound);
    let withdraw = pb::WithdrawPetitionRequest { target: target(&code), proof, reason: "Rút.".to_owned() };
    let done =
        server.ask::<pb::WithdrawPetitionResponse>("clerk-of-them", "IntakeService/WithdrawPetition", &withdraw).await;
    assert_eq!(done.unwrap_err().code(), Code::NotFound);
    let seen = server.ask::<pb::TrackPetitionResponse>("portal", "IntakeService/TrackPetition", &track).await.unwrap();
    assert_eq!(seen.state(), pb::PetitionState::Accepted);
}
