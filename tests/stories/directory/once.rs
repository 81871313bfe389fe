//! What administrators and operators ask for is done once for each request id, and told again.

use pakn::domain::words::Role;
use pakn::pb;
use tonic::{Code, Status};

use super::{accounts, grants, tokens, units};
use crate::{
    call, on_both,
    world::{Person, Refused as _, days, feedback_of},
};

const ID: &str = "0193e2c4-8f00-7000-8000-000000000001";

fn wanted(code: &str) -> pb::CreateUnitRequest {
    let unit = pb::Unit {
        code: code.to_owned(),
        parent: "BTTTT".to_owned(),
        level: pb::UnitLevel::Province.into(),
        name: "Sở Thông tin và Truyền thông".to_owned(),
        ..pb::Unit::default()
    };
    pb::CreateUnitRequest { unit: Some(unit), request_id: ID.to_owned() }
}

fn grant(account: &str) -> pb::CreateGrantRequest {
    let (account, unit, role) = (account.to_owned(), "CUC-VT".to_owned(), pb::Role::Handler.into());
    let grant = pb::Grant { account, unit, role, ..pb::Grant::default() };
    pb::CreateGrantRequest { grant: Some(grant), request_id: ID.to_owned() }
}

fn token(label: &str) -> pb::CreateTokenRequest {
    let (account, label) = ("clerk".to_owned(), label.to_owned());
    pb::CreateTokenRequest { account, label, days: 30, request_id: ID.to_owned() }
}

fn holiday(date: &str) -> pb::ImportCalendarRequest {
    pb::ImportCalendarRequest {
        name: "vn".to_owned(),
        format: pb::CalendarFormat::Csv.into(),
        content: format!("date,status,name\n{date},off,Nghỉ\n"),
        request_id: ID.to_owned(),
        ..Default::default()
    }
}

async fn imported(who: &Person<'_>, date: &str) -> Result<String, Status> {
    Ok(call!(who, deadline.import_calendar, holiday(date))?.calendar.unwrap().version)
}

