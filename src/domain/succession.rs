//! What an open petition becomes when units that it names are dissolved: their successors stand in their places.

use super::{
    account::Actor,
    ids::{AccountId, UnitId},
    permission,
    petition::Petition,
    reference::Reference,
    time::Instant,
    unit::Units,
    words::Role,
};

/// The units and the person that a petition names from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `Petition`")]
pub struct Succeeded {
    pub focal: UnitId,
    pub holder: UnitId,
    pub co_units: Vec<UnitId>,
    pub concerned: Option<UnitId>,
    pub handler: Option<AccountId>,
}

/// Whether any of the units is dissolved.
pub fn any_closed(named: impl IntoIterator<Item = UnitId>, units: &Units) -> bool {
    named.into_iter().any(|unit| units.is_closed(unit))
}

/// The units that a petition names.
pub fn named(petition: &Petition) -> impl Iterator<Item = UnitId> + '_ {
    let others = petition.co_units.iter().copied().chain(petition.concerned);
    [petition.focal, petition.holder].into_iter().chain(others)
}

/// The unit that receives for a unit.
fn receives(unit: UnitId, units: &Units) -> UnitId {
    units.focal_for(unit).map_or(unit, |focal| focal.id)
}

/// A unit, or the one that receives for whoever stands above the unit complained of, where it stands inside that.
pub fn beyond(accused: UnitId, unit: UnitId, units: &Units) -> UnitId {
    match units.get(accused).and_then(|accused| accused.parent) {
        Some(above) if units.within(unit, accused) => {
            Some(receives(above, units)).filter(|unit| !units.within(*unit, accused)).unwrap_or(above)
        }
        _ => unit,
    }
}

/// What becomes of a petition; nothing while none of its units is dissolved.
///
/// The focal unit becomes the one that receives for the successor. In a conduct case nobody of the unit complained of
/// gets it: where the successor of the holder stands there, the one that receives for the unit above has it.
pub fn succeed(petition: &Petition, reference: &Reference, now: Instant) -> Option<Succeeded> {
    let units = &reference.units;
    if !any_closed(named(petition), units) {
        return None;
    }
    // A request of the data subject goes with the case that it is about.
    let field = petition.field.as_deref().or(petition.about.as_ref().and_then(|about| about.field.as_deref()));
    let fields = field.map(|field| reference.field_line(field)).unwrap_or_default();
    let after = |unit| units.successor(unit, &fields);
    let concerned = petition.concerned.map(after);
    let accused = petition.accused().and(concerned);
    let inside = |unit| accused.is_some_and(|accused| units.within(unit, accused));
    // What stands inside by the succession alone makes room for who stands above.
    let outside = |unit: UnitId, before: UnitId| match accused {
        Some(accused) if unit != before || concerned != petition.concerned => beyond(accused, unit, units),
        _ => unit,
    };
    let focal = if units.is_closed(petition.focal) { receives(after(petition.focal), units) } else { petition.focal };
    let focal = outside(focal, petition.focal);
    // What nobody was given lies with the focal unit.
    let given = petition.assigned_at.is_some() || petition.holder != petition.focal;
    let holder = if given { outside(after(petition.holder), petition.holder) } else { focal };
    let mut co_units: Vec<UnitId> = Vec::with_capacity(petition.co_units.len());
    for unit in petition.co_units.iter().map(|unit| after(*unit)) {
        if unit != holder && !inside(unit) && !co_units.contains(&unit) {
            co_units.push(unit);
        }
    }
    let turned = Petition { concerned, ..petition.clone() };
    let handler = petition.handler.filter(|handler| {
        let able = |actor: &Actor| holder == petition.holder || actor.covers(Role::Handler, holder, units);
        let open = |actor: &Actor| able(actor) && !permission::conflicted(actor, &turned, units);
        reference.actor(*handler, now).is_some_and(|actor| open(&actor))
    });
    Some(Succeeded { focal, holder, co_units, concerned, handler })
}
