//! Accounts change and end: corrected, moved, closed, opened again; what they had ends, and what they know does not follow
//! them out of a unit that is complained of.

mod files;

use pakn::{
    domain::words::Role,
    grpc::Options,
    pb::{self, casework_service_client::CaseworkServiceClient},
};
use prost_types::FieldMask;
use tonic::{Code, Status};

use crate::{
    call,
    faces::Face,
    on_both,
    terminal::Terminal,
    watch::{morning, to},
    world::{Deed, Person, Refused as _, World, days, feedback, minutes},
};

/// What is given of an account, by name.
async fn says(who: &Person<'_>, account: pb::Account, paths: &[&str]) -> Result<pb::Account, Status> {
    let update_mask = Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() });
    let update = pb::UpdateAccountRequest { account: Some(account), update_mask, ..Default::default() };
    Ok(call!(who, directory.update_account, update)?.account.unwrap())
}

fn of(login: &str) -> pb::Account {
    pb::Account { login: login.to_owned(), ..pb::Account::default() }
}

async fn closes(who: &Person<'_>, login: &str) -> Result<pb::Account, Status> {
    says(who, pb::Account { closed: true, ..of(login) }, &["closed"]).await
}

async fn moves(who: &Person<'_>, login: &str, unit: &str) -> Result<pb::Account, Status> {
    says(who, pb::Account { unit: unit.to_owned(), ..of(login) }, &["unit"]).await
}

async fn got(world: &World, login: &str) -> pb::GetAccountResponse {
    call!(world.who("admin"), directory.get_account, pb::GetAccountRequest { login: login.to_owned() }).unwrap()
}

async fn grants(who: &Person<'_>, login: &str, role: pb::Role, unit: &str) -> Result<pb::Grant, Status> {
    let [account, unit] = [login, unit].map(str::to_owned);
    let grant = pb::Grant { account, role: role.into(), unit, ..pb::Grant::default() };
    let create = pb::CreateGrantRequest { grant: Some(grant), ..Default::default() };
    Ok(call!(who, directory.create_grant, create)?.grant.unwrap())
}

/// To an account, by order, for ten days.
async fn delegates(who: &Person<'_>, delegate: &str, unit: &str) -> Result<pb::Delegation, Status> {
    let valid_until = (who.world.now() + days(10)).timestamp();
    let [delegate, unit] = [delegate, unit].map(str::to_owned);
    let delegation = pb::Delegation {
        delegate,
        unit,
        capacity: pb::Capacity::ByOrder.into(),
        valid_until: Some(prost_types::Timestamp { seconds: valid_until, nanos: 0 }),
        ..pb::Delegation::default()
    };
    let create = pb::CreateDelegationRequest { delegation: Some(delegation), ..Default::default() };
    Ok(call!(who, directory.create_delegation, create)?.delegation.unwrap())
}

/// Whether a grant or delegation has ended by now.
fn ended(world: &World, until: Option<prost_types::Timestamp>) -> bool {
    until.is_some_and(|until| until.seconds <= world.now().timestamp())
}

fn kept_out(status: &Status) -> bool {
    matches!(status.code(), Code::NotFound | Code::PermissionDenied)
}

fn target(code: &str) -> Option<pb::Target> {
    Some(pb::Target { code: code.to_owned(), ..pb::Target::default() })
}

/// A conduct case that `CUC-TS` has.
async fn accused(world: &World, unit: &str) -> String {
    let code = world.citizen().submits(feedback()).await.code;
    let accept = pb::AcceptPetitionRequest {
        target: target(&code),
        subject_class: pb::SubjectClass::Conduct.into(),
        field: "TELECOM".to_owned(),
        concerned_unit: unit.to_owned(),
        assignment: Some(pb::Assignment { unit: "CUC-TS".to_owned(), ..pb::Assignment::default() }),
        ..pb::AcceptPetitionRequest::default()
    };
    call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
    code
}

