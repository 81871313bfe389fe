//! Messages of DirectoryService about accounts.

use super::{directory::under, parse::Faults, routing::masked, view::stamp};
use crate::{
    app::{App, Caller, Error},
    domain::{
        account::{self, Account},
        ids::AccountId,
        reference::Reference,
        refusal::Refusal,
        staff::Edit,
        text::line,
    },
    pb,
};

pub(crate) fn new_account(r: &pb::CreateAccountRequest, app: &App, caller: &Caller) -> Result<Account, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let none = pb::Account::default();
    if r.account.is_none() {
        f.note("account", "is required");
    }
    let given = r.account.as_ref().unwrap_or(&none);
    if given.closed {
        f.note("account.closed", "is set by UpdateAccount");
    }
    closed_at(&mut f, given);
    let given = account::Given { login: &given.login, unit: &given.unit, name: &given.name, email: &given.email };
    let id = AccountId(app.source().id(app.clock().now()));
    let units = &caller.reference.units;
    let account = under(&mut f, "account", given.account(id, |code| units.joined(code)));
    f.or_some(account)
}

/// When it was closed is nobody's to say.
fn closed_at(f: &mut Faults, given: &pb::Account) {
    if given.closed_at.is_some() {
        f.note("account.closed_at", "is set by the server");
    }
}

pub(crate) fn account(account: &Account, reference: &Reference) -> pb::Account {
    pb::Account {
        login: account.login.clone(),
        unit: reference.units.code(account.unit).to_owned(),
        name: account.name.clone(),
        email: account.email.clone(),
        closed: account.is_closed(),
        closed_at: account.closed_at.map(stamp),
    }
}

/// The fields of an account that can be said anew.
const EDITED: [&str; 4] = ["unit", "name", "email", "closed"];

/// Which account, the etag that was read, and what is said anew.
pub(crate) fn edit<'a>(
    r: &'a pb::UpdateAccountRequest,
    app: &App,
    caller: &Caller,
) -> Result<(String, String, Edit<'a>), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let etag = f.text("etag", &r.etag, line(0, 100));
    let masked = masked(&mut f, r.update_mask.as_ref(), &EDITED);
    let all = r.update_mask.as_ref().is_none_or(|mask| mask.paths.is_empty());
    let named = |path: &str, is_given: bool| if all { is_given } else { masked.contains(&path) };
    let Some(given) = &r.account else {
        f.note("account", "is required");
        return f.or_some(None);
    };
    closed_at(&mut f, given);
    let login = f.text("account.login", &given.login, line(1, 100));
    let typed = |path: &str, typed: &'a str| Some(typed).filter(|typed| named(path, !typed.is_empty()));
    let edit = Edit {
        unit: typed("unit", &given.unit),
        name: typed("name", &given.name),
        email: typed("email", &given.email),
        closed: Some(given.closed).filter(|closed| named("closed", *closed)),
    };
    // What is amiss with the account itself is told with the rest, to whoever administers it.
    if let Ok((account, _)) = app.account(caller, &login) {
        let known = (caller.reference.as_ref(), app.clock().now());
        let changed = edit.of(&account, |code| caller.reference.units.joined(code), known);
        if let Err(Refusal::Invalid(faults)) = changed {
            under::<()>(&mut f, "account", Err(faults));
        }
    }
    f.or((login, etag, edit))
}
