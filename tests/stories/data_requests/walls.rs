//! Who learns nothing of a request: whoever is complained of, and, once it is erased, everybody.

use pakn::{
    app::DirectoryStep,
    domain::{account::Grant, ids::GrantId, text::hex, words::Role},
    pb,
    store::Keys,
};
use tonic::Code;

use super::{about, accepts, answers, deletion, listed};
use crate::{
    call,
    directory::everything,
    on_both,
    world::{Deed, MASTER, Person, Refused as _, World, feedback, hours},
};

const SECOND: &str = "2:c4180f72e95ab36d4e0f81d2a6973c5be85f20c9147d6ab30fe29d58b4617a3c";
/// Words that stand nowhere else: of the petitioner, of the petition, and of the request.
const WHO: [&str; 3] = ["Yeucau Mật", "yeucauthu@bimat.example", "0987650124"];
const WHAT: [&str; 2] = ["tieudeyeucau", "noidungyeucau"];
const ASKED: &str = "loiyeucauxoa";

fn target(code: &str) -> Option<pb::Target> {
    Some(pb::Target { code: code.to_owned(), ..Default::default() })
}

fn marked() -> pb::SubmitPetitionRequest {
    let [name, email, phone] = WHO.map(str::to_owned);
    let [title, content] = WHAT.map(|mark| format!("việc {mark} này"));
    let petitioner = feedback().petitioner.map(|known| pb::Petitioner { name, email, phone, ..known });
    pb::SubmitPetitionRequest { title, content, petitioner, ..feedback() }
}

fn conduct(code: &str, unit: &str) -> pb::AcceptPetitionRequest {
    pb::AcceptPetitionRequest {
        target: target(code),
        subject_class: pb::SubjectClass::Conduct.into(),
        field: "TELECOM-SUBSCRIBER".to_owned(),
        concerned_unit: unit.to_owned(),
        ..Default::default()
    }
}

/// Somebody who stands in a unit and whose roles reach everywhere.
async fn spy<'w>(world: &'w World, login: &str, unit: &str) -> Person<'w> {
    world.add_account(login, unit, &[]).await;
    gets_everywhere(world, login).await;
    world.who(login)
}

async fn gets_everywhere(world: &World, login: &str) {
    let reference = world.app.reference();
    let (root, account) = (reference.units.root().unwrap().id, reference.logins[login]);
    let roles = [Role::Clerk, Role::Dispatcher, Role::Handler, Role::Approver, Role::Supervisor, Role::Operator];
    let grant = |role| Grant::for_good(GrantId(world.app.source().id(world.now())), account, role, root);
    let steps: Vec<DirectoryStep> = roles.map(|role| DirectoryStep::Grant(grant(role))).into();
    world.app.direct_as(None, &steps).await.unwrap();
}

/// Whether somebody finds a request, wherever they may look.
async fn finds(who: &Person<'_>, original: &str, code: &str) -> bool {
    let read = who.reads(code).await;
    let lists = [
        listed(who, about(original)).await,
        listed(who, pb::PetitionFilter { kind: pb::PetitionKind::DataRequest.into(), ..Default::default() }).await,
        listed(who, pb::PetitionFilter::default()).await,
    ];
    let trail = call!(who, supervision.list_audit_events, pb::ListAuditEventsRequest::default()).unwrap();
    let statuses = (1..=7).collect();
    let letters = call!(who, delivery.list_letters, pb::ListLettersRequest { statuses, ..Default::default() }).unwrap();
    let mut found: Vec<bool> = lists.iter().map(|codes| codes.iter().any(|found| found == code)).collect();
    found.push(trail.events.iter().any(|event| event.code == code));
    found.push(letters.letters.iter().any(|letter| letter.code == code));
    found.push(read.is_ok());
    assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
    found[0]
}

async fn erases(world: &World, code: &str) {
    let (ground, document_number) = (pb::ErasureGround::Request.into(), "12/YC-2026".to_owned());
    let erase = pb::ErasePetitionRequest { target: target(code), ground, document_number };
    call!(world.who("admin"), casework.erase_petition, erase).unwrap();
}

/// Which of these words are in the rows, or in the files of an embedded database, plainly or in hexadecimal.
async fn found<'a>(world: &World, words: &[&'a str]) -> Vec<&'a str> {
    let (rows, files) = (everything(world).await, String::from_utf8_lossy(&world.files()).to_lowercase());
    let there = |word: &&&str| {
        let word = word.to_lowercase();
        let forms = [hex(word.as_bytes()), word];
        forms.iter().any(|form| rows.contains(form) || files.contains(form))
    };
    words.iter().filter(there).copied().collect()
}

