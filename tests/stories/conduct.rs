//! A petition about the conduct of a unit stays away from that unit.

use pakn::pb::{self, PetitionState as S};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, Refused as _, feedback},
};

fn accusing(code: &str, unit: &str, assigned: Option<&str>) -> pb::AcceptPetitionRequest {
    pb::AcceptPetitionRequest {
        target: Some(pb::Target { code: code.to_owned(), ..pb::Target::default() }),
        subject_class: pb::SubjectClass::Conduct.into(),
        field: "TELECOM-SUBSCRIBER".to_owned(),
        concerned_unit: unit.to_owned(),
        assignment: assigned.map(|unit| pb::Assignment { unit: unit.to_owned(), ..pb::Assignment::default() }),
        ..pb::AcceptPetitionRequest::default()
    }
}

on_both! {
    async fn the_unit_complained_of_neither_handles_nor_sees_it(world: World) {
        let dispatcher = world.dispatcher();
        let code = world.citizen().submits(feedback()).await.code;
        for unit in ["CUC-VT", "CUC-VT-DV"] {
            let refused = call!(dispatcher, casework.accept_petition, accusing(&code, "CUC-VT", Some(unit))).unwrap_err();
            assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, vec!["assignment.unit".to_owned()]));
        }
        let nobody = call!(dispatcher, casework.accept_petition, accusing(&code, "", None)).unwrap_err();
        assert_eq!(nobody.fields(), ["concerned_unit"]);
        call!(dispatcher, casework.accept_petition, accusing(&code, "CUC-VT", None)).unwrap();
        for unit in ["CUC-VT", "CUC-VT-CL"] {
            let refused = dispatcher.tries(Deed::Assign(unit), &code).await.unwrap_err();
            assert_eq!(refused.fields(), ["assignment.unit"]);
        }
        let helped = pb::AssignPetitionRequest {
            target: accusing(&code, "", None).target,
            assignment: Some(pb::Assignment {
                unit: "BTTTT-TTRA".to_owned(),
                co_handling_units: vec!["CUC-VT-DV".to_owned()],
                ..pb::Assignment::default()
            }),
            reason: String::new(),
        };
        let refused = call!(dispatcher, casework.assign_petition, helped).unwrap_err();
        assert_eq!(refused.fields(), ["assignment.co_handling_units[0]"]);
        dispatcher.does(Deed::Assign("BTTTT-TTRA"), &code).await;

        // Staff of the unit may not know that it exists, whatever roles they hold.
        world.add_account("spy", "CUC-VT-DV", &[pakn::domain::words::Role::Supervisor]).await;
        for login in ["cuc-vt-handler", "cuc-vt-approver", "cuc-vt-dv-handler", "spy"] {
            let person = world.who(login);
            assert_eq!(person.reads(&code).await.unwrap_err().code(), Code::NotFound, "{login}");
            assert_eq!(person.tries(Deed::AddNote, &code).await.unwrap_err().code(), Code::NotFound, "{login}");
        }
        // A conduct case needs a finding.
        let handler = world.who("thanh-tra-handler");
        handler.does(Deed::SaveDraft, &code).await;
        assert_eq!(handler.tries(Deed::SubmitDraft, &code).await.unwrap_err().fields(), ["finding"]);
        let submit = pb::SubmitDraftRequest {
            target: accusing(&code, "", None).target,
            outcome_kind: pb::OutcomeKind::ConductCorrected.into(),
            finding: pb::Finding::Founded.into(),
        };
        call!(handler, casework.submit_draft, submit).unwrap();
        assert_eq!(world.who("thanh-tra-approver").does(Deed::Approve, &code).await.state(), S::Answered);
    }

    /// Somebody of the unit complained of who holds roles far above it still sees nothing of it, in any list.
    async fn roles_above_do_not_open_it(world: World) {
        use pakn::domain::{account::Grant, ids::GrantId, words::Role};
        world.add_account("seconded", "CUC-VT", &[]).await;
        let reference = world.app.reference();
        let root = reference.units.root().unwrap().id;
        let grants = [Role::Dispatcher, Role::Supervisor].map(|role| {
            let id = GrantId(world.app.source().id(world.now()));
            pakn::app::DirectoryStep::Grant(Grant::for_good(id, reference.logins["seconded"], role, root))
        });
        world.app.direct_as(None, &grants).await.unwrap();
        let code = world.citizen().submits(feedback()).await.code;
        let seconded = world.who("seconded");
        assert!(seconded.reads(&code).await.is_ok(), "nobody is complained of yet");
        call!(world.dispatcher(), casework.accept_petition, accusing(&code, "CUC-VT", None)).unwrap();
        assert_eq!(seconded.reads(&code).await.unwrap_err().code(), Code::NotFound);
        let listed = call!(seconded, casework.list_petitions, pb::ListPetitionsRequest::default()).unwrap();
        assert_eq!(listed.petitions, []);
        let counted = call!(seconded, casework.count_petitions, pb::CountPetitionsRequest::default()).unwrap();
        assert_eq!(counted.total, 0);
        let trail = call!(seconded, supervision.list_audit_events, pb::ListAuditEventsRequest::default()).unwrap();
        assert_eq!(trail.events, []);
        world.advance(crate::world::minutes(1));
        let cell = pb::ListPetitionsInReportRequest {
            from: "2026-02-01".to_owned(),
            to: "2026-03-01".to_owned(),
            column: "received".to_owned(),
            with_children: true,
            ..pb::ListPetitionsInReportRequest::default()
        };
        let opened = call!(seconded, supervision.list_petitions_in_report, cell).unwrap();
        assert_eq!((opened.total, opened.rounds.len()), (1, 1), "figures hide no round");
        let codes: Vec<_> = opened.rounds.iter().filter_map(|round| round.petition.as_ref()).map(|p| &p.code).collect();
        assert!(!codes.contains(&&code), "the report opens into what its reader may not know of");
    }
    /// An operator who stands in the unit complained of sees no letter of the case, and moves none; the others page through
    /// theirs as ever.
    async fn their_operator_sees_no_letter_of_it(world: World) {
        use pakn::domain::{account::Grant, ids::GrantId, words::Role};
        world.add_account("their-operator", "CUC-VT", &[]).await;
        let reference = world.app.reference();
        let (root, account) = (reference.units.root().unwrap().id, reference.logins["their-operator"]);
        let grant = Grant::for_good(GrantId(world.app.source().id(world.now())), account, Role::Operator, root);
        world.app.direct_as(None, &[pakn::app::DirectoryStep::Grant(grant)]).await.unwrap();
        let mut codes = Vec::new();
        for complaint in [false, true, false, true, true, false] {
            let code = world.citizen().submits(feedback()).await.code;
            if complaint {
                call!(world.dispatcher(), casework.accept_petition, accusing(&code, "CUC-VT", None)).unwrap();
            }
            codes.push((code, complaint));
        }
        let all = call!(world.who("operator"), delivery.list_letters, pb::ListLettersRequest::default()).unwrap().letters;
        assert_eq!(all.len(), 9);
        let them = world.who("their-operator");
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let ask = pb::ListLettersRequest { page: Some(pb::PageRequest { size: 1, token }), ..Default::default() };
            let page = call!(them, delivery.list_letters, ask).unwrap();
            assert_eq!(page.letters.len(), 1);
            seen.extend(page.letters.into_iter().map(|letter| letter.code));
            token = page.page.unwrap().next_token;
            if token.is_empty() {
                break;
            }
        }
        let open: Vec<String> = codes.iter().filter(|(_, complaint)| !complaint).map(|(code, _)| code.clone()).collect();
        assert_eq!(seen, open);
        let (code, _) = codes.iter().find(|(_, complaint)| *complaint).unwrap();
        let of_it = pb::ListLettersRequest { code: code.clone(), ..Default::default() };
        assert_eq!(call!(them, delivery.list_letters, of_it).unwrap_err().code(), Code::NotFound);
        for letter in all.iter().filter(|letter| letter.code == *code) {
            let id = || letter.id.clone();
            let got = call!(them, delivery.get_letter, pb::GetLetterRequest { id: id() });
            assert_eq!(got.unwrap_err().code(), Code::NotFound);
            let retry = pb::RetryLetterRequest { id: id(), ..Default::default() };
            assert_eq!(call!(them, delivery.retry_letter, retry).unwrap_err().code(), Code::NotFound);
            let abandon = pb::AbandonLetterRequest { id: id(), reason: "Vì thế.".to_owned(), ..Default::default() };
            assert_eq!(call!(them, delivery.abandon_letter, abandon).unwrap_err().code(), Code::NotFound);
        }
    }
}
