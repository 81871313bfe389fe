//! A folder of files becomes a directory, or leaves nothing behind; it is held to what the service asks for.

use pakn::{
    app::{DirectoryFiles, Error},
    domain::refusal::Refusal,
    pb,
};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{account, account_of, accounts, field, field_of, fields, grants, rows, unit, unit_of, units};
use crate::{
    call, on_both,
    terminal::{Ran, Terminal},
    world::World,
};

const UNITS: [&str; 8] = ["code", "parent", "level", "name", "short_name", "name_en", "mailbox", "focal"];
const ACCOUNTS: [&str; 5] = ["login", "unit", "name", "email", "roles"];
const FIELDS: [&str; 4] = ["code", "parent", "name", "name_en"];

/// Runs `pakn directory import` on a folder that holds the files, on the world's database.
async fn imports(world: &World, files: &[(&str, &str)]) -> Ran {
    let host = Terminal::on_host(world);
    let paths: Vec<String> = files.iter().map(|(name, text)| host.file(&format!("folder/{name}"), text)).collect();
    let folder = paths[0].rsplit_once('/').unwrap().0;
    host.types(&["directory", "import", folder], "").await
}

/// A file of one line.
fn file(columns: &[&str], cells: &[&str]) -> String {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(columns).unwrap();
    file.write_record(cells).unwrap();
    String::from_utf8(file.into_inner().unwrap()).unwrap()
}

/// The importer refuses a file of one line for the cell that the service refuses it for, in the same words.
async fn both_find(world: &World, bad: (&str, &str), found: Vec<(String, String)>, files: &DirectoryFiles) {
    assert_eq!((found.len(), found[0].0.as_str()), (1, bad.0), "{bad:?}");
    let Err(Error::Refused(Refusal::Invalid(faults))) = world.app.import_directory(files).await else {
        panic!("it was imported: {bad:?}")
    };
    let named = |field: String| field.rsplit_once(".csv:2 ").unwrap().1.to_owned();
    let told: Vec<_> = faults.into_iter().map(|fault| (named(fault.field), fault.what)).collect();
    assert_eq!(told, found, "{bad:?}");
}

/// What the service finds wrong, as field within `message` and words.
fn service_finds<T: std::fmt::Debug>(refused: Result<T, tonic::Status>, message: &str) -> Vec<(String, String)> {
    let faults = refused.unwrap_err().get_details_bad_request().unwrap().field_violations;
    let named = |field: String| field.strip_prefix(message).unwrap().trim_start_matches('.').to_owned();
    faults.into_iter().map(|fault| (named(fault.field), fault.description)).collect()
}

/// The cells with another one in a column.
fn with<'a>(cells: &[&'a str], columns: &[&str], column: &str, cell: &'a str) -> Vec<&'a str> {
    let mut cells = cells.to_vec();
    cells[columns.iter().position(|name| *name == column).unwrap()] = cell;
    cells
}

/// What a folder with faults must leave as it was.
async fn kept(world: &World) -> Vec<String> {
    let mut kept = Vec::new();
    for table in ["unit", "account", "account_grant", "field", "token", "directory_event"] {
        kept.extend(rows(world, &format!("select '{table} ' || count(*) from {table}")).await);
    }
    kept.extend(rows(world, "select 'version ' || version from reference").await);
    kept
}

