//! The tree as it is kept: what is said anew of a unit, grants with validity, files there and back, a whole country.

use std::sync::Arc;

use pakn::{
    app::{App, Clock, DirectoryFiles, Error, Secure, province, shipped},
    domain::{
        refusal::Refusal,
        routing::Given,
        time::Zone,
        words::{Role, UnitLevel, UnitState},
    },
    pb,
    store::{Keys, Options, Store},
};
use tonic::{Code, Status};

use crate::{
    call, on_both,
    terminal::Terminal,
    world::{Deed, MASTER, Person, Refused as _, at, local},
};

fn masked(unit: pb::Unit, paths: &[&str]) -> pb::UpdateUnitRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    pb::UpdateUnitRequest {
        unit: Some(unit),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..Default::default()
    }
}

fn named(code: &str) -> pb::Unit {
    pb::Unit { code: code.to_owned(), ..pb::Unit::default() }
}

async fn update(who: &Person<'_>, update: pb::UpdateUnitRequest) -> Result<pb::UpdateUnitResponse, Status> {
    call!(who, directory.update_unit, update)
}

async fn get(who: &Person<'_>, code: &str) -> pb::GetUnitResponse {
    call!(who, directory.get_unit, pb::GetUnitRequest { code: code.to_owned() }).unwrap()
}

fn grant(account: &str, from: Option<&str>, until: Option<&str>) -> pb::CreateGrantRequest {
    let (account, unit, role) = (account.to_owned(), "CUC-BC".to_owned(), pb::Role::Handler.into());
    let (valid_from, valid_until) = (from.map(at), until.map(at));
    let grant = pb::Grant { account, unit, role, valid_from, valid_until, ..pb::Grant::default() };
    pb::CreateGrantRequest { grant: Some(grant), ..Default::default() }
}

/// A database of nothing but these files.
pub async fn fresh(folder: &tempfile::TempDir, files: &DirectoryFiles, when: &str) -> App {
    let url = format!("sqlite://{}/fresh.db", folder.path().display());
    Store::migrate(&url).await.unwrap();
    let keys = Keys::parse(MASTER).unwrap();
    let store = Store::open(&url, &Options::default(), Zone(chrono_tz::Asia::Ho_Chi_Minh), keys).await.unwrap();
    let app = App::new(store, Clock::set_to(local(when)), Arc::new(Secure::default()), b"a secret of thirty-two bytes");
    app.import_directory(files).await.unwrap();
    app
}

#[expect(clippy::print_stdout, reason = "a figure that is asked for")]
fn say(figure: &str) {
    println!("{figure}");
}

/// What a directory says, without ids.
fn said(app: &App) -> (Vec<String>, Vec<String>) {
    let reference = app.reference();
    let units = reference.units.all().map(|unit| {
        let code = |id| reference.units.code(id).to_owned();
        let next = unit.successors.as_ref().map(|next| {
            let by_field: Vec<_> = next.by_field.iter().map(|(field, id)| (field.clone(), code(*id))).collect();
            (code(next.default), by_field)
        });
        let names = (&unit.name, &unit.short_name, &unit.name_en, &unit.short_name_en, &unit.mailbox);
        let rest = (unit.level, unit.focal, &unit.national_code, unit.valid_from, unit.closed_on, unit.state, next);
        format!("{} {:?} {names:?} {rest:?}", unit.code, unit.parent.map(code))
    });
    let mut grants: Vec<String> = reference
        .grants
        .values()
        .flatten()
        .map(|grant| {
            let (login, unit) = (reference.login(grant.account), reference.units.code(grant.unit));
            format!("{login} {} {unit} {:?} {:?}", grant.role, grant.from, grant.until)
        })
        .collect();
    grants.sort();
    (units.collect(), grants)
}

