//! The on-time report, counted straight over the standings. What a column counts is said once, for the figure
//! and for the list that it opens into.

use sea_orm::{ConnectionTrait as _, Statement, Value};
use uuid::Uuid;

use super::{
    Store,
    error::{Error, Result},
    rows::Column,
};
use crate::domain::{
    ids::UnitId,
    petition::Petition,
    report::{Figure, Figures},
    time::{Due, Instant},
    words::{self, Verdict},
};

/// A period `[from, to)`, looked at as of an instant.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// When it begins.
    pub from: Instant,
    /// When it ends, exclusive.
    pub to: Instant,
    /// The earlier of its end and the instant of looking.
    pub as_of: Instant,
    /// Of requests of data subjects; else of all the others.
    pub data_requests: bool,
}

/// A round that a cell counts, as it stood then.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The petition as it is now, with its title.
    pub petition: (Petition, String),
    /// Which round.
    pub round: i32,
    /// When the round began.
    pub received_at: Instant,
    /// When it had ended.
    pub ended_at: Option<Instant>,
    /// Its due.
    pub due: Due,
    /// How it had ended.
    pub verdict: Option<Verdict>,
    /// Under whom it counts.
    pub holder: UnitId,
}

/// The standings that a report looks at: of each round the one at `as_of` ($1), unless it ended before the
/// period ($2) or began after it ($3).
const LOOKED_AT: &str = "since < $1 and (until is null or until >= $1) and received_at < $3 \
                         and (ended_at is null or ended_at >= $2)";

impl Period {
    /// The standings that its report looks at.
    fn looked_at(&self) -> String {
        let not = if self.data_requests { "" } else { "not " };
        format!("{LOOKED_AT} and {not}data_request")
    }
}

/// What a column counts among the standings looked at.
const fn counts(figure: Figure) -> &'static str {
    match figure {
        Figure::CarriedIn => "received_at < $2",
        Figure::Received => "received_at >= $2",
        Figure::Reopened => "received_at >= $2 and round > 1",
        // Importing comes with a later change; until then no row can be imported.
        Figure::Imported | Figure::Merged => "1 = 0",
        Figure::Conduct => "received_at >= $2 and class = 'CONDUCT'",
        Figure::Regulation => "received_at >= $2 and class = 'REGULATION'",
        Figure::Both => "received_at >= $2 and class = 'BOTH'",
        Figure::Other => "received_at >= $2 and class = 'OTHER'",
        Figure::Unclassified => "received_at >= $2 and class is null",
        Figure::Handled => "ended_as = 'ANSWERED'",
        Figure::Early => "ended_as = 'ANSWERED' and verdict = 'EARLY'",
        Figure::OnTime => "ended_as = 'ANSWERED' and verdict = 'ON_TIME'",
        Figure::Late => "ended_as = 'ANSWERED' and verdict = 'LATE'",
        Figure::Pending => "ended_at is null",
        Figure::Within => "ended_at is null and due_at > $1",
        Figure::Overdue => "ended_at is null and due_at <= $1",
        Figure::Refused => "ended_as = 'REFUSED'",
        Figure::Withdrawn => "ended_as = 'WITHDRAWN'",
        Figure::Transferred => "ended_as = 'TRANSFERRED'",
        Figure::EndedLate => "ended_as in ('REFUSED', 'WITHDRAWN', 'TRANSFERRED') and verdict = 'LATE'",
        Figure::Extended => "extended",
        Figure::Published => "ended_as = 'ANSWERED' and published",
    }
}

