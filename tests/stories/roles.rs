//! The "who" column: whoever does not stand in it is told so, or may not even know that the petition exists.

use pakn::{domain::words::Role, pb};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, Refused as _, feedback, feedback_of},
};

const ROLES: [(&str, Role); 8] = [
    ("portal", Role::Portal),
    ("clerk", Role::Clerk),
    ("dispatcher", Role::Dispatcher),
    ("handler", Role::Handler),
    ("approver", Role::Approver),
    ("supervisor", Role::Supervisor),
    ("administrator", Role::Administrator),
    ("operator", Role::Operator),
];
const STAFF: [&str; 5] = ["clerk", "dispatcher", "handler", "approver", "supervisor"];

/// Steps that lead there, the command, and who may give it (from the design). Clerks act for petitioners.
fn column() -> Vec<(Vec<Deed>, Deed, Vec<&'static str>)> {
    use Deed as D;
    let accepted = || vec![D::Accept];
    let assigned = || vec![D::Accept, D::Assign("CUC-VT")];
    let working = || [assigned(), vec![D::SaveDraft]].concat();
    let waiting = || [working(), vec![D::SubmitDraft]].concat();
    let answered = || [waiting(), vec![D::Approve]].concat();
    let redacted = || [answered(), vec![D::SaveRedaction]].concat();
    vec![
        (vec![], D::RequestInformation, vec!["dispatcher"]),
        (accepted(), D::RequestInformation, vec!["dispatcher"]),
        (working(), D::RequestInformation, vec!["dispatcher", "handler"]),
        (vec![D::RequestInformation], D::ProvideInformation, vec!["clerk"]),
        (vec![], D::Accept, vec!["dispatcher"]),
        (vec![], D::Reclassify, vec!["dispatcher"]),
        (assigned(), D::Reclassify, vec!["dispatcher"]),
        (vec![], D::Refuse, vec!["dispatcher"]),
        (vec![D::RequestInformation], D::Refuse, vec!["dispatcher"]),
        (accepted(), D::Refuse, vec!["approver"]),
        ([accepted(), vec![D::RequestInformation]].concat(), D::Refuse, vec!["approver"]),
        (vec![], D::Transfer, vec!["dispatcher"]),
        (accepted(), D::Transfer, vec!["dispatcher"]),
        (accepted(), D::Assign("BTTTT-VP"), vec!["dispatcher", "approver"]),
        (assigned(), D::Assign("CUC-VT-DV"), vec!["dispatcher", "approver"]),
        (assigned(), D::Assign("CUC-BC"), vec!["dispatcher"]),
        (assigned(), D::Return, vec!["handler", "approver"]),
        (assigned(), D::Start, vec!["handler"]),
        (assigned(), D::SaveDraft, vec!["handler"]),
        (working(), D::SubmitDraft, vec!["handler"]),
        (waiting(), D::SendBack, vec!["approver"]),
        (waiting(), D::Approve, vec!["approver"]),
        (answered(), D::RecallAnswer, vec!["dispatcher"]),
        (assigned(), D::Extend, vec!["approver"]),
        (vec![], D::Withdraw, vec![]),
        (answered(), D::Rate, vec!["clerk"]),
        (answered(), D::Reopen, vec![]),
        (vec![], D::AddNote, STAFF.to_vec()),
        (answered(), D::SaveRedaction, vec!["dispatcher"]),
        (redacted(), D::Publish(1), vec!["dispatcher"]),
        ([redacted(), vec![D::Publish(1)]].concat(), D::TakeDown, vec!["dispatcher"]),
    ]
}

