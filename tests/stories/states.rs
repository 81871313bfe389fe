//! The table of the life: every command in every state is carried out, or refused with the reason that names
//! both. Written out from the design, not from the code.

use std::collections::HashMap;

use pakn::{
    app::{Acting, Asked, Error},
    domain::{command::Command, refusal::Refusal},
    pb::{self, PetitionState as S},
};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, Refused as _, World, days, feedback_of},
};

/// States that the present scope can reach; merging comes later.
const STATES: [S; 11] = [
    S::Submitted,
    S::NeedsInformation,
    S::Accepted,
    S::Assigned,
    S::InProgress,
    S::AwaitingApproval,
    S::Answered,
    S::Closed,
    S::Refused,
    S::Withdrawn,
    S::Transferred,
];
const OPEN: [S; 6] = [S::Submitted, S::NeedsInformation, S::Accepted, S::Assigned, S::InProgress, S::AwaitingApproval];

/// Command, states it may be given in, state it leads to (`None`: the same).
fn table() -> Vec<(Deed, Vec<S>, Option<S>)> {
    use Deed as D;
    vec![
        (D::RequestInformation, vec![S::Submitted, S::Accepted, S::InProgress], Some(S::NeedsInformation)),
        (D::ProvideInformation, vec![S::NeedsInformation], Some(S::Submitted)),
        (D::Accept, vec![S::Submitted], Some(S::Accepted)),
        (D::Reclassify, OPEN.to_vec(), None),
        (D::Refuse, vec![S::Submitted, S::NeedsInformation, S::Accepted], Some(S::Refused)),
        (D::Transfer, vec![S::Submitted, S::Accepted], Some(S::Transferred)),
        (D::Assign("CUC-BC"), vec![S::Accepted, S::Assigned, S::InProgress, S::AwaitingApproval], Some(S::Assigned)),
        (D::Return, vec![S::Assigned, S::InProgress], Some(S::Accepted)),
        (D::Start, vec![S::Assigned], Some(S::InProgress)),
        // Saving a draft starts by itself.
        (D::SaveDraft, vec![S::Assigned, S::InProgress], Some(S::InProgress)),
        (D::SubmitDraft, vec![S::InProgress], Some(S::AwaitingApproval)),
        (D::SendBack, vec![S::AwaitingApproval], Some(S::InProgress)),
        (D::Approve, vec![S::AwaitingApproval], Some(S::Answered)),
        (D::RecallAnswer, vec![S::Answered], Some(S::InProgress)),
        (D::Extend, OPEN.to_vec(), None),
        (D::PostProgress, OPEN.to_vec(), None),
        (D::Withdraw, OPEN.to_vec(), Some(S::Withdrawn)),
        (D::Rate, vec![S::Answered, S::Closed], None),
        (D::Reopen, vec![S::Answered, S::Closed], Some(S::Accepted)),
        (D::AddNote, OPEN.to_vec(), None),
        (D::SaveRedaction, vec![S::Answered, S::Closed], None),
        (D::Publish(1), vec![S::Answered, S::Closed], None),
        (D::TakeDown, vec![], None),
    ]
}

/// A fresh petition in a state.
async fn petition_in(world: &World, state: S) -> String {
    let (mighty, citizen) = (world.who("mighty"), world.citizen());
    // An address gets only so many letters a day.
    let name = world.app.source().id(world.now()).simple().to_string();
    let code = citizen.submits(feedback_of(&name)).await.code;
    let steps: &[Deed] = match state {
        S::NeedsInformation => &[Deed::RequestInformation],
        S::Refused => &[Deed::Refuse],
        S::Transferred => &[Deed::Transfer],
        S::Accepted => &[Deed::Accept],
        S::Assigned => &[Deed::Accept, Deed::Assign("CUC-VT")],
        S::InProgress => &[Deed::Accept, Deed::Assign("CUC-VT"), Deed::SaveDraft],
        S::AwaitingApproval | S::Answered | S::Closed => {
            &[Deed::Accept, Deed::Assign("CUC-VT"), Deed::SaveDraft, Deed::SubmitDraft]
        }
        _ => &[],
    };
    for step in steps {
        mighty.does(step.clone(), &code).await;
    }
    match state {
        S::Withdrawn => drop(citizen.does(Deed::Withdraw, &code).await),
        S::Answered => drop(world.who("mighty-too").does(Deed::Approve, &code).await),
        S::Closed => {
            world.who("mighty-too").does(Deed::Approve, &code).await;
            world.run_workers().await;
            world.advance(days(20));
            world.run_workers().await;
        }
        _ => {}
    }
    let now = mighty.reads(&code).await.unwrap().summary.unwrap().state();
    assert_eq!(now, state);
    code
}

