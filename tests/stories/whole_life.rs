//! One petition from its submission over an answer and a second one to its end.

use pakn::pb::{self, PetitionState as S, PublicationState as P, Verdict as V};

use crate::{
    call, on_both,
    world::{Deed, World, at, feedback},
};

const QUESTION: &str = "Xin Bà cho biết mã thuê bao và nhà cung cấp dịch vụ?";
const ANSWER: &str = "Kính gửi Bà Lan,\n\n  1. Cục đã kiểm tra tuyến cáp.\n  2. Nhà mạng mở rộng băng thông trước 31/3.\n\n\"Trân trọng\" & <cảm ơn>.";

fn target(code: &str) -> Option<pb::Target> {
    Some(pb::Target { code: code.to_owned(), ..pb::Target::default() })
}

fn due(day: &str, midnight: &str) -> Option<pb::Due> {
    Some(pb::Due { date: day.to_owned(), at: Some(at(midnight)), provisional: false })
}

async fn first_answer(world: &World) -> String {
    let (citizen, dispatcher) = (world.citizen(), world.dispatcher());
    let submitted = citizen.submits(feedback()).await;
    let code = submitted.code;
    assert_eq!(submitted.received_at, Some(at("2026-02-13 09:15")));
    // Two, five working days and twenty days, over Tết.
    assert_eq!(submitted.intake_due, due("2026-02-24", "2026-02-25 00:00"));
    assert_eq!(submitted.answer_due, due("2026-03-05", "2026-03-06 00:00"));
    let petition = dispatcher.reads(&code).await.unwrap();
    assert_eq!(petition.forward_due, due("2026-02-27", "2026-02-28 00:00"));
    assert_eq!(petition.focal_unit, "BTTTT-VP");

    world.when("2026-02-13 14:00");
    let ask = pb::RequestInformationRequest { target: target(&code), question: QUESTION.to_owned(), reply_days: 0 };
    let asked = call!(dispatcher, casework.request_information, ask).unwrap().outcome.unwrap();
    assert_eq!(asked.state(), S::NeedsInformation);
    assert_eq!(asked.answer_due, due("2026-03-05", "2026-03-06 00:00"), "a question stops no clock");
    let details = citizen.tracks(&code).await.unwrap().details.unwrap();
    assert_eq!(details.questions[0].text, QUESTION);
    assert_eq!(details.questions[0].reply_by, due("2026-02-27", "2026-02-28 00:00"));

    world.when("2026-02-23 10:00");
    assert_eq!(citizen.does(Deed::ProvideInformation, &code).await.state(), S::Submitted);

    world.when("2026-02-24 08:00");
    let accept = pb::AcceptPetitionRequest {
        target: target(&code),
        subject_class: pb::SubjectClass::Other.into(),
        field: "TELECOM-INTERNET".to_owned(),
        assignment: Some(pb::Assignment { unit: "CUC-TS".to_owned(), ..pb::Assignment::default() }),
        ..pb::AcceptPetitionRequest::default()
    };
    let accepted = call!(dispatcher, casework.accept_petition, accept).unwrap().outcome.unwrap();
    assert_eq!(accepted.state(), S::Assigned);
    assert_eq!(accepted.register_number, "1/2026/BTTTT-VP");

    world.when("2026-02-25 09:00");
    assert_eq!(world.who("cuc-ts-handler").does(Deed::Return, &code).await.state(), S::Accepted);
    let returned = dispatcher.reads(&code).await.unwrap();
    assert_eq!((returned.returns, returned.summary.unwrap().holder.as_str()), (1, "BTTTT-VP"));
    assert_eq!(dispatcher.does(Deed::Assign("CUC-VT"), &code).await.state(), S::Assigned);

    let (handler, head) = (world.who("cuc-vt-handler"), world.who("cuc-vt-approver"));
    assert_eq!(handler.does(Deed::SaveDraft, &code).await.state(), S::InProgress);
    assert_eq!(handler.does(Deed::SubmitDraft, &code).await.state(), S::AwaitingApproval);
    assert_eq!(head.does(Deed::SendBack, &code).await.state(), S::InProgress);
    let draft = pb::SaveDraftRequest { target: target(&code), text: ANSWER.to_owned(), based_on_revision: Some(1) };
    assert_eq!(call!(handler, casework.save_draft, draft).unwrap().revision, 2);
    handler.does(Deed::SubmitDraft, &code).await;
    let before = citizen.tracks(&code).await.unwrap().details.unwrap();
    assert_eq!(before.answer, "", "nobody outside sees an answer that is not approved");

    world.when("2026-03-05 10:00");
    let approve = pb::ApproveAnswerRequest { target: target(&code), capacity: pb::Capacity::Deputy.into() };
    let approved = call!(head, casework.approve_answer, approve).unwrap();
    assert_eq!((approved.outcome.unwrap().state(), V::try_from(approved.verdict)), (S::Answered, Ok(V::OnTime)));
    code
}