on_both! {
    /// Whoever was moved away after the case came learns nothing of a request that comes later, and is not given it.
    async fn who_left_the_accused_learns_nothing(world: World) {
        let (citizen, office, admin) = (world.citizen(), world.dispatcher(), world.who("admin"));
        world.add_account("left", "CUC-BC", &[]).await;
        let original = citizen.submits(feedback()).await.code;
        call!(office, casework.accept_petition, conduct(&original, "CUC-BC")).unwrap();
        world.advance(hours(1));
        let account = Some(pb::Account { login: "left".to_owned(), unit: "CUC-TS".to_owned(), ..Default::default() });
        let update_mask = Some(prost_types::FieldMask { paths: vec!["unit".to_owned()] });
        let update = pb::UpdateAccountRequest { account, update_mask, ..Default::default() };
        call!(admin, directory.update_account, update).unwrap();
        world.renews_token("left").await;
        gets_everywhere(&world, "left").await;
        world.advance(hours(1));
        let (left, never) = (world.who("left"), spy(&world, "spy", "CUC-TS").await);
        let code = citizen.asks_about_data(deletion(&original)).await.unwrap().code;
        assert!(finds(&never, &original, &code).await);
        assert!(!finds(&left, &original, &code).await);
        let to = |handler: &str| {
            let [unit, handler] = ["CUC-TS", handler].map(str::to_owned);
            let assignment = Some(pb::Assignment { unit, handler, ..Default::default() });
            pb::AcceptPetitionRequest { target: target(&code), assignment, ..Default::default() }
        };
        let refused = call!(office, casework.accept_petition, to("left")).unwrap_err();
        assert_eq!(refused.fields(), ["assignment.handler"]);
        call!(office, casework.accept_petition, to("spy")).unwrap();
    }

    /// Before the case was taken up, after it, and when it turns against another unit.
    async fn the_accused_learn_nothing(world: World) {
        let (citizen, office) = (world.citizen(), world.dispatcher());
        let [accused, others] = [spy(&world, "spy", "CUC-VT").await, spy(&world, "spy-too", "CUC-BC").await];
        let submitted = citizen.submits(feedback()).await;
        let original = submitted.code;
        let before = citizen.asks_about_data(deletion(&original)).await.unwrap().code;
        assert!(finds(&accused, &original, &before).await, "nobody is complained of yet");
        call!(office, casework.accept_petition, conduct(&original, "CUC-VT")).unwrap();
        let after = citizen.asks_about_data(deletion(&original)).await.unwrap().code;
        world.advance(hours(1));
        for code in [&before, &after] {
            assert!(!finds(&accused, &original, code).await, "{code}");
            assert!(finds(&others, &original, code).await, "{code}");
            assert_eq!(office.reads(code).await.unwrap().concerned_unit, "CUC-VT");
        }
        // Neither do they ask about it themselves, with the key or without.
        let channel = pb::Channel::InPerson.into();
        let ask = |proof| pb::SubmitDataRequestRequest { proof, channel, ..deletion(&original) };
        let key = pb::Proof { access_key: submitted.access_key.clone(), ..Default::default() };
        for proof in [None, Some(key)] {
            assert_eq!(accused.asks_about_data(ask(proof)).await.unwrap_err().code(), Code::NotFound);
        }
        // It is not given to them, nor is a copy of it.
        accepts(&office, &after).await.unwrap();
        let urgent = pb::ReclassifyPetitionRequest {
            target: target(&after),
            priority: pb::Priority::Urgent.into(),
            priority_reason: "Dữ liệu đang bị phát tán.".to_owned(),
            reason: "Người dân báo thêm.".to_owned(),
            ..Default::default()
        };
        call!(office, casework.reclassify_petition, urgent).unwrap();
        assert!(!finds(&accused, &original, &after).await, "said anew it is about the same case");
        let refused = office.tries(Deed::Assign("CUC-VT-DV"), &after).await.unwrap_err();
        assert_eq!(refused.fields(), ["assignment.unit"]);
        let share = pb::ShareRedactedCopyRequest { target: target(&after), text: "Có người yêu cầu xóa dữ liệu.".to_owned() };
        assert_eq!(call!(office, casework.share_redacted_copy, share).unwrap_err().reason(), "DATA_REQUEST");
        answers(&world, &before).await;
        world.run_workers().await;
        assert!(world.letters().iter().all(|letter| letter.to != "cucvienthong@mic.example"));

        // Of another unit, and of none.
        let anew = |class: pb::SubjectClass, unit: &str| pb::ReclassifyPetitionRequest {
            target: target(&original),
            subject_class: class.into(),
            concerned_unit: unit.to_owned(),
            reason: "Nhầm đơn vị.".to_owned(),
            ..Default::default()
        };
        call!(office, casework.reclassify_petition, anew(pb::SubjectClass::Conduct, "CUC-BC")).unwrap();
        for code in [&before, &after] {
            assert!(finds(&accused, &original, code).await && !finds(&others, &original, code).await, "{code}");
        }
        call!(office, casework.reclassify_petition, anew(pb::SubjectClass::Other, "")).unwrap();
        assert!(finds(&others, &original, &before).await && finds(&accused, &original, &after).await);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Requests come in while the case is taken up: none is left that those complained of can see.
    async fn a_request_and_the_accusation_at_once(world: World) {
        let (citizen, office) = (world.citizen(), world.dispatcher());
        let accused = spy(&world, "spy", "CUC-VT").await;
        for _ in 0..4 {
            let original = citizen.submits(feedback()).await.code;
            citizen.asks_about_data(deletion(&original)).await.unwrap();
            let asked = futures::future::join_all((0..4).map(|_| citizen.asks_about_data(deletion(&original))));
            let accept = async { call!(office, casework.accept_petition, conduct(&original, "CUC-VT")) };
            let (asked, accepted) = futures::future::join(asked, accept).await;
            accepted.unwrap();
            assert!(asked.iter().all(Result::is_ok), "{asked:?}");
            assert_eq!(listed(&office, about(&original)).await.len(), 5);
            assert_eq!(listed(&accused, about(&original)).await, [] as [String; 0]);
        }
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Carried out before it is answered: the petition is erased, the request is answered by letter, and erased in its turn.
    async fn erased_before_it_is_answered(world: World) {
        let citizen = world.citizen();
        let original = citizen.submits(marked()).await.code;
        let text = format!("Xin {ASKED} cho tôi.");
        let asked = citizen.asks_about_data(pb::SubmitDataRequestRequest { text, ..deletion(&original) }).await.unwrap();
        citizen.does(Deed::Withdraw, &original).await;
        erases(&world, &original).await;
        world.run_workers().await;
        assert_eq!(found(&world, &WHAT).await, [] as [&str; 0]);
        let seen = world.dispatcher().reads(&asked.code).await.unwrap();
        let own = citizen.tracks(&asked.code).await.unwrap();
        for shown in [format!("{seen:?}"), format!("{own:?}")] {
            assert!(shown.contains(ASKED) && shown.contains(&original), "{shown}");
            assert!(WHAT.iter().all(|mark| !shown.contains(mark)), "{shown}");
        }
        let early = pb::ErasePetitionRequest { target: target(&asked.code), ground: 1, document_number: "13/YC".to_owned() };
        let refused = call!(world.who("admin"), casework.erase_petition, early).unwrap_err();
        assert_eq!(refused.reason(), "ERASE_NOT_POSSIBLE_IN_SUBMITTED");

        // Under another key by now, it is still read, and written to.
        let other = world.process_with(Keys::parse(&format!("{MASTER},{SECOND}")).unwrap()).await.unwrap();
        assert!(other.rotate_master_key().await.unwrap());
        assert_eq!(other.seal_anew(&pakn::app::Resealed::default()).await.unwrap().sealed, 1);
        while other.compare().await.unwrap() > 0 {}
        let rows = crate::directory::rows(&world, "select cast(count(*) as text) from likeness").await;
        assert_eq!(rows, ["0"], "sealed anew it is like nothing still");
        answers(&world, &asked.code).await;
        world.sends_letters(&other).await;
        let letter = world.letters().into_iter().rev().find(|letter| letter.to == WHO[1]).unwrap();
        assert!(letter.subject.ends_with("Trả lời yêu cầu về dữ liệu cá nhân"), "{}", letter.subject);

        erases(&world, &asked.code).await;
        other.sweep_erased().await.unwrap();
        world.run_workers().await;
        assert_eq!(found(&world, &[&WHO[..], &WHAT, &[ASKED, "Y. M."]].concat()).await, [] as [&str; 0]);
        assert_eq!(found(&world, &["12/YC-2026"]).await.len(), 1, "it looks");
        let gone = world.dispatcher().reads(&asked.code).await.unwrap();
        assert!(gone.petitioner.is_none() && gone.content.is_empty() && gone.erased_at.is_some());
        assert_eq!(gone.summary.unwrap().data_request.unwrap().about, original);
        let verified = world.app.verify_offline(None).await.unwrap();
        assert_eq!((verified.erased, verified.broken), (2, None));
    }
}