/// Whoever the state alone can stop.
async fn tries(world: &World, deed: &Deed, code: &str) -> Result<S, tonic::Status> {
    let who = match deed {
        deed if deed.of_petitioner() => world.citizen(),
        Deed::Approve => world.who("mighty-too"),
        _ => world.who("mighty"),
    };
    who.tries(deed.clone(), code).await.map(|outcome| outcome.state())
}

on_both! {
    /// Nothing happens that the table does not allow, and the refusal says what and where.
    async fn what_the_table_forbids_is_refused_by_name(world: World) {
        world.add_mighty().await;
        let mut standing = HashMap::new();
        // Closing takes weeks, in which a question would lapse: the ended ones first.
        for state in STATES.into_iter().rev() {
            standing.insert(state, petition_in(&world, state).await);
        }
        let mut refused = 0;
        for (deed, states, _) in table() {
            for state in STATES.iter().filter(|state| !states.contains(state)) {
                let code = &standing[state];
                let name = format!("{}_NOT_POSSIBLE_IN_{}", deed.name(), &state.as_str_name()["PETITION_STATE_".len()..]);
                let status = tries(&world, &deed, code).await.expect_err(&name);
                assert_eq!(status.told(), (Code::FailedPrecondition, name));
                assert_eq!(status.meta("command"), deed.name());
                refused += 1;
            }
        }
        // Of 23 commands in 11 states, 61 pairs are allowed.
        assert_eq!(refused, 23 * 11 - 61);
        for (state, code) in &standing {
            let now = world.who("mighty").reads(code).await.unwrap().summary.unwrap();
            assert_eq!(now.state(), *state, "a refusal moved {code}");
        }
    }

    /// What the table allows happens, and leads where the table says.
    async fn what_the_table_allows_happens(world: World) {
        world.add_mighty().await;
        for (deed, states, to) in table() {
            for state in states {
                let code = petition_in(&world, state).await;
                if deed == Deed::Publish(1) {
                    world.who("mighty").does(Deed::SaveRedaction, &code).await;
                }
                if deed == Deed::PostProgress {
                    world.advance(days(25));
                }
                let became = tries(&world, &deed, &code).await;
                if (deed.clone(), state) == (Deed::Reopen, S::Closed) {
                    // It was closed because the window had passed.
                    assert_eq!(became.unwrap_err().reason(), "REOPENING_WINDOW_PASSED");
                    continue;
                }
                let became = became.unwrap_or_else(|status| panic!("{} in {state:?}: {status:?}", deed.name()));
                assert_eq!(became, to.unwrap_or(state), "{} in {state:?}", deed.name());
            }
        }
        let whole = world.app.verify_offline(None).await.unwrap();
        assert_eq!(whole.broken, None);
    }

    /// Information goes back to where it was asked from, by reply or by lapse.
    async fn a_question_returns_to_where_it_came_from(world: World) {
        world.add_mighty().await;
        for from in [S::Submitted, S::Accepted, S::InProgress] {
            let (replied, lapsed) = (petition_in(&world, from).await, petition_in(&world, from).await);
            for code in [&replied, &lapsed] {
                world.who("mighty").does(Deed::RequestInformation, code).await;
            }
            assert_eq!(world.citizen().does(Deed::ProvideInformation, &replied).await.state(), from);
            world.run_workers().await;
            assert_eq!(world.who("mighty").reads(&lapsed).await.unwrap().summary.unwrap().state(), S::NeedsInformation);
            let reply_by = world.who("mighty").reads(&lapsed).await.unwrap().reply_by.unwrap().at.unwrap();
            let reply_by = pakn::domain::time::Instant::from_timestamp(reply_by.seconds, 0).unwrap();
            world.app.clock().set(reply_by - chrono::TimeDelta::microseconds(1));
            world.run_workers().await;
            assert_eq!(world.who("mighty").reads(&lapsed).await.unwrap().summary.unwrap().state(), S::NeedsInformation);
            world.app.clock().set(reply_by);
            world.run_workers().await;
            assert_eq!(world.who("mighty").reads(&lapsed).await.unwrap().summary.unwrap().state(), from);
        }
    }

    /// A public copy comes off in whatever state the petition is by then.
    async fn what_is_public_can_be_taken_down(world: World) {
        world.add_mighty().await;
        let code = petition_in(&world, S::Answered).await;
        world.who("mighty").does(Deed::SaveRedaction, &code).await;
        world.who("mighty").does(Deed::Publish(1), &code).await;
        world.citizen().does(Deed::Reopen, &code).await;
        assert_eq!(world.who("mighty").does(Deed::TakeDown, &code).await.state(), S::Accepted);
        let again = world.who("mighty").tries(Deed::TakeDown, &code).await.unwrap_err();
        assert_eq!(again.reason(), "TAKE_DOWN_NOT_POSSIBLE_IN_ACCEPTED");
    }

    /// What is public of the first round's answer says nothing of the second's: that may be recalled, and is still to be
    /// published when the old copy comes off.
    async fn a_second_answer_is_not_the_first_ones_copy(world: World) {
        use pb::PublicationState as P;
        world.add_mighty().await;
        let (mighty, other) = (world.who("mighty"), world.who("mighty-too"));
        let answered_again = async || {
            let code = petition_in(&world, S::Answered).await;
            mighty.does(Deed::SaveRedaction, &code).await;
            mighty.does(Deed::Publish(1), &code).await;
            world.citizen().does(Deed::Reopen, &code).await;
            mighty.does(Deed::Assign("CUC-VT"), &code).await;
            mighty.does(Deed::SaveDraft, &code).await;
            mighty.does(Deed::SubmitDraft, &code).await;
            other.does(Deed::Approve, &code).await;
            code
        };
        let stands = async |code: &str| {
            let petition = mighty.reads(code).await.unwrap();
            (petition.summary.unwrap().publication(), petition.publication_id)
        };
        let public = async |id: &str| {
            let get = pb::GetPublicationRequest { id: id.to_owned() };
            call!(mighty, public.get_publication, get).is_ok()
        };
        // Recalled: the old copy stays where it is, until it comes off; the answer after that is to be published.
        let code = answered_again().await;
        let (proposed, old) = stands(&code).await;
        assert_eq!(proposed, P::Proposed);
        mighty.does(Deed::RecallAnswer, &code).await;
        assert_eq!(stands(&code).await, (P::Published, old.clone()));
        assert!(public(&old).await);
        mighty.does(Deed::TakeDown, &code).await;
        assert_eq!((stands(&code).await, public(&old).await), ((P::TakenDown, String::new()), false));
        mighty.does(Deed::SubmitDraft, &code).await;
        other.does(Deed::Approve, &code).await;
        assert_eq!(stands(&code).await.0, P::Proposed);
        // The old copy comes off while the second answer waits to be published.
        let code = answered_again().await;
        let (_, old) = stands(&code).await;
        mighty.does(Deed::TakeDown, &code).await;
        assert_eq!((stands(&code).await, public(&old).await), ((P::Proposed, String::new()), false));
        mighty.does(Deed::SaveRedaction, &code).await;
        mighty.does(Deed::Publish(2), &code).await;
        let (published, new) = stands(&code).await;
        assert_eq!((published, public(&new).await), (P::Published, true));
        assert_eq!(mighty.tries(Deed::RecallAnswer, &code).await.unwrap_err().reason(), "PUBLISHED");
        // Published in its place: one copy alone is public.
        let code = answered_again().await;
        let (_, old) = stands(&code).await;
        mighty.does(Deed::SaveRedaction, &code).await;
        mighty.does(Deed::Publish(2), &code).await;
        let (_, new) = stands(&code).await;
        assert_eq!((public(&old).await, public(&new).await), (false, true));
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// What happens by itself obeys the table too, and no person can give it.
    async fn lapsing_and_closing_obey_the_table(world: World) {
        world.add_mighty().await;
        let mighty = world.caller("mighty").account;
        for state in STATES {
            let code = petition_in(&world, state).await;
            for (command, home, early) in [
                (Command::LapseInformation, S::NeedsInformation, "REPLY_STILL_OPEN"),
                (Command::Close, S::Answered, "REOPENING_WINDOW_OPEN"),
            ] {
                let name = command.name();
                let asked = Asked::once("story");
                let by_hand = world.app.perform(&code, Acting::Account(mighty), &asked, command.clone()).await;
                assert!(matches!(by_hand, Err(Error::Refused(Refusal::Forbidden { .. }))), "{by_hand:?}");
                match world.app.perform(&code, Acting::System, &asked, command).await {
                    Err(Error::Refused(Refusal::Rule { reason, .. })) => assert_eq!((state, reason), (home, early)),
                    Err(Error::Refused(Refusal::State { command, .. })) => {
                        assert_eq!(command, name);
                        assert_ne!(state, home);
                    }
                    other => panic!("{name} in {state:?}: {other:?}"),
                }
            }
        }
    }
}
