//! How rules are kept: by whom, what may not be said, from files and from the terminal.

use pakn::{app::DirectoryFiles, domain::words::Role, pb};
use tonic::{Code, Status};

use super::{accept, close, create, rule};
use crate::{
    call, on_both,
    terminal::Terminal,
    world::{Person, Refused as _, feedback, minutes},
};

async fn update(who: &Person<'_>, rule: pb::RoutingRule, etag: &str) -> Result<pb::UpdateRoutingRuleResponse, Status> {
    let (rule, etag) = (Some(rule), etag.to_owned());
    call!(who, directory.update_routing_rule, pb::UpdateRoutingRuleRequest { rule, etag, ..Default::default() })
}

on_both! {
    /// Rules are written by those who administer both units, and by nobody else.
    async fn rules_are_for_those_who_administer_both_units(world: World) {
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        world.add_account("vp-admin", "BTTTT-VP", &[Role::Administrator]).await;
        let admin = world.who("admin");
        for login in ["vt-admin", "vp-admin", "dispatcher"] {
            let refused = create(&world.who(login), rule("OWN", "CUC-VT", 60)).await.unwrap_err();
            assert_eq!(refused.code(), Code::PermissionDenied, "{login}");
        }
        let made = create(&admin, rule("OWN", "CUC-VT", 60)).await.unwrap();
        assert_eq!(create(&admin, rule("OWN", "CUC-VT", 60)).await.unwrap_err().code(), Code::AlreadyExists);
        // Read by those of the focal unit; what a unit elsewhere administers has none.
        let get = async |login: &str| {
            let get = pb::GetRoutingRuleRequest { code: "OWN".to_owned() };
            call!(world.who(login), directory.get_routing_rule, get).map(|found| found.etag)
        };
        assert_eq!((get("dispatcher").await.unwrap(), get("vp-admin").await.unwrap()), (made.etag.clone(), made.etag.clone()));
        assert_eq!(get("vt-admin").await.unwrap_err().code(), Code::NotFound);
        assert_eq!(update(&world.who("vt-admin"), rule("OWN", "CUC-VT", 1), "").await.unwrap_err().code(), Code::NotFound);
        // Nor by what is wrong with what they say of it.
        assert_eq!(update(&world.who("vt-admin"), rule("OWN", "NOBODY", 1), "").await.unwrap_err().code(), Code::NotFound);
        // The office's own administrator may not take from another unit what was given to it, nor end that.
        let office = world.who("vp-admin");
        assert_eq!(update(&office, rule("OWN", "BTTTT-VP", 60), "").await.unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(close(&office, "OWN").await.unwrap_err().code(), Code::PermissionDenied);
        create(&office, rule("OFFICE", "BTTTT-VP", 1)).await.unwrap();
        assert_eq!(update(&office, rule("OFFICE", "CUC-VT", 1), "").await.unwrap_err().code(), Code::PermissionDenied);

        let named = update(&admin, pb::RoutingRule { name: "Viễn thông".to_owned(), ..rule("OWN", "", 0) }, &made.etag).await;
        let named = named.unwrap();
        let now = named.rule.unwrap();
        assert_eq!((now.name.as_str(), now.unit.as_str(), now.priority), ("Viễn thông", "CUC-VT", 60));
        assert_eq!(update(&admin, rule("OWN", "", 70), &made.etag).await.unwrap_err().code(), Code::Aborted);
        let list = async |ended| {
            let (focal_unit, unit) = ("BTTTT-VP".to_owned(), "CUC-VT".to_owned());
            let page = Some(pb::PageRequest { size: 1, token: String::new() });
            let ask = pb::ListRoutingRulesRequest { focal_unit, unit, ended, page };
            let first = call!(admin, directory.list_routing_rules, ask.clone()).unwrap();
            let page = Some(pb::PageRequest { size: 9, token: first.page.clone().unwrap().next_token });
            let rest = match page.as_ref().unwrap().token.is_empty() {
                true => Vec::new(),
                false => call!(admin, directory.list_routing_rules, pb::ListRoutingRulesRequest { page, ..ask }).unwrap().rules,
            };
            first.rules.into_iter().chain(rest).map(|rule| rule.code).collect::<Vec<_>>()
        };
        assert_eq!(list(false).await, ["OWN", "TELECOM"]);
        world.advance(minutes(1));
        let ended = close(&admin, "OWN").await.unwrap().rule.unwrap().valid_until;
        world.advance(minutes(1));
        assert_eq!(close(&admin, "OWN").await.unwrap().rule.unwrap().valid_until, ended, "it ended before");
        assert_eq!((list(false).await, list(true).await), (vec!["TELECOM".to_owned()], vec!["OWN".to_owned(), "TELECOM".to_owned()]));
    }

    async fn every_fault_is_named_at_once(world: World) {
        let admin = world.who("admin");
        let closing = pb::UnitClosing {
            code: "CUC-BC".to_owned(),
            closed_on: "2026-02-12".to_owned(),
            successor: "CUC-XBIPH".to_owned(),
            ..Default::default()
        };
        call!(admin, directory.close_unit, pb::CloseUnitRequest { closing: Some(closing), ..Default::default() }).unwrap();
        let bad = pb::RoutingRule {
            code: "a b".to_owned(),
            focal_unit: "CUC-VT".to_owned(),
            priority: 1_001,
            field: "NONE".to_owned(),
            places: vec!["0 1".to_owned()],
            channels: vec![0, 99],
            any_phrases: vec!["?".to_owned()],
            ..rule("", "CUC-BC", 0)
        };
        let refused = create(&admin, bad).await.unwrap_err();
        let mut fields = refused.fields();
        fields.sort();
        let expected = [
            "rule.any_phrases[0]", "rule.channels[0]", "rule.channels[1]", "rule.code", "rule.field", "rule.focal_unit",
            "rule.places[0]", "rule.priority", "rule.unit",
        ];
        assert_eq!(fields, expected, "{refused:?}");
        // A circle in the tree of fields, and whatever else is wrong.
        let mask = prost_types::FieldMask { paths: ["parent", "name"].map(str::to_owned).into() };
        let field = pb::Field { code: "TELECOM".to_owned(), parent: "TELECOM-MOBILE".to_owned(), ..Default::default() };
        let change = pb::UpdateFieldRequest { field: Some(field), update_mask: Some(mask), ..Default::default() };
        let mut fields = call!(admin, directory.update_field, change).unwrap_err().fields();
        fields.sort();
        assert_eq!(fields, ["field.name", "field.parent"]);
        // Below a field that was added after it, it is still found below that.
        let field = |code: &str, parent: &str| {
            let [code, parent] = [code, parent].map(str::to_owned);
            Some(pb::Field { code, parent, name: "Lĩnh vực".to_owned(), ..Default::default() })
        };
        let new = pb::CreateFieldRequest { field: field("MEDIA", ""), ..Default::default() };
        call!(admin, directory.create_field, new).unwrap();
        let moved = pb::UpdateFieldRequest { field: field("PRESS", "MEDIA"), ..Default::default() };
        call!(admin, directory.update_field, moved).unwrap();
        let code = world.citizen().submits(feedback()).await.code;
        accept(&world, &code, "PRESS-CARD", "").await;
        let filter = Some(pb::PetitionFilter { field: "MEDIA".to_owned(), ..Default::default() });
        let listed = call!(world.dispatcher(), casework.list_petitions, pb::ListPetitionsRequest { filter, ..Default::default() });
        assert_eq!(listed.unwrap().petitions.len(), 1);
    }

    /// Rules come with the other files of a directory; whatever is wrong with them is named by line and column.
    async fn rules_come_with_files(world: World) {
        let closing = pb::UnitClosing {
            code: "CUC-BC".to_owned(),
            closed_on: "2026-02-12".to_owned(),
            successor: "CUC-XBIPH".to_owned(),
            ..Default::default()
        };
        let close = pb::CloseUnitRequest { closing: Some(closing), ..Default::default() };
        call!(world.who("admin"), directory.close_unit, close).unwrap();
        let head = "code,focal_unit,unit,priority,valid_until,field,places,channels,any_phrases\n";
        let import = async |lines: &str, fields: &str| {
            let (rules, fields) = (format!("{head}{lines}"), fields.to_owned());
            world.app.import_directory(&DirectoryFiles { rules, fields, ..DirectoryFiles::default() }).await
        };
        let bad = "TELECOM,BTTTT-VP,CUC-VT,1,,,,,\n\
                   A,CUC-VT,CUC-BC,x,soon,NONE,0 1|001*,FAX|PORTAL,?\n\
                   B,NONE,,1001,,,,,\n";
        let refused = import(bad, "").await.unwrap_err().to_string();
        let expected = [
            "rules.csv:2 code: is there already", "rules.csv:3 priority: is not a number",
            "rules.csv:3 valid_until: is not an instant", "rules.csv:3 channels: \"FAX\" is none of PORTAL, APP",
            "rules.csv:3 focal_unit: is not a focal unit", "rules.csv:3 unit: is closed", "rules.csv:3 field: is not the code of a field",
            "rules.csv:3 places: must be", "rules.csv:3 any_phrases: has no letters", "rules.csv:4 focal_unit: is not the code of a unit",
            "rules.csv:4 unit: is required", "rules.csv:4 priority: must be 0 to 1000",
        ];
        for what in expected {
            assert!(refused.contains(what), "{what} in {refused}");
        }
        assert_eq!(refused.matches("rules.csv:").count(), expected.len(), "{refused}");
        let fields = "code,parent,name,name_en,assigns_itself\nNEW,OTHER,Mới,New,TRUE\n";
        let good = "NEW,BTTTT-VP,CUC-VT,1,2026-12-31T17:00:00Z,NEW,001*|00200,portal|APP,cáp quang|mạng chậm\n";
        assert_eq!(import(good, fields).await.unwrap().rules, 1);
        let code = world.citizen().submits(pb::SubmitPetitionRequest { place: "00199".to_owned(), ..feedback() }).await.code;
        assert_eq!(accept(&world, &code, "NEW", "").await.state(), pb::PetitionState::Assigned);
    }

    /// From the terminal, and from one installation into files.
    async fn rules_are_kept_from_the_terminal(world: World) {
        let terminal = Terminal::of(&world.who("admin"));
        let made = terminal.asks(&[
            "routing", "put", "FIBRE", "--focal-unit", "BTTTT-VP", "--unit", "CUC-VT-CL", "--priority", "60", "--all", "cáp quang",
            "--channel", "portal,app", "--place", "001*",
        ]).await;
        assert_eq!(made["rule"]["places"][0], "001*", "{made}");
        let kept = terminal.asks(&["routing", "put", "FIBRE", "--update", "--priority", "61"]).await;
        assert_eq!((kept["rule"]["priority"].as_i64(), &kept["rule"]["unit"]), (Some(61), &"CUC-VT-CL".into()), "{kept}");
        let listed = terminal.asks(&["routing", "list", "--unit", "CUC-VT-CL"]).await;
        assert_eq!(listed["rules"].as_array().unwrap().len(), 2, "{listed}");
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("out");
        terminal.gets(&["directory", "export", to.to_str().unwrap()]).await;
        let written = std::fs::read_to_string(to.join("rules.csv")).unwrap();
        assert!(written.contains("FIBRE,BTTTT-VP,CUC-VT-CL,61,") && written.contains("PORTAL|APP"), "{written}");
        let ended = terminal.asks(&["routing", "close", "FIBRE"]).await;
        assert!(ended["rule"]["valid_until"].is_string(), "{ended}");
    }
}