on_both! {
    /// Files as a spreadsheet writes them: a byte order mark, CRLF, capitals, a line of empty cells.
    async fn a_folder_becomes_units_fields_accounts_and_grants(world: World) {
        let so = ["SO-ND", "BTTTT", "PROVINCE", "Sở TTTT, Nam Định", "Sở", "Nam Định", "so@nd.example", "false"];
        let vp = ["SO-ND-VP", "SO-ND", "DIVISION", "Văn phòng Sở", "", "", "", "true"];
        let header = UNITS.join(",");
        let name = format!("\"{}\"", so[3]);
        let so_line = with(&with(&so, &UNITS, "name", &name), &UNITS, "focal", "FALSE").join(",");
        let vp_line = with(&vp, &UNITS, "focal", "TRUE").join(", ");
        let units_csv = format!("\u{feff}{header}\r\n{so_line}\r\n{vp_line}\r\n,,,,,,,\r\n");
        let fields_csv = "name,name_en,parent,code\nY tế,Health,,HEALTH\nThuốc,Medicines,HEALTH,HEALTH-DRUG\n";
        let accounts_csv = "login,unit,name,email,roles\nnd-two,SO-ND,Bùi Văn Hai,,\n\
                            nd-one,SO-ND-VP,Bùi Thị Một,mot@nd.example,handler|Dispatcher\n";
        let files = [("units.csv", &*units_csv), ("fields.csv", fields_csv), ("accounts.csv", accounts_csv)];
        assert_eq!(account(&world, "nd-one").await, Err(Code::NotFound));
        let before = (units(&world).await.len(), fields(&world).await.len());
        let run = imports(&world, &files).await;
        assert_eq!(run.exit, Some(0), "{run:?}");
        assert_eq!(run.err, "2 units, 2 fields, 2 accounts, 2 grants imported\n");
        world.app.refresh().await.unwrap();

        let all = units(&world).await;
        let place = all.iter().position(|unit| unit.code == "SO-ND").unwrap();
        assert_eq!((all.len(), &all[place..place + 2]), (before.0 + 2, &[unit_of(&so), unit_of(&vp)][..]));
        assert_eq!(unit(&world, "SO-ND-VP").await, Ok(unit_of(&vp)));
        let all = fields(&world).await;
        let health = [["HEALTH", "", "Y tế", "Health"], ["HEALTH-DRUG", "HEALTH", "Thuốc", "Medicines"]];
        assert_eq!(all[before.1..], health.map(|cells| field_of(&cells)));
        assert_eq!(field(&world, "HEALTH-DRUG").await, Ok(field_of(&health[1])));
        let one = account_of(&["nd-one", "SO-ND-VP", "Bùi Thị Một", "mot@nd.example"]);
        let two = account_of(&["nd-two", "SO-ND", "Bùi Văn Hai", ""]);
        assert_eq!(accounts(&world, "SO-ND").await, [one.clone(), two.clone()], "by login");
        assert_eq!(account(&world, "nd-two").await, Ok((two, vec![])));
        let granted = grants(&world, "nd-one").await;
        let told: Vec<_> = granted.iter().map(|grant| (&*grant.account, grant.role(), &*grant.unit)).collect();
        use pb::Role as R;
        assert_eq!(told, [("nd-one", R::Dispatcher, "SO-ND-VP"), ("nd-one", R::Handler, "SO-ND-VP")]);
        let (got, mut own) = account(&world, "nd-one").await.unwrap();
        own.sort_by_key(|grant| grant.role);
        assert_eq!((got, own), (one, granted));
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    /// Every fault of every file is told at once, by file, line and column; nothing is written.
    async fn a_folder_with_faults_leaves_nothing_behind(world: World) {
        let long = "x".repeat(51);
        let units = format!(
            "code,parent,level,name,short_name,name_en,mailbox,focal\n\nmã,BTTTT,PROVINCE,Tỉnh,,,,false\n\
             A,BTTTT,KINGDOM,Tỉnh A,,,a@,true\nB,A,DIVISION,,,,,true\nC,A,DIVISION,Phòng C,,,,yes\n\
             D,A,DIVISION,Phòng D,,,,true\nE,F,DIVISION,Phòng E,,,,false\nF,,DIVISION,Phòng F,,,,false\n\
             CUC-VT,NOWHERE,DIVISION,Phòng,,,,false\nG,A,DIVISION\nH,G,DIVISION,Phòng H,{long},,,false\n\
             I,A,DIVISION,\"Phòng\nI\",,,,false\nB,A,DIVISION,Phòng B,,,,false\n"
        );
        let fields = "code,parent,name,colour\r\nX Y,,Tên,đỏ\r\n\r\nZ,Q,,xanh\r\nTELECOM,,Viễn thông,tím\r\n";
        let accounts = "login,unit,name,email,roles\nÔng An,BTTTT,An,an@x,king|handler\nÔng An,BTTTT,An,,\n\
                        admin,NOWHERE,Hai,,handler|HANDLER\nnew,,\u{7},,\nfine,G,Ba,ba@nd.example,handler\n";
        let files = [("units.csv", &*units), ("fields.csv", fields), ("accounts.csv", accounts)];
        let before = kept(&world).await;
        let run = imports(&world, &files).await;
        assert_eq!(run.exit, Some(1));
        let told: Vec<&str> = run.err.trim().strip_prefix("pakn: import: ").unwrap().split("; ").collect();
        let expected = [
            "units.csv:3 code: must be of letters, digits, -, _ and .",
            "units.csv:4 level: must be one of CENTRAL, MINISTRY, PROVINCE, DISTRICT, COMMUNE, DEPARTMENT, DIVISION",
            "units.csv:4 focal: another unit beside it is focal",
            "units.csv:4 mailbox: is not an e-mail address",
            "units.csv:5 name: is required",
            "units.csv:6 focal: must be true or false",
            "units.csv:7 focal: another unit beside it is focal",
            "units.csv:8 parent: must stand above it in the file",
            "units.csv:9 parent: is required: the tree has a top",
            "units.csv:10 code: is there already",
            "units.csv:10 parent: is not the code of a unit",
            "units.csv:11: has 3 cells, the first line has 8",
            "units.csv:12 short_name: must have at most 50 characters, has 51",
            "units.csv:13 name: must be one line without control characters",
            "units.csv:15 code: is there already",
            "fields.csv:1 colour: is not a column of this file",
            "fields.csv:1 name_en: is missing",
            "fields.csv:2 code: must be of letters, digits, -, _ and .",
            "fields.csv:4 parent: is not the code of a field",
            "fields.csv:4 name: is required",
            "fields.csv:5 code: is there already",
            "accounts.csv:2 login: must be of lower-case letters, digits, -, _, . and @",
            "accounts.csv:2 email: is not an e-mail address",
            "accounts.csv:2 roles: \"king\" is none of PORTAL, CLERK, DISPATCHER, HANDLER, APPROVER, SUPERVISOR, \
             ADMINISTRATOR, OPERATOR",
            "accounts.csv:3 login: is there already",
            "accounts.csv:3 login: must be of lower-case letters, digits, -, _, . and @",
            "accounts.csv:4 unit: is not the code of a unit",
            "accounts.csv:4 roles: HANDLER is there twice",
            "accounts.csv:5 unit: is required",
            "accounts.csv:5 name: must be one line without control characters",
        ];
        assert_eq!(told, expected);
        assert_eq!(kept(&world).await, before);
        world.app.refresh().await.unwrap();
        assert_eq!(account(&world, "fine").await, Err(Code::NotFound));
    }

    /// What the service refuses, the importer refuses: in the same column, in the same words.
    async fn files_are_held_to_what_the_service_asks_for(world: World) {
        let (admin, before) = (world.who("admin"), kept(&world).await);
        let [long, longer, longest] = [51, 101, 201].map(|length| "x".repeat(length));
        let unit = ["SO-ND", "BTTTT", "PROVINCE", "Sở TTTT", "Sở", "Nam Định", "so@nd.example", "false"];
        for (column, cell) in [
            ("code", ""), ("code", "mã"), ("code", "A B"), ("code", &long), ("parent", ""), ("parent", "NOWHERE"),
            ("name", ""), ("name", "A\nB"), ("name", &longest), ("short_name", &long), ("name_en", &longest),
            ("mailbox", "an"), ("mailbox", "an@dan"), ("mailbox", "An <an@dan.example>"), ("mailbox", "an@[127.0.0.1]"),
            ("mailbox", "an@dan.example,b@dan.example"), ("focal", "true"),
        ] {
            let cells = with(&unit, &UNITS, column, cell);
            let asked = call!(admin, directory.create_unit, pb::CreateUnitRequest { unit: Some(unit_of(&cells)), ..Default::default() });
            let files = DirectoryFiles { units: file(&UNITS, &cells), ..DirectoryFiles::default() };
            both_find(&world, (column, cell), service_finds(asked, "unit"), &files).await;
        }
        let account = ["nd-one", "CUC-VT", "Bùi Thị Một", "mot@nd.example", "handler"];
        for (column, cell) in [
            ("login", ""), ("login", "ND"), ("login", "nd one"), ("login", "một"), ("login", &longer), ("unit", ""),
            ("unit", "NOWHERE"), ("name", ""), ("name", "A\u{85}B"), ("name", &longest), ("email", "mot@"),
            ("email", "m ot@nd.example"),
        ] {
            let cells = with(&account, &ACCOUNTS, column, cell);
            let ask = pb::CreateAccountRequest { account: Some(account_of(&cells)), ..Default::default() };
            let found = service_finds(call!(admin, directory.create_account, ask), "account");
            let files = DirectoryFiles { accounts: file(&ACCOUNTS, &cells), ..DirectoryFiles::default() };
            both_find(&world, (column, cell), found, &files).await;
        }
        let field = ["HEALTH", "OTHER", "Y tế", "Health"];
        for (column, cell) in [
            ("code", ""), ("code", "Y TẾ"), ("code", &long), ("parent", "NOWHERE"), ("name", ""), ("name_en", &longest),
        ] {
            let cells = with(&field, &FIELDS, column, cell);
            let asked = call!(admin, directory.create_field, pb::CreateFieldRequest { field: Some(field_of(&cells)), ..Default::default() });
            let files = DirectoryFiles { fields: file(&FIELDS, &cells), ..DirectoryFiles::default() };
            both_find(&world, (column, cell), service_finds(asked, "field"), &files).await;
        }
        assert_eq!(kept(&world).await, before);
        let [units, accounts, fields] = [file(&UNITS, &unit), file(&ACCOUNTS, &account), file(&FIELDS, &field)];
        let good = DirectoryFiles { units, accounts, fields, ..DirectoryFiles::default() };
        world.app.import_directory(&good).await.unwrap();
    }
}
