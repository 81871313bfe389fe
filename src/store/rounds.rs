//! Open rounds with their clocks, and how far the job that counts them anew has come.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Select, Statement,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{
    Store,
    batch::{LARGEST, fill},
    entity,
    entity::petition::Column as C,
    error::{Error, Result},
    list::{Key, select},
    rows::{self, Column},
};
use crate::domain::{
    clocks::Clocks,
    ids::{PetitionId, UnitId},
    petition::Petition,
    time::Instant,
};

/// An open round, as far as its clocks go.
#[derive(Debug, Clone)]
pub struct OpenRound {
    /// The petition.
    pub id: PetitionId,
    /// When its answer is due.
    pub answer_due: Instant,
    /// Its focal unit.
    pub focal: UnitId,
    /// The unit that has it.
    pub holder: UnitId,
    /// By when a reply is asked for, if it is.
    pub reply_by: Option<Instant>,
    /// Its clocks.
    pub clocks: Clocks,
}

/// A job that has not ended.
#[derive(Debug, Clone)]
pub struct Job {
    /// The last round that was looked at.
    pub done_to: Option<Key>,
    name: JobName,
    started_at: Instant,
}

/// A job that moves many petitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobName {
    /// Counts open rounds anew.
    Recalculate,
    /// Says anew when ended rounds are to be looked at.
    WatchAnew,
    /// Moves what dissolved units had to their successors.
    Succeed,
}

impl JobName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Recalculate => "recalculate",
            Self::WatchAnew => "watch-anew",
            Self::Succeed => "succeed",
        }
    }
}

impl Store {
    /// Open rounds after a key, soonest due first, and the key of the last of them. One that cannot be read is logged and
    /// passed over.
    pub async fn open_rounds(&self, after: Option<Key>, limit: u64) -> Result<(Vec<OpenRound>, Option<Key>)> {
        let found: Vec<(Uuid, Uuid, Uuid, Instant, Option<Instant>, String)> = open_after(after, limit)
            .columns([C::Id, C::Focal, C::Holder, C::AnswerDueAt, C::ReplyByAt, C::Clocks])
            .into_tuple()
            .all(&self.connections.read)
            .await
            .map_err(Error::of("look for open rounds"))?;
        let round = |(id, focal, holder, answer_due, reply_by, clocks): (_, _, _, Instant, _, String)| {
            let column = Column { table: "petition", column: "clocks", row: id };
            let clocks = column.read(serde_json::from_str(&clocks).ok())?;
            let (id, focal, holder) = (PetitionId(id), UnitId(focal), UnitId(holder));
            Ok::<_, Error>(OpenRound { id, answer_due, focal, holder, reply_by, clocks })
        };
        let last = found.last().map(|(id, _, _, at, ..)| (*at, PetitionId(*id)));
        let logged = |error: &Error| tracing::error!(%error, "an open round is passed over");
        Ok((found.into_iter().filter_map(|row| round(row).inspect_err(logged).ok()).collect(), last))
    }

    /// Petitions that are still watched though their round has ended, after a key; and the key of the last of them.
    pub async fn ended_watched(&self, after: Option<Key>, limit: u64) -> Result<(Vec<Petition>, Option<Key>)> {
        self.page(C::WatchAt.is_not_null().and(Expr::col(C::Open).not()), C::WatchAt, after, limit).await
    }

    /// Petitions by id, in no order. One that cannot be read is logged and passed over.
    pub async fn petitions_by_id(&self, ids: Vec<PetitionId>) -> Result<Vec<Petition>> {
        let mut petitions = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(LARGEST) {
            let found = select()
                .filter(C::Id.is_in(fill(chunk.iter().map(|id| id.0).collect())))
                .into_tuple()
                .all(&self.connections.read)
                .await
                .map_err(Error::of("read petitions"))?;
            petitions.extend(found.into_iter().filter_map(rows::readable));
        }
        Ok(petitions)
    }

    /// Begins the job that moves what dissolved units had, anew if it is under way.
    pub async fn begin_job(&self, name: JobName, now: Instant) -> Result<()> {
        begin(&self.connections.write, name, now).await.map_err(Error::of("begin a job"))
    }

    /// A job, if it has not ended.
    pub async fn job(&self, name: JobName) -> Result<Option<Job>> {
        let row = entity::job::Entity::find_by_id(name.as_str())
            .one(&self.connections.read)
            .await
            .map_err(Error::of("read a job"))?;
        let going = row.filter(|row| row.ended_at.is_none());
        Ok(going.map(|row| Job {
            name,
            done_to: row.done_to_at.zip(row.done_to).map(|(at, id)| (at, PetitionId(id))),
            started_at: row.started_at,
        }))
    }

    /// Says how far a job has come, unless it was begun anew or another process was faster.
    pub async fn advance_job(&self, job: &Job, (at, id): Key) -> Result<()> {
        use entity::job::Column as J;
        self.change_job(job, [(J::DoneToAt, Expr::value(at)), (J::DoneTo, Expr::value(id.0))]).await
    }

    /// Says that a job is done, unless it was begun anew.
    pub async fn end_job(&self, job: &Job, now: Instant) -> Result<()> {
        self.change_job(job, [(entity::job::Column::EndedAt, Expr::value(now))]).await
    }

    async fn change_job<const N: usize>(&self, job: &Job, set: [(entity::job::Column, Expr); N]) -> Result<()> {
        use entity::job::{Column as J, Entity};
        let mut update = Entity::update_many();
        for (column, value) in set {
            update = update.col_expr(column, value);
        }
        let done_to = job.done_to.map_or_else(|| J::DoneTo.is_null(), |(_, id)| J::DoneTo.eq(id.0));
        update
            .filter(J::Name.eq(job.name.as_str()))
            .filter(J::StartedAt.eq(job.started_at))
            .filter(done_to)
            .exec(&self.connections.write)
            .await
            .map_err(Error::of("say how far a job has come"))?;
        Ok(())
    }
}

/// Open petitions after a key, soonest due first; what is read of each is left to whoever reads.
pub(super) fn open_after(after: Option<Key>, limit: u64) -> Select<entity::petition::Entity> {
    let mut condition = Expr::col(C::Open);
    if let Some((at, id)) = after {
        let row = Expr::tuple([Expr::col(C::AnswerDueAt), Expr::col(C::Id)]);
        condition = condition.and(row.gt(Expr::tuple([Expr::value(at), Expr::value(id.0)])));
    }
    let found = entity::petition::Entity::find().select_only().filter(condition);
    found.order_by_asc(C::AnswerDueAt).order_by_asc(C::Id).limit(limit)
}

/// Begins the jobs that go on after a calendar was applied.
pub(super) async fn begin_counting(db: &impl ConnectionTrait, now: Instant) -> Result<(), DbErr> {
    begin(db, JobName::Recalculate, now).await?;
    begin(db, JobName::WatchAnew, now).await
}

/// Begins a job, anew if it is under way: what it has done is done for what held before.
pub(super) async fn begin(db: &impl ConnectionTrait, name: JobName, now: Instant) -> Result<(), DbErr> {
    let sql = "insert into job (name, started_at) values ($1, $2) on conflict (name) do update set \
               done_to = null, done_to_at = null, started_at = excluded.started_at, ended_at = null";
    let values = [name.as_str().into(), now.into()];
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(())
}
