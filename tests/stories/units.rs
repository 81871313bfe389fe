//! Dissolving a unit: what is open goes to its successors, what has ended keeps its name.

use futures::future::join_all;
use pakn::{domain::words::Role, pb};
use tonic::{Code, Status};

use crate::{
    call, on_both,
    time::{clock, explained, put, terms},
    world::{Deed, Person, Refused as _, World, days, feedback_of, minutes},
};

pub(super) fn closing(code: &str, on: &str, successor: &str) -> pb::UnitClosing {
    let [code, closed_on, successor] = [code, on, successor].map(str::to_owned);
    pb::UnitClosing { code, closed_on, successor, ..pb::UnitClosing::default() }
}

pub(super) async fn close(who: &Person<'_>, closing: pb::UnitClosing) -> Result<pb::Unit, Status> {
    let close = pb::CloseUnitRequest { closing: Some(closing), ..Default::default() };
    Ok(call!(who, directory.close_unit, close)?.unit.unwrap())
}

async fn preview(who: &Person<'_>, closing: pb::UnitClosing) -> Result<pb::PreviewCloseUnitResponse, Status> {
    call!(who, directory.preview_close_unit, pb::PreviewCloseUnitRequest { closing: Some(closing), size: 10 })
}

fn portal() -> Option<pb::PolicyScope> {
    Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() })
}

pub(super) async fn succeeded(world: &World) {
    while world.app.succeed().await.unwrap() {}
}

pub(super) async fn petition(world: &World, code: &str) -> pb::Petition {
    world.who("mighty").reads(code).await.unwrap()
}

async fn holder(world: &World, code: &str) -> String {
    petition(world, code).await.summary.unwrap().holder
}

async fn events(world: &World, code: &str) -> Vec<pb::Event> {
    let ask = pb::ListPetitionEventsRequest { code: code.to_owned(), page: None };
    call!(world.who("mighty"), casework.list_petition_events, ask).unwrap().events
}

/// Petitions as they stood before, by what becomes of them.
struct Before {
    assigned: String,
    awaiting: String,
    asked: String,
    contributed: String,
    complained: String,
    awkward: String,
    answered: String,
}

async fn before(world: &World) -> Before {
    let dispatcher = world.dispatcher();
    let assign = async |code: &str, unit: &str, co: &str| {
        let co_handling_units = vec![co.to_owned()];
        let assignment = Some(pb::Assignment { unit: unit.to_owned(), co_handling_units, handler: String::new() });
        let target = Some(pb::Target { code: code.to_owned(), ..pb::Target::default() });
        let assign = pb::AssignPetitionRequest { target, assignment, reason: String::new() };
        call!(dispatcher, casework.assign_petition, assign).unwrap();
    };
    let contributed = world.assigned("CUC-BC").await;
    assign(&contributed, "CUC-BC", "CUC-VT").await;
    // Of a unit, for another one to look into.
    let complain = async |name: &str, concerned: &str, unit: &str| {
        let code = world.citizen().submits(feedback_of(name)).await.code;
        let accept = pb::AcceptPetitionRequest {
            target: Some(pb::Target { code: code.clone(), ..pb::Target::default() }),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "OTHER".to_owned(),
            concerned_unit: concerned.to_owned(),
            assignment: Some(pb::Assignment { unit: unit.to_owned(), ..pb::Assignment::default() }),
            ..pb::AcceptPetitionRequest::default()
        };
        call!(dispatcher, casework.accept_petition, accept).unwrap();
        code
    };
    let complained = complain("complained", "CUC-VT", "CUC-TS").await;
    let awkward = complain("awkward", "CUC-BC", "CUC-VT").await;
    let asked = world.assigned("CUC-VT").await;
    for deed in [Deed::Start, Deed::RequestInformation] {
        world.who("cuc-vt-handler").does(deed, &asked).await;
    }
    Before {
        assigned: world.assigned("CUC-VT-DV").await,
        awaiting: world.awaiting_approval().await,
        asked,
        contributed,
        complained,
        awkward,
        answered: world.answered().await,
    }
}

