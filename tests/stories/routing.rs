//! Which unit is competent: rules, what units answered before, a trial of other rules; fields that assign by themselves,
//! and petitions that come back too often.

mod kept;

use chrono::NaiveTime;
use pakn::{
    app::Changed,
    domain::{ids::UnitId, words::Role},
    pb::{self, Routing as R, RoutingCondition as C},
    workers::life,
};
use tonic::{Code, Status};

use crate::{
    call, on_both,
    terminal::Terminal,
    world::{Deed, Person, Refused as _, World, days, feedback, feedback_of, minutes},
};

fn rule(code: &str, unit: &str, priority: i32) -> pb::RoutingRule {
    let [code, unit, focal_unit] = [code, unit, "BTTTT-VP"].map(str::to_owned);
    pb::RoutingRule { code, unit, focal_unit, priority, ..pb::RoutingRule::default() }
}

async fn create(who: &Person<'_>, rule: pb::RoutingRule) -> Result<pb::CreateRoutingRuleResponse, Status> {
    call!(who, directory.create_routing_rule, pb::CreateRoutingRuleRequest { rule: Some(rule), ..Default::default() })
}

async fn close(who: &Person<'_>, code: &str) -> Result<pb::CloseRoutingRuleResponse, Status> {
    let code = code.to_owned();
    call!(who, directory.close_routing_rule, pb::CloseRoutingRuleRequest { code, ..Default::default() })
}

async fn suggest(who: &Person<'_>, ask: pb::SuggestUnitsRequest) -> Result<pb::SuggestUnitsResponse, Status> {
    call!(who, casework.suggest_units, ask)
}

/// As if it was accepted in a field.
fn in_field(code: &str, field: &str) -> pb::SuggestUnitsRequest {
    pb::SuggestUnitsRequest { code: code.to_owned(), field: field.to_owned(), ..Default::default() }
}

fn units(found: &pb::SuggestUnitsResponse) -> Vec<&str> {
    found.units.iter().map(|one| one.unit.as_str()).collect()
}

fn reference(world: &World, unit: &str) -> UnitId {
    world.app.reference().units.by_code(unit).unwrap().id
}

/// Has what is accepted in a field assigned by itself.
async fn assigns_itself(world: &World, field: &str) {
    let field = pb::Field { code: field.to_owned(), assigns_itself: true, ..Default::default() };
    let update = pb::UpdateFieldRequest { field: Some(field), ..Default::default() };
    assert!(call!(world.who("admin"), directory.update_field, update).unwrap().field.unwrap().assigns_itself);
}

async fn accept(world: &World, code: &str, field: &str, concerned: &str) -> pb::Outcome {
    let class = if concerned.is_empty() { pb::SubjectClass::Other } else { pb::SubjectClass::Conduct };
    let accept = pb::AcceptPetitionRequest {
        target: Some(pb::Target { code: code.to_owned(), ..Default::default() }),
        subject_class: class.into(),
        field: field.to_owned(),
        concerned_unit: concerned.to_owned(),
        ..Default::default()
    };
    call!(world.dispatcher(), casework.accept_petition, accept).unwrap().outcome.unwrap()
}

async fn last_event(world: &World, code: &str) -> pb::Event {
    let ask = pb::ListPetitionEventsRequest { code: code.to_owned(), page: None };
    call!(world.dispatcher(), casework.list_petition_events, ask).unwrap().events.pop().unwrap()
}

async fn unrouted(world: &World) -> Vec<String> {
    let filter = Some(pb::PetitionFilter { unrouted: true, ..Default::default() });
    let ask = pb::ListPetitionsRequest { filter, ..Default::default() };
    let listed = call!(world.dispatcher(), casework.list_petitions, ask).unwrap();
    listed.petitions.into_iter().map(|line| line.code).collect()
}