async fn assigns(world: &World, code: &str, unit: &str, handler: &str) -> Result<(), Status> {
    let [unit, handler] = [unit, handler].map(str::to_owned);
    let assignment = Some(pb::Assignment { unit, handler, ..pb::Assignment::default() });
    let assign = pb::AssignPetitionRequest { target: target(code), assignment, reason: String::new() };
    call!(world.dispatcher(), casework.assign_petition, assign).map(drop)
}

async fn lists(who: &Person<'_>) -> Vec<String> {
    let found = call!(who, casework.list_petitions, pb::ListPetitionsRequest::default()).unwrap();
    found.petitions.into_iter().map(|petition| petition.code).collect()
}

/// The directory's steps of a kind, with their facts.
async fn steps(world: &World, kind: &str) -> Vec<String> {
    let ask = pb::ListAuditEventsRequest { directory: true, kind: kind.to_owned(), ..Default::default() };
    let events = call!(world.who("admin"), supervision.list_audit_events, ask).unwrap().events;
    events.into_iter().filter_map(|one| one.event).map(|event| event.facts_json).collect()
}

on_both! {
    /// A name that was mistyped is put right, by whoever administers the unit and nobody else; its roles stay.
    async fn what_is_wrong_is_corrected(world: World) {
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        world.add_account("bc-admin", "CUC-BC", &[Role::Administrator]).await;
        let before = got(&world, "cuc-vt-handler").await;
        let right = pb::Account { name: "Đỗ Thị Mới".to_owned(), email: "moi@mic.example".to_owned(), ..of("cuc-vt-handler") };
        let update = |etag: &str| pb::UpdateAccountRequest { account: Some(right.clone()), etag: etag.to_owned(), ..Default::default() };
        let vt = world.who("vt-admin");
        let said = call!(vt, directory.update_account, update(&before.etag)).unwrap();
        assert_eq!(said.account, Some(pb::Account { unit: "CUC-VT".to_owned(), ..right.clone() }));
        let after = got(&world, "cuc-vt-handler").await;
        assert_eq!((&after.account, &after.etag, &after.grants), (&said.account, &said.etag, &before.grants));
        assert!(world.who("cuc-vt-handler").reads(&world.assigned("CUC-VT").await).await.is_ok(), "its token goes on");
        assert_eq!(call!(vt, directory.update_account, update(&before.etag)).unwrap_err().code(), Code::Aborted);
        assert_eq!(call!(vt, directory.update_account, update("")).unwrap().account, said.account, "nothing is said anew");
        let facts = steps(&world, "ACCOUNT_UPDATED").await;
        assert_eq!(facts.len(), 1, "{facts:?}");
        assert!(!facts[0].contains("Mới") && !facts[0].contains("moi@"), "{facts:?}");

        for login in ["bc-admin", "dispatcher", "cuc-vt-approver"] {
            let refused = call!(world.who(login), directory.update_account, update("")).unwrap_err();
            assert!(kept_out(&refused), "{login}: {refused:?}");
        }
        let wrong = pb::Account { unit: "NO".to_owned(), name: String::new(), email: "x".to_owned(), ..of("cuc-vt-handler") };
        let refused = says(&vt, wrong, &["unit", "name", "email", "closed"]).await.unwrap_err();
        assert_eq!(refused.fields(), ["account.unit", "account.name", "account.email"]);
        assert_eq!(moves(&vt, "cuc-vt-handler", "CUC-BC").await.unwrap_err().code(), Code::PermissionDenied, "not to another's unit");
        assert_eq!(moves(&vt, "cuc-bc-handler", "CUC-VT").await.unwrap_err().code(), Code::NotFound, "nor from there");
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Closed, an account is nobody on any process: its token, its roles, what was delegated by and to it. It is given
    /// nothing, and stays on record.
    async fn closed_it_is_nobody(world: World) {
        let code = world.assigned("CUC-VT").await;
        let approving = world.awaiting_approval().await;
        world.add_account("deputy", "CUC-VT", &[]).await;
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        let (head, handler, admin) = (world.who("cuc-vt-approver"), world.who("cuc-vt-handler"), world.who("vt-admin"));
        let [given, had] = [delegates(&head, "deputy", "CUC-VT").await.unwrap(), delegates(&head, "cuc-vt-handler", "CUC-VT").await.unwrap()];
        let there = world.another_process().await;
        let face = Face::open(&there, Options::default()).await;
        let mut elsewhere = CaseworkServiceClient::new(face.connect().await);
        let reads = || pb::GetPetitionRequest { code: code.clone() };
        elsewhere.get_petition(handler.ask(reads())).await.unwrap();
        handler.does(Deed::Start, &code).await;
        world.advance(minutes(1));

        let closed = closes(&admin, "cuc-vt-handler").await.unwrap();
        assert!(closed.closed && closed.closed_at.is_some_and(|at| at.seconds == world.now().timestamp()), "{closed:?}");
        assert_eq!(handler.reads(&code).await.unwrap_err().code(), Code::Unauthenticated);
        // A process that has not heard of it writes nothing for it, and lets it in no more once it has.
        let note = pb::AddNoteRequest { target: target(&code), text: "Ghi chú.".to_owned() };
        let refused = elsewhere.add_note(handler.ask(note)).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{refused:?}");
        there.refresh().await.unwrap();
        let refused = elsewhere.get_petition(handler.ask(reads())).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{refused:?}");
        let all = got(&world, "cuc-vt-handler").await.grants;
        assert!(!all.is_empty() && all.iter().all(|grant| ended(&world, grant.valid_until)), "{all:?}");
        let delegation = |id: &str| pb::GetDelegationRequest { id: id.to_owned() };
        let now = call!(head, directory.get_delegation, delegation(&had.id)).unwrap().delegation.unwrap();
        assert!(ended(&world, now.valid_until), "{now:?}");
        let tokens = pb::ListTokensRequest { account: "cuc-vt-handler".to_owned(), ..Default::default() };
        let tokens = call!(admin, directory.list_tokens, tokens).unwrap().tokens;
        assert!(tokens.iter().all(|token| token.revoked_at.is_some()), "{tokens:?}");

        // It is given nothing.
        assert_eq!(grants(&admin, "cuc-vt-handler", pb::Role::Clerk, "CUC-VT").await.unwrap_err().fields(), ["grant.account"]);
        let token = pb::CreateTokenRequest { account: "cuc-vt-handler".to_owned(), days: 9_999, ..Default::default() };
        assert_eq!(call!(admin, directory.create_token, token).unwrap_err().fields(), ["account", "days"], "every fault is named");
        assert_eq!(delegates(&head, "cuc-vt-handler", "CUC-VT").await.unwrap_err().fields(), ["delegation.delegate"]);
        assert_eq!(assigns(&world, &code, "CUC-VT", "cuc-vt-handler").await.unwrap_err().fields(), ["assignment.handler"]);
        let corrected = says(&admin, pb::Account { name: "Khác".to_owned(), ..of("cuc-vt-handler") }, &["name"]).await;
        assert_eq!(corrected.unwrap_err().told(), (Code::FailedPrecondition, "ACCOUNT_CLOSED".to_owned()));
        let of_closed = Terminal::on_host(&world).types(&["token", "create", "--account", "cuc-vt-handler"], "").await;
        assert!(of_closed.exit != Some(0) && of_closed.err.contains("is closed"), "{of_closed:?}");

        // With the head goes what the head delegated.
        let deputy = world.who("deputy");
        assert!(deputy.reads(&approving).await.is_ok());
        closes(&admin, "cuc-vt-approver").await.unwrap();
        assert!(kept_out(&deputy.reads(&approving).await.unwrap_err()));
        let now = call!(admin, directory.get_delegation, delegation(&given.id)).unwrap().delegation.unwrap();
        assert!(ended(&world, now.valid_until), "{now:?}");

        // What it did is on record, and so is its end.
        let ask = pb::ListAuditEventsRequest { actor: "cuc-vt-handler".to_owned(), ..Default::default() };
        let did = call!(world.who("supervisor"), supervision.list_audit_events, ask).unwrap().events;
        let did: Vec<_> = did.into_iter().filter_map(|one| one.event).collect();
        assert!(did.iter().any(|event| event.kind == "STARTED" && event.actor == "cuc-vt-handler"), "{did:?}");
        assert_eq!(steps(&world, "ACCOUNT_CLOSED").await.len(), 2);

        // Opened again, it is somebody without any role.
        let opened = says(&admin, of("cuc-vt-handler"), &["closed"]).await.unwrap();
        assert!(!opened.closed && opened.closed_at.is_none());
        world.renews_token("cuc-vt-handler").await;
        assert!(kept_out(&world.who("cuc-vt-handler").reads(&code).await.unwrap_err()));
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// What lies with somebody who is closed is found by their login, is told to whoever else handles for the unit, and is
    /// given to another.
    async fn what_lay_with_them_is_not_lost(world: World) {
        let admin = world.who("admin");
        world.add_account("second", "CUC-VT", &[Role::Handler]).await;
        let email = pb::Account { email: "second@mic.example".to_owned(), ..of("second") };
        says(&admin, email, &["email"]).await.unwrap();
        let code = world.assigned("CUC-VT").await;
        assigns(&world, &code, "CUC-VT", "cuc-vt-handler").await.unwrap();
        let other = world.assigned("CUC-VT").await;
        assigns(&world, &other, "CUC-VT", "second").await.unwrap();
        closes(&admin, "cuc-vt-handler").await.unwrap();
        let of_them = |login: &str| pb::PetitionFilter { handler: login.to_owned(), ..pb::PetitionFilter::default() };
        let ask = pb::ListPetitionsRequest { filter: Some(of_them("cuc-vt-handler")), ..Default::default() };
        let found = call!(world.dispatcher(), casework.list_petitions, ask).unwrap().petitions;
        assert_eq!(found.into_iter().map(|petition| petition.code).collect::<Vec<_>>(), [code.as_str()]);
        world.when("2026-03-02 09:00");
        world.run_workers().await;
        let letters = morning(&world).await;
        assert!(to(&letters, "second").text.contains(&code), "{letters:?}");
        assert!(!letters.iter().any(|letter| letter.to.starts_with("cuc-vt-handler@")), "{letters:?}");
        world.who("second").does(Deed::SaveDraft, &code).await;
        assigns(&world, &code, "CUC-VT", "second").await.unwrap();
    }

    /// Who goes to another unit leaves roles, delegations and tokens behind, wherever; all else they are given anew.
    async fn who_moves_begins_anew(world: World) {
        let admin = world.who("admin");
        world.add_account("deputy", "CUC-VT", &[Role::Handler]).await;
        delegates(&world.who("cuc-vt-approver"), "deputy", "CUC-VT").await.unwrap();
        grants(&admin, "deputy", pb::Role::Supervisor, "BTTTT").await.unwrap();
        let code = world.awaiting_approval().await;
        let deputy = world.who("deputy");
        assert!(deputy.reads(&code).await.is_ok());
        world.advance(minutes(1));
        assert_eq!(moves(&admin, "deputy", "CUC-TS").await.unwrap().unit, "CUC-TS");
        assert_eq!(deputy.reads(&code).await.unwrap_err().code(), Code::Unauthenticated, "a token of the old unit");
        world.renews_token("deputy").await;
        assert!(kept_out(&deputy.reads(&code).await.unwrap_err()));
        let approve = pb::ApproveAnswerRequest { target: target(&code), capacity: pb::Capacity::ByOrder.into() };
        assert!(kept_out(&call!(deputy, casework.approve_answer, approve).unwrap_err()));
        assert!(got(&world, "deputy").await.grants.iter().all(|grant| ended(&world, grant.valid_until)));
        let facts = steps(&world, "ACCOUNT_MOVED").await;
        assert!(facts.len() == 1 && facts[0].matches("-7").count() >= 4, "it says what ended: {facts:?}");
        grants(&admin, "deputy", pb::Role::Handler, "CUC-TS").await.unwrap();
        assert!(deputy.reads(&world.assigned("CUC-TS").await).await.is_ok());
    }

    /// Who stood in the unit complained of when the petition came keeps out of it after moving away: of the case, its
    /// sender, its letters, and what others would do for them. Of what comes later they may know.
    async fn who_left_keeps_out(world: World) {
        let admin = world.who("admin");
        for login in ["left", "never-there"] {
            world.add_account(login, if login == "left" { "CUC-BC" } else { "CUC-TS" }, &[]).await;
        }
        world.add_account("helper", "CUC-TS", &[]).await;
        let before = accused(&world, "CUC-BC").await;
        world.advance(minutes(1));
        // By way of another unit.
        moves(&admin, "left", "CUC-VT").await.unwrap();
        world.advance(minutes(1));
        moves(&admin, "left", "CUC-TS").await.unwrap();
        world.renews_token("left").await;
        use pb::Role as R;
        for login in ["left", "never-there"] {
            for (role, unit) in [(R::Handler, "CUC-TS"), (R::Approver, "CUC-TS"), (R::Supervisor, "BTTTT"), (R::Operator, "BTTTT")] {
                grants(&admin, login, role, unit).await.unwrap();
            }
        }
        let after = accused(&world, "CUC-BC").await;
        let (left, never) = (world.who("left"), world.who("never-there"));
        assert_eq!(left.reads(&before).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(lists(&left).await, std::slice::from_ref(&after));
        assert!(left.reads(&after).await.is_ok());
        let mut both = lists(&never).await;
        both.sort();
        let mut wanted = vec![before.clone(), after.clone()];
        wanted.sort();
        assert_eq!(both, wanted);
        let look = |code: &str| pb::RevealPetitionerRequest { code: code.to_owned(), reason: "Gọi điện hỏi thêm".to_owned(), ..Default::default() };
        assert_eq!(call!(left, casework.reveal_petitioner, look(&before)).unwrap_err().code(), Code::NotFound);
        assert_eq!(call!(never, casework.reveal_petitioner, look(&before)).unwrap().petitioner.unwrap().name, feedback().petitioner.unwrap().name);
        let looks = call!(left, supervision.list_reveals, pb::ListRevealsRequest::default()).unwrap().reveals;
        assert_eq!(looks, []);
        let trail = call!(left, supervision.list_audit_events, pb::ListAuditEventsRequest::default()).unwrap().events;
        assert!(trail.iter().all(|event| event.code == after) && !trail.is_empty(), "{trail:?}");
        let letters = call!(left, delivery.list_letters, pb::ListLettersRequest::default()).unwrap().letters;
        assert!(letters.iter().all(|letter| letter.code == after) && !letters.is_empty(), "{letters:?}");
        let refused = assigns(&world, &before, "CUC-TS", "left").await.unwrap_err();
        assert_eq!(refused.fields(), ["assignment.handler"]);
        assigns(&world, &after, "CUC-TS", "left").await.unwrap();

        // Nor does anybody act for them there.
        delegates(&left, "helper", "CUC-TS").await.unwrap();
        let helper = world.who("helper");
        assert_eq!(helper.reads(&before).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(lists(&helper).await, [after]);
        // They explain nothing for the unit that they left.
        grants(&admin, "left", R::Handler, "CUC-BC").await.unwrap();
        let share = pb::ShareRedactedCopyRequest { target: target(&before), text: "Nhân viên quầy không nhận hồ sơ đúng giờ.".to_owned() };
        call!(never, casework.share_redacted_copy, share).unwrap();
        assert_eq!(world.reads_copies(&left).await, Vec::<String>::new());
        assert_eq!(world.reads_copies(&world.who("cuc-bc-handler")).await.len(), 1);
    }

    /// What somebody is told of places elsewhere is sent where their administrators there say.
    async fn notices_are_not_sent_elsewhere(world: World) {
        let (admin, local) = (world.who("admin"), "local");
        for login in [local, "over-all"] {
            world.add_account(login, "CUC-VT", &[]).await;
        }
        grants(&admin, local, pb::Role::Administrator, "CUC-VT").await.unwrap();
        grants(&admin, "over-all", pb::Role::Supervisor, "BTTTT").await.unwrap();
        let redirect = || pb::Account { email: "khac@mic.example".to_owned(), ..of("over-all") };
        let refused = says(&world.who(local), redirect(), &["email"]).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let name = pb::Account { name: "Họ tên đúng".to_owned(), ..of("over-all") };
        says(&world.who(local), name, &["name"]).await.unwrap();
        says(&admin, redirect(), &["email"]).await.unwrap();
    }

    /// Who stands in a dissolved unit is closed all the same, with its unit said again as it was read.
    async fn who_stands_in_a_dissolved_unit_is_closed(world: World) {
        let admin = world.who("admin");
        world.add_account("stays", "CUC-BC", &[]).await;
        crate::units::close(&admin, crate::units::closing("CUC-BC", "2026-02-12", "CUC-VT")).await.unwrap();
        crate::units::succeeded(&world).await;
        let read = got(&world, "stays").await.account.unwrap();
        let closed = says(&admin, pb::Account { closed: true, ..read }, &["unit", "name", "closed"]).await.unwrap();
        assert!(closed.closed && closed.unit == "CUC-BC");
    }

    /// Whoever has the case in hand cannot have stood there: it is said anew of whom it complains once it is assigned
    /// elsewhere.
    async fn a_case_is_not_turned_against_who_left(world: World) {
        let admin = world.who("admin");
        world.add_account("left", "CUC-BC", &[]).await;
        let code = world.assigned("CUC-TS").await;
        world.advance(minutes(1));
        moves(&admin, "left", "CUC-TS").await.unwrap();
        grants(&admin, "left", pb::Role::Handler, "CUC-TS").await.unwrap();
        assigns(&world, &code, "CUC-TS", "left").await.unwrap();
        let anew = || pb::ReclassifyPetitionRequest {
            target: target(&code),
            subject_class: pb::SubjectClass::Conduct.into(),
            concerned_unit: "CUC-BC".to_owned(),
            reason: "Phản ánh về hành vi.".to_owned(),
            ..pb::ReclassifyPetitionRequest::default()
        };
        let refused = call!(world.dispatcher(), casework.reclassify_petition, anew()).unwrap_err();
        assert_eq!(refused.fields(), ["concerned_unit"]);
        assigns(&world, &code, "CUC-TS", "").await.unwrap();
        call!(world.dispatcher(), casework.reclassify_petition, anew()).unwrap();
    }

    /// Somebody is always left who can give roles over the whole tree.
    async fn the_last_administrator_stays(world: World) {
        let admin = world.who("admin");
        let told = (Code::FailedPrecondition, "LAST_ADMINISTRATOR".to_owned());
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        assert_eq!(closes(&admin, "admin").await.unwrap_err().told(), told);
        assert_eq!(moves(&admin, "admin", "CUC-VT").await.unwrap_err().told(), told);
        let own = got(&world, "admin").await.grants.into_iter().find(|grant| grant.role() == pb::Role::Administrator).unwrap();
        let revoke = || pb::RevokeGrantRequest { id: own.id.clone(), ..Default::default() };
        assert_eq!(call!(admin, directory.revoke_grant, revoke()).unwrap_err().told(), told);
        // Not of somebody who is so for a while only.
        world.add_account("acting", "BTTTT", &[]).await;
        let until = prost_types::Timestamp { seconds: (world.now() + days(5)).timestamp(), nanos: 0 };
        let grant = pb::Grant {
            account: "acting".to_owned(),
            role: pb::Role::Administrator.into(),
            unit: "BTTTT".to_owned(),
            valid_until: Some(until),
            ..pb::Grant::default()
        };
        call!(admin, directory.create_grant, pb::CreateGrantRequest { grant: Some(grant), ..Default::default() }).unwrap();
        assert_eq!(closes(&admin, "admin").await.unwrap_err().told(), told);
        closes(&admin, "acting").await.unwrap();
        world.add_account("second", "BTTTT", &[Role::Administrator]).await;
        closes(&world.who("second"), "admin").await.unwrap();
        assert_eq!(closes(&world.who("second"), "second").await.unwrap_err().told(), told);
    }
}
