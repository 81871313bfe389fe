//! Who is there, over DirectoryService and from files; and the public copy that was saved.

mod import;
mod once;

use pakn::{domain::text::hex, pb};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use sha2::{Digest as _, Sha256};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, World, at},
};

/// The first column of an answer of the database.
pub async fn rows(world: &World, sql: &str) -> Vec<String> {
    let database = world.database().await;
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

pub async fn is_postgres(world: &World) -> bool {
    world.database().await.get_database_backend() == DbBackend::Postgres
}

/// Everything in the database, a line a row; bytes in hexadecimal, all in lower case.
pub async fn everything(world: &World) -> String {
    let mut all = Vec::new();
    if is_postgres(world).await {
        let tables = "select table_name::text from information_schema.tables where table_schema = 'public'";
        for table in rows(world, tables).await {
            all.extend(rows(world, &format!("select t::text from \"{table}\" t")).await);
        }
    } else {
        for table in rows(world, "select name from sqlite_master where type = 'table'").await {
            let columns = rows(world, &format!("select name from pragma_table_info('{table}')")).await;
            let columns: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            all.extend(rows(world, &format!("select {} from \"{table}\"", columns.join(" || ' ' || "))).await);
        }
    }
    all.join("\n").to_lowercase()
}

fn unit_of(cells: &[&str]) -> pb::Unit {
    pb::Unit {
        code: cells[0].to_owned(),
        parent: cells[1].to_owned(),
        level: pb::UnitLevel::from_str_name(&format!("UNIT_LEVEL_{}", cells[2])).unwrap().into(),
        name: cells[3].to_owned(),
        short_name: cells[4].to_owned(),
        name_en: cells[5].to_owned(),
        mailbox: cells[6].to_owned(),
        focal: cells[7] == "true",
        ..pb::Unit::default()
    }
}

fn account_of(cells: &[&str]) -> pb::Account {
    let [login, unit, name, email] = [0, 1, 2, 3].map(|n: usize| cells[n].to_owned());
    pb::Account { login, unit, name, email, ..pb::Account::default() }
}

fn field_of(cells: &[&str]) -> pb::Field {
    let [code, parent, name, name_en] = [0, 1, 2, 3].map(|n: usize| cells[n].to_owned());
    pb::Field { code, parent, name, name_en, assigns_itself: false }
}

async fn unit(world: &World, code: &str) -> Result<pb::Unit, Code> {
    let got = call!(world.who("admin"), directory.get_unit, pb::GetUnitRequest { code: code.to_owned() });
    got.map(|got| got.unit.unwrap()).map_err(|status| status.code())
}

async fn units(world: &World) -> Vec<pb::Unit> {
    call!(world.who("admin"), directory.list_units, pb::ListUnitsRequest::default()).unwrap().units
}

async fn account(world: &World, login: &str) -> Result<(pb::Account, Vec<pb::Grant>), Code> {
    let got = call!(world.who("admin"), directory.get_account, pb::GetAccountRequest { login: login.to_owned() });
    got.map(|got| (got.account.unwrap(), got.grants)).map_err(|status| status.code())
}

async fn accounts(world: &World, unit: &str) -> Vec<pb::Account> {
    let ask = pb::ListAccountsRequest { unit: unit.to_owned(), ..Default::default() };
    call!(world.who("admin"), directory.list_accounts, ask).unwrap().accounts
}

async fn grants(world: &World, login: &str) -> Vec<pb::Grant> {
    let ask = pb::ListGrantsRequest { account: login.to_owned(), ..Default::default() };
    call!(world.who("admin"), directory.list_grants, ask).unwrap().grants
}

async fn tokens(world: &World, login: &str) -> Vec<pb::Token> {
    let ask = pb::ListTokensRequest { account: login.to_owned(), ..Default::default() };
    call!(world.who("admin"), directory.list_tokens, ask).unwrap().tokens
}

async fn field(world: &World, code: &str) -> Result<pb::Field, Code> {
    let got = call!(world.who("admin"), directory.get_field, pb::GetFieldRequest { code: code.to_owned() });
    got.map(|got| got.field.unwrap()).map_err(|status| status.code())
}

async fn fields(world: &World) -> Vec<pb::Field> {
    call!(world.citizen(), public.list_fields, pb::ListFieldsRequest::default()).unwrap().fields
}

on_both! {
    /// What was created is what is shown, alone and in the list.
    async fn what_is_created_is_shown(world: World) {
        let admin = world.who("admin");
        let made = unit_of(&["SO-ND", "BTTTT", "PROVINCE", "Sở TTTT", "Sở", "Nam Định", "so@nd.example", "false"]);
        let create = pb::CreateUnitRequest { unit: Some(made.clone()), ..Default::default() };
        let answer = call!(admin, directory.create_unit, create.clone()).unwrap();
        assert_eq!(answer.unit.as_ref(), Some(&made));
        assert_eq!(unit(&world, "SO-ND").await.as_ref(), Ok(&made));
        assert_eq!(units(&world).await.into_iter().filter(|unit| unit.code == "SO-ND").collect::<Vec<_>>(), [made]);
        assert_eq!(call!(admin, directory.create_unit, create).unwrap_err().code(), Code::AlreadyExists);
        assert_eq!(unit(&world, "SO-HN").await, Err(Code::NotFound));

        let made = account_of(&["nd-one", "SO-ND", "Bùi Thị Một", "mot@nd.example"]);
        let create = pb::CreateAccountRequest { account: Some(made.clone()), ..Default::default() };
        let answer = call!(admin, directory.create_account, create.clone()).unwrap();
        assert_eq!(answer.account.as_ref(), Some(&made));
        assert_eq!(account(&world, "nd-one").await, Ok((made.clone(), vec![])));
        assert_eq!(accounts(&world, "SO-ND").await, std::slice::from_ref(&made));
        assert!(accounts(&world, "").await.contains(&made) && !accounts(&world, "CUC-VT").await.contains(&made));
        assert_eq!(call!(admin, directory.create_account, create).unwrap_err().code(), Code::AlreadyExists);

        let (role, [account_of_it, unit_of_it]) = (pb::Role::Handler.into(), ["nd-one", "SO-ND"].map(str::to_owned));
        let wanted = pb::Grant { account: account_of_it, role, unit: unit_of_it, ..pb::Grant::default() };
        let create = pb::CreateGrantRequest { grant: Some(wanted.clone()), ..Default::default() };
        let made = call!(admin, directory.create_grant, create.clone()).unwrap().grant.unwrap();
        assert_eq!(made, pb::Grant { id: made.id.clone(), ..wanted });
        let got = call!(admin, directory.get_grant, pb::GetGrantRequest { id: made.id.clone() }).unwrap();
        assert_eq!(got.grant.as_ref(), Some(&made));
        assert_eq!(grants(&world, "nd-one").await, std::slice::from_ref(&made));
        assert!(grants(&world, "").await.contains(&made) && !grants(&world, "portal").await.contains(&made));
        assert_eq!(account(&world, "nd-one").await.unwrap().1, [made]);
        assert_eq!(call!(admin, directory.create_grant, create).unwrap_err().code(), Code::AlreadyExists);

        let made = field_of(&["HEALTH", "OTHER", "Y tế", "Health"]);
        let create = pb::CreateFieldRequest { field: Some(made.clone()), ..Default::default() };
        assert_eq!(call!(admin, directory.create_field, create.clone()).unwrap().field.as_ref(), Some(&made));
        assert_eq!(field(&world, "HEALTH").await.as_ref(), Ok(&made));
        assert_eq!(fields(&world).await.last(), Some(&made));
        assert_eq!(call!(admin, directory.create_field, create).unwrap_err().code(), Code::AlreadyExists);
    }

    /// A token is shown without its secret, which is nowhere in the database: its hash alone is.
    async fn a_token_is_kept_by_its_hash(world: World) {
        let admin = world.who("admin");
        let [login, label] = ["clerk", "máy ở phòng 3"].map(str::to_owned);
        let create = |days| pb::CreateTokenRequest { account: login.clone(), label: label.clone(), days, ..Default::default() };
        let before = tokens(&world, "clerk").await;
        let first = call!(admin, directory.create_token, create(0)).unwrap();
        world.when("2026-02-14 08:00");
        let second = call!(admin, directory.create_token, create(30)).unwrap();
        let (made, last) = (first.token.unwrap(), second.token.unwrap());
        let expected = pb::Token {
            id: made.id.clone(),
            account: login.clone(),
            label: label.clone(),
            created_at: Some(at("2026-02-13 09:15")),
            expires_at: Some(at("2026-05-14 09:15")),
            revoked_at: None,
        };
        assert_eq!(made, expected, "90 days unless told otherwise");
        assert_eq!(last.expires_at, Some(at("2026-03-16 08:00")));
        let got = call!(admin, directory.get_token, pb::GetTokenRequest { id: made.id.clone() }).unwrap();
        assert_eq!(got.token.as_ref(), Some(&made));
        assert_eq!(tokens(&world, "clerk").await, [vec![last, made.clone()], before].concat(), "newest first");
        assert!(tokens(&world, "").await.contains(&made) && !tokens(&world, "portal").await.contains(&made));

        let all = everything(&world).await;
        for secret in [first.secret, second.secret] {
            let bare = secret.strip_prefix("pakn_").unwrap();
            assert!(!all.contains(bare) && !all.contains(&hex(bare.as_bytes())), "the secret is in the database");
            assert!(all.contains(&hex(&Sha256::digest(&secret))), "its hash is not");
        }
    }

    /// The last public copy that was saved, as it was saved.
    async fn the_public_copy_is_shown_as_saved(world: World) {
        let (code, dispatcher) = (world.answered().await, world.dispatcher());
        let ask = || pb::GetRedactionRequest { code: code.clone() };
        use pb::PublicationState as P;
        let shown = |publication: P, revision, redaction| {
            Ok(pb::GetRedactionResponse { redaction, revision, publication: publication.into() })
        };
        let got = call!(dispatcher, publication.get_redaction, ask()).map_err(|status| status.code());
        assert_eq!(got, shown(P::Proposed, 0, None));
        dispatcher.does(Deed::SaveRedaction, &code).await;
        let redaction = pb::Redaction {
            title: "Mạng chậm “giờ cao điểm”".to_owned(),
            question: "Mạng chậm buổi tối.\n\n\tTừ 19 giờ < 22 giờ & cuối tuần.".to_owned(),
            answer: "{\"đã\": \"mở rộng\"}\nbăng thông \\ trạm.".to_owned(),
        };
        let target = Some(pb::Target { code: code.clone(), ..pb::Target::default() });
        let save = pb::SaveRedactionRequest { target, redaction: Some(redaction.clone()) };
        assert_eq!(call!(dispatcher, publication.save_redaction, save).unwrap().revision, 2);
        let got = call!(dispatcher, publication.get_redaction, ask()).map_err(|status| status.code());
        assert_eq!(got, shown(P::Proposed, 2, Some(redaction.clone())));
        dispatcher.does(Deed::Publish(2), &code).await;
        let got = call!(dispatcher, publication.get_redaction, ask()).map_err(|status| status.code());
        assert_eq!(got, shown(P::Published, 2, Some(redaction)));
        let stranger = call!(world.who("cuc-bc-handler"), publication.get_redaction, ask()).unwrap_err();
        assert_eq!(stranger.code(), Code::NotFound);
    }
}
