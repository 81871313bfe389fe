//! A petition about the conduct of a unit stays away from that unit.

use pakn::pb::{self, PetitionState as S};
use sea_orm::ConnectionTrait as _;
use tonic::Code;

use crate::{
    call, on_both,
    terminal::Terminal,
    watch::{morning, to},
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
    /// Those complained of are given a copy that a person wrote, explain themselves as long as the case is open, and learn
    /// nothing else; nobody else answers in their place.
    async fn the_unit_complained_of_explains_itself(world: World) {
        let dispatcher = world.dispatcher();
        let code = world.citizen().submits(feedback()).await.code;
        let share = |text: &str| pb::ShareRedactedCopyRequest { target: accusing(&code, "", None).target, text: text.to_owned() };
        const COPY: &str = "Nhân viên quầy không nhận hồ sơ đúng giờ.";
        let refused = call!(dispatcher, casework.share_redacted_copy, share(COPY)).unwrap_err();
        assert_eq!(refused.told(), (Code::FailedPrecondition, "NOT_CONDUCT".to_owned()));
        call!(dispatcher, casework.accept_petition, accusing(&code, "CUC-VT", Some("BTTTT-TTRA"))).unwrap();
        let named = format!("Ông bà {} cho biết nhân viên không nhận hồ sơ.", feedback().petitioner.unwrap().name);
        assert_eq!(call!(dispatcher, casework.share_redacted_copy, share(&named)).unwrap_err().reason(), "NAMES_PETITIONER");
        let coded = format!("Phản ánh {} về nhân viên quầy.", code.to_lowercase());
        assert_eq!(call!(dispatcher, casework.share_redacted_copy, share(&coded)).unwrap_err().reason(), "NAMES_PETITION");
        let random = code.rsplit('.').next().unwrap();
        let hidden = format!("Phản ánh {}-{} về nhân viên quầy.", &random[..4], &random[4..]);
        assert_eq!(call!(dispatcher, casework.share_redacted_copy, share(&hidden)).unwrap_err().reason(), "NAMES_PETITION");
        assert_eq!(call!(dispatcher, casework.share_redacted_copy, share("ngắn")).unwrap_err().fields(), ["text"]);
        assert_eq!(call!(world.who("cuc-vt-handler"), casework.share_redacted_copy, share(COPY)).unwrap_err().code(), Code::NotFound);
        assert_eq!(call!(world.who("thanh-tra-approver"), casework.share_redacted_copy, share(COPY)).unwrap_err().code(), Code::PermissionDenied);
        let shared = call!(world.who("thanh-tra-handler"), casework.share_redacted_copy, share(COPY)).unwrap();
        let id = shared.id;

        let theirs = world.who("cuc-vt-handler");
        let get = || pb::GetRedactedCopyRequest { id: id.clone() };
        let copy = call!(theirs, casework.get_redacted_copy, get()).unwrap().copy.unwrap();
        assert_eq!((copy.text.as_str(), copy.unit.as_str(), copy.shared_on.as_str()), (COPY, "CUC-VT", "2026-02-13"));
        assert!(copy.takes_statements && copy.statements.is_empty());
        let listed = call!(theirs, casework.list_redacted_copies, pb::ListRedactedCopiesRequest::default()).unwrap().copies;
        assert_eq!(listed, std::slice::from_ref(&copy));
        let state = |text: &str| pb::SubmitStatementRequest {
            id: id.clone(),
            text: text.to_owned(),
            request_id: "0193e2c4-8f00-7000-8000-00000000000e".to_owned(),
        };
        // A division of theirs, a supervisor of theirs, others, and those who have the case: none of them is asked.
        world.add_account("spy", "CUC-VT", &[pakn::domain::words::Role::Supervisor]).await;
        for login in ["cuc-vt-dv-handler", "spy", "cuc-bc-handler", "thanh-tra-handler", "dispatcher"] {
            let who = world.who(login);
            let refused = call!(who, casework.get_redacted_copy, get()).unwrap_err();
            assert!(matches!(refused.code(), Code::NotFound | Code::PermissionDenied), "{login}: {refused:?}");
            let refused = call!(who, casework.submit_statement, state("Chúng tôi không biết gì.")).unwrap_err();
            assert!(matches!(refused.code(), Code::NotFound | Code::PermissionDenied), "{login}: {refused:?}");
            if login != "spy" {
                let listed = call!(who, casework.list_redacted_copies, pb::ListRedactedCopiesRequest::default()).unwrap();
                assert_eq!(listed.copies, [], "{login}");
            }
        }
        const SAID: &str = "Hôm đó quầy đóng cửa theo lịch đã niêm yết.";
        let answered = call!(theirs, casework.submit_statement, state(SAID)).unwrap();
        assert_eq!(call!(theirs, casework.submit_statement, state(SAID)).unwrap(), answered, "told once");
        let reused = call!(theirs, casework.submit_statement, state("Một lời khác hẳn.")).unwrap_err();
        assert_eq!(reused.told(), (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned()));
        let again = pb::SubmitStatementRequest { request_id: String::new(), ..state("Xin bổ sung ảnh chụp lịch.") };
        let copy = call!(world.who("cuc-vt-approver"), casework.submit_statement, again.clone()).unwrap().copy.unwrap();
        let said: Vec<&str> = copy.statements.iter().map(|statement| statement.text.as_str()).collect();
        assert_eq!(said, [SAID, "Xin bổ sung ảnh chụp lịch."]);
        for login in ["dispatcher", "thanh-tra-handler"] {
            assert_eq!(world.who(login).reads(&code).await.unwrap().redacted_copies, std::slice::from_ref(&copy), "{login}");
        }
        let events = pb::ListPetitionEventsRequest { code: code.clone(), page: None };
        let events = call!(dispatcher, casework.list_petition_events, events).unwrap().events;
        let of = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        assert_eq!((of("COPY_SHARED"), of("STATEMENT_SUBMITTED")), (1, 2));
        let said = events.iter().find(|event| event.kind == "STATEMENT_SUBMITTED").unwrap();
        assert_eq!((said.actor.as_str(), said.unit.as_str(), said.texts[0].body.as_str()), ("cuc-vt-handler", "CUC-VT", SAID));
        // The petitioner is not shown what they say.
        assert!(!format!("{:?}", world.citizen().tracks(&code).await.unwrap()).contains(SAID));
        // Their mailbox was told, without a word of it.
        world.run_workers().await;
        let letter = world.letters().into_iter().find(|letter| letter.to == "cucvienthong@mic.example").unwrap();
        assert!(letter.subject.contains("giải trình") && !letter.text.contains(COPY) && !letter.text.contains(&code), "{letter:?}");

        // Of another unit's conduct it is not theirs to read any more; ended, it is read and not answered.
        let anew = |unit: &str| pb::ReclassifyPetitionRequest {
            target: accusing(&code, "", None).target,
            subject_class: pb::SubjectClass::Conduct.into(),
            concerned_unit: unit.to_owned(),
            reason: "Nhầm đơn vị.".to_owned(),
            ..pb::ReclassifyPetitionRequest::default()
        };
        call!(dispatcher, casework.reclassify_petition, anew("CUC-BC")).unwrap();
        assert_eq!(call!(theirs, casework.get_redacted_copy, get()).unwrap_err().code(), Code::NotFound);
        assert_eq!(call!(theirs, casework.submit_statement, again.clone()).unwrap_err().code(), Code::NotFound);
        let listed = call!(theirs, casework.list_redacted_copies, pb::ListRedactedCopiesRequest::default()).unwrap().copies;
        assert_eq!(listed, []);
        assert_eq!(call!(world.who("cuc-bc-handler"), casework.get_redacted_copy, get()).unwrap_err().code(), Code::NotFound);
        call!(dispatcher, casework.reclassify_petition, anew("CUC-VT")).unwrap();
        world.citizen().does(Deed::Withdraw, &code).await;
        assert!(!call!(theirs, casework.get_redacted_copy, get()).unwrap().copy.unwrap().takes_statements);
        assert_eq!(call!(theirs, casework.submit_statement, again).unwrap_err().told(), (Code::FailedPrecondition, "CASE_ENDED".to_owned()));
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);

        // Erased, nothing of it is left to read.
        let erase = pb::ErasePetitionRequest {
            target: accusing(&code, "", None).target,
            ground: pb::ErasureGround::Request.into(),
            document_number: "12/YC".to_owned(),
        };
        call!(world.who("admin"), casework.erase_petition, erase).unwrap();
        assert_eq!(call!(theirs, casework.get_redacted_copy, get()).unwrap_err().code(), Code::NotFound);
        assert!(!crate::directory::everything(&world).await.contains(&pakn::domain::text::hex(SAID.as_bytes())));
    }

    /// Whoever may not share a copy has nobody opened for them: not even what cannot be opened is in their way.
    async fn nobody_is_opened_before_a_refusal(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        call!(world.dispatcher(), casework.accept_petition, accusing(&code, "CUC-VT", Some("BTTTT-TTRA"))).unwrap();
        world.database().await.execute_unprepared("update petitioner set key_version = 99").await.unwrap();
        let share = async |login: &str| {
            let text = "Nhân viên quầy không nhận hồ sơ đúng giờ.".to_owned();
            let share = pb::ShareRedactedCopyRequest { target: accusing(&code, "", None).target, text };
            call!(world.who(login), casework.share_redacted_copy, share).unwrap_err().code()
        };
        assert_eq!(share("thanh-tra-handler").await, Code::Internal, "it would have to be opened");
        assert_eq!(share("thanh-tra-approver").await, Code::PermissionDenied);
        assert_eq!(share("cuc-vt-handler").await, Code::NotFound);
    }

    /// Whoever has the case is told that those complained of have explained themselves, without a word of it.
    async fn a_statement_is_told_to_whoever_has_the_case(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        call!(world.dispatcher(), casework.accept_petition, accusing(&code, "CUC-VT", Some("BTTTT-TTRA"))).unwrap();
        let text = "Nhân viên quầy không nhận hồ sơ đúng giờ.".to_owned();
        let share = pb::ShareRedactedCopyRequest { target: accusing(&code, "", None).target, text };
        let id = call!(world.who("thanh-tra-handler"), casework.share_redacted_copy, share).unwrap().id;
        const SAID: &str = "Hôm đó quầy đóng cửa theo lịch đã niêm yết.";
        let state = pb::SubmitStatementRequest { id, text: SAID.to_owned(), request_id: String::new() };
        call!(world.who("cuc-vt-handler"), casework.submit_statement, state).unwrap();
        world.when("2026-02-14 08:00");
        let letters = morning(&world).await;
        let told = to(&letters, "thanh-tra-handler");
        assert!(told.text.contains(&format!("{code}: đơn vị bị phản ánh đã giải trình")) && !told.text.contains(SAID), "{told:?}");
        assert!(!letters.iter().any(|letter| letter.to.starts_with("cuc-vt")), "{letters:?}");
    }

    /// What becomes of a case that has ended once they are not told: their copy stays closed when the answer is recalled.
    async fn an_ended_case_tells_nothing_more(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        call!(world.dispatcher(), casework.accept_petition, accusing(&code, "CUC-VT", Some("BTTTT-TTRA"))).unwrap();
        let share = async |text: &str| {
            let share = pb::ShareRedactedCopyRequest { target: accusing(&code, "", None).target, text: text.to_owned() };
            call!(world.dispatcher(), casework.share_redacted_copy, share).unwrap().id
        };
        let theirs = world.who("cuc-vt-handler");
        let takes = async |id: &str| {
            let get = pb::GetRedactedCopyRequest { id: id.to_owned() };
            call!(theirs, casework.get_redacted_copy, get).unwrap().copy.unwrap().takes_statements
        };
        let id = share("Nhân viên quầy không nhận hồ sơ đúng giờ.").await;
        assert!(takes(&id).await);
        let handler = world.who("thanh-tra-handler");
        handler.does(Deed::SaveDraft, &code).await;
        let submit = pb::SubmitDraftRequest {
            target: accusing(&code, "", None).target,
            outcome_kind: pb::OutcomeKind::Explained.into(),
            finding: pb::Finding::Unfounded.into(),
        };
        call!(handler, casework.submit_draft, submit).unwrap();
        world.who("thanh-tra-approver").does(Deed::Approve, &code).await;
        assert!(!takes(&id).await);
        world.dispatcher().does(Deed::RecallAnswer, &code).await;
        assert!(!takes(&id).await, "it would tell that the answer was recalled");
        let say = pb::SubmitStatementRequest { id: id.clone(), text: "Chúng tôi giải trình thêm.".to_owned(), ..Default::default() };
        assert_eq!(call!(theirs, casework.submit_statement, say).unwrap_err().reason(), "CASE_ENDED");
        let anew = share("Nhân viên quầy đóng cửa sớm hai ngày liền.").await;
        assert!(takes(&anew).await && !takes(&id).await);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Where the unit was dissolved its successor reads and answers.
    async fn a_copy_is_the_successors(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        call!(world.dispatcher(), casework.accept_petition, accusing(&code, "CUC-VT", None)).unwrap();
        let text = "Nhân viên quầy không nhận hồ sơ đúng giờ.".to_owned();
        let share = pb::ShareRedactedCopyRequest { target: accusing(&code, "", None).target, text };
        let id = call!(world.dispatcher(), casework.share_redacted_copy, share).unwrap().id;
        let closing = pb::UnitClosing {
            code: "CUC-VT".to_owned(),
            closed_on: "2026-02-12".to_owned(),
            successor: "CUC-TS".to_owned(),
            with_units_below: true,
            ..pb::UnitClosing::default()
        };
        let close = pb::CloseUnitRequest { closing: Some(closing), request_id: String::new() };
        call!(world.who("admin"), directory.close_unit, close).unwrap();
        let heirs = world.who("cuc-ts-handler");
        let get = || pb::GetRedactedCopyRequest { id: id.clone() };
        call!(heirs, casework.get_redacted_copy, get()).unwrap();
        assert_eq!(world.reads_copies(&heirs).await, std::slice::from_ref(&id));
        while world.app.succeed().await.unwrap() {}
        assert_eq!(world.dispatcher().reads(&code).await.unwrap().concerned_unit, "CUC-TS");
        assert_eq!(call!(heirs, casework.get_redacted_copy, get()).unwrap().copy.unwrap().unit, "CUC-TS");
        assert_eq!(world.reads_copies(&heirs).await, std::slice::from_ref(&id));
        let said = pb::SubmitStatementRequest { id: id.clone(), text: "Chúng tôi kế thừa và giải trình.".to_owned(), ..Default::default() };
        call!(heirs, casework.submit_statement, said).unwrap();
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// From terminals: shared, read, answered; a case takes so many copies and no more.
    async fn copies_from_a_terminal(world: World) {
        let code = world.citizen().submits(feedback()).await.code;
        call!(world.dispatcher(), casework.accept_petition, accusing(&code, "CUC-VT", None)).unwrap();
        let [office, theirs] = ["dispatcher", "cuc-vt-handler"].map(|login| Terminal::of(&world.who(login)));
        let text = "Nhân viên quầy không nhận hồ sơ đúng giờ.";
        let shared = office.leads(&["share-copy", &code, "--text", text], "ACCEPTED").await;
        let id = shared["id"].as_str().unwrap();
        let listed = theirs.asks(&["copy", "list"]).await;
        assert_eq!((&listed["copies"][0]["id"], &listed["copies"][0]["text"]), (&id.into(), &text.into()));
        let said = "Quầy đóng cửa theo lịch đã niêm yết.";
        assert_eq!(theirs.asks(&["copy", "answer", id, "--text", said]).await["copy"]["statements"][0]["text"], said);
        assert_eq!(theirs.asks(&["copy", "show", id]).await["copy"]["statements"][0]["text"], said);
        theirs.fails(4, &["petition", "show", &code]).await;
        let share = pb::ShareRedactedCopyRequest { target: accusing(&code, "", None).target, text: text.to_owned() };
        let state = pb::SubmitStatementRequest { id: id.to_owned(), text: said.to_owned(), request_id: String::new() };
        for _ in 1..20 {
            call!(world.dispatcher(), casework.share_redacted_copy, share.clone()).unwrap();
            call!(world.who("cuc-vt-handler"), casework.submit_statement, state.clone()).unwrap();
        }
        let refused = call!(world.dispatcher(), casework.share_redacted_copy, share).unwrap_err();
        assert_eq!(refused.told(), (Code::FailedPrecondition, "TOO_MANY_COPIES".to_owned()));
        let refused = call!(world.who("cuc-vt-handler"), casework.submit_statement, state).unwrap_err();
        assert_eq!(refused.told(), (Code::FailedPrecondition, "TOO_MANY_STATEMENTS".to_owned()));
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
