//! Accounts and delegations in files and from a terminal.

use pakn::{
    app::{App, DirectoryFiles},
    domain::words::Role,
    pb,
};

use super::{closes, delegates, got, says};
use crate::{
    on_both,
    terminal::Terminal,
    tree::fresh,
    world::{Deed, World, minutes},
};

const HEAD: &str = "login,unit,name,email,roles,closed_on\n";

async fn imports(world: &World, lines: &str) -> Result<pakn::app::Imported, String> {
    let files = DirectoryFiles { accounts: format!("{HEAD}{lines}"), ..DirectoryFiles::default() };
    world.app.import_directory(&files).await.map_err(|error| error.to_string())
}

/// Who approves for whom, over what, as what, until when; and who is closed since which day.
fn said(app: &App) -> (Vec<String>, Vec<String>) {
    let reference = app.reference();
    let all = reference.delegations.values().flatten().filter(|one| app.clock().now() < one.until);
    let mut delegations: Vec<String> = all
        .map(|one| {
            let (login, unit) = (|account| reference.login(account).to_owned(), reference.units.code(one.unit));
            format!(
                "{} {} {unit} {} {} {}",
                login(one.delegator),
                login(one.delegate),
                one.capacity,
                one.from,
                one.until
            )
        })
        .collect();
    let day = |account: &pakn::domain::account::Account| account.closed_at.map(|at| reference.zone.date(at));
    let closed = reference.accounts.values().filter_map(|account| Some(format!("{} {}", account.login, day(account)?)));
    let mut closed: Vec<String> = closed.collect();
    delegations.sort();
    closed.sort();
    (delegations, closed)
}

