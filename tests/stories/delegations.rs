//! An approver who is away has somebody approve for them: who, over what, in what capacity, until when; and no more.

mod told;

use pakn::{
    domain::{
        account::Grant,
        ids::{AccountId, GrantId},
        words::Role,
    },
    pb::{self, PetitionState as S},
};
use prost_types::Timestamp;
use tonic::{Code, Status};

use crate::{
    call, on_both,
    terminal::Terminal,
    world::{Deed, Person, Refused as _, World, days, feedback, hours},
};

const HEAD: &str = "cuc-vt-approver";
const ID: &str = "0193e2c4-8f00-7000-8000-00000000000d";

fn in_days(world: &World, amount: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: (world.now() + days(amount)).timestamp(), nanos: 0 })
}

/// To a deputy, by order, for ten days.
fn wanted(world: &World) -> pb::Delegation {
    pb::Delegation {
        delegate: "deputy".to_owned(),
        unit: "CUC-VT".to_owned(),
        capacity: pb::Capacity::ByOrder.into(),
        valid_until: in_days(world, 10),
        ..pb::Delegation::default()
    }
}

async fn delegates(who: &Person<'_>, delegation: pb::Delegation) -> Result<pb::Delegation, Status> {
    let create = pb::CreateDelegationRequest { delegation: Some(delegation), ..Default::default() };
    Ok(call!(who, directory.create_delegation, create)?.delegation.unwrap())
}

async fn revokes(who: &Person<'_>, id: &str) -> Result<pb::Delegation, Status> {
    let revoke = pb::RevokeDelegationRequest { id: id.to_owned(), ..Default::default() };
    Ok(call!(who, directory.revoke_delegation, revoke)?.delegation.unwrap())
}

async fn listed(who: &Person<'_>) -> Vec<pb::Delegation> {
    call!(who, directory.list_delegations, pb::ListDelegationsRequest::default()).unwrap().delegations
}

async fn approves(who: &Person<'_>, code: &str, capacity: pb::Capacity) -> Result<pb::Outcome, Status> {
    let target = Some(pb::Target { code: code.to_owned(), ..pb::Target::default() });
    let approve = pb::ApproveAnswerRequest { target, capacity: capacity.into() };
    Ok(call!(who, casework.approve_answer, approve)?.outcome.unwrap())
}

/// The facts of the last step of a petition.
async fn last_facts(world: &World, code: &str) -> (String, String) {
    let ask = pb::ListPetitionEventsRequest { code: code.to_owned(), page: None };
    let events = call!(world.dispatcher(), casework.list_petition_events, ask).unwrap().events;
    let last = events.into_iter().next_back().unwrap();
    (last.kind, last.facts_json)
}

async fn grant(world: &World, login: &str, role: Role, unit: &str) -> GrantId {
    let reference = world.app.reference();
    let (account, unit): (AccountId, _) = (reference.logins[login], reference.units.by_code(unit).unwrap().id);
    let id = GrantId(world.app.source().id(world.now()));
    let grant = Grant { from: Some(world.now()), ..Grant::for_good(id, account, role, unit) };
    world.app.direct_as(None, &[pakn::app::DirectoryStep::Grant(grant)]).await.unwrap();
    id
}

/// A head who signs, and a deputy without any role.
async fn a_deputy(world: &World) {
    world.add_account("deputy", "CUC-VT", &[]).await;
}

fn kept_out(status: &Status) -> bool {
    matches!(status.code(), Code::NotFound | Code::PermissionDenied)
}