fn the_letters_are_right(world: &World, code: &str) {
    let letters = world.letters();
    let to_lan: Vec<_> = letters.iter().filter(|letter| letter.to == "lan@example.vn").collect();
    assert_eq!(to_lan.len(), 4, "receipt, question, accepted, answer");
    let [receipt, question, accepted, answer] = to_lan[..] else { unreachable!() };
    for written in [feedback().title, feedback().content, "Nguyễn Thị Lan".to_owned()] {
        assert!(
            !receipt.text.contains(&written) && !receipt.subject.contains(&written),
            "the receipt quotes {written}"
        );
        assert!(!receipt.html.contains(&written), "the receipt quotes {written}");
    }
    for letter in &to_lan {
        assert!(letter.text.contains(code) && letter.subject.contains(code), "{letter:?}");
    }
    assert!(receipt.text.contains("13/02/2026 09:15") && receipt.text.contains("05/03/2026"), "{}", receipt.text);
    assert!(question.text.contains(QUESTION) && question.text.contains("27/02/2026"), "{}", question.text);
    assert!(accepted.text.contains("1/2026/BTTTT-VP"), "{}", accepted.text);
    assert!(answer.text.contains(ANSWER), "the answer is altered: {}", answer.text);
    assert!(answer.text.contains("Cục Viễn thông"), "{}", answer.text);
    // One thread, each letter following the one before.
    assert_eq!(receipt.in_reply_to, "");
    assert!(to_lan.windows(2).all(|pair| pair[1].in_reply_to == pair[0].id), "{to_lan:?}");
    let to_units: Vec<&str> =
        letters.iter().map(|letter| letter.to.as_str()).filter(|to| *to != "lan@example.vn").collect();
    assert_eq!(to_units, ["cuctanso@mic.example", "cucvienthong@mic.example"]);
}

async fn made_public(world: &World, code: &str) {
    let dispatcher = world.dispatcher();
    assert_eq!(dispatcher.reads(code).await.unwrap().summary.unwrap().publication(), P::Proposed);
    dispatcher.does(Deed::SaveRedaction, code).await;
    let publish = pb::PublishPetitionRequest { target: target(code), revision: 1 };
    let id = call!(dispatcher, publication.publish_petition, publish).unwrap().publication_id;
    // Without a token, and nothing but the public copy.
    let get = pb::GetPublicationRequest { id: id.clone() };
    let copy = dispatcher.public().get_publication(get).await.unwrap().into_inner();
    let summary = copy.summary.clone().unwrap();
    assert_eq!((summary.title.as_str(), summary.unit.as_str()), ("Mạng chậm", "Cục Viễn thông"));
    assert_eq!((copy.question.as_str(), copy.answered_on.as_str()), ("Mạng cáp quang chậm buổi tối.", "2026-03-05"));
    let shown = format!("{copy:?}");
    for hidden in ["Lan", "lan@example.vn", "Nguyễn Huệ", code] {
        assert!(!shown.contains(hidden), "the public copy shows {hidden}");
    }
    let search =
        pb::SearchPublicationsRequest { text: "mang cham".to_owned(), ..pb::SearchPublicationsRequest::default() };
    let found = dispatcher.public().search_publications(search).await.unwrap().into_inner();
    assert_eq!(found.publications.len(), 1);
    assert_eq!(found.publications[0].id, id);
}

async fn second_answer(world: &World, code: &str) {
    let citizen = world.citizen();
    world.when("2026-03-10 16:00");
    let reopened = citizen.does(Deed::Reopen, code).await;
    assert_eq!((reopened.state(), reopened.answer_due), (S::Accepted, due("2026-03-30", "2026-03-31 00:00")));
    let petition = world.dispatcher().reads(code).await.unwrap();
    assert_eq!((petition.round, petition.forward_due), (2, due("2026-03-17", "2026-03-18 00:00")));
    world.dispatcher().does(Deed::Assign("CUC-VT"), code).await;
    let (handler, head) = (world.who("cuc-vt-handler"), world.who("cuc-vt-approver"));
    handler.does(Deed::Start, code).await;
    handler.does(Deed::SaveDraft, code).await;
    handler.does(Deed::SubmitDraft, code).await;
    world.when("2026-03-20 11:00");
    let approve = pb::ApproveAnswerRequest { target: target(code), capacity: 0 };
    let approved = call!(head, casework.approve_answer, approve).unwrap();
    assert_eq!(approved.verdict(), V::Early);
    world.run_workers().await;
    // Fifteen days from delivery end on a Saturday and roll to Monday 6 April.
    world.when("2026-04-06 23:59:59.999999");
    world.run_workers().await;
    assert_eq!(citizen.tracks(code).await.unwrap().state(), S::Answered);
    world.when("2026-04-07 00:00");
    world.run_workers().await;
    assert_eq!(citizen.tracks(code).await.unwrap().state(), S::Closed);
    let answers = world.letters().iter().filter(|letter| letter.to == "lan@example.vn").count();
    assert_eq!(answers, 4 + 2, "reopened, second answer");
}

on_both! {
    async fn from_submission_to_the_end(world: World) {
        let code = first_answer(&world).await;
        world.run_workers().await;
        the_letters_are_right(&world, &code);
        made_public(&world, &code).await;
        let rated = world.citizen().does(Deed::Rate, &code).await;
        assert_eq!(rated.state(), S::Answered);
        assert_eq!(world.citizen().tracks(&code).await.unwrap().details.unwrap().answer, ANSWER);
        second_answer(&world, &code).await;
        let whole = world.app.verify_offline(Some(&code)).await.unwrap();
        assert_eq!(whole.broken, None);
        assert!(whole.events > 20, "{whole:?}");
    }
}
