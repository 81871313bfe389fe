//! What can go wrong in storing.

use sea_orm::{DbErr, RuntimeErr};

use super::seal;

/// A failure of the store. Says which operation on what; its source says why.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, or is shutting down. Trying again may help.
    #[error("the database is away ({operation})")]
    Away {
        /// What was being done.
        operation: &'static str,
        /// Why.
        #[source]
        source: DbErr,
    },
    /// The database refused, for a reason that trying again will not mend.
    #[error("the database refused ({operation})")]
    Refused {
        /// What was being done.
        operation: &'static str,
        /// Why.
        #[source]
        source: DbErr,
    },
    /// A row does not hold what the program wrote there.
    #[error("row of {table} with {column} that is not one: {row}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        row: String,
    },
    /// The master keys given are not those that the database is under. Trying again may help, elsewhere.
    #[error("{0}")]
    Keys(String),
    /// An identity cannot be opened, or not be sealed anew.
    #[error("the identity of petition {petition} cannot be opened")]
    Sealed {
        /// Id of the petition.
        petition: String,
        /// Why.
        #[source]
        source: seal::Fault,
    },
    /// The store is closing.
    #[error("the store is closing")]
    Closing,
}

impl Error {
    /// Sorts a database error; for `map_err`.
    pub(super) fn of(operation: &'static str) -> impl FnOnce(DbErr) -> Self {
        move |source| {
            let away = match &source {
                DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
                DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
                    is_away(error)
                }
                _ => false,
            };
            if away { Self::Away { operation, source } } else { Self::Refused { operation, source } }
        }
    }

    /// Whether trying again may help.
    pub const fn transient(&self) -> bool {
        matches!(self, Self::Away { .. } | Self::Closing | Self::Keys(_))
    }
}

/// SQLite's codes for a file or table that another process holds, and for a disk that is full; PostgreSQL's for a server
/// that only reads, as one does that is not the first of its cluster any more.
const FOR_NOW: [&str; 8] = ["5", "6", "261", "262", "517", "773", "13", "25006"];

fn is_away(error: &sea_orm::SqlxError) -> bool {
    use sea_orm::SqlxError as E;
    match error {
        E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) => true,
        // Class 57P: the server is going down or starting; 53: out of resources; 08: connection; 40: deadlock.
        E::Database(error) => error.code().is_some_and(|code| {
            ["57P", "53", "08", "40"].iter().any(|class| code.starts_with(class)) || FOR_NOW.contains(&&*code)
        }),
        _ => false,
    }
}

/// The result of storing.
pub type Result<T, E = Error> = std::result::Result<T, E>;