on_both! {
    /// The deputy signs in the capacity that was delegated, sends back, reads for that, and does nothing else.
    async fn a_deputy_approves_for_the_head(world: World) {
        a_deputy(&world).await;
        let [code, other, elsewhere] = [world.awaiting_approval().await, world.awaiting_approval().await, world.assigned("CUC-BC").await];
        let (head, deputy) = (world.who(HEAD), world.who("deputy"));
        assert!(kept_out(&approves(&deputy, &code, pb::Capacity::ByOrder).await.unwrap_err()));
        assert!(kept_out(&deputy.reads(&code).await.unwrap_err()));

        let made = delegates(&head, wanted(&world)).await.unwrap();
        assert_eq!((made.delegator.as_str(), made.delegate.as_str(), made.capacity()), (HEAD, "deputy", pb::Capacity::ByOrder));
        assert_eq!(listed(&deputy).await, std::slice::from_ref(&made));
        let found = call!(deputy, casework.list_petitions, pb::ListPetitionsRequest::default()).unwrap().petitions;
        let mut codes: Vec<_> = found.iter().map(|petition| petition.code.clone()).collect();
        codes.sort();
        let mut held = vec![code.clone(), other.clone()];
        held.sort();
        assert_eq!(codes, held, "what the unit has, and nothing else");
        assert_eq!(call!(deputy, casework.count_petitions, pb::CountPetitionsRequest::default()).unwrap().total, 2);
        assert_eq!(deputy.reads(&code).await.unwrap().content, feedback().content);
        assert!(kept_out(&deputy.reads(&elsewhere).await.unwrap_err()));
        for deed in [Deed::AddNote, Deed::Return, Deed::Assign("CUC-VT-DV"), Deed::Extend, Deed::Refuse, Deed::SaveDraft] {
            let refused = deputy.tries(deed.clone(), &code).await.unwrap_err();
            assert_eq!(refused.told(), (Code::PermissionDenied, "FORBIDDEN".to_owned()), "{deed:?}");
        }
        let look = pb::RevealPetitionerRequest { code: code.clone(), reason: "Xem ai gửi.".to_owned(), ..Default::default() };
        assert_eq!(call!(deputy, casework.reveal_petitioner, look).unwrap_err().code(), Code::PermissionDenied);

        for capacity in [pb::Capacity::Head, pb::Capacity::Deputy, pb::Capacity::Authorised] {
            let refused = approves(&deputy, &code, capacity).await.unwrap_err();
            assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, vec!["capacity".to_owned()]));
            assert!(refused.message().contains("BY_ORDER"), "{refused:?}");
        }
        assert_eq!(approves(&deputy, &code, pb::Capacity::ByOrder).await.unwrap().state(), S::Answered);
        let named = format!("\"delegation\":\"{}\"", made.id);
        let (kind, facts) = last_facts(&world, &code).await;
        assert!(kind == "ANSWERED" && facts.contains(&named) && facts.contains("BY_ORDER"), "{facts}");
        let read = world.dispatcher().reads(&code).await.unwrap();
        assert_eq!((read.approved_by.as_str(), read.capacity()), ("deputy", pb::Capacity::ByOrder));
        deputy.does(Deed::SendBack, &other).await;
        let (kind, facts) = last_facts(&world, &other).await;
        assert!(kind == "DRAFT_SENT_BACK" && facts.contains(&named), "{facts}");

        // The head signs on, in the own right.
        world.who("cuc-vt-handler").does(Deed::SubmitDraft, &other).await;
        head.does(Deed::Approve, &other).await;
        assert!(!last_facts(&world, &other).await.1.contains("delegation"));
        let trail = pb::ListAuditEventsRequest { directory: true, ..Default::default() };
        let trail = call!(world.who("admin"), supervision.list_audit_events, trail).unwrap().events;
        let steps: Vec<_> = trail.into_iter().filter_map(|step| step.event).collect();
        let step = steps.iter().find(|step| step.kind == "DELEGATION_CREATED").unwrap();
        assert!(step.actor == HEAD && step.facts_json.contains(&made.id), "{step:?}");
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// It begins and ends with its days, with a word, and with the role that it rests on; a new role does not wake it.
    async fn a_delegation_ends(world: World) {
        a_deputy(&world).await;
        let [code, next] = [world.awaiting_approval().await, world.awaiting_approval().await];
        let (head, deputy) = (world.who(HEAD), world.who("deputy"));
        let planned = pb::Delegation { valid_from: in_days(&world, 2), ..wanted(&world) };
        delegates(&head, planned).await.unwrap();
        assert!(kept_out(&deputy.reads(&code).await.unwrap_err()), "not yet");
        world.advance(days(2));
        deputy.reads(&code).await.unwrap();
        world.advance(days(8));
        assert!(kept_out(&approves(&deputy, &code, pb::Capacity::ByOrder).await.unwrap_err()), "no longer");

        let made = delegates(&head, wanted(&world)).await.unwrap();
        // Another process has served it, and hears of its end before it decides.
        let there = world.another_process().await;
        deputy.reads(&code).await.unwrap();
        let ended = revokes(&head, &made.id).await.unwrap();
        assert_eq!(revokes(&head, &made.id).await.unwrap(), ended, "ending it twice changes nothing");
        assert!(kept_out(&approves(&deputy, &code, pb::Capacity::ByOrder).await.unwrap_err()));
        let account = there.reference().logins["deputy"];
        there.refresh().await.unwrap();
        assert!(there.reference().actor(account, world.now()).unwrap().delegated().is_empty());

        delegates(&head, wanted(&world)).await.unwrap();
        deputy.reads(&code).await.unwrap();
        let grants = call!(world.who("admin"), directory.list_grants, pb::ListGrantsRequest { account: HEAD.to_owned(), page: None });
        let own = grants.unwrap().grants.into_iter().find(|grant| grant.role() == pb::Role::Approver).unwrap();
        let revoke = pb::RevokeGrantRequest { id: own.id, ..Default::default() };
        call!(world.who("admin"), directory.revoke_grant, revoke).unwrap();
        assert!(kept_out(&approves(&deputy, &next, pb::Capacity::ByOrder).await.unwrap_err()));
        world.advance(hours(1));
        grant(&world, HEAD, Role::Approver, "CUC-VT").await;
        assert!(kept_out(&approves(&deputy, &next, pb::Capacity::ByOrder).await.unwrap_err()), "it ended for good");
        head.does(Deed::Approve, &next).await;
    }

    /// What one has not cannot be delegated; all that is wrong is told at once.
    async fn what_cannot_be_delegated(world: World) {
        a_deputy(&world).await;
        world.add_account("their-portal", "CUC-VT", &[Role::Portal]).await;
        let head = world.who(HEAD);
        let fields = async |delegation: pb::Delegation| -> Vec<String> {
            let refused = delegates(&head, delegation).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
            refused.fields()
        };
        let own = || wanted(&world);
        let delegation = |field: &str| vec![format!("delegation.{field}")];
        assert_eq!(fields(pb::Delegation { unit: "BTTTT".to_owned(), ..own() }).await, delegation("unit"));
        assert_eq!(fields(pb::Delegation { unit: "CUC-BC".to_owned(), ..own() }).await, delegation("unit"));
        assert_eq!(fields(pb::Delegation { delegate: HEAD.to_owned(), ..own() }).await, delegation("delegate"));
        assert_eq!(fields(pb::Delegation { delegate: "cuc-bc-handler".to_owned(), ..own() }).await, delegation("delegate"));
        assert_eq!(fields(pb::Delegation { delegate: "their-portal".to_owned(), ..own() }).await, delegation("delegate"));
        assert_eq!(fields(pb::Delegation { capacity: pb::Capacity::Head.into(), ..own() }).await, delegation("capacity"));
        assert_eq!(fields(pb::Delegation { valid_until: in_days(&world, 367), ..own() }).await, delegation("valid_until"));
        assert_eq!(fields(pb::Delegation { valid_until: in_days(&world, -1), ..own() }).await, delegation("valid_until"));
        assert_eq!(fields(pb::Delegation { valid_from: in_days(&world, 11), ..own() }).await, delegation("valid_until"));
        assert_eq!(fields(pb::Delegation { valid_from: in_days(&world, -1), ..own() }).await, delegation("valid_from"));
        let all = fields(pb::Delegation { id: "x".to_owned(), valid_until: None, unit: "NO".to_owned(), capacity: 0, delegate: "no".to_owned(), ..own() }).await;
        let every = ["id", "delegate", "unit", "capacity", "valid_until"].map(|field| format!("delegation.{field}"));
        assert_eq!(all, every);

        let create = || pb::CreateDelegationRequest { delegation: Some(own()), request_id: ID.to_owned() };
        let first = call!(head, directory.create_delegation, create()).unwrap();
        assert_eq!(call!(head, directory.create_delegation, create()).unwrap(), first);
        let other = pb::Delegation { unit: "CUC-VT-DV".to_owned(), ..own() };
        let reused = pb::CreateDelegationRequest { delegation: Some(other), request_id: ID.to_owned() };
        let refused = call!(head, directory.create_delegation, reused).unwrap_err();
        assert_eq!(refused.told(), (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned()));
        // In one capacity at a time.
        let again = pb::Delegation { capacity: pb::Capacity::Deputy.into(), ..own() };
        assert_eq!(delegates(&head, again.clone()).await.unwrap_err().code(), Code::AlreadyExists);
        delegates(&head, pb::Delegation { valid_from: in_days(&world, 10), valid_until: in_days(&world, 20), ..again }).await.unwrap();

        // Not for longer than the role itself.
        world.add_account("acting", "CUC-VT", &[]).await;
        let (reference, now) = (world.app.reference(), world.now());
        let (account, unit) = (reference.logins["acting"], reference.units.by_code("CUC-VT").unwrap().id);
        let id = GrantId(world.app.source().id(now));
        let acting = Grant { until: Some(now + days(5)), ..Grant::for_good(id, account, Role::Approver, unit) };
        world.app.direct_as(None, &[pakn::app::DirectoryStep::Grant(acting)]).await.unwrap();
        let refused = delegates(&world.who("acting"), own()).await.unwrap_err();
        assert_eq!(refused.fields(), delegation("valid_until"));
        delegates(&world.who("acting"), pb::Delegation { valid_until: in_days(&world, 5), ..own() }).await.unwrap();
    }

    /// A token speaks for its account: who administers a part makes none for somebody who approves beyond it.
    async fn no_token_is_made_for_what_lies_elsewhere(world: World) {
        world.add_account("deputy", "CUC-VT-DV", &[]).await;
        world.add_account("dv-admin", "CUC-VT-DV", &[Role::Administrator]).await;
        let makes = async |who: &str| {
            let create = pb::CreateTokenRequest { account: "deputy".to_owned(), label: "bàn".to_owned(), days: 1, ..Default::default() };
            call!(world.who(who), directory.create_token, create)
        };
        makes("dv-admin").await.unwrap();
        let made = delegates(&world.who(HEAD), wanted(&world)).await.unwrap();
        assert_eq!(makes("dv-admin").await.unwrap_err().code(), Code::PermissionDenied);
        makes("admin").await.unwrap();
        revokes(&world.who(HEAD), &made.id).await.unwrap();
        makes("dv-admin").await.unwrap();
    }

    /// The approver for themselves, an administrator of the place for others; nobody hands on what was delegated.
    async fn who_may_delegate(world: World) {
        a_deputy(&world).await;
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        world.add_account("bc-admin", "CUC-BC", &[Role::Administrator]).await;
        let for_head = || pb::Delegation { delegator: HEAD.to_owned(), ..wanted(&world) };
        for login in ["cuc-vt-handler", "deputy", "cuc-bc-approver", "bc-admin", "dispatcher"] {
            assert!(kept_out(&delegates(&world.who(login), for_head()).await.unwrap_err()), "{login}");
        }
        let made = delegates(&world.who("vt-admin"), for_head()).await.unwrap();
        assert_eq!(made.delegator, HEAD);
        world.add_account("third", "CUC-VT", &[]).await;
        let on = pb::Delegation { delegate: "third".to_owned(), ..wanted(&world) };
        let deputy = world.who("deputy");
        assert_eq!(delegates(&deputy, on.clone()).await.unwrap_err().code(), Code::PermissionDenied);
        let handed = pb::Delegation { delegator: HEAD.to_owned(), ..on };
        assert_eq!(delegates(&deputy, handed).await.unwrap_err().code(), Code::PermissionDenied);

        let get = |id: &str| pb::GetDelegationRequest { id: id.to_owned() };
        for login in ["vt-admin", HEAD, "deputy", "admin"] {
            let got = call!(world.who(login), directory.get_delegation, get(&made.id)).unwrap();
            assert_eq!(got.delegation, Some(made.clone()), "{login}");
        }
        for login in ["bc-admin", "cuc-bc-approver"] {
            let refused = call!(world.who(login), directory.get_delegation, get(&made.id)).unwrap_err();
            assert_eq!(refused.code(), Code::NotFound, "{login}");
            assert_eq!(listed(&world.who(login)).await, [], "{login}");
            assert_eq!(revokes(&world.who(login), &made.id).await.unwrap_err().code(), Code::NotFound, "{login}");
        }
        assert_eq!(revokes(&deputy, &made.id).await.unwrap_err().code(), Code::PermissionDenied);
        // The head above ends it as well.
        world.add_account("minister", "BTTTT", &[Role::Approver]).await;
        revokes(&world.who("minister"), &made.id).await.unwrap();
        assert!(kept_out(&deputy.reads(&world.awaiting_approval().await).await.unwrap_err()));
    }

    /// Whoever drafted does not approve, for another neither, nor is it approved for them; the head above may.
    async fn drafting_and_approving_stay_apart(world: World) {
        world.add_account("deputy", "CUC-VT", &[Role::Handler]).await;
        let (head, deputy) = (world.who(HEAD), world.who("deputy"));
        grant(&world, HEAD, Role::Handler, "CUC-VT").await;
        delegates(&head, wanted(&world)).await.unwrap();
        let drafted_by = async |login: &'static str| {
            let code = world.assigned("CUC-VT").await;
            world.who(login).does(Deed::SaveDraft, &code).await;
            world.who(login).does(Deed::SubmitDraft, &code).await;
            code
        };
        for login in ["deputy", HEAD] {
            let code = drafted_by(login).await;
            let refused = approves(&deputy, &code, pb::Capacity::ByOrder).await.unwrap_err();
            assert_eq!(refused.told(), (Code::FailedPrecondition, "OWN_DRAFT".to_owned()), "{login}");
        }
        // With nobody else to approve at the unit, the one above it does.
        let code = drafted_by(HEAD).await;
        let refused = head.tries(Deed::Approve, &code).await.unwrap_err();
        assert_eq!(refused.told(), (Code::FailedPrecondition, "OWN_DRAFT".to_owned()));
        world.add_account("minister", "BTTTT", &[Role::Approver]).await;
        assert!(kept_out(&approves(&world.who("cuc-bc-approver"), &code, pb::Capacity::Head).await.unwrap_err()));
        assert_eq!(world.who("minister").does(Deed::Approve, &code).await.state(), S::Answered);
    }

    /// Somebody complained of has nobody act for them in it, and whoever is complained of acts for nobody.
    async fn nothing_is_delegated_by_those_complained_of(world: World) {
        a_deputy(&world).await;
        world.add_account("seconded", "CUC-BC", &[]).await;
        grant(&world, "seconded", Role::Approver, "BTTTT").await;
        world.add_account("theirs", "CUC-BC", &[]).await;
        let seconded = world.who("seconded");
        for delegate in ["deputy", "theirs"] {
            let delegate = delegate.to_owned();
            delegates(&seconded, pb::Delegation { delegate, ..wanted(&world) }).await.unwrap();
        }
        let theirs = pb::Delegation { delegate: "theirs".to_owned(), delegator: "minister".to_owned(), ..wanted(&world) };
        world.add_account("minister", "BTTTT", &[Role::Approver]).await;
        delegates(&world.who("admin"), theirs).await.unwrap();
        let code = world.citizen().submits(feedback()).await.code;
        let open = world.awaiting_approval().await;
        let target = || Some(pb::Target { code: code.clone(), ..pb::Target::default() });
        let accept = pb::AcceptPetitionRequest {
            target: target(),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "TELECOM-SUBSCRIBER".to_owned(),
            concerned_unit: "CUC-BC".to_owned(),
            assignment: Some(pb::Assignment { unit: "CUC-VT".to_owned(), ..pb::Assignment::default() }),
            ..pb::AcceptPetitionRequest::default()
        };
        call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
        world.who("cuc-vt-handler").does(Deed::SaveDraft, &code).await;
        let finding = pb::Finding::Unfounded.into();
        let submit = pb::SubmitDraftRequest { target: target(), outcome_kind: pb::OutcomeKind::Explained.into(), finding };
        call!(world.who("cuc-vt-handler"), casework.submit_draft, submit).unwrap();
        for login in ["deputy", "theirs", "seconded"] {
            let who = world.who(login);
            assert_eq!(who.reads(&code).await.unwrap_err().code(), Code::NotFound, "{login}");
            assert_eq!(approves(&who, &code, pb::Capacity::ByOrder).await.unwrap_err().code(), Code::NotFound, "{login}");
            let found = call!(who, casework.list_petitions, pb::ListPetitionsRequest::default()).unwrap().petitions;
            assert_eq!(found.into_iter().map(|petition| petition.code).collect::<Vec<_>>(), std::slice::from_ref(&open), "{login}");
        }
        // Of somebody else's, the deputy may.
        let from_head = pb::Delegation { capacity: pb::Capacity::Authorised.into(), ..wanted(&world) };
        delegates(&world.who(HEAD), from_head).await.unwrap();
        assert_eq!(approves(&world.who("deputy"), &code, pb::Capacity::ByOrder).await.unwrap_err().fields(), ["capacity"]);
        approves(&world.who("deputy"), &code, pb::Capacity::Authorised).await.unwrap();
    }

    /// From a terminal: made, listed, ended.
    async fn delegations_from_a_terminal(world: World) {
        a_deputy(&world).await;
        let [head, admin] = [HEAD, "admin"].map(|login| Terminal::of(&world.who(login)));
        let until = (world.now() + days(3)).to_rfc3339();
        let made = head.asks(&["delegation", "create", "deputy", "--unit", "CUC-VT", "--capacity", "deputy", "--until", &until]).await;
        let id = made["delegation"]["id"].as_str().unwrap().to_owned();
        assert_eq!((&made["delegation"]["capacity"], &made["delegation"]["delegator"]), (&"DEPUTY".into(), &HEAD.into()));
        let of_deputy = admin.asks(&["delegation", "list", "--account", "deputy"]).await;
        assert_eq!(of_deputy["delegations"][0]["id"], id.as_str());
        assert_eq!(head.asks(&["delegation", "show", &id]).await["delegation"]["delegate"], "deputy");
        let ended = admin.asks(&["delegation", "revoke", &id]).await;
        assert_ne!(ended["delegation"]["valid_until"], made["delegation"]["valid_until"]);
        let for_them = ["delegation", "create", "deputy", "--for", HEAD, "--unit", "CUC-VT-DV", "--capacity", "by_order", "--until", &until];
        assert_eq!(admin.asks(&for_them).await["delegation"]["unit"], "CUC-VT-DV");
    }
}
