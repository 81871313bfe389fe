//! The public record: reads `publication` and nothing else.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    Store, entity,
    entity::publication::Column as C,
    error::{Error, Result},
    rows::Column,
};
use crate::domain::{change::PublicCopy, fold::fold, ids::PublicationId, time::Instant, words};

impl Store {
    /// Published copies, newest first, in any of the fields, with all the words.
    pub async fn search_publications(
        &self,
        text: &str,
        fields: Option<Vec<String>>,
        before: Option<(Instant, PublicationId)>,
        limit: u64,
    ) -> Result<Vec<PublicCopy>> {
        let mut query = entity::publication::Entity::find();
        for word in fold(text).split_whitespace() {
            query = query.filter(C::Folded.contains(word));
        }
        if let Some(fields) = fields {
            query = query.filter(C::Field.is_in(fields));
        }
        if let Some((at, id)) = before {
            let row = Expr::tuple([Expr::col(C::PublishedAt), Expr::col(C::Id)]);
            query = query.filter(row.lt(Expr::tuple([Expr::value(at), Expr::value(id.0)])));
        }
        let found = query
            .order_by_desc(C::PublishedAt)
            .order_by_desc(C::Id)
            .limit(limit)
            .all(&self.connections.read)
            .await
            .map_err(Error::of("search publications"))?;
        found.into_iter().map(copy).collect()
    }

    /// One published copy.
    pub async fn publication(&self, id: PublicationId) -> Result<Option<PublicCopy>> {
        let row = entity::publication::Entity::find_by_id(id.0)
            .one(&self.connections.read)
            .await
            .map_err(Error::of("read a publication"))?;
        row.map(copy).transpose()
    }
}

fn copy(row: entity::publication::Model) -> Result<PublicCopy> {
    let outcome = Column { table: "publication", column: "outcome", row: row.id }.read(words::read(&row.outcome))?;
    Ok(PublicCopy {
        id: PublicationId(row.id),
        field: row.field,
        unit: row.unit,
        title: row.title,
        question: row.question,
        answer: row.answer,
        outcome,
        answered_on: row.answered_on,
        published_at: row.published_at,
        folded: row.folded,
    })
}
