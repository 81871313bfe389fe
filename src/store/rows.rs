//! Between rows and the words of the domain.

use uuid::Uuid;

use super::{
    entity,
    error::{Error, Result},
};
use crate::domain::{ids::PetitionId, petition::Petition, standing::Standing, text::json, time::Instant};

/// A petition's row.
pub(super) fn petition_row(p: &Petition) -> entity::petition::Model {
    entity::petition::Model { clocks: json(&p.clocks), detail: json(p), ..searched_row(p) }
}

/// Its columns that are searched, without the rest.
pub(super) fn searched_row(p: &Petition) -> entity::petition::Model {
    entity::petition::Model {
        id: p.id.0,
        code: p.code.clone(),
        seq: p.seq,
        head: p.head.to_vec(),
        state: p.state.as_str().to_owned(),
        open: p.state.is_open(),
        kind: p.kind.as_str().to_owned(),
        about: p.about.as_ref().map(|about| about.code.clone()),
        class: p.class.map(|class| class.as_str().to_owned()),
        field: p.field.clone(),
        channel: p.channel.as_str().to_owned(),
        priority: p.priority.as_str().to_owned(),
        focal: p.focal.0,
        holder: p.holder.0,
        handler: p.handler.map(|id| id.0),
        co_units: json(&p.co_units),
        concerned: p.concerned.map(|id| id.0),
        received_at: p.received_at,
        submission: p.submission.0,
        register_unit: p.register.map(|register| register.unit.0),
        register_year: p.register.map(|register| register.year),
        register_number: p.register.map(|register| register.number),
        answer_due_at: p.answer_due.at,
        reply_by_at: p.reply_by.map(|due| due.at),
        ended_at: p.ended_at,
        watch_at: p.watch_at,
        publication: p.publication.as_str().to_owned(),
        unrouted: p.is_unrouted(),
        clocks: String::new(),
        detail: String::new(),
    }
}

/// The columns that a petition is read from.
pub(super) const PETITION: [entity::petition::Column; 4] = {
    use entity::petition::Column as C;
    [C::Id, C::Head, C::Clocks, C::Detail]
};

/// What these columns hold, in their order.
pub(super) type PetitionRow = (Uuid, Vec<u8>, String, String);

pub(super) fn petition((id, head, clocks, detail): PetitionRow) -> Result<Petition> {
    let column = |column| Column { table: "petition", column, row: id };
    let mut petition: Petition = column("detail").read(serde_json::from_str(&detail).ok())?;
    petition.head = column("head").read(head.try_into().ok())?;
    petition.clocks = column("clocks").read(serde_json::from_str(&clocks).ok())?;
    Ok(petition)
}

/// A petition, unless its row cannot be read: that is logged, and must not keep other petitions waiting.
pub(super) fn readable(row: PetitionRow) -> Option<Petition> {
    petition(row).inspect_err(|error| tracing::error!(%error, "a petition is passed over")).ok()
}

/// Reads a value of a column, or names the row that does not hold one.
pub(super) struct Column {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    pub(super) row: Uuid,
}

impl Column {
    pub(super) fn read<T>(self, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| Error::Corrupt { table: self.table, column: self.column, row: self.row.to_string() })
    }
}

pub(super) fn standing_row(petition: PetitionId, seq: i64, since: Instant, s: &Standing) -> entity::standing::Model {
    entity::standing::Model {
        petition: petition.0,
        seq,
        round: s.round,
        data_request: s.data_request,
        since,
        until: None,
        received_at: s.received_at,
        holder: s.holder.0,
        field: s.field.clone(),
        class: s.class.map(|class| class.as_str().to_owned()),
        due_at: s.due.at,
        due_date: s.due.date,
        provisional: s.due.provisional,
        extended: s.extended,
        ended_at: s.ended_at,
        ended_as: s.end.map(|end| end.as_str().to_owned()),
        verdict: s.verdict.map(|verdict| verdict.as_str().to_owned()),
        published: s.published,
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
    use sea_orm_migration::MigratorTrait as _;

    /// Rows from before have columns for it by now that say what their detail says.
    #[tokio::test]
    async fn kinds_are_taken_from_the_detail() {
        let db = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        let all = pakn_migrations::Migrator::migrations();
        let place = all.iter().position(|one| one.name() == "m20261127_000018_data_requests").unwrap();
        pakn_migrations::Migrator::up(&db, u32::try_from(place).ok()).await.unwrap();
        for (n, kind) in ["PROPOSAL", "FEEDBACK"].iter().enumerate() {
            let sql = format!(
                "insert into petition (id, code, seq, head, state, open, channel, priority, focal, holder, co_units, \
                 received_at, submission, answer_due_at, publication, clocks, detail) values (x'0{n}', 'P{n}', 1, x'', \
                 'SUBMITTED', true, 'PORTAL', 'NORMAL', x'', x'', '[]', '', x'', '', 'NONE', '', '{{\"kind\":\"{kind}\"}}')"
            );
            db.execute_unprepared(&sql).await.unwrap();
        }
        pakn_migrations::Migrator::up(&db, None).await.unwrap();
        let ask =
            Statement::from_string(DbBackend::Sqlite, "select kind from petition where about is null order by code");
        let kinds = db.query_all_raw(ask).await.unwrap();
        let kinds: Vec<String> = kinds.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(kinds, ["PROPOSAL", "FEEDBACK"]);
    }
}