on_both! {
    /// What is open goes to the successors, by field; what has ended stays. The citizen's clock goes on, the unit's begins.
    async fn what_is_open_goes_to_the_successors(world: World) {
        world.add_mighty().await;
        let admin = world.who("admin");
        let unit = Some(pb::Span { amount: 12, unit: pb::TimeUnit::WorkingDay.into() });
        put(&admin, pb::Policy { unit, scope: portal(), ..terms(&admin, "portal").await }).await.unwrap();
        world.advance(minutes(1));
        let was = before(&world).await;
        world.run_workers().await;
        let written = world.letters().len();
        world.when("2026-02-24 10:00");
        let due = petition(&world, &was.assigned).await.summary.unwrap().answer_due;

        let other = pb::FieldSuccessor { field: "TELECOM".to_owned(), unit: "CUC-TS".to_owned() };
        let alone = pb::UnitClosing { successors_by_field: vec![other], ..closing("CUC-VT", "2026-02-23", "CUC-BC") };
        let refused = close(&admin, alone.clone()).await.unwrap_err();
        assert_eq!(refused.told(), (Code::FailedPrecondition, "OPEN_UNITS_BELOW".to_owned()));
        let whole = pb::UnitClosing { with_units_below: true, ..alone };
        let shown = preview(&admin, whole.clone()).await.unwrap();
        assert_eq!(shown.units, ["CUC-VT", "CUC-VT-CL", "CUC-VT-DV"]);
        assert_eq!((shown.looked_at, shown.moved, shown.petitions.len()), (6, 6, 6));
        assert!(shown.petitions.iter().all(|one| one.code.is_empty()), "an administrator does not see petitions");
        let load: Vec<_> = shown.successors.iter().map(|load| (load.unit.as_str(), load.petitions)).collect();
        assert_eq!(load.iter().find(|(unit, _)| *unit == "CUC-TS"), Some(&("CUC-TS", 3)), "{load:?}");
        assert_eq!(holder(&world, &was.assigned).await, "CUC-VT-DV", "looking moves nothing");

        let closed = close(&admin, whole.clone()).await.unwrap();
        assert_eq!((closed.closed, closed.closed_on.as_str(), closed.successor.as_str()), (true, "2026-02-23", "CUC-BC"));
        assert_eq!(close(&admin, whole).await.unwrap_err().reason(), "UNIT_CLOSED");
        succeeded(&world).await;

        use pb::PetitionState as S;
        for (code, state) in [(&was.assigned, S::Assigned), (&was.awaiting, S::AwaitingApproval), (&was.asked, S::NeedsInformation)] {
            let now = petition(&world, code).await.summary.unwrap();
            assert_eq!((now.holder.as_str(), now.state()), ("CUC-TS", state), "TELECOM goes to CUC-TS");
            let last = events(&world, code).await.pop().unwrap();
            assert_eq!((last.kind.as_str(), last.actor.as_str()), ("UNIT_SUCCEEDED", "system"));
        }
        assert_eq!(petition(&world, &was.assigned).await.summary.unwrap().answer_due, due, "the citizen's clock goes on");
        let clocks = explained(&world.who("mighty"), &was.assigned).await;
        assert_eq!(clocks.ledger.last().map(|entry| (entry.clock(), entry.step())), Some((pb::Clock::Unit, pb::ClockStep::Start)));
        assert_eq!(clock(&clocks, pb::Clock::Unit).run(), pb::ClockRun::Running);
        let runs = clock(&clocks, pb::Clock::Unit).explanation.unwrap();
        assert_eq!(runs.due.unwrap().date, "2026-03-05", "no later than the answer");
        let custody: Vec<_> = clocks.custody.iter().map(|one| one.unit.clone()).collect();
        assert_eq!(custody, ["BTTTT-VP", "CUC-VT-DV", "CUC-TS"]);
        assert!(clocks.custody.windows(2).all(|pair| pair[0].until == pair[1].since), "no gap: {:?}", clocks.custody);
        let contributed = petition(&world, &was.contributed).await;
        assert_eq!((contributed.summary.unwrap().holder.as_str(), contributed.co_handling_units), ("CUC-BC", vec!["CUC-TS".to_owned()]));
        // CUC-BC came after the one complained of, by OTHER; nobody of it has the case.
        let complained = petition(&world, &was.complained).await;
        assert_eq!((complained.summary.unwrap().holder.as_str(), complained.concerned_unit.as_str()), ("CUC-TS", "CUC-BC"));
        // And it came after the one that looked into its own conduct: that is for the office above.
        assert_eq!(holder(&world, &was.awkward).await, "BTTTT-VP");
        assert_eq!(world.who("cuc-bc-handler").reads(&was.awkward).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(world.who("cuc-bc-handler").reads(&was.complained).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(holder(&world, &was.answered).await, "CUC-VT", "what was answered keeps the old name");

        // Petitioners and successors are told, of what moved to another unit and of nothing else.
        world.run_workers().await;
        let told = world.letters().split_off(written);
        let to = |whom: &str| told.iter().filter(|letter| letter.to == whom).count();
        assert_eq!((told.iter().filter(|letter| letter.text.contains("kết thúc hoạt động")).count(), to("cuctanso@mic.example")), (8, 3), "{told:#?}");
        assert!(told.iter().any(|letter| letter.text.contains("Cục Tần số vô tuyến điện")), "{told:#?}");

        // The successor goes on with it.
        world.who("cuc-ts-approver").does(Deed::Approve, &was.awaiting).await;
        world.who("cuc-ts-handler").does(Deed::SaveDraft, &was.assigned).await;
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
        succeeded(&world).await;
        assert_eq!(events(&world, &was.contributed).await.iter().filter(|event| event.kind == "UNIT_SUCCEEDED").count(), 1);
    }

    /// A dissolved unit takes nothing more, and what its people could do they can no more.
    async fn a_dissolved_unit_takes_nothing_more(world: World) {
        world.add_mighty().await;
        let (admin, open, answered) = (world.who("admin"), world.assigned("CUC-VT").await, world.answered().await);
        let whole = pb::UnitClosing { with_units_below: true, ..closing("CUC-VT", "2026-02-12", "CUC-TS") };
        close(&admin, whole).await.unwrap();
        // Before anything has moved.
        let handler = world.who("cuc-vt-handler");
        assert_eq!(handler.tries(Deed::Start, &open).await.unwrap_err().code(), Code::PermissionDenied);
        let assigned = world.dispatcher().tries(Deed::Assign("CUC-VT"), &open).await.unwrap_err();
        assert_eq!((assigned.code(), assigned.fields()), (Code::InvalidArgument, vec!["assignment.unit".to_owned()]));
        let unit = pb::Unit { code: "NEW".to_owned(), parent: "CUC-VT".to_owned(), level: 7, name: "Phòng".to_owned(), ..Default::default() };
        let refused = call!(admin, directory.create_unit, pb::CreateUnitRequest { unit: Some(unit), ..Default::default() }).unwrap_err();
        assert_eq!(refused.fields(), ["unit.parent"]);
        let account = pb::Account { login: "new".to_owned(), unit: "CUC-VT".to_owned(), name: "Người mới".to_owned(), ..Default::default() };
        let refused = call!(admin, directory.create_account, pb::CreateAccountRequest { account: Some(account), ..Default::default() }).unwrap_err();
        assert_eq!(refused.fields(), ["account.unit"]);
        let grant = pb::Grant { account: "cuc-bc-handler".to_owned(), role: pb::Role::Handler.into(), unit: "CUC-VT".to_owned(), ..Default::default() };
        let refused = call!(admin, directory.create_grant, pb::CreateGrantRequest { grant: Some(grant), ..Default::default() }).unwrap_err();
        assert_eq!(refused.fields(), ["grant.unit"]);
        let update = pb::UpdateUnitRequest { unit: Some(pb::Unit { code: "CUC-VT".to_owned(), name: "Cục".to_owned(), ..Default::default() }), ..Default::default() };
        assert_eq!(call!(admin, directory.update_unit, update).unwrap_err().reason(), "UNIT_CLOSED");

        succeeded(&world).await;
        assert_eq!(holder(&world, &open).await, "CUC-TS");
        assert_eq!(handler.reads(&open).await.unwrap_err().code(), Code::PermissionDenied);
        // The successor keeps the archive, and answers for it.
        assert_eq!(world.who("cuc-ts-handler").reads(&answered).await.unwrap().summary.unwrap().holder, "CUC-VT");
        world.dispatcher().does(Deed::RecallAnswer, &answered).await;
        assert_eq!(holder(&world, &answered).await, "CUC-VT");
        world.run_workers().await;
        succeeded(&world).await;
        assert_eq!(holder(&world, &answered).await, "CUC-TS", "what is taken up again goes to the successor");
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }

    /// An end that is known beforehand comes at local midnight; until then nothing changes.
    async fn an_end_comes_at_midnight(world: World) {
        world.add_mighty().await;
        let admin = world.who("admin");
        let ends = closing("CUC-BC", "2026-02-27", "CUC-TS");
        let planned = close(&admin, ends).await.unwrap();
        assert!(!planned.closed && planned.closed_on == "2026-02-27");
        let code = world.assigned("CUC-BC").await;
        world.when("2026-02-27 23:59:59.999999");
        succeeded(&world).await;
        assert_eq!(holder(&world, &code).await, "CUC-BC");
        world.who("cuc-bc-handler").does(Deed::Start, &code).await;
        world.when("2026-02-28 00:00");
        succeeded(&world).await;
        assert_eq!(holder(&world, &code).await, "CUC-TS");
        let is_closed = async || {
            let get = call!(admin, directory.get_unit, pb::GetUnitRequest { code: "CUC-BC".to_owned() }).unwrap();
            get.unit.unwrap().closed
        };
        assert!(is_closed().await);
        // A process whose clock is behind takes nothing back.
        world.when("2026-02-27 23:59:59");
        succeeded(&world).await;
        assert!(is_closed().await);
    }

    /// A process that dies in the middle of the job, and two that are at it: each petition moves once.
    async fn each_petition_moves_once(world: World) {
        world.add_mighty().await;
        let mut codes = Vec::new();
        for batch in 0..36 {
            let names: Vec<String> = (0..16).map(|n| format!("p{batch}x{n}")).collect();
            let citizen = world.citizen();
            let submitted = join_all(names.iter().map(|name| citizen.submits(feedback_of(name)))).await;
            codes.extend(submitted.into_iter().map(|one| one.code));
        }
        let unit = pb::Unit { code: "VP-MOI".to_owned(), parent: "BTTTT".to_owned(), level: 6, name: "Văn phòng mới".to_owned(), ..Default::default() };
        call!(world.who("admin"), directory.create_unit, pb::CreateUnitRequest { unit: Some(unit), ..Default::default() }).unwrap();
        close(&world.who("admin"), closing("BTTTT-VP", "2026-02-12", "VP-MOI")).await.unwrap();
        let refused = world.citizen().tries_to_submit(feedback_of("late")).await.unwrap_err();
        assert_eq!(refused.fields(), ["focal_unit"], "nobody receives any more");
        // It dies with some of them moved.
        let dying = world.another_process().await;
        let step = tokio::spawn(async move { dying.succeed().await });
        let moved = async || {
            let filter = pb::PetitionFilter { unit: "VP-MOI".to_owned(), ..Default::default() };
            call!(world.who("mighty"), casework.count_petitions, pb::CountPetitionsRequest { filter: Some(filter) }).unwrap().total
        };
        for _ in 0..2_000 {
            if moved().await > 0 {
                break;
            }
            crate::world::pause(2).await;
        }
        step.abort();
        let at_death = moved().await;
        assert!(at_death > 0, "nothing moved");
        let (one, two) = (world.another_process().await, world.another_process().await);
        let work = async |app: pakn::app::App| while app.succeed().await.unwrap() {};
        futures::join!(work(one), work(two));
        succeeded(&world).await;
        assert_eq!(moved().await, i64::try_from(codes.len()).unwrap());
        for code in codes.iter().step_by(7) {
            let kinds: Vec<String> = events(&world, code).await.into_iter().map(|event| event.kind).collect();
            assert_eq!(kinds, ["SUBMITTED", "UNIT_SUCCEEDED"]);
        }
        let whole = world.app.verify_offline(None).await.unwrap();
        assert_eq!((whole.broken, whole.petitions), (None, i64::try_from(codes.len()).unwrap()));
        // The new office receives once it is said to be focal.
        let focal = pb::Unit { code: "VP-MOI".to_owned(), focal: true, ..Default::default() };
        call!(world.who("admin"), directory.update_unit, pb::UpdateUnitRequest { unit: Some(focal), ..Default::default() }).unwrap();
        world.citizen().submits(feedback_of("new")).await;
    }

    /// Nobody comes after a unit who is gone by then, lies in it, or leads back; nobody ends a unit that is not theirs to end.
    async fn successors_outlive_it(world: World) {
        let admin = world.who("admin");
        close(&admin, closing("CUC-BC", "2026-02-12", "CUC-TS")).await.unwrap();
        close(&admin, closing("VU-BC", "2026-02-27", "CUC-TS")).await.unwrap();
        for (successor, on, said) in [
            ("CUC-VT", "2026-03-31", "is the unit itself"),
            ("CUC-VT-DV", "2026-03-31", "lies below"),
            ("CUC-BC", "2026-03-31", "is closed"),
            ("VU-BC", "2026-03-31", "closes on 2026-02-27"),
            ("NOBODY", "2026-03-31", "is not the code of a unit"),
        ] {
            let whole = pb::UnitClosing { with_units_below: true, ..closing("CUC-VT", on, successor) };
            let refused = close(&admin, whole.clone()).await.unwrap_err();
            assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, vec!["closing.successor".to_owned()]), "{successor}");
            assert!(refused.message().contains(said), "{refused:?}");
            assert_eq!(preview(&admin, whole).await.unwrap_err().fields(), ["closing.successor"]);
        }
        let round = close(&admin, closing("CUC-TS", "2026-02-20", "VU-BC")).await.unwrap_err();
        assert!(round.message().contains("leads back"), "{round:?}");
        let top = close(&admin, closing("BTTTT", "2026-02-12", "CUC-TS")).await.unwrap_err();
        assert_eq!(top.reason(), "TOP_UNIT");
        assert_eq!(close(&admin, closing("NOBODY", "2026-02-12", "CUC-TS")).await.unwrap_err().code(), Code::NotFound);
        let dateless = close(&admin, closing("CUC-VT", "2026-02-30", "CUC-TS")).await.unwrap_err();
        assert_eq!(dateless.fields(), ["closing.closed_on"]);
        // Who administers the unit alone does not end it, nor gives work to units elsewhere.
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        let (own, elsewhere) = (closing("CUC-VT", "2026-03-31", "CUC-TS"), closing("CUC-VT-DV", "2026-03-31", "CUC-TS"));
        for closing in [own, elsewhere] {
            assert_eq!(close(&world.who("vt-admin"), closing.clone()).await.unwrap_err().code(), Code::PermissionDenied);
            assert_eq!(preview(&world.who("vt-admin"), closing).await.unwrap_err().code(), Code::PermissionDenied);
        }
        close(&world.who("vt-admin"), closing("CUC-VT-DV", "2026-03-31", "CUC-VT")).await.unwrap();
    }

    /// Two who end a unit under one request id end it once, and hear the same.
    async fn an_end_is_written_once(world: World) {
        let (admin, id) = (world.who("admin"), "0193e2c4-8f00-7000-8000-000000000001".to_owned());
        let close = pb::CloseUnitRequest { closing: Some(closing("CUC-BC", "2026-02-12", "CUC-TS")), request_id: id };
        let first = call!(admin, directory.close_unit, close.clone()).unwrap();
        world.advance(days(1));
        assert_eq!(call!(admin, directory.close_unit, close.clone()).unwrap(), first);
        let other = pb::CloseUnitRequest { closing: Some(closing("CUC-BC", "2026-02-12", "CUC-VT")), ..close };
        assert_eq!(call!(admin, directory.close_unit, other).unwrap_err().code(), Code::AlreadyExists);
    }
}
