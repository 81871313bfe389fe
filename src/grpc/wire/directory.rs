//! Messages of DirectoryService.

use super::{
    parse::{Faults, both},
    view::stamp,
    words::Numbered as _,
};
use crate::{
    app::{App, Caller, Error},
    domain::{
        account::{Account, Grant, Token},
        ids::{AccountId, GrantId, TokenId, UnitId},
        reference::{self, Field, Reference},
        refusal::{Fault, Refusal},
        text::line,
        words::Role,
    },
    pb,
};

/// What the domain read, or its faults under the message that it was read from.
pub(super) fn under<T>(f: &mut Faults, message: &str, read: Result<T, Vec<Fault>>) -> Option<T> {
    let within = |fault: Fault| Fault::new(format!("{message}.{}", fault.field), fault.what);
    read.map_err(|faults| f.extend(faults.into_iter().map(within))).ok()
}

/// A refusal with its faults under the message that they are about.
pub(crate) fn within(message: &'static str) -> impl FnOnce(Error) -> Error {
    move |error| match error {
        Error::Refused(Refusal::Invalid(faults)) => {
            let within = |fault: Fault| Fault::new(format!("{message}.{}", fault.field), fault.what);
            Refusal::Invalid(faults.into_iter().map(within).collect()).into()
        }
        error => error,
    }
}

/// An account that is given something: one that is open.
pub(super) fn required_account(f: &mut Faults, field: &str, login: &str, reference: &Reference) -> Option<AccountId> {
    if login.is_empty() {
        f.note(field, "is required");
    }
    let account = f.account(field, login, reference);
    if account.and_then(|account| reference.accounts.get(&account)).is_some_and(Account::is_closed) {
        f.note(field, "is closed");
    }
    account
}

pub(crate) fn new_grant(r: &pb::CreateGrantRequest, app: &App, caller: &Caller) -> Result<Grant, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let none = pb::Grant::default();
    if r.grant.is_none() {
        f.note("grant", "is required");
    }
    let given = r.grant.as_ref().unwrap_or(&none);
    if !given.id.is_empty() {
        f.note("grant.id", "is assigned by the server");
    }
    let account = required_account(&mut f, "grant.account", &given.account, &caller.reference);
    let role = f.required("grant.role", given.role);
    let units = &caller.reference.units;
    let unit = if given.unit.is_empty() { Err("is required") } else { units.joined(&given.unit) };
    let unit = unit.map_err(|what| f.note("grant.unit", what)).ok();
    let from = f.instant("grant.valid_from", given.valid_from.as_ref());
    let until = f.instant("grant.valid_until", given.valid_until.as_ref());
    let (id, now) = (GrantId(app.source().id(app.clock().now())), app.clock().now());
    let validity = Grant { from, until, ..Grant::for_good(id, AccountId(id.0), Role::Portal, UnitId(id.0)) };
    f.extend(validity.fault(now).map(|fault| Fault::new(format!("grant.{}", fault.field), fault.what)));
    let read = account.zip(role).zip(unit);
    f.or_some(read.map(|((account, role), unit)| Grant { account, role, unit, ..validity }))
}

pub(crate) fn grant(grant: &Grant, reference: &Reference) -> pb::Grant {
    pb::Grant {
        id: grant.id.to_string(),
        account: reference.login(grant.account).to_owned(),
        role: grant.role.number(),
        unit: reference.units.code(grant.unit).to_owned(),
        valid_from: grant.from.map(stamp),
        valid_until: grant.until.map(stamp),
    }
}

/// Account, label and days of a token to make.
pub(crate) fn new_token(r: &pb::CreateTokenRequest, caller: &Caller) -> Result<(AccountId, String, u32), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let account = required_account(&mut f, "account", &r.account, &caller.reference);
    let label = f.text("label", &r.label, line(0, 200));
    let days = f.amount("days", r.days, Some(90), (1, 3_650));
    let read = account.map(|account| (account, label, days));
    f.or_some(read)
}

pub(crate) fn token(token: &Token, reference: &Reference) -> pb::Token {
    pb::Token {
        id: token.id.to_string(),
        account: reference.login(token.account).to_owned(),
        label: token.label.clone(),
        created_at: Some(stamp(token.created_at)),
        expires_at: Some(stamp(token.expires_at)),
        revoked_at: token.revoked_at.map(stamp),
    }
}

pub(crate) fn token_id(typed: &str) -> Result<TokenId, Error> {
    id(typed).map(TokenId)
}

pub(crate) fn revoked(r: &pb::RevokeTokenRequest) -> Result<TokenId, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    both(token_id(&r.id), f.or(())).map(|(id, ())| id)
}

pub(crate) fn revoked_grant(r: &pb::RevokeGrantRequest) -> Result<GrantId, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    both(grant_id(&r.id), f.or(())).map(|(id, ())| id)
}

pub(crate) fn grant_id(typed: &str) -> Result<GrantId, Error> {
    id(typed).map(GrantId)
}

/// A code or login to look for.
pub(crate) fn sought(field: &str, typed: &str) -> Result<String, Error> {
    let mut f = Faults::default();
    let sought = f.text(field, typed, line(1, 100));
    f.or(sought)
}

pub(super) fn id(typed: &str) -> Result<uuid::Uuid, Error> {
    let mut f = Faults::default();
    if typed.is_empty() {
        f.note("id", "is required");
    }
    let id = f.uuid("id", typed);
    f.or_some(id)
}

/// A unit or account that narrows a list.
pub(crate) fn narrowing(
    unit: &str,
    login: (&str, &str),
    reference: &Reference,
) -> Result<(Option<UnitId>, Option<AccountId>), Error> {
    let mut f = Faults::default();
    let unit = f.unit("unit", unit, reference);
    let account = f.account(login.0, login.1, reference);
    f.or((unit, account))
}

pub(crate) fn new_field(r: &pb::CreateFieldRequest, reference: &Reference) -> Result<Field, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let none = pb::Field::default();
    if r.field.is_none() {
        f.note("field", "is required");
    }
    let given = r.field.as_ref().unwrap_or(&none);
    let typed = Field {
        code: given.code.clone(),
        parent: given.parent.clone(),
        name: given.name.clone(),
        name_en: given.name_en.clone(),
        assigns_itself: given.assigns_itself,
    };
    let field = under(&mut f, "field", reference::new_field(&typed, |code| reference.field(code).is_some()));
    f.or_some(field)
}
