//! Request ids that were used, for what, and until when that is remembered.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use uuid::Uuid;

use super::{
    Store, entity,
    error::{Error, Result},
};
use crate::domain::{change::Request, ids::PetitionId, time::Instant};

/// A request id that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedRequest<T> {
    /// SHA-256 of the request.
    pub content: Vec<u8>,
    /// What it led to.
    pub led_to: T,
    /// When.
    pub at: Instant,
}

/// Keeps what a request id led to outside of petitions' lives.
pub(super) async fn keep(
    txn: &DatabaseTransaction,
    request: Option<&Request>,
    subject: String,
) -> std::result::Result<(), DbErr> {
    let Some(request) = request else { return Ok(()) };
    let row = entity::directory_request::Model {
        account: request.account,
        rpc: request.rpc.to_owned(),
        id: request.id,
        content: request.content.to_vec(),
        subject,
        at: request.at,
    };
    row.into_active_model().reset_all().insert(txn).await.map(drop)
}

impl Store {
    /// The petition and the event that a request id led to.
    pub async fn used_request(
        &self,
        account: Uuid,
        rpc: &str,
        id: Uuid,
    ) -> Result<Option<UsedRequest<(PetitionId, i64)>>> {
        let row = entity::request::Entity::find_by_id((account, rpc.to_owned(), id))
            .one(&self.connections.read)
            .await
            .map_err(Error::of("read a request id"))?;
        let used = |row: entity::request::Model| {
            let led_to = (PetitionId(row.petition), row.seq);
            UsedRequest { content: row.content, led_to, at: row.at }
        };
        Ok(row.map(used))
    }

    /// The code or id of what a request id led to in the directory.
    pub async fn used_direction(&self, account: Uuid, rpc: &str, id: Uuid) -> Result<Option<UsedRequest<String>>> {
        let row = entity::directory_request::Entity::find_by_id((account, rpc.to_owned(), id))
            .one(&self.connections.read)
            .await
            .map_err(Error::of("read a request id of the directory"))?;
        let used = |row: entity::directory_request::Model| UsedRequest {
            content: row.content,
            led_to: row.subject,
            at: row.at,
        };
        Ok(row.map(used))
    }

    /// Forgets request ids older than an instant; returns how many.
    pub async fn forget_requests(&self, before: Instant) -> Result<u64> {
        use entity::{directory_request, request};
        let of_petitions =
            request::Entity::delete_many().filter(request::Column::At.lt(before)).exec(&self.connections.write);
        let of_petitions = of_petitions.await.map_err(Error::of("forget request ids"))?;
        let of_directory = directory_request::Entity::delete_many()
            .filter(directory_request::Column::At.lt(before))
            .exec(&self.connections.write);
        let of_directory = of_directory.await.map_err(Error::of("forget request ids of the directory"))?;
        Ok(of_petitions.rows_affected + of_directory.rows_affected)
    }
}
