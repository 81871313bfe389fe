//! Messages of delegations of approval.

use super::{
    directory::under,
    parse::{Faults, both},
    view::stamp,
    words::Numbered as _,
};
use crate::{
    app::{App, Caller, Error},
    domain::{
        delegation::{Delegation, Given},
        ids::DelegationId,
        reference::Reference,
        words::Capacity,
    },
    pb,
};

const RPC: &str = "CreateDelegation";

pub(crate) fn new_delegation(r: &pb::CreateDelegationRequest, app: &App, caller: &Caller) -> Result<Delegation, Error> {
    let (reference, now) = (&caller.reference, app.clock().now());
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let none = pb::Delegation::default();
    if r.delegation.is_none() {
        f.note("delegation", "is required");
    }
    let given = r.delegation.as_ref().unwrap_or(&none);
    if !given.id.is_empty() {
        f.note("delegation.id", "is assigned by the server");
    }
    let delegator = match given.delegator.as_str() {
        "" => Some(caller.account),
        login => f.account("delegation.delegator", login, reference),
    };
    if given.delegate.is_empty() {
        f.note("delegation.delegate", "is required");
    }
    let delegate = f.account("delegation.delegate", &given.delegate, reference);
    let unit = if given.unit.is_empty() { Err("is required") } else { reference.units.joined(&given.unit) };
    let unit = unit.map_err(|what| f.note("delegation.unit", what)).ok();
    let capacity: Option<Capacity> = f.required("delegation.capacity", given.capacity);
    let from = f.instant("delegation.valid_from", given.valid_from.as_ref()).unwrap_or(now);
    if given.valid_until.is_none() {
        f.note("delegation.valid_until", "is required");
    }
    let until = f.instant("delegation.valid_until", given.valid_until.as_ref());
    let own = delegator == Some(caller.account);
    // For others an administrator alone asks, who is told what is amiss; nobody else learns anything of them.
    if !own {
        let unit_of = |account| reference.accounts.get(&account).map(|account| account.unit);
        let places = [unit, delegate.and_then(unit_of)];
        places.into_iter().flatten().try_for_each(|place| caller.may_over_for_others(RPC, Some(place)))?;
    }
    let given = Given { delegator, delegate, unit, capacity, from, until, own };
    let id = DelegationId(app.source().id(now));
    let read = under(&mut f, "delegation", given.delegation(id, reference, now));
    f.or_some(read)
}

pub(crate) fn delegation(delegation: &Delegation, reference: &Reference) -> pb::Delegation {
    pb::Delegation {
        id: delegation.id.to_string(),
        delegator: reference.login(delegation.delegator).to_owned(),
        delegate: reference.login(delegation.delegate).to_owned(),
        unit: reference.units.code(delegation.unit).to_owned(),
        capacity: delegation.capacity.number(),
        valid_from: Some(stamp(delegation.from)),
        valid_until: Some(stamp(delegation.until)),
    }
}

pub(crate) fn delegation_id(typed: &str) -> Result<DelegationId, Error> {
    super::directory::id(typed).map(DelegationId)
}

pub(crate) fn revoked_delegation(r: &pb::RevokeDelegationRequest) -> Result<DelegationId, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    both(delegation_id(&r.id), f.or(())).map(|(id, ())| id)
}