on_both! {
    /// What is named is said anew, and nothing else; upon the etag that was read, or not at all.
    async fn what_is_named_is_said_anew(world: World) {
        let admin = world.who("admin");
        let before = get(&admin, "CUC-VT").await;
        let all = pb::Unit { name: "Cục Viễn thông (mới)".to_owned(), mailbox: "moi@mic.example".to_owned(), national_code: "G14.01".to_owned(), ..named("CUC-VT") };
        let updated = update(&admin, masked(all.clone(), &["name", "national_code"])).await.unwrap();
        let was = before.unit.unwrap();
        let wanted = pb::Unit { name: all.name.clone(), national_code: all.national_code.clone(), ..was.clone() };
        assert_eq!(updated.unit.as_ref(), Some(&wanted), "the mailbox was not named");
        let shown = get(&admin, "CUC-VT").await;
        assert_eq!((shown.unit, &shown.etag), (updated.unit, &updated.etag));
        assert_ne!(before.etag, updated.etag);
        let stale = pb::UpdateUnitRequest { etag: before.etag, ..masked(all.clone(), &["mailbox"]) };
        assert_eq!(update(&admin, stale).await.unwrap_err().code(), Code::Aborted);
        let upon = pb::UpdateUnitRequest { etag: updated.etag, ..masked(all.clone(), &["mailbox"]) };
        assert_eq!(update(&admin, upon).await.unwrap().unit.unwrap().mailbox, "moi@mic.example");
        // Without a mask what is given is said anew; with one what is empty is emptied.
        let given = pb::UpdateUnitRequest { unit: Some(pb::Unit { short_name: "VT".to_owned(), ..named("CUC-VT") }), ..Default::default() };
        let given = update(&admin, given).await.unwrap().unit.unwrap();
        assert_eq!((given.short_name.as_str(), given.name.as_str()), ("VT", all.name.as_str()));
        assert_eq!(update(&admin, masked(named("CUC-VT"), &["mailbox"])).await.unwrap().unit.unwrap().mailbox, "");
        assert_eq!(update(&admin, masked(named("NOBODY"), &["mailbox"])).await.unwrap_err().code(), Code::NotFound);

        for (unit, paths, fields) in [
            (named("CUC-VT"), &["name"][..], &["unit.name"][..]),
            (all.clone(), &["code"], &["update_mask.paths[0]"]),
            (all.clone(), &["name", "name"], &["update_mask.paths[1]"]),
            (pb::Unit { parent: "CUC-VT".to_owned(), ..named("CUC-VT") }, &["parent"], &["unit.parent"]),
            (pb::Unit { parent: "CUC-VT-DV".to_owned(), ..named("CUC-VT") }, &["parent"], &["unit.parent"]),
            (named("CUC-VT"), &["parent"], &["unit.parent"]),
            (pb::Unit { parent: "CUC-BC".to_owned(), ..named("BTTTT") }, &["parent"], &["unit.parent"]),
            (pb::Unit { focal: true, ..named("CUC-VT") }, &["focal"], &["unit.focal"]),
            (pb::Unit { national_code: "G14.01".to_owned(), ..named("CUC-BC") }, &["national_code"], &["unit.national_code"]),
            (pb::Unit { valid_from: "2027-01-01".to_owned(), ..named("CUC-BC") }, &["valid_from"], &["unit.valid_from"]),
            (pb::Unit { closed_on: "2027-01-01".to_owned(), ..all }, &["name"], &["unit.closed_on"]),
        ] {
            let refused = update(&admin, masked(unit, paths)).await.unwrap_err();
            assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, fields.iter().map(|field| (*field).to_owned()).collect()), "{paths:?}");
        }
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }

    /// Of two who would put each under the other, one is refused: the tree never goes round in a circle.
    async fn nothing_goes_round_in_a_circle(world: World) {
        let admin = world.who("admin");
        let under = |code: &str, parent: &str| masked(pb::Unit { parent: parent.to_owned(), ..named(code) }, &["parent"]);
        for _ in 0..8 {
            let (one, two) = futures::join!(update(&admin, under("CUC-BC", "CUC-TS")), update(&admin, under("CUC-TS", "CUC-BC")));
            assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
            let refused = one.err().or(two.err()).unwrap();
            assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, vec!["unit.parent".to_owned()]));
            let loose = if get(&admin, "CUC-BC").await.unit.unwrap().parent == "CUC-TS" { "CUC-BC" } else { "CUC-TS" };
            update(&admin, under(loose, "BTTTT")).await.unwrap();
        }
        assert_eq!(world.app.reference().units.all().count(), 23, "nobody fell out of the tree");
    }

    /// Who administers a unit says its names; where it lies is for those above it.
    async fn a_unit_is_placed_from_above(world: World) {
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        let own = world.who("vt-admin");
        update(&own, masked(pb::Unit { short_name: "VT".to_owned(), ..named("CUC-VT") }, &["short_name"])).await.unwrap();
        let away = masked(pb::Unit { parent: "CUC-TS".to_owned(), ..named("CUC-VT-DV") }, &["parent"]);
        assert_eq!(update(&own, away).await.unwrap_err().code(), Code::PermissionDenied);
        let focal = masked(pb::Unit { focal: true, ..named("CUC-VT-DV") }, &["focal"]);
        assert!(update(&own, focal).await.unwrap().unit.unwrap().focal);
        let other = masked(pb::Unit { short_name: "BC".to_owned(), ..named("CUC-BC") }, &["short_name"]);
        assert_eq!(update(&own, other).await.unwrap_err().code(), Code::PermissionDenied);
    }

    /// A role counts from its first instant to its last, and no longer than it is granted.
    async fn a_grant_counts_while_it_is_valid(world: World) {
        let admin = world.who("admin");
        world.add_account("guest", "CUC-BC", &[]).await;
        let code = world.assigned("CUC-BC").await;
        let (from, until) = ("2026-02-24 08:00", "2026-02-25 17:00");
        let made = call!(admin, directory.create_grant, grant("guest", Some(from), Some(until))).unwrap().grant.unwrap();
        assert_eq!((made.valid_from, made.valid_until), (Some(at(from)), Some(at(until))));
        let guest = world.who("guest");
        for (when, may) in [
            ("2026-02-24 07:59:59.999999", false),
            ("2026-02-24 08:00", true),
            ("2026-02-25 16:59:59.999999", true),
            ("2026-02-25 17:00", false),
        ] {
            world.when(when);
            assert_eq!(guest.tries(Deed::AddNote, &code).await.is_ok(), may, "{when}");
        }
        // One follows upon another; none says again what is granted at the time.
        world.when("2026-02-24 09:00");
        for overlapping in [(None, None), (Some("2026-02-25 16:59"), None), (None, Some("2026-02-24 12:00"))] {
            let refused = call!(admin, directory.create_grant, grant("guest", overlapping.0, overlapping.1)).unwrap_err();
            assert_eq!(refused.code(), Code::AlreadyExists, "{overlapping:?}");
        }
        call!(admin, directory.create_grant, grant("guest", Some(until), None)).unwrap();
        for (from, until, field) in [
            (Some("2026-03-02 08:00"), Some("2026-03-01 08:00"), "grant.valid_until"),
            (None, Some("2026-02-24 08:59"), "grant.valid_until"),
        ] {
            let refused = call!(admin, directory.create_grant, grant("guest", from, until)).unwrap_err();
            assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, vec![field.to_owned()]));
        }
        // Ended once, it is ended; then it can be made again.
        let revoke = pb::RevokeGrantRequest { id: made.id.clone(), ..Default::default() };
        let revoked = call!(admin, directory.revoke_grant, revoke.clone()).unwrap();
        assert_eq!(revoked.grant.as_ref().unwrap().valid_until, Some(at("2026-02-24 09:00")));
        assert_eq!(guest.tries(Deed::AddNote, &code).await.unwrap_err().code(), Code::PermissionDenied);
        world.when("2026-02-24 10:00");
        assert_eq!(call!(admin, directory.revoke_grant, revoke.clone()).unwrap(), revoked);
        call!(admin, directory.create_grant, grant("guest", None, Some(until))).unwrap_err();
        call!(admin, directory.create_grant, grant("guest", Some("2026-02-24 10:00"), Some(until))).unwrap();
        guest.does(Deed::AddNote, &code).await;
        // Over what is elsewhere nobody grants, and nobody revokes.
        world.add_account("vt-admin", "CUC-VT", &[Role::Administrator]).await;
        let elsewhere = call!(world.who("vt-admin"), directory.create_grant, grant("cuc-vt-handler", None, None)).unwrap_err();
        assert_eq!(elsewhere.code(), Code::PermissionDenied);
        assert_eq!(call!(world.who("vt-admin"), directory.revoke_grant, revoke).unwrap_err().code(), Code::NotFound);
        // Another process knows within a refresh.
        let other = world.another_process().await;
        assert!(other.reference().grants.values().flatten().any(|grant| grant.id.to_string() == made.id && grant.until.is_some()));
    }

    /// What is exported is imported again, formulas and dissolved units and all.
    async fn there_and_back_through_files(world: World) {
        let admin = world.who("admin");
        let formula = pb::Unit { name: "=1+1".to_owned(), short_name: "@b".to_owned(), short_name_en: "-c".to_owned(), ..named("CUC-VT") };
        update(&admin, masked(formula, &["name", "short_name", "short_name_en"])).await.unwrap();
        let other = pb::FieldSuccessor { field: "TELECOM".to_owned(), unit: "CUC-VT".to_owned() };
        let closing = pb::UnitClosing { successors_by_field: vec![other], ..pb::UnitClosing { code: "CUC-BC".to_owned(), closed_on: "2026-02-01".to_owned(), successor: "CUC-TS".to_owned(), ..Default::default() } };
        call!(admin, directory.close_unit, pb::CloseUnitRequest { closing: Some(closing), ..Default::default() }).unwrap();
        let other = pb::CreateGrantRequest { grant: grant("cuc-ts-handler", None, Some("2026-12-31 17:00")).grant.map(|grant| pb::Grant { unit: "CUC-VT".to_owned(), ..grant }), ..Default::default() };
        call!(admin, directory.create_grant, other).unwrap();
        let terminal = Terminal::of(&admin);
        terminal.file("out/keep", "");
        let ran = terminal.types(&["directory", "export", "out/all"], "").await;
        assert_eq!((ran.exit, ran.out.as_str()), (Some(0), ""), "{ran:?}");
        assert!(ran.err.contains("23 units"), "{ran:?}");
        let again = terminal.fails(2, &["directory", "export", "out/all"]).await;
        assert!(again.contains("units.csv"), "{again}");
        let keep = terminal.file("out/keep", "");
        let read = |name: &str| std::fs::read_to_string(std::path::Path::new(&keep).with_file_name("all").join(name)).unwrap();
        let files = DirectoryFiles { units: read("units.csv"), fields: read("fields.csv"), accounts: read("accounts.csv"), delegations: read("delegations.csv"), grants: read("grants.csv"), rules: read("rules.csv") };
        for cell in [",'=1+1,", ",'@b,", ",'-c,"] {
            assert!(files.units.contains(cell), "{cell}");
        }
        let folder = tempfile::tempdir().unwrap();
        let app = fresh(&folder, &files, crate::world::MORNING).await;
        assert_eq!(said(&app), said(&world.app));
        // Into a directory in which it is dissolved nobody comes in after the fact.
        let accounts = "login,unit,name,email,roles\nlate,CUC-BC,Muộn,,\n".to_owned();
        let late = DirectoryFiles { accounts, ..DirectoryFiles::default() };
        let refused = world.app.import_directory(&late).await.unwrap_err();
        assert!(refused.to_string().contains("accounts.csv:2 unit: is closed"), "{refused}");
        let names = |app: &App| app.reference().fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&app), names(&world.app));
        let rules = |app: &App| {
            let reference = app.reference();
            let there = reference.rules.all().filter(|rule| !reference.units.is_closed(rule.unit));
            there.map(|rule| Given::of(rule, &reference.units)).map(|given| format!("{given:?}")).collect::<Vec<_>>()
        };
        assert_eq!(rules(&app), rules(&world.app));
        assert_eq!(app.reference().rules.all().count(), 15, "all but the one that names a dissolved unit");
    }

    /// Units and grants from a terminal.
    async fn a_terminal_keeps_units(world: World) {
        world.add_mighty().await;
        let (code, admin) = (world.assigned("CUC-BC").await, Terminal::of(&world.who("admin")));
        let made = admin.asks(&["unit", "create", "CUC-MOI", "--parent", "BTTTT", "--level", "department", "--name", "Cục Mới"]).await;
        assert_eq!(made["unit"]["code"], "CUC-MOI");
        let shown = admin.asks(&["units", "show", "CUC-MOI"]).await;
        let etag = shown["etag"].as_str().unwrap();
        let update = ["unit", "update", "CUC-MOI", "--mailbox", "moi@mic.example", "--focal", "false", "--etag", etag];
        assert_eq!(admin.asks(&update).await["unit"]["mailbox"], "moi@mic.example");
        assert!(admin.fails(5, &update).await.contains("moved"));
        admin.fails(2, &["unit", "update", "CUC-MOI"]).await;
        let ends = ["CUC-BC", "--on", "2026-02-12", "--successor", "CUC-TS", "--in-field", "TELECOM=CUC-MOI"];
        let preview = admin.asks(&[&["unit", "preview-close"], &ends[..]].concat()).await;
        assert_eq!((&preview["moved"], &preview["petitions"][0]["to_unit"]), (&1.into(), &"CUC-MOI".into()));
        let table = admin.types(&[&["unit", "preview-close"], &ends[..]].concat(), "").await;
        assert!(table.err.contains("1 of 1 open petitions move; units that end: CUC-BC"), "{table:?}");
        assert_eq!(admin.asks(&[&["unit", "close"], &ends[..]].concat()).await["unit"]["closed"], true);
        while world.app.succeed().await.unwrap() {}
        assert_eq!(world.who("mighty").reads(&code).await.unwrap().summary.unwrap().holder, "CUC-MOI");
        let grant = ["unit", "grant", "cuc-bc-handler", "--role", "handler", "--unit", "CUC-MOI", "--until", "2026-12-31"];
        let id = admin.asks(&grant).await["grant"]["id"].as_str().unwrap().to_owned();
        world.who("cuc-bc-handler").does(Deed::Start, &code).await;
        assert_eq!(admin.asks(&["unit", "revoke", &id]).await["grant"]["valid_until"], "2026-02-13T02:15:00Z");
        assert_eq!(world.who("cuc-bc-handler").tries(Deed::SaveDraft, &code).await.unwrap_err().code(), Code::PermissionDenied);
    }

    /// Every fault of validity and succession in files is named, and nothing is written.
    async fn files_with_bad_validity_leave_nothing_behind(world: World) {
        let columns = "code,parent,level,name,short_name,name_en,mailbox,focal,national_code,valid_from,closed_on,successor,successors_by_field";
        let lines = [
            "A,BTTTT,DISTRICT,A,,,,false,77,,2025-06-30,B,TELECOM=C|NOFIELD=C",
            "B,BTTTT,COMMUNE,B,,,,false,77,2025-07-01,,,",
            "C,BTTTT,COMMUNE,C,,,,false,77,2025-07-01,,,",
            "D,BTTTT,DISTRICT,D,,,,false,,,2025-06-30,,",
            "E,BTTTT,DISTRICT,E,,,,false,,,2025-06-30,A,",
            "F,BTTTT,DISTRICT,F,,,,false,,2025-07-01,2025-06-30,B,",
            "G,BTTTT,DISTRICT,G,,,,false,,30/06/2025,,B,",
            "H,BTTTT,DISTRICT,H,,,,false,,,2025-05-31,B,",
            "I,A,DIVISION,I,,,,false,,,,,",
            "J,K,DIVISION,J,,,,false,,,,,",
            "K,J,DIVISION,K,,,,false,,,,,",
            "L,BTTTT,DISTRICT,L,,,,false,,,2025-06-30,L,",
        ];
        let units = format!("{columns}\n{}\n", lines.join("\n"));
        let grants = "account,role,unit,valid_from,valid_until\nadmin,ADMINISTRATOR,BTTTT,,\nadmin,KING,A,2025,\nnobody,CLERK,X,,\n".to_owned();
        let before = said(&world.app);
        let files = DirectoryFiles { units, grants, ..DirectoryFiles::default() };
        let Err(Error::Refused(Refusal::Invalid(faults))) = world.app.import_directory(&files).await else { panic!("imported") };
        let told: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.what)).collect();
        let expected = [
            "units.csv:4 national_code: another unit has it at the time",
            "units.csv:7 closed_on: lies before its first day",
            "units.csv:8 valid_from: is not a day: YYYY-MM-DD",
            "units.csv:10 parent: is closed",
            "units.csv:11 parent: must stand above it in the file",
            "units.csv:2 successors_by_field: \"NOFIELD\" is not the code of a field",
            "units.csv:5 successor: is required for a unit with a closed_on",
            "units.csv:6 successor: closes on 2025-06-30",
            "units.csv:8 successor: is for units with a closed_on",
            "units.csv:9 successor: is not in force by then",
            "units.csv:13 successor: is the unit itself",
            "grants.csv:2 role: is granted already at some time of it",
            "grants.csv:3 role: \"KING\" is none of PORTAL, CLERK, DISPATCHER, HANDLER, APPROVER, SUPERVISOR, ADMINISTRATOR, OPERATOR",
            "grants.csv:3 valid_from: is not an instant: 2026-01-31T17:00:00Z",
            "grants.csv:4 account: is not the login of an account",
            "grants.csv:4 unit: is not the code of a unit",
        ];
        assert_eq!(told, expected);
        world.app.refresh().await.unwrap();
        assert_eq!(said(&world.app), before);
    }

    /// A country: 10,594 communes under 63 provinces, imported in under ten seconds.
    async fn a_country_is_imported_in_seconds(world: World) {
        let mut units = "code,parent,level,name,short_name,name_en,mailbox,focal,national_code\n".to_owned();
        for province in 0..63 {
            units += &format!("T{province:02},BTTTT,PROVINCE,Tỉnh số {province},,Province {province},t{province}@vidu.example,false,{province:02}\n");
        }
        for commune in 0..10_594 {
            let above = commune % 63;
            units += &format!("X{commune:05},T{above:02},COMMUNE,Xã số {commune},,Commune {commune},x{commune}@vidu.example,false,{commune:05}\n");
        }
        let files = DirectoryFiles { units, ..DirectoryFiles::default() };
        let begun = std::time::Instant::now();
        let imported = world.app.import_directory(&files).await.unwrap();
        let took = begun.elapsed();
        say(&format!("{} units imported in {:.2} s", imported.units, took.as_secs_f64()));
        assert_eq!(imported.units, 10_657);
        assert!(took.as_secs() < 10, "{took:?}");
        let reference = world.app.reference();
        assert_eq!(reference.units.all().count(), 10_657 + 23);
        assert_eq!(reference.units.all().filter(|unit| unit.level == UnitLevel::Commune).count(), 10_594);
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }
}