on_both! {
    /// One account for each role over the whole tree, every command: only the column's roles get through.
    async fn each_wrong_role_is_refused(world: World) {
        world.add_mighty().await;
        for (name, role) in ROLES {
            world.add_account(&format!("only-{name}"), "BTTTT", &[role]).await;
        }
        for (n, (steps, deed, allowed)) in column().into_iter().enumerate() {
            let ready = async |name: String| {
                let code = world.citizen().submits(feedback_of(&name)).await.code;
                for step in &steps {
                    let who = if *step == Deed::Approve { "mighty-too" } else { "mighty" };
                    world.who(who).does(step.clone(), &code).await;
                }
                code
            };
            let code = ready(format!("wrong{n}")).await;
            let before = world.who("mighty").reads(&code).await.unwrap();
            for (name, _) in ROLES.iter().filter(|(name, _)| !allowed.contains(name)) {
                let status = world.who(&format!("only-{name}")).tries(deed.clone(), &code).await.expect_err(name);
                let expected = match (deed.of_petitioner(), *name) {
                    // The portal speaks for petitioners, with proof alone.
                    (true, "portal") => Code::InvalidArgument,
                    // Whoever has no role for it is told so before the petition is looked for.
                    _ => Code::PermissionDenied,
                };
                assert_eq!(status.code(), expected, "{} by {name}: {status:?}", deed.name());
            }
            assert_eq!(world.who("mighty").reads(&code).await.unwrap(), before, "a refusal moved something");
            for name in allowed {
                let code = ready(format!("right{n}{name}")).await;
                // Only the head from above the holder, not the holder's own, extends.
                world.who(&format!("only-{name}")).does(deed.clone(), &code).await;
            }
        }
    }

    /// Submitting is for portals, and for clerks where an official types it in.
    async fn only_portals_and_clerks_submit(world: World) {
        for (name, _) in ROLES.iter().filter(|(name, _)| !["portal", "clerk", "handler", "approver"].contains(name)) {
            let login = if *name == "administrator" { "admin" } else { name };
            let refused = world.who(login).tries_to_submit(feedback()).await.unwrap_err();
            assert_eq!(refused.code(), Code::PermissionDenied, "{name}");
        }
        let clerk = world.who("clerk");
        assert_eq!(clerk.tries_to_submit(feedback()).await.unwrap_err().code(), Code::PermissionDenied);
        let by_post = pb::SubmitPetitionRequest { channel: pb::Channel::Post.into(), ..feedback() };
        assert_eq!(world.citizen().tries_to_submit(by_post.clone()).await.unwrap_err().code(), Code::PermissionDenied);
        clerk.submits(by_post).await;
        let unknown = clerk.casework().list_petitions(pb::ListPetitionsRequest::default()).await.unwrap_err();
        assert_eq!(unknown.code(), Code::Unauthenticated);
    }

    /// Somebody else's key opens nothing; the petitioner's own does, in the portal's hands alone.
    async fn a_petition_opens_with_its_own_key(world: World) {
        let lan = world.citizen().submits(feedback()).await;
        let other = world.citizen().submits(feedback_of("minh")).await;
        let withdraw = |key: &str| pb::WithdrawPetitionRequest {
            target: Some(pb::Target { code: lan.code.clone(), ..pb::Target::default() }),
            proof: Some(pb::Proof { access_key: key.to_owned(), portal_subject: String::new() }),
            reason: String::new(),
        };
        let track = |key: &str| pb::TrackPetitionRequest { proof: withdraw(key).proof, code: lan.code.clone() };
        let portal = world.who("portal");
        assert_eq!(call!(portal, intake.withdraw_petition, withdraw(&other.access_key)).unwrap_err().code(), Code::NotFound);
        assert_eq!(call!(portal, intake.track_petition, track(&other.access_key)).unwrap_err().code(), Code::NotFound);
        let handler = world.who("cuc-vt-handler");
        let refused = call!(handler, intake.track_petition, track(&lan.access_key)).unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let broad = portal.tracks(&lan.code).await.unwrap();
        assert_eq!(broad.details, None, "the code alone shows broad strokes");
        call!(portal, intake.withdraw_petition, withdraw(&lan.access_key)).unwrap();
    }

    /// A unit sees its own cases and no others; the clock is not its to extend.
    async fn a_unit_keeps_to_its_own(world: World) {
        let code = world.assigned("CUC-VT").await;
        for deed in [Deed::Start, Deed::SaveDraft, Deed::Return, Deed::AddNote] {
            let refused = world.who("cuc-bc-handler").tries(deed, &code).await.unwrap_err();
            assert_eq!(refused.code(), Code::NotFound);
        }
        assert_eq!(world.who("cuc-bc-handler").reads(&code).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(world.who("cuc-vt-handler").reads(&code).await.unwrap().content, feedback().content);
        // The holder's own head may not; the focal unit's head may.
        let refused = world.who("cuc-vt-approver").tries(Deed::Extend, &code).await.unwrap_err();
        assert_eq!(refused.told(), (Code::PermissionDenied, "FORBIDDEN".to_owned()));
        // Nor may the head of the holder's unit for a division below it: the division's parent may.
        world.dispatcher().does(Deed::Assign("CUC-VT-DV"), &code).await;
        world.who("cuc-vt-approver").does(Deed::Extend, &code).await;
        // The head hands on inside the own subtree alone.
        let refused = world.who("cuc-vt-approver").tries(Deed::Assign("CUC-VT"), &code).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    }

    /// Who saved a draft of the round does not approve it.
    async fn nobody_approves_the_own_draft(world: World) {
        world.add_account("both", "CUC-VT", &[Role::Handler, Role::Approver]).await;
        let code = world.assigned("CUC-VT").await;
        world.who("both").does(Deed::SaveDraft, &code).await;
        world.who("cuc-vt-handler").does(Deed::SaveDraft, &code).await;
        world.who("cuc-vt-handler").does(Deed::SubmitDraft, &code).await;
        let refused = world.who("both").tries(Deed::Approve, &code).await.unwrap_err();
        assert_eq!(refused.told(), (Code::FailedPrecondition, "OWN_DRAFT".to_owned()));
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
    }
}
