//! The same submission again: the same code and key for its sender, nothing for anybody else.

use futures::future::join_all;
use pakn::pb;
use tonic::Code;

use super::{
    server::{ALL, SECOND, Server},
    stage::submission,
};

const SUBMIT: &str = "IntakeService/SubmitPetition";

pub async fn the_same_submission_twice(server: &Server) {
    let request = submission();
    let submit = |login, request: pb::SubmitPetitionRequest| async move {
        server.ask::<pb::SubmitPetitionResponse>(login, SUBMIT, &request).await
    };
    // All at once: one petition.
    let answers = join_all((0..20).map(|_| submit(ALL, request.clone()))).await;
    let first = answers[0].clone().unwrap();
    assert_eq!(first.access_key.len(), 16);
    for answer in answers {
        assert_eq!(answer.unwrap(), first);
    }
    assert_eq!(submit(ALL, request.clone()).await.unwrap(), first);
    assert_eq!(count(server).await, 1);

    // From another account it is a submission of its own, and says nothing of the first.
    let other = submit(SECOND, request.clone()).await.unwrap();
    assert!(other.code != first.code && other.access_key != first.access_key);
    assert_eq!(count(server).await, 2);

    // Other content under the same id is refused, and the refusal does not say what the first was.
    let changed = pb::SubmitPetitionRequest { title: "Một việc khác".to_owned(), ..request.clone() };
    let status = submit(ALL, changed).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert!(!status.message().contains(&first.code));
    assert_eq!(count(server).await, 2);

    // A key opens its own petition alone.
    for (code, key, found) in [
        (&first.code, &first.access_key, true),
        (&other.code, &first.access_key, false),
        (&first.code, &other.access_key, false),
    ] {
        let proof = Some(pb::Proof { access_key: key.clone(), portal_subject: String::new() });
        let track = pb::TrackPetitionRequest { code: code.clone(), proof };
        let seen = server.ask::<pb::TrackPetitionResponse>("portal", "IntakeService/TrackPetition", &track).await;
        assert_eq!(seen.map_or_else(|status| status.code() != Code::NotFound, |_| true), found);
    }
    // Nor does another portal's user of the same name see it.
    let track = pb::TrackPetitionRequest { code: first.code.clone(), proof: super::stage::proof() };
    let status =
        server.ask::<pb::TrackPetitionResponse>("portal", "IntakeService/TrackPetition", &track).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let own = pb::ListOwnPetitionsRequest { portal_subject: "user-1".to_owned(), page: None };
    let own =
        server.ask::<pb::ListOwnPetitionsResponse>("portal", "IntakeService/ListOwnPetitions", &own).await.unwrap();
    assert!(own.petitions.is_empty());
}

async fn count(server: &Server) -> i64 {
    let filter = Some(pb::PetitionFilter { all_states: true, ..Default::default() });
    let request = pb::CountPetitionsRequest { filter };
    let answer: pb::CountPetitionsResponse = server.ask(ALL, "CaseworkService/CountPetitions", &request).await.unwrap();
    answer.total
}