#[track_caller]
fn reused<T: std::fmt::Debug>(answer: Result<T, Status>) {
    let refused = answer.unwrap_err();
    assert_eq!((refused.code(), refused.reason().as_str()), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
}

on_both! {
    /// An answer that was lost is given again; the same id for something else is refused.
    async fn a_request_is_done_once(world: World) {
        let admin = world.who("admin");
        let first = call!(admin, directory.create_unit, wanted("SO-ND")).unwrap();
        assert_eq!(call!(admin, directory.create_unit, wanted("SO-ND")).unwrap(), first);
        reused(call!(admin, directory.create_unit, wanted("SO-HN")));
        assert_eq!(units(&world).await.iter().filter(|unit| unit.code.starts_with("SO-")).count(), 1);

        // An id belongs to one RPC of one account.
        let before = grants(&world, "clerk").await.len();
        let first = call!(admin, directory.create_grant, grant("clerk")).unwrap();
        assert_eq!(call!(admin, directory.create_grant, grant("clerk")).unwrap(), first);
        reused(call!(admin, directory.create_grant, grant("dispatcher")));
        assert_eq!(grants(&world, "clerk").await.len(), before + 1);

        let first = call!(admin, directory.create_token, token("máy")).unwrap();
        world.advance(days(1));
        assert_eq!(call!(admin, directory.create_token, token("máy")).unwrap(), first, "with the secret that works");
        reused(call!(admin, directory.create_token, token("máy khác")));
        let labels: Vec<String> = tokens(&world, "clerk").await.into_iter().map(|token| token.label).collect();
        assert_eq!(labels.iter().filter(|label| *label == "máy").count(), 1);
        world.add_account("other-admin", "BTTTT", &[Role::Administrator]).await;
        let other = call!(world.who("other-admin"), directory.create_token, token("máy")).unwrap();
        assert_ne!(other.secret, first.secret, "somebody else's request is another one");

        // After thirty days nobody remembers.
        world.advance(days(31));
        assert_eq!(call!(admin, directory.create_unit, wanted("SO-ND")).unwrap_err().code(), Code::AlreadyExists);
        call!(admin, directory.create_unit, wanted("SO-HN")).unwrap();
    }

    /// Two that come at once are one.
    async fn two_at_once_are_one(world: World) {
        let admin = world.who("admin");
        let before = tokens(&world, "clerk").await.len();
        let ask = || async { call!(admin, directory.create_token, token("máy")).unwrap() };
        let all = futures::future::join_all((0..8).map(|_| ask())).await;
        assert!(all.iter().all(|answer| *answer == all[0]));
        assert_eq!(tokens(&world, "clerk").await.len(), before + 1);
    }

    /// Versions of calendars and policies are not doubled, nor is a calendar applied twice.
    async fn versions_are_not_doubled(world: World) {
        let admin = world.who("admin");
        let version = imported(&admin, "2027-11-19").await.unwrap();
        assert_eq!(imported(&admin, "2027-11-19").await.unwrap(), version);
        reused(imported(&admin, "2027-11-18").await);
        let versions = call!(admin, deadline.list_calendars, pb::ListCalendarsRequest {}).unwrap().calendars;
        assert_eq!(versions.iter().filter(|calendar| calendar.version == version).count(), 1);

        let apply = pb::ApplyCalendarRequest { version, request_id: ID.to_owned(), ..Default::default() };
        let first = call!(admin, deadline.apply_calendar, apply.clone()).unwrap();
        assert!(first.calendar.as_ref().unwrap().active);
        let before = call!(admin, deadline.list_calendars, pb::ListCalendarsRequest {}).unwrap();
        assert_eq!(call!(admin, deadline.apply_calendar, apply.clone()).unwrap(), first);
        assert_eq!(call!(admin, deadline.list_calendars, pb::ListCalendarsRequest {}).unwrap(), before);
        reused(call!(admin, deadline.apply_calendar, pb::ApplyCalendarRequest { document: "1/QĐ".to_owned(), ..apply }));

        let ask = pb::GetPolicyRequest { version: "general".to_owned() };
        let general = call!(admin, deadline.get_policy, ask).unwrap().policy.unwrap();
        let policy = pb::Policy { version: String::new(), valid_from: None, ..general };
        let put = pb::PutPolicyRequest { policy: Some(policy), request_id: ID.to_owned() };
        let first = call!(admin, deadline.put_policy, put.clone()).unwrap();
        world.advance(days(1));
        assert_eq!(call!(admin, deadline.put_policy, put).unwrap().policy.unwrap().version, first.policy.unwrap().version);
    }

    /// An operator whose answer was lost asks again.
    async fn a_letter_is_given_up_once(world: World) {
        world.citizen().submits(feedback_of("lan")).await;
        let operator = world.who("operator");
        let letters = call!(operator, delivery.list_letters, pb::ListLettersRequest::default()).unwrap().letters;
        let id = letters[0].id.clone();
        let retry = pb::RetryLetterRequest { id: id.clone(), request_id: ID.to_owned() };
        let first = call!(operator, delivery.retry_letter, retry.clone()).unwrap();
        let abandon = pb::AbandonLetterRequest { id, reason: "Sai địa chỉ".to_owned(), request_id: ID.to_owned() };
        let given_up = call!(operator, delivery.abandon_letter, abandon.clone()).unwrap();
        assert_eq!(call!(operator, delivery.abandon_letter, abandon.clone()).unwrap(), given_up);
        reused(call!(operator, delivery.abandon_letter, pb::AbandonLetterRequest { reason: "Khác".to_owned(), ..abandon }));
        // It is told how the letter stands now; nothing is tried again.
        let again = call!(operator, delivery.retry_letter, retry).unwrap().letter.unwrap();
        assert_eq!((first.letter.unwrap().status(), again.status()), (pb::LetterStatus::Pending, pb::LetterStatus::Abandoned));
    }

    /// An id that is none is named beside every other fault.
    async fn a_wrong_id_is_named_with_the_rest(world: World) {
        let ask = pb::CreateUnitRequest { unit: None, request_id: "seven".to_owned() };
        let refused = call!(world.who("admin"), directory.create_unit, ask).unwrap_err();
        let fields: Vec<String> = refused.fields();
        assert!(["request_id", "unit"].iter().all(|field| fields.iter().any(|named| named == field)), "{fields:?}");
    }

    /// Pages follow each other, without a row missing or double; a token is for its own question.
    async fn lists_come_in_pages(world: World) {
        let admin = world.who("admin");
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let page = Some(pb::PageRequest { size: 7, token });
            let answer = call!(admin, directory.list_accounts, pb::ListAccountsRequest { page, ..Default::default() }).unwrap();
            assert!(answer.accounts.len() <= 7);
            seen.extend(answer.accounts.into_iter().map(|account| account.login));
            token = answer.page.unwrap().next_token;
            if token.is_empty() {
                break;
            }
            // Somebody is added meanwhile, before what was read.
            if seen.len() == 7 {
                world.add_account("a-new-one", "BTTTT", &[Role::Handler]).await;
            }
        }
        let mut once = seen.clone();
        once.dedup();
        assert_eq!(seen, once);
        let page = |size: i32| Some(pb::PageRequest { size, token: String::new() });
        let ask = pb::ListAccountsRequest { page: page(200), ..Default::default() };
        let all = call!(admin, directory.list_accounts, ask).unwrap().accounts;
        assert_eq!(seen, all.into_iter().map(|account| account.login).filter(|login| login != "a-new-one").collect::<Vec<_>>());

        let first = call!(admin, directory.list_units, pb::ListUnitsRequest { page: page(1) }).unwrap();
        assert_eq!(first.units.len(), 1);
        let page = Some(pb::PageRequest { size: 1, token: first.page.unwrap().next_token });
        let wrong = pb::ListGrantsRequest { page: page.clone(), ..Default::default() };
        assert_eq!(call!(admin, directory.list_grants, wrong).unwrap_err().code(), Code::InvalidArgument);
        let second = call!(admin, directory.list_units, pb::ListUnitsRequest { page }).unwrap();
        assert_ne!(second.units, first.units);
        assert!(accounts(&world, "").await.len() <= 50, "unless more are asked for");
    }
}