on_both! {
    /// A line of an account that is there makes of it what it says: corrects, moves, closes, adds roles; and takes none away.
    async fn a_file_changes_accounts(world: World) {
        let lines = "cuc-vt-handler,CUC-VT,Đỗ Thị Mới,moi@mic.example,,\n\
                     cuc-bc-handler,CUC-TS,Người chuyển đi,chuyen@mic.example,handler|clerk,\n\
                     cuc-ts-approver,CUC-TS,Người nghỉ,nghi@mic.example,,2026-02-12\n\
                     cuc-ts-handler,CUC-TS,Người ở lại,olai@mic.example,handler|clerk,\n\
                     new,CUC-TS,Người mới,,handler,\nwas,CUC-TS,Người cũ,,,2026-02-01\n";
        let imported = imports(&world, lines).await.unwrap();
        assert_eq!((imported.accounts, imported.changed, imported.grants), (2, 4, 4), "{imported:?}");
        let [right, moved, gone, stays, was] = [
            got(&world, "cuc-vt-handler").await, got(&world, "cuc-bc-handler").await, got(&world, "cuc-ts-approver").await,
            got(&world, "cuc-ts-handler").await, got(&world, "was").await,
        ];
        assert_eq!(right.account.unwrap().name, "Đỗ Thị Mới");
        let lasting = |grants: &[pb::Grant]| {
            let all = grants.iter().filter(|grant| grant.valid_until.is_none());
            let mut all: Vec<_> = all.map(|grant| (grant.unit.clone(), grant.role())).collect();
            all.sort();
            all
        };
        assert_eq!(lasting(&right.grants), [("CUC-VT".to_owned(), pb::Role::Handler)], "no role is taken away");
        assert_eq!(moved.account.unwrap().unit, "CUC-TS");
        let both = [pb::Role::Clerk, pb::Role::Handler].map(|role| ("CUC-TS".to_owned(), role));
        assert_eq!((lasting(&moved.grants), lasting(&stays.grants)), (both.to_vec(), both.to_vec()));
        assert!(gone.account.unwrap().closed && lasting(&gone.grants).is_empty());
        assert!(was.account.unwrap().closed);
        assert!(world.app.reference().accounts[&world.app.reference().logins["cuc-bc-handler"]].former.len() == 1);
        // Again, it changes nothing.
        let again = imports(&world, &lines.lines().take(4).map(|line| format!("{line}\n")).collect::<String>()).await.unwrap();
        assert_eq!((again.accounts, again.changed, again.grants), (0, 0, 0), "{again:?}");
        // The way back, the same role is given anew.
        world.advance(minutes(1));
        let back = imports(&world, "cuc-bc-handler,CUC-BC,Người chuyển về,,handler,\n").await.unwrap();
        assert_eq!((back.changed, back.grants), (1, 1));
        world.renews_token("cuc-bc-handler").await;
        world.who("cuc-bc-handler").does(Deed::Start, &world.assigned("CUC-BC").await).await;

        let bad = "was,CUC-TS,Người cũ,,handler,\nadmin,BTTTT,Quản trị,,,2026-02-13\nnew,NO,\u{7},x,king,\n\
                   cuc-vt-handler,CUC-VT,A,,,2026-02-14\nsoon,CUC-VT,B,,handler,2026-02-13\nsoon,CUC-VT,B,,,\n";
        let refused = imports(&world, bad).await.unwrap_err();
        let expected = [
            "accounts.csv:2 closed_on: is required: it is closed, and no file opens it again",
            "accounts.csv:3 login: admin is the last who administers the whole tree",
            "accounts.csv:4 unit: is not the code of a unit", "accounts.csv:4 name: ", "accounts.csv:4 email: ", "accounts.csv:4 roles: ",
            "accounts.csv:5 closed_on: lies ahead", "accounts.csv:6 roles: are for accounts that are open", "accounts.csv:7 login: is there already",
        ];
        for what in expected {
            assert!(refused.contains(what), "{what} in {refused}");
        }
        assert_eq!(refused.matches("accounts.csv:").count(), expected.len(), "{refused}");
        // Two lines together do not either.
        world.add_account("second", "BTTTT", &[Role::Administrator]).await;
        let both = "admin,BTTTT,Quản trị,,,2026-02-13\nsecond,BTTTT,Thứ hai,,,2026-02-13\n";
        let refused = imports(&world, both).await.unwrap_err();
        assert!(refused.starts_with("accounts.csv:3 login: second is the last"), "{refused}");
        // It says what it did.
        let host = Terminal::on_host(&world);
        let file = host.file("folder/accounts.csv", &format!("{HEAD}second,BTTTT,Thứ hai,hai@mic.example,,\n"));
        let ran = host.types(&["directory", "import", file.rsplit_once('/').unwrap().0], "").await;
        assert_eq!(ran.err, "0 units, 0 fields, 0 accounts, 0 grants imported; 1 accounts that were there changed\n");
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Delegations go into files and come back, and so do closed accounts.
    async fn delegations_and_closed_accounts_there_and_back(world: World) {
        let admin = world.who("admin");
        world.add_account("deputy", "CUC-VT", &[]).await;
        let head = world.who("cuc-vt-approver");
        delegates(&head, "deputy", "CUC-VT").await.unwrap();
        let later = pb::Delegation {
            delegate: "cuc-vt-handler".to_owned(),
            unit: "CUC-VT-DV".to_owned(),
            capacity: pb::Capacity::Deputy.into(),
            valid_from: Some(prost_types::Timestamp { seconds: 1_772_000_000, nanos: 0 }),
            valid_until: Some(prost_types::Timestamp { seconds: 1_773_000_000, nanos: 0 }),
            ..pb::Delegation::default()
        };
        let create = pb::CreateDelegationRequest { delegation: Some(later), ..Default::default() };
        crate::call!(head, directory.create_delegation, create).unwrap();
        closes(&admin, "cuc-bc-handler").await.unwrap();
        let terminal = Terminal::of(&admin);
        let ran = terminal.types(&["directory", "export", "out"], "").await;
        assert_eq!(ran.exit, Some(0), "{ran:?}");
        let keep = terminal.file("out/keep", "");
        let read = |name: &str| std::fs::read_to_string(std::path::Path::new(&keep).with_file_name(name)).unwrap();
        let files = DirectoryFiles {
            units: read("units.csv"),
            fields: read("fields.csv"),
            accounts: read("accounts.csv"),
            grants: read("grants.csv"),
            delegations: read("delegations.csv"),
            rules: read("rules.csv"),
        };
        assert!(files.accounts.contains(",2026-02-13\n"), "{}", files.accounts);
        let folder = tempfile::tempdir().unwrap();
        let app = fresh(&folder, &files, crate::world::MORNING).await;
        let was = said(&world.app);
        assert_eq!((was.0.len(), was.1.len()), (2, 1), "{was:?}");
        assert_eq!(said(&app), was);
        // What is held to the same rules is named by line and column.
        let lines = "delegator,delegate,unit,capacity,valid_until,valid_from\n\
                     cuc-vt-approver,nobody,NO,KING,,soon\n\
                     cuc-vt-approver,cuc-bc-handler,CUC-VT,DEPUTY,2026-03-01T00:00:00Z,\n\
                     cuc-vt-approver,cuc-vt-handler,CUC-BC,DEPUTY,2026-03-01T00:00:00Z,\n\
                     cuc-vt-approver,deputy,CUC-VT,DEPUTY,2026-02-14T00:00:00Z,\n\
                     cuc-vt-approver,deputy,CUC-VT,DEPUTY,2026-02-01T00:00:00Z,\n";
        let files = DirectoryFiles { delegations: lines.to_owned(), ..DirectoryFiles::default() };
        let refused = world.app.import_directory(&files).await.unwrap_err().to_string();
        let expected = [
            "delegations.csv:2 delegate: is not the login of an account", "delegations.csv:2 unit: is not the code of a unit",
            "delegations.csv:2 capacity: \"KING\" is none of", "delegations.csv:2 valid_until: is required",
            "delegations.csv:2 valid_from: is not an instant", "delegations.csv:3 delegate: is closed",
            "delegations.csv:4 unit: is not covered by", "delegations.csv:5 delegate: approves for them already",
        ];
        for what in expected {
            assert!(refused.contains(what), "{what} in {refused}");
        }
        assert_eq!(refused.matches("delegations.csv:").count(), expected.len(), "{refused}");
    }

    /// From a terminal: added, shown, corrected, moved, closed, opened.
    async fn accounts_from_a_terminal(world: World) {
        let admin = Terminal::of(&world.who("admin"));
        let made = admin.asks(&["account", "create", "an", "--unit", "CUC-VT", "--name", "Bùi Thị An"]).await;
        assert_eq!(made["account"]["unit"], "CUC-VT");
        let etag = admin.asks(&["account", "show", "an"]).await["etag"].as_str().unwrap().to_owned();
        let update = ["account", "update", "an", "--email", "an@mic.example", "--unit", "CUC-TS", "--etag", &etag];
        assert_eq!(admin.asks(&update).await["account"]["unit"], "CUC-TS");
        assert!(admin.fails(5, &update).await.contains("moved"));
        admin.fails(2, &["account", "update", "an"]).await;
        let closed = admin.asks(&["account", "close", "an"]).await;
        assert_eq!((&closed["account"]["closed"], &closed["account"]["closed_at"]), (&true.into(), &"2026-02-13T02:15:00Z".into()));
        let listed = admin.asks(&["account", "list", "--unit", "CUC-TS"]).await;
        assert!(listed["accounts"].as_array().unwrap().iter().any(|one| one["login"] == "an" && one["closed"] == true), "{listed}");
        let opened = admin.asks(&["account", "open", "an"]).await;
        assert_eq!((&opened["account"]["closed"], &opened["account"]["email"]), (&false.into(), &"an@mic.example".into()));
        assert!(says(&world.who("admin"), pb::Account { login: "an".to_owned(), ..Default::default() }, &["closed"]).await.is_ok());
    }
}
