//! What a dissolved unit leaves behind: who stood in it, what is taken up again, the calendar of who comes after it.

use pakn::{
    domain::words::Role,
    grpc::Options,
    pb::{self, directory_service_client::DirectoryServiceClient},
};
use tonic::Code;

use crate::{
    calendars::{apply, imported, recalculated, year_with},
    call,
    faces::Face,
    on_both,
    time::{due, explained},
    units::{close, closing, petition, succeeded},
    world::{Deed, Refused as _, feedback, feedback_of},
};

fn target(code: &str) -> Option<pb::Target> {
    Some(pb::Target { code: code.to_owned(), ..pb::Target::default() })
}

on_both! {
    /// The unit complained of is dissolved; by the field of the case another one comes after it than the one in which
    /// its people stand now. Who was there knows of the case no more than before, whatever their roles.
    async fn who_stood_there_stays_out(world: World) {
        world.add_mighty().await;
        world.add_account("was-there", "CUC-BC", &[]).await;
        world.add_account("never-there", "CUC-TS", &[]).await;
        let everywhere = |account: &str| pb::CreateGrantRequest {
            grant: Some(pb::Grant {
                account: account.to_owned(),
                role: pb::Role::Supervisor.into(),
                unit: "BTTTT".to_owned(),
                ..pb::Grant::default()
            }),
            ..pb::CreateGrantRequest::default()
        };
        for account in ["was-there", "never-there"] {
            call!(world.who("admin"), directory.create_grant, everywhere(account)).unwrap();
        }
        let code = world.citizen().submits(feedback()).await.code;
        let accept = pb::AcceptPetitionRequest {
            target: target(&code),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "TELECOM".to_owned(),
            concerned_unit: "CUC-BC".to_owned(),
            assignment: Some(pb::Assignment { unit: "CUC-TS".to_owned(), ..pb::Assignment::default() }),
            ..pb::AcceptPetitionRequest::default()
        };
        call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
        let lists = async |who: &str| {
            let found = call!(world.who(who), casework.list_petitions, pb::ListPetitionsRequest::default()).unwrap();
            found.petitions.len()
        };
        let by_field = pb::FieldSuccessor { field: "TELECOM".to_owned(), unit: "VU-BC".to_owned() };
        let ends = closing("CUC-BC", "2026-02-12", "CUC-VT");
        close(&world.who("admin"), pb::UnitClosing { successors_by_field: vec![by_field], ..ends }).await.unwrap();
        for moved in [false, true] {
            if moved {
                succeeded(&world).await;
                assert_eq!(petition(&world, &code).await.concerned_unit, "VU-BC");
            }
            let refused = world.who("was-there").reads(&code).await.unwrap_err();
            assert_eq!((refused.code(), lists("was-there").await), (Code::NotFound, 0), "moved: {moved}");
            assert_eq!(lists("never-there").await, 1, "moved: {moved}");
        }
    }

    /// Who only contributed is dissolved after the answer; when the answer is recalled, its successor contributes.
    async fn who_contributed_has_a_successor_too(world: World) {
        world.add_mighty().await;
        let code = world.assigned("CUC-VT").await;
        let assignment = pb::Assignment {
            unit: "CUC-VT".to_owned(),
            co_handling_units: vec!["CUC-BC".to_owned()],
            ..pb::Assignment::default()
        };
        let assign = pb::AssignPetitionRequest { target: target(&code), assignment: Some(assignment), reason: String::new() };
        call!(world.dispatcher(), casework.assign_petition, assign).unwrap();
        for (who, deed) in [("cuc-vt-handler", Deed::SaveDraft), ("cuc-vt-handler", Deed::SubmitDraft), ("cuc-vt-approver", Deed::Approve)] {
            world.who(who).does(deed, &code).await;
        }
        close(&world.who("admin"), closing("CUC-BC", "2026-02-12", "CUC-TS")).await.unwrap();
        succeeded(&world).await;
        world.dispatcher().does(Deed::RecallAnswer, &code).await;
        assert_eq!(petition(&world, &code).await.co_handling_units, ["CUC-BC"]);
        world.run_workers().await;
        succeeded(&world).await;
        assert_eq!(petition(&world, &code).await.co_handling_units, ["CUC-TS"]);
        world.run_workers().await;
        assert!(!world.app.succeed().await.unwrap(), "and nothing is left to do");
    }

    /// What moves to an office with a calendar of its own is counted by that.
    async fn who_comes_after_counts_by_its_own_calendar(world: World) {
        world.add_mighty().await;
        let admin = world.who("admin");
        let new = pb::Unit { code: "VP-MOI".to_owned(), parent: "BTTTT".to_owned(), level: 6, name: "Văn phòng mới".to_owned(), ..Default::default() };
        call!(admin, directory.create_unit, pb::CreateUnitRequest { unit: Some(new), ..Default::default() }).unwrap();
        let code = world.citizen().submits(feedback_of("moved")).await.code;
        let before = due(&explained(&world.who("mighty"), &code).await, pb::Clock::Answer);
        let year = year_with(&admin, &format!("{before},off,Ngày riêng của Văn phòng mới\n")).await;
        let own = imported(&admin, "vp", "VP-MOI", &year).await.unwrap();
        world.add_account("second", "BTTTT", &[Role::Administrator]).await;
        apply(&world.who("second"), &own.version, "", "12/QĐ").await.unwrap();
        recalculated(&world).await;
        assert_eq!(due(&explained(&world.who("mighty"), &code).await, pb::Clock::Answer), before);
        close(&admin, closing("BTTTT-VP", "2026-02-12", "VP-MOI")).await.unwrap();
        succeeded(&world).await;
        recalculated(&world).await;
        let clocks = explained(&world.who("mighty"), &code).await;
        assert!(due(&clocks, pb::Clock::Answer) > before, "{clocks:?}");
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }

    /// A process that has not heard yet that a unit has ended makes none below it.
    async fn nothing_begins_below_what_has_ended_elsewhere(world: World) {
        let other = world.another_process().await;
        let face = Face::open(&other, Options::default()).await;
        let mut elsewhere = DirectoryServiceClient::new(face.connect().await);
        let admin = world.who("admin");
        close(&admin, closing("CUC-BC", "2026-02-12", "CUC-TS")).await.unwrap();
        assert!(other.reference().version < world.app.reference().version, "it has not heard of it");
        let below = pb::Unit { code: "MOI".to_owned(), parent: "CUC-BC".to_owned(), level: 7, name: "Phòng".to_owned(), ..Default::default() };
        let create = pb::CreateUnitRequest { unit: Some(below), ..Default::default() };
        let refused = elsewhere.create_unit(admin.ask(create)).await.unwrap_err();
        assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, vec!["unit.parent".to_owned()]));
        let late = pb::Account { login: "late".to_owned(), unit: "CUC-TS".to_owned(), name: "Người mới".to_owned(), ..Default::default() };
        let create = pb::CreateAccountRequest { account: Some(late), ..Default::default() };
        elsewhere.create_account(admin.ask(create)).await.unwrap();
    }
}
