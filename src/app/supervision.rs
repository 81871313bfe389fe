//! What supervisors may ask: figures that open, and the trail.

use chrono::NaiveDate;

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    page::{Page, Place},
};
use crate::{
    domain::{
        event::Recorded,
        ids::{AccountId, UnitId},
        permission::{self, When},
        refusal::Refusal,
        report::{Figure, Figures},
        time::Instant,
    },
    store::{Counted, DirectoryEvent, Period, TrailFilter, Verified},
};

/// The on-time report of a period.
#[derive(Debug, Clone)]
pub struct Report {
    /// As of when open rounds were looked at.
    pub as_of: Instant,
    /// Parents first.
    pub rows: Vec<Row>,
    /// All of them.
    pub total: Figures,
}

/// One unit's row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The unit.
    pub unit: UnitId,
    /// Depth below the top row.
    pub depth: usize,
    /// Its own rounds.
    pub own: Figures,
    /// Its own and all below it.
    pub with_children: Figures,
}

/// Which cell of a report.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The row's unit; none for the total.
    pub unit: Option<UnitId>,
    /// With the units below it.
    pub with_children: bool,
    /// The column.
    pub figure: Figure,
    /// Of the report on requests of data subjects.
    pub data_requests: bool,
    /// The report's instant.
    pub as_of: Option<Instant>,
}

const REPORT: &str = "GetOnTimeReport";
const TRAIL: &str = "ListAuditEvents";
const VERIFY: &str = "VerifyAudit";

impl App {
    /// The on-time report by unit: on petitions, or on requests of data subjects.
    ///
    /// # Errors
    /// `Forbidden` without the supervisor role, `Absent` for a unit that the caller does not oversee.
    pub async fn report(
        &self,
        caller: &Caller,
        from: NaiveDate,
        to: NaiveDate,
        (unit, data_requests): (Option<UnitId>, bool),
    ) -> Result<Report> {
        let overseen = self.overseen(caller, unit)?;
        let period = Period { data_requests, ..self.period(caller, from, to, None) };
        let figures = self.store.figures(period).await?;
        let units = &caller.reference.units;
        let own = |unit| figures.iter().find(|(holder, _)| *holder == unit).map(|(_, own)| *own).unwrap_or_default();
        let depths: Vec<usize> = overseen.iter().map(|unit| units.depth(*unit)).collect();
        let top = depths.iter().min().copied().unwrap_or(0);
        let mut rows = Vec::new();
        let mut total = Figures::default();
        for (unit, depth) in overseen.iter().zip(depths) {
            let mut with_children = Figures::default();
            for below in units.subtree(*unit) {
                with_children.add(&own(*below));
            }
            total.add(&own(*unit));
            if !with_children.is_empty() {
                rows.push(Row { unit: *unit, depth: depth - top, own: own(*unit), with_children });
            }
        }
        Ok(Report { as_of: period.as_of, rows, total })
    }

    /// Exactly the rounds that a cell counts: a page, the token of the next, and how many in all.
    ///
    /// # Errors
    /// As [`App::report`].
    pub async fn list_in_report(
        &self,
        caller: &Caller,
        (from, to): (NaiveDate, NaiveDate),
        cell: &Cell,
        page: &Page,
    ) -> Result<(Vec<Counted>, String, i64)> {
        let overseen = self.overseen(caller, cell.unit)?;
        let holders = match cell.unit {
            Some(unit) if !cell.with_children => vec![unit],
            _ => overseen,
        };
        let period = Period { data_requests: cell.data_requests, ..self.period(caller, from, to, cell.as_of) };
        let total = self.store.count_in_report(period, cell.figure, &holders).await?;
        let after = page.after.map(|place| (place.at, place.id));
        let mut found = self.store.list_in_report(period, cell.figure, &holders, after, page.limit()).await?;
        let next =
            page.cut(&mut found, |counted| Place { at: counted.received_at, id: counted.petition.0.id.0, seq: 0 });
        Ok((found, next, total))
    }

    fn period(&self, caller: &Caller, from: NaiveDate, to: NaiveDate, as_of: Option<Instant>) -> Period {
        let zone = caller.reference.zone;
        let to = zone.midnight(to);
        let as_of = as_of.unwrap_or_else(|| self.clock.now()).min(to);
        Period { from: zone.midnight(from), to, as_of, data_requests: false }
    }

    /// The units of the caller's supervision, parents first; only `unit` and those below it if one is named.
    fn overseen(&self, caller: &Caller, unit: Option<UnitId>) -> Result<Vec<UnitId>> {
        let units = &caller.reference.units;
        caller.may(REPORT, When::Always)?;
        let covered = |unit: &UnitId| caller.may_over(REPORT, Some(*unit)).is_ok();
        match unit {
            Some(top) if !covered(&top) => Err(Error::Absent("unit")),
            Some(top) => Ok(units.subtree(top).to_vec()),
            None => Ok(units.all().map(|unit| unit.id).filter(covered).collect()),
        }
    }

    /// Steps on petitions that the caller oversees, newest first, with tracking codes; and the next token.
    ///
    /// # Errors
    /// `Forbidden` without the supervisor role.
    pub async fn trail(
        &self,
        caller: &Caller,
        filter: &TrailFilter,
        page: &Page,
    ) -> Result<(Vec<(Recorded, Vec<u8>, String)>, String)> {
        caller.may(TRAIL, When::OfPetitions)?;
        let before = page.after.map(|place| (place.at, place.id, place.seq));
        let scope = caller.scope(TRAIL);
        let mut found = self.store.list_trail(&scope, filter, before, page.limit()).await?;
        let next = page.cut(&mut found, |(recorded, _, _)| Place {
            at: recorded.at,
            id: recorded.petition.0,
            seq: recorded.seq,
        });
        Ok((found, next))
    }

    /// Steps on the directory, newest first.
    ///
    /// # Errors
    /// `Forbidden` without the supervisor or administrator role over the whole tree.
    pub async fn directory_trail(
        &self,
        caller: &Caller,
        filter: &TrailFilter,
        page: &Page,
    ) -> Result<(Vec<DirectoryEvent>, String)> {
        caller.may(TRAIL, When::OfDirectory)?;
        let before = page.after.map(|place| place.seq);
        let mut found = self.store.list_directory_trail(filter, before, page.limit()).await?;
        let next = page.cut(&mut found, |event| Place { at: event.at, id: uuid::Uuid::nil(), seq: event.seq });
        Ok((found, next))
    }

    /// The account of a login, for filters.
    pub fn account_of(&self, caller: &Caller, login: &str) -> Option<AccountId> {
        caller.reference.account(login).map(|account| account.id)
    }

    /// Checks the chain of one petition that the caller oversees, or of all.
    ///
    /// # Errors
    /// `NotFound`, or `Forbidden`.
    pub async fn verify(&self, caller: &Caller, code: Option<&str>) -> Result<Verified> {
        let Some(code) = code else {
            caller.may(VERIFY, When::OfAll)?;
            return Ok(self.store.verify_all().await?);
        };
        let petition = self.store.petition(code).await?;
        let petition = petition
            .filter(|petition| permission::may_see(VERIFY, &caller.actor, petition, &caller.reference.units))
            .ok_or(Refusal::NotFound)?;
        Ok(self.store.verify_petition(petition.id).await?)
    }
}