impl Store {
    /// Figures of each unit's own rounds.
    pub async fn figures(&self, period: Period) -> Result<Vec<(UnitId, Figures)>> {
        let failed = || Error::of("count the report");
        let sums: Vec<String> = Figure::ALL
            .iter()
            .map(|figure| format!("coalesce(sum(case when {} then 1 else 0 end), 0)", counts(*figure)))
            .collect();
        let sql =
            format!("select holder, {} from standing where {} group by holder", sums.join(", "), period.looked_at());
        let statement = Statement::from_sql_and_values(self.connections.backend, sql, period.values());
        let rows = self.connections.read.query_all_raw(statement).await.map_err(failed())?;
        rows.iter()
            .map(|row| {
                let holder: Uuid = row.try_get_by_index(0).map_err(failed())?;
                let mut figures = [0; Figure::ALL.len()];
                for (index, figure) in figures.iter_mut().enumerate() {
                    *figure = row.try_get_by_index(index + 1).map_err(failed())?;
                }
                Ok((UnitId(holder), Figures::new(figures)))
            })
            .collect()
    }

    /// How many rounds a cell counts.
    pub async fn count_in_report(&self, period: Period, figure: Figure, holders: &[UnitId]) -> Result<i64> {
        let failed = || Error::of("count a cell of the report");
        if holders.is_empty() {
            return Ok(0);
        }
        let (among, values) = period.among(holders, 4);
        let looked_at = period.looked_at();
        let sql = format!("select count(*) from standing where {looked_at} and {} and {among}", counts(figure));
        let statement = Statement::from_sql_and_values(self.connections.backend, sql, values);
        let row = self.connections.read.query_one_raw(statement).await.map_err(failed())?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0)).map_err(failed())
    }

    /// Exactly the rounds that a cell counts, by receipt, oldest first.
    pub async fn list_in_report(
        &self,
        period: Period,
        figure: Figure,
        holders: &[UnitId],
        after: Option<(Instant, Uuid)>,
        limit: u64,
    ) -> Result<Vec<Counted>> {
        let failed = || Error::of("list a cell of the report");
        if holders.is_empty() {
            return Ok(Vec::new());
        }
        let (among, mut values) = period.among(holders, 4);
        let next = values.len();
        let mut from = String::new();
        if let Some((at, id)) = after {
            from = format!(" and (received_at, petition) > (${}, ${})", next + 1, next + 2);
            values.extend([at.into(), id.into()]);
        }
        let sql = format!(
            "select petition, round, received_at, ended_at, due_at, due_date, provisional, verdict, holder \
             from standing where {} and {} and {among}{from} order by received_at, petition limit {limit}",
            period.looked_at(),
            counts(figure)
        );
        let statement = Statement::from_sql_and_values(self.connections.backend, sql, values);
        let rows = self.connections.read.query_all_raw(statement).await.map_err(failed())?;
        let ids: Vec<Uuid> =
            rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(failed())?;
        let petitions = self.by_ids(ids).await?;
        rows.iter()
            .map(|row| {
                let id: Uuid = row.try_get_by_index(0).map_err(failed())?;
                let verdict: Option<String> = row.try_get_by_index(7).map_err(failed())?;
                let petition = petitions.iter().find(|(petition, _)| petition.id.0 == id).cloned();
                Ok(Counted {
                    petition: Column { table: "standing", column: "petition", row: id }.read(petition)?,
                    round: row.try_get_by_index(1).map_err(failed())?,
                    received_at: row.try_get_by_index(2).map_err(failed())?,
                    ended_at: row.try_get_by_index(3).map_err(failed())?,
                    due: Due {
                        at: row.try_get_by_index(4).map_err(failed())?,
                        date: row.try_get_by_index(5).map_err(failed())?,
                        provisional: row.try_get_by_index(6).map_err(failed())?,
                    },
                    verdict: verdict.as_deref().and_then(words::read),
                    holder: UnitId(row.try_get_by_index(8).map_err(failed())?),
                })
            })
            .collect()
    }
}

impl Period {
    fn values(&self) -> Vec<Value> {
        vec![self.as_of.into(), self.from.into(), self.to.into()]
    }

    /// A condition that the holder is one of these, with the values of the whole statement.
    fn among(&self, holders: &[UnitId], first: usize) -> (String, Vec<Value>) {
        let marks: Vec<String> = (first..first + holders.len()).map(|n| format!("${n}")).collect();
        let values = self.values().into_iter().chain(holders.iter().map(|unit| unit.0.into())).collect();
        (format!("holder in ({})", marks.join(", ")), values)
    }
}