/// The shipped province has two levels since July 2025; its former districts lead to those that came after them.
#[tokio::test]
async fn the_province_of_today_and_yesterday() {
    let folder = tempfile::tempdir().unwrap();
    let files = shipped("province").unwrap();
    assert_eq!(files.units, province().units);
    let app = fresh(&folder, &files, "2026-02-13 09:15").await;
    let reference = app.reference();
    let count = |level| reference.units.all().filter(|unit| unit.level == level).count();
    assert_eq!((count(UnitLevel::Department), count(UnitLevel::Commune), count(UnitLevel::District)), (9, 12, 3));
    for unit in reference.units.all() {
        let gone = unit.level == UnitLevel::District;
        assert_eq!(unit.state, if gone { UnitState::Closed } else { UnitState::Open }, "{}", unit.code);
        assert_eq!(unit.closed_on.map(|day| day.to_string()), gone.then(|| "2025-06-30".to_owned()));
        let receives = reference.units.focal_for(unit.id).unwrap();
        assert!(receives.focal && receives.state == UnitState::Open, "{}", unit.code);
    }
    let id = |code: &str| reference.units.by_code(code).unwrap().id;
    let after = |field: &str| reference.units.code(reference.units.successor(id("H-DM"), &reference.field_line(field)));
    assert_eq!((after("HEALTH"), after("LAND-CERTIFICATE")), ("XA-04", "SO-NNMT"));
    // The day before, districts were there and communes of today were not yet.
    let folder = tempfile::tempdir().unwrap();
    let app = fresh(&folder, &files, "2025-06-30 23:59").await;
    let state = |code: &str| app.reference().units.by_code(code).unwrap().state;
    assert_eq!((state("H-DM"), state("XA-04")), (UnitState::Open, UnitState::Planned));
    app.clock().set(local("2025-07-01 00:00"));
    while app.succeed().await.unwrap() {}
    let state = |code: &str| app.reference().units.by_code(code).unwrap().state;
    assert_eq!((state("H-DM"), state("XA-04")), (UnitState::Closed, UnitState::Open));
}