on_both! {
    /// Each unit with the rules that say so, those that do not and why, and what it answered before.
    async fn units_are_suggested(world: World) {
        let admin = world.who("admin");
        let phrases = pb::RoutingRule { all_phrases: vec!["cap quang".to_owned()], ..rule("FIBRE", "CUC-VT-CL", 60) };
        create(&admin, phrases).await.unwrap();
        let dispatcher = world.dispatcher();
        // Answered by a unit that no rule names, and by one that a rule names.
        for (unit, handler, approver) in [("CUC-TS", "cuc-ts-handler", "cuc-ts-approver"), ("CUC-VT", "cuc-vt-handler", "cuc-vt-approver")] {
            let code = world.assigned(unit).await;
            world.who(handler).does(Deed::SaveDraft, &code).await;
            world.who(handler).does(Deed::SubmitDraft, &code).await;
            world.who(approver).does(Deed::Approve, &code).await;
        }
        world.assigned("CUC-BC").await;
        world.run_workers().await;
        let code = world.citizen().submits(feedback_of("moi")).await.code;
        let found = suggest(&dispatcher, in_field(&code, "TELECOM-INTERNET")).await.unwrap();
        assert_eq!(units(&found), ["CUC-VT-CL", "CUC-VT", "CUC-TS"], "what is not answered teaches nothing: {found:?}");
        assert_eq!((found.routing(), found.decided_by.as_str(), found.weighed), (R::Suggested, "FIBRE", 17));
        let [fibre, telecom, frequency] = &found.units[..] else { panic!("{found:?}") };
        assert_eq!((fibre.matched[0].rule.as_str(), fibre.matched[0].priority, fibre.answered_similar), ("FIBRE", 60, 0));
        assert_eq!((fibre.failed[0].rule.as_str(), fibre.failed[0].conditions().collect::<Vec<_>>()), ("TELECOM-QUALITY", vec![C::Field]));
        assert_eq!((telecom.matched[0].rule.as_str(), telecom.answered_similar, telecom.text_score), ("TELECOM", 1, 100));
        assert_eq!((frequency.matched.len(), frequency.answered_similar), (0, 1));
        assert_eq!(frequency.failed[0].rule, "FREQUENCY");
        assert!(found.nearest.iter().any(|failed| failed.rule == "POST" && failed.unit == "VU-BC"));

        // In a conduct case neither the unit complained of nor one below it, and only conduct cases teach.
        let complaint = pb::SuggestUnitsRequest {
            subject_class: pb::SubjectClass::Conduct.into(),
            concerned_unit: "CUC-VT".to_owned(),
            ..in_field(&code, "TELECOM-INTERNET")
        };
        let found = suggest(&dispatcher, complaint.clone()).await.unwrap();
        assert_eq!((units(&found), found.decided_by.as_str()), (vec!["BTTTT-TTRA"], "CONDUCT"));
        let of_unit = found.nearest.iter().find(|failed| failed.rule == "TELECOM").unwrap();
        assert_eq!(of_unit.conditions().collect::<Vec<_>>(), [C::UnitComplainedOf]);
        let refused = suggest(&dispatcher, pb::SuggestUnitsRequest { subject_class: pb::SubjectClass::Other.into(), ..complaint });
        assert_eq!(refused.await.unwrap_err().fields(), ["concerned_unit"]);

        // For those who dispatch; of what they may not see they learn nothing.
        for login in ["cuc-vt-handler", "admin", "portal", "operator"] {
            let refused = suggest(&world.who(login), in_field(&code, "")).await.unwrap_err();
            assert!(matches!(refused.code(), Code::PermissionDenied | Code::NotFound), "{login}: {refused:?}");
        }
        let shown = Terminal::of(&dispatcher).asks(&["petition", "suggest", &code, "--field", "TELECOM"]).await;
        assert_eq!((shown["decided_by"].as_str(), shown["units"][0]["unit"].as_str()), (Some("FIBRE"), Some("CUC-VT-CL")), "{shown}");
    }

    /// Of conduct cases nobody learns who stands in the unit complained of, not even that some unit answered one.
    async fn nobody_learns_of_what_is_concealed(world: World) {
        world.add_mighty().await;
        let code = world.citizen().submits(feedback_of("khieu")).await.code;
        let accuse = pb::AcceptPetitionRequest {
            target: Some(pb::Target { code: code.clone(), ..Default::default() }),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "TELECOM".to_owned(),
            concerned_unit: "CUC-VT".to_owned(),
            assignment: Some(pb::Assignment { unit: "CUC-TS".to_owned(), ..Default::default() }),
            ..Default::default()
        };
        call!(world.dispatcher(), casework.accept_petition, accuse).unwrap();
        let handler = world.who("cuc-ts-handler");
        handler.does(Deed::SaveDraft, &code).await;
        let target = Some(pb::Target { code: code.clone(), ..Default::default() });
        let (outcome_kind, finding) = (pb::OutcomeKind::ConductCorrected.into(), pb::Finding::Founded.into());
        call!(handler, casework.submit_draft, pb::SubmitDraftRequest { target, outcome_kind, finding }).unwrap();
        world.who("cuc-ts-approver").does(Deed::Approve, &code).await;
        world.run_workers().await;
        world.add_account("seconded", "CUC-VT", &[]).await;
        let reference = world.app.reference();
        let id = pakn::domain::ids::GrantId(world.app.source().id(world.now()));
        let root = reference.units.root().unwrap().id;
        let grant = pakn::domain::account::Grant::for_good(id, reference.logins["seconded"], Role::Dispatcher, root);
        world.app.direct_as(None, &[pakn::app::DirectoryStep::Grant(grant)]).await.unwrap();
        let next = world.citizen().submits(feedback_of("sau")).await.code;
        let as_conduct = pb::SuggestUnitsRequest {
            subject_class: pb::SubjectClass::Conduct.into(),
            concerned_unit: "CUC-BC".to_owned(),
            ..in_field(&next, "TELECOM")
        };
        let learnt = async |login: &str| {
            let found = suggest(&world.who(login), as_conduct.clone()).await.unwrap();
            found.units.iter().find(|one| one.unit == "CUC-TS").map_or(0, |one| one.answered_similar)
        };
        assert_eq!((learnt("mighty").await, learnt("dispatcher").await, learnt("seconded").await), (1, 1, 0));
    }

    /// What a dissolved unit was competent for is its successor's, and nothing assigns by itself by that.
    async fn rules_of_a_dissolved_unit_lead_to_its_successor(world: World) {
        assigns_itself(&world, "TELECOM").await;
        let other = pb::FieldSuccessor { field: "TELECOM".to_owned(), unit: "CUC-TS".to_owned() };
        let closing = pb::UnitClosing {
            code: "CUC-VT".to_owned(),
            closed_on: "2026-02-12".to_owned(),
            successor: "CUC-BC".to_owned(),
            successors_by_field: vec![other],
            with_units_below: true,
        };
        let close = pb::CloseUnitRequest { closing: Some(closing), ..Default::default() };
        call!(world.who("admin"), directory.close_unit, close).unwrap();
        let code = world.citizen().submits(feedback()).await.code;
        let found = suggest(&world.dispatcher(), in_field(&code, "TELECOM")).await.unwrap();
        assert_eq!((units(&found), found.units[0].matched[0].in_place_of.as_str()), (vec!["CUC-TS"], "CUC-VT"));
        let accepted = accept(&world, &code, "TELECOM", "").await;
        assert_eq!(accepted.state(), pb::PetitionState::Accepted);
        let line = world.dispatcher().reads(&code).await.unwrap().summary.unwrap();
        assert_eq!((line.holder.as_str(), line.routing()), ("BTTTT-VP", R::Suggested));
    }

    /// Set to do so, a field assigns what one rule decides; all else stays with the focal unit, and says so.
    async fn a_field_assigns_by_itself(world: World) {
        for field in ["TELECOM-MOBILE", "OTHER"] {
            assigns_itself(&world, field).await;
        }
        let mobile = world.citizen().submits(feedback_of("song")).await.code;
        let accepted = accept(&world, &mobile, "TELECOM-MOBILE", "").await;
        assert_eq!(accepted.state(), pb::PetitionState::Assigned);
        let shown = world.dispatcher().reads(&mobile).await.unwrap();
        let line = shown.summary.unwrap();
        assert_eq!((line.holder.as_str(), line.routing(), shown.routing_rule.as_str()), ("CUC-VT-CL", R::ByRule, "TELECOM-QUALITY"));
        let event = last_event(&world, &mobile).await;
        assert_eq!(event.kind, "ACCEPTED");
        let facts: serde_json::Value = serde_json::from_str(&event.facts_json).unwrap();
        assert_eq!((facts["routed"]["how"].as_str(), facts["routed"]["rule"]["code"].as_str()), (Some("BY_RULE"), Some("TELECOM-QUALITY")));
        world.run_workers().await;
        let told = world.letters().iter().filter(|letter| letter.to.contains("vt-chatluong@mic.example")).count();
        assert_eq!(told, 1, "the unit is told as of any assignment");
        world.who("cuc-vt-cl-handler").does(Deed::Start, &mobile).await;

        // Not below the field, not in the teeth of a tie, not for the unit complained of.
        let other = world.citizen().submits(feedback_of("mang")).await.code;
        assert_eq!(accept(&world, &other, "TELECOM-INTERNET", "").await.state(), pb::PetitionState::Accepted);
        create(&world.who("admin"), pb::RoutingRule { field: "TELECOM-MOBILE".to_owned(), ..rule("RIVAL", "CUC-TS", 40) }).await.unwrap();
        let tied = world.citizen().submits(feedback_of("hoa")).await.code;
        assert_eq!(accept(&world, &tied, "TELECOM-MOBILE", "").await.state(), pb::PetitionState::Accepted);
        let line = world.dispatcher().reads(&tied).await.unwrap().summary.unwrap();
        assert_eq!(line.routing(), R::Tied);
        assert_eq!(close(&world.who("admin"), "RIVAL").await.unwrap().rule.unwrap().code, "RIVAL");
        world.advance(minutes(1));
        close(&world.who("admin"), "CONDUCT").await.unwrap();
        world.advance(minutes(1));
        let conduct = world.citizen().submits(feedback_of("to")).await.code;
        assert_eq!(accept(&world, &conduct, "TELECOM-MOBILE", "CUC-VT").await.state(), pb::PetitionState::Accepted);
        let none = world.citizen().submits(feedback_of("khac")).await.code;
        accept(&world, &none, "OTHER", "").await;
        let line = world.dispatcher().reads(&none).await.unwrap().summary.unwrap();
        assert_eq!((line.holder.as_str(), line.routing()), ("BTTTT-VP", R::Unrouted));
        let mut open = unrouted(&world).await;
        open.sort();
        let mut expected = vec![conduct.clone(), none.clone()];
        expected.sort();
        assert_eq!(open, expected);
        world.dispatcher().does(Deed::Assign("CUC-VT"), &none).await;
        assert_eq!(unrouted(&world).await, [conduct]);
        let line = world.dispatcher().reads(&none).await.unwrap().summary.unwrap();
        assert_eq!(line.routing(), R::Unspecified, "a person decided");
        let whole = world.app.verify_offline(None).await.unwrap();
        assert_eq!(whole.broken, None);
    }

    /// What a changed set of rules would do, before it does.
    async fn rules_are_tried_first(world: World) {
        let admin = world.who("admin");
        let mut codes = Vec::new();
        for (name, field, unit) in [("a", "TELECOM-INTERNET", "CUC-VT"), ("b", "TELECOM-INTERNET", "CUC-TS"), ("c", "OTHER", "")] {
            let code = world.citizen().submits(feedback_of(name)).await.code;
            accept(&world, &code, field, "").await;
            if !unit.is_empty() {
                let assign = pb::AssignPetitionRequest {
                    target: Some(pb::Target { code: code.clone(), ..Default::default() }),
                    assignment: Some(pb::Assignment { unit: unit.to_owned(), ..Default::default() }),
                    reason: String::new(),
                };
                call!(world.dispatcher(), casework.assign_petition, assign).unwrap();
            }
            codes.push(code);
            world.advance(minutes(1));
        }
        let tried = async |login: &str, leave_out: &[&str], put: Vec<pb::RoutingRule>, last: i32| {
            let (focal_unit, leave_out) = ("BTTTT-VP".to_owned(), leave_out.iter().map(|code| (*code).to_owned()).collect());
            call!(world.who(login), directory.try_routing_rules, pb::TryRoutingRulesRequest { focal_unit, leave_out, put, last, size: 2 })
        };
        let new = pb::RoutingRule { field: "TELECOM-INTERNET".to_owned(), ..rule("NET", "CUC-TS", 30) };
        let catch_all = rule("REST", "CUC-THH", 0);
        let trial = tried("dispatcher", &[], vec![new.clone(), catch_all.clone()], 0).await.unwrap();
        let count = |before, after| pb::RoutingCount { before, after };
        assert_eq!((trial.tried, trial.changed, trial.assigned), (3, 3, 2));
        assert_eq!((trial.unrouted, trial.tied, trial.agreeing), (Some(count(1, 0)), Some(count(0, 0)), Some(count(1, 1))));
        let loads: Vec<_> = trial.units.iter().map(|one| (one.unit.as_str(), one.petitions.unwrap())).collect();
        assert_eq!(loads, [("CUC-THH", count(0, 1)), ("CUC-TS", count(0, 2)), ("CUC-VT", count(2, 0))]);
        let named: Vec<_> = trial.petitions.iter().map(|one| (one.code.as_str(), one.before.as_str(), one.after.as_str())).collect();
        assert_eq!(named, [(codes[2].as_str(), "", "CUC-THH"), (codes[1].as_str(), "CUC-VT", "CUC-TS")], "the last received first");
        let trial = tried("dispatcher", &["TELECOM"], Vec::new(), 2).await.unwrap();
        assert_eq!((trial.tried, trial.changed, trial.petitions[0].code.as_str()), (2, 1, codes[1].as_str()));
        assert_eq!(trial.unrouted, Some(count(1, 2)));
        // Whoever sees no petition tries no phrases on them; nor on those that they may not know of.
        assert_eq!(tried("admin", &[], Vec::new(), 1).await.unwrap_err().code(), Code::PermissionDenied);
        let conduct = world.citizen().submits(feedback_of("d")).await.code;
        accept(&world, &conduct, "TELECOM-INTERNET", "CUC-BC").await;
        world.add_account("seconded", "CUC-BC", &[]).await;
        let second = pb::Grant { account: "seconded".to_owned(), role: pb::Role::Dispatcher.into(), unit: "BTTTT-VP".to_owned(), ..Default::default() };
        call!(admin, directory.create_grant, pb::CreateGrantRequest { grant: Some(second), ..Default::default() }).unwrap();
        assert_eq!(tried("dispatcher", &[], Vec::new(), 10).await.unwrap().tried, 4);
        assert_eq!(tried("seconded", &[], Vec::new(), 10).await.unwrap().tried, 3);
        // Others go on while it is weighed: it lets them after each petition.
        let changed = Changed { focal: reference(&world, "BTTTT-VP"), without: Vec::new(), with: Vec::new(), last: 10, size: 0 };
        for n in 0..30 {
            world.citizen().submits(feedback_of(&format!("more-{n}"))).await;
        }
        let caller = world.caller("dispatcher");
        let changed = Changed { last: 100, ..changed };
        let mut trying = Box::pin(world.app.try_rules(&caller, &changed));
        let mut rests = 0;
        let trial = std::future::poll_fn(|context| {
            let polled = trying.as_mut().poll(context);
            rests += usize::from(polled.is_pending());
            polled
        });
        assert_eq!(trial.await.unwrap().tried, 34);
        assert!(rests >= 34, "it rested {rests} times");
        // Nothing has changed, and nobody else may ask.
        assert_eq!(suggest(&world.dispatcher(), in_field(&codes[2], "")).await.unwrap().routing(), R::Unrouted);
        assert_eq!(tried("cuc-vt-approver", &[], Vec::new(), 1).await.unwrap_err().code(), Code::PermissionDenied);
        let elsewhere = pb::RoutingRule { focal_unit: "CUC-VT".to_owned(), priority: -1, ..rule("REST", "NONE", 0) };
        let refused = tried("dispatcher", &["NO-RULE"], vec![catch_all.clone(), elsewhere], 10_001).await.unwrap_err();
        let mut fields = refused.fields();
        fields.sort();
        assert_eq!(fields, ["last", "leave_out[0]", "put[1].focal_unit", "put[1].priority", "put[1].unit"]);
        create(&admin, new).await.unwrap();
        let shown = Terminal::of(&world.dispatcher()).asks(&["routing", "try", "BTTTT-VP", "--leave-out", "NET"]).await;
        assert_eq!((shown["tried"].as_i64(), shown["changed"].as_i64()), (Some(34), Some(2)), "{shown}");
    }

    /// A petition that units return again and again is raised to what lies above them; they are told who may assign it.
    async fn what_comes_back_too_often_is_raised(world: World) {
        world.add_account("vt-dispatcher", "CUC-VT", &[Role::Dispatcher]).await;
        let code = world.assigned("CUC-VT-DV").await;
        world.who("cuc-vt-dv-handler").does(Deed::Return, &code).await;
        let petition = world.dispatcher().reads(&code).await.unwrap();
        assert_eq!((petition.summary.unwrap().holder.as_str(), petition.returned_by), ("BTTTT-VP", vec!["CUC-VT-DV".to_owned()]));
        let vt = world.who("vt-dispatcher");
        assert_eq!(vt.reads(&code).await.unwrap_err().code(), Code::NotFound);
        world.dispatcher().does(Deed::Assign("CUC-VT-CL"), &code).await;
        world.run_workers().await;
        let raised = world.who("cuc-vt-cl-handler").does(Deed::Return, &code).await;
        assert_eq!(raised.state(), pb::PetitionState::Accepted);
        let petition = world.dispatcher().reads(&code).await.unwrap();
        assert_eq!((petition.summary.unwrap().holder.as_str(), petition.returns), ("CUC-VT", 2), "not to the office again");
        let ask = pb::SuggestUnitsRequest { code: code.clone(), ..pb::SuggestUnitsRequest::default() };
        suggest(&vt, ask.clone()).await.unwrap();
        let event = last_event(&world, &code).await;
        assert!(event.kind == "RETURNED" && event.facts_json.contains("raised_to"), "{event:?}");
        // In the digest of the next day.
        world.when("2026-02-24 08:00");
        life::digest(&world.app, NaiveTime::from_hms_opt(7, 30, 0).unwrap()).await.unwrap();
        world.run_workers().await;
        let notice = |to: &str| {
            let letters = world.letters();
            letters.iter().any(|letter| letter.to.contains(to) && letter.text.contains("nhiều đơn vị trả lại"))
        };
        assert!(notice("cuc-vt-approver@mic.example") && notice("dispatcher@mic.example"));
        assert!(!notice("supervisor@mic.example"));
        // Its dispatcher may assign it inside, its head likewise; not outside.
        let outside = vt.tries(Deed::Assign("CUC-TS"), &code).await.unwrap_err();
        assert_eq!(outside.code(), Code::PermissionDenied);
        vt.does(Deed::Assign("CUC-VT-DV"), &code).await;
        assert_eq!(vt.tries(Deed::Assign("CUC-VT-CL"), &code).await.unwrap_err().code(), Code::PermissionDenied, "it is no more");
        assert_eq!(suggest(&vt, ask).await.unwrap_err().code(), Code::PermissionDenied);
        // The third time to what lies above these still; the office may always assign it.
        world.who("cuc-vt-dv-handler").does(Deed::Return, &code).await;
        world.who("cuc-vt-approver").does(Deed::Assign("CUC-VT"), &code).await;
        world.who("cuc-vt-handler").does(Deed::Return, &code).await;
        let petition = world.dispatcher().reads(&code).await.unwrap();
        assert_eq!((petition.summary.unwrap().holder.as_str(), petition.returned_by.len()), ("BTTTT", 4));
        world.dispatcher().does(Deed::Assign("CUC-VT-CL"), &code).await;
        world.advance(days(1));
        let whole = world.app.verify_offline(None).await.unwrap();
        assert_eq!(whole.broken, None);
    }
}
