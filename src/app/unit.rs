//! What administrators may ask of units that there are: say something anew, dissolve one, see first what that would move.

use std::collections::BTreeMap;

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    perform::Asked,
};
use crate::{
    domain::{
        closing::{Closing, close},
        ids::UnitId,
        permission,
        petition::Petition,
        reference::Reference,
        refusal::{Refusal, rule},
        succession,
        unit::{Edit, Unit, Units},
        words::UnitState,
    },
    store::DirectoryStep,
};

/// A petition that the end of a unit would move.
#[derive(Debug, Clone)]
pub struct MovedPetition {
    /// Tracking code; empty if the caller may not know that the petition exists.
    pub code: String,
    /// The unit that has it, and the one that would.
    pub holder: (UnitId, UnitId),
    /// Its focal unit, and the one that would be.
    pub focal: (UnitId, UnitId),
}

/// What the end of a unit would move.
#[derive(Debug, Clone, Default)]
pub struct ClosurePreview {
    /// The units that would end.
    pub units: Vec<Unit>,
    /// Open petitions looked at.
    pub looked_at: i64,
    /// Open petitions that name one of these units.
    pub moved: i64,
    /// How many petitions each successor would have from then on.
    pub by_successor: BTreeMap<UnitId, i64>,
    /// The first of the petitions that would move, soonest due first.
    pub petitions: Vec<MovedPetition>,
}

/// Open petitions that one query of a preview reads.
const STRIDE: u64 = 2_000;

impl App {
    /// Says something anew of a unit. With an etag only if nothing of it has moved.
    ///
    /// # Errors
    /// `Absent`; `Forbidden`; everything that is wrong with it; `Moved` when the etag is not its present one.
    pub async fn update_unit(
        &self,
        caller: &Caller,
        asked: &Asked,
        (code, etag): (&str, &str),
        edit: &Edit<'_>,
    ) -> Result<Unit> {
        let steps = |caller: &Caller| {
            let reference = &caller.reference;
            let unit = reference.units.by_code(code).ok_or(Error::Absent("unit"))?;
            caller.may_over(asked.rpc, Some(unit.id))?;
            if !etag.is_empty() && etag != unit.etag() {
                return Err(Error::Moved("the unit has moved meanwhile; look again".to_owned()));
            }
            if unit.state == UnitState::Closed {
                return Err(rule("UNIT_CLOSED", format!("{code} is closed")).into());
            }
            let after = edit.of(unit, &reference.units, self.today(reference)).map_err(Refusal::Invalid)?;
            Ok(if after == *unit { Vec::new() } else { vec![DirectoryStep::UpdateUnit(after)] })
        };
        self.direct(caller, asked, steps).await?;
        self.unit_now(code)
    }

    /// Says when a unit ends, and who comes after it; what lies below it ends with it if that is asked. A job then moves
    /// its open petitions, once its last day is over.
    ///
    /// # Errors
    /// `Absent`; `Forbidden` unless the caller administers what lies above it and its successors; see [`close`].
    pub async fn close_unit(&self, caller: &Caller, asked: &Asked, code: &str, closing: &Closing) -> Result<Unit> {
        let steps = |caller: &Caller| {
            let ended = self.ended(caller, asked.rpc, code, closing)?;
            Ok(ended.into_iter().map(DirectoryStep::CloseUnit).collect())
        };
        self.direct(caller, asked, steps).await?;
        self.nudge.notify_waiters();
        self.unit_now(code)
    }

    /// What the end of a unit would move, if it came now. Changes nothing.
    ///
    /// # Errors
    /// As [`App::close_unit`].
    pub async fn preview_close_unit(
        &self,
        caller: &Caller,
        rpc: &'static str,
        code: &str,
        (closing, size): (&Closing, usize),
    ) -> Result<ClosurePreview> {
        let caller = self.anew(caller).await?;
        let reference = &caller.reference;
        let ended = self.ended(&caller, rpc, code, closing)?;
        for unit in &ended {
            self.may_direct(&caller, rpc, &DirectoryStep::CloseUnit(unit.clone()))?;
        }
        let closed = |unit: &Unit| Unit { state: UnitState::Closed, ..unit.clone() };
        let one = |unit: &Unit| ended.iter().find(|ended| ended.id == unit.id).map_or_else(|| unit.clone(), closed);
        let mut tried = Reference::clone(reference);
        tried.units = Units::new(reference.units.all().map(one).collect());
        let ending: Vec<UnitId> = ended.iter().map(|unit| unit.id).collect();
        let mut preview = ClosurePreview { units: ended, ..ClosurePreview::default() };
        let mut after = None;
        loop {
            let open = self.store.open_places(after, STRIDE).await?;
            let Some(last) = open.last() else { break };
            after = Some((last.answer_due, last.id));
            preview.looked_at += i64::try_from(open.len()).unwrap_or(0);
            let named = open.iter().filter(|open| open.units.iter().any(|unit| ending.contains(unit)));
            let ids: Vec<_> = named.map(|open| open.id).collect();
            let mut petitions = self.store.petitions_by_id(ids).await?;
            petitions.sort_by_key(|petition| (petition.answer_due.at, petition.id));
            petitions.iter().for_each(|petition| self.foresee(&mut preview, petition, &caller, (&tried, size)));
        }
        Ok(preview)
    }

    fn foresee(
        &self,
        preview: &mut ClosurePreview,
        petition: &Petition,
        caller: &Caller,
        (tried, size): (&Reference, usize),
    ) {
        let Some(to) = succession::succeed(petition, tried, self.clock.now()) else { return };
        preview.moved += 1;
        if to.holder != petition.holder {
            *preview.by_successor.entry(to.holder).or_default() += 1;
        }
        if preview.petitions.len() < size {
            let visible = permission::sees(&caller.actor, petition, &caller.reference.units);
            preview.petitions.push(MovedPetition {
                code: if visible { petition.code.clone() } else { String::new() },
                holder: (petition.holder, to.holder),
                focal: (petition.focal, to.focal),
            });
        }
    }

    /// The units that would end, for one who may end them.
    fn ended(&self, caller: &Caller, rpc: &'static str, code: &str, closing: &Closing) -> Result<Vec<Unit>> {
        let reference = &caller.reference;
        let unit = reference.units.by_code(code).ok_or(Error::Absent("unit"))?;
        caller.may_over(rpc, unit.parent)?;
        Ok(close(unit, closing, &reference.units, self.today(reference))?)
    }

    /// The caller as of the directory as it is now.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn anew(&self, caller: &Caller) -> Result<Caller> {
        self.refresh().await?;
        let reference = self.store.reference();
        let actor = reference.actor(caller.account, self.clock.now()).ok_or(Error::Unauthenticated)?;
        Ok(Caller { account: caller.account, actor, reference })
    }

    fn today(&self, reference: &Reference) -> chrono::NaiveDate {
        reference.zone.date(self.clock.now())
    }

    fn unit_now(&self, code: &str) -> Result<Unit> {
        self.reference().units.by_code(code).cloned().ok_or(Error::Absent("unit"))
    }
}
