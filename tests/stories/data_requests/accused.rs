//! Requests about a case that complains of somebody go where nobody of them is, and follow the case.

use pakn::{domain::words::Role, pb};
use tonic::Code;

use super::{accepts, deletion, requested};
use crate::{
    call, on_both,
    units::{close, closing, petition, succeeded},
    world::{Deed, Refused as _, feedback},
};

fn target(code: &str) -> Option<pb::Target> {
    Some(pb::Target { code: code.to_owned(), ..Default::default() })
}

fn conduct(code: &str, unit: &str) -> pb::AcceptPetitionRequest {
    pb::AcceptPetitionRequest {
        target: target(code),
        subject_class: pb::SubjectClass::Conduct.into(),
        field: "TELECOM".to_owned(),
        concerned_unit: unit.to_owned(),
        assignment: Some(pb::Assignment { unit: "CUC-TS".to_owned(), ..Default::default() }),
        ..Default::default()
    }
}

on_both! {
    /// A case is not turned against a unit that has a request about it in hand: it would lie there unseen.
    async fn it_is_taken_from_them_first(world: World) {
        world.add_mighty().await;
        let office = world.dispatcher();
        let (original, code) = requested(&world).await;
        accepts(&office, &code).await.unwrap();
        office.does(Deed::Assign("CUC-BC"), &code).await;
        let refused = call!(office, casework.accept_petition, conduct(&original, "CUC-BC")).unwrap_err();
        assert_eq!(refused.fields(), ["concerned_unit"]);
        assert!(refused.message().contains(&code) || format!("{refused:?}").contains(&code), "{refused:?}");
        call!(office, casework.accept_petition, conduct(&original, "CUC-VT")).unwrap();
        let turn = || pb::ReclassifyPetitionRequest {
            target: target(&original),
            subject_class: pb::SubjectClass::Conduct.into(),
            concerned_unit: "CUC-BC".to_owned(),
            reason: "Nhầm đơn vị.".to_owned(),
            ..Default::default()
        };
        assert_eq!(call!(office, casework.reclassify_petition, turn()).unwrap_err().fields(), ["concerned_unit"]);
        assert_eq!(petition(&world, &code).await.concerned_unit, "CUC-VT");
        office.does(Deed::Assign("BTTTT-TTRA"), &code).await;
        call!(office, casework.reclassify_petition, turn()).unwrap();
        assert_eq!(petition(&world, &code).await.concerned_unit, "CUC-BC");
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// By the field of the case another unit comes after the one complained of than else: after that of its request too.
    async fn it_names_who_comes_after_as_the_case_does(world: World) {
        world.add_mighty().await;
        let (original, before) = requested(&world).await;
        call!(world.dispatcher(), casework.accept_petition, conduct(&original, "CUC-BC")).unwrap();
        let after = world.citizen().asks_about_data(deletion(&original)).await.unwrap().code;
        let by_field = pb::FieldSuccessor { field: "TELECOM".to_owned(), unit: "VU-BC".to_owned() };
        let ends = closing("CUC-BC", "2026-02-12", "CUC-VT");
        close(&world.who("admin"), pb::UnitClosing { successors_by_field: vec![by_field], ..ends }).await.unwrap();
        succeeded(&world).await;
        for code in [original, before, after] {
            assert_eq!(petition(&world, &code).await.concerned_unit, "VU-BC", "{code}");
        }
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Where the focal unit itself is complained of, the request goes to whoever receives above it.
    async fn it_comes_in_above_them(world: World) {
        world.add_mighty().await;
        let original = world.citizen().submits(feedback()).await.code;
        let focal = petition(&world, &original).await.summary.unwrap().holder;
        call!(world.dispatcher(), casework.accept_petition, conduct(&original, &focal)).unwrap();
        let code = world.citizen().asks_about_data(deletion(&original)).await.unwrap().code;
        assert_eq!((focal.as_str(), petition(&world, &code).await.summary.unwrap().holder.as_str()), ("BTTTT-VP", "BTTTT"));
        assert_eq!(world.dispatcher().reads(&code).await.unwrap_err().code(), Code::NotFound);
    }

    /// A clerk enters what comes to their own office, also with the key.
    async fn clerks_enter_their_own(world: World) {
        world.add_account("elsewhere", "CUC-BC", &[Role::Clerk]).await;
        let submitted = world.citizen().submits(feedback()).await;
        let proof = Some(pb::Proof { access_key: submitted.access_key, ..Default::default() });
        let channel = pb::Channel::InPerson.into();
        let ask = pb::SubmitDataRequestRequest { proof, channel, ..deletion(&submitted.code) };
        let refused = world.who("elsewhere").asks_about_data(ask).await.unwrap_err();
        assert_eq!(refused.fields(), ["channel"]);
    }
}
