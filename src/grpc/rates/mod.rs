//! How often a process lets itself be called: by token, by address, and by the end user that a portal names. Each
//! process counts for itself. Addresses, tokens and end users are kept as hashes under a key that is drawn at the start.

mod address;
mod options;
mod table;

use std::{
    hash::{BuildHasher as _, RandomState},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use http::Request;
use tonic::{Code, Status};

pub use self::options::{Options, Rate};
use self::{
    address::{Proxies, counted},
    table::Table,
};
use super::{Error, status};
use crate::domain::ids::AccountId;

/// Metadata by which a portal tells for whom it calls: any text that is the same for the same person.
const END_USER: &str = "x-end-user";

/// What a request is counted by before it is known who calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// The address; none where it is not limited.
    address: Option<u64>,
    /// The end user.
    end_user: Option<u64>,
}

#[derive(Debug)]
struct Tables {
    key: RandomState,
    proxies: Proxies,
    limit_loopback: bool,
    token: Option<Table>,
    address: Option<Table>,
    anonymous: Option<Table>,
    end_user: Option<Table>,
    failures: Option<Table>,
}

/// The limits of this process, and who has called how often.
#[derive(Debug, Clone)]
pub(super) struct Rates(Arc<Tables>);

impl Rates {
    /// # Errors
    /// What is no address among the proxies, or no rate.
    pub(super) fn new(options: &Options, proxies: &[String]) -> Result<Self, Error> {
        if !options.well() {
            return Err(Error::Rate);
        }
        Ok(Self(Arc::new(Tables {
            key: RandomState::new(),
            proxies: Proxies::parse(proxies).map_err(Error::Proxy)?,
            limit_loopback: options.limit_loopback,
            token: Table::new(options.token),
            address: Table::new(options.address),
            anonymous: Table::new(options.anonymous),
            end_user: Table::new(options.end_user),
            failures: Table::new(options.failures),
        })))
    }

    /// What a request will be counted by.
    pub(super) fn origin<B>(&self, request: &Request<B>) -> Origin {
        let limited = |address: &IpAddr| self.0.limit_loopback || !address.is_loopback();
        let address = self.0.proxies.origin(request).filter(limited);
        let end_user = request.headers().get(END_USER).filter(|named| !named.is_empty());
        Origin {
            address: address.map(|address| self.0.key.hash_one(counted(address))),
            end_user: end_user.map(|named| self.0.key.hash_one(named.as_bytes())),
        }
    }

    /// Counts a request, whoever calls.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED, and when to come back; so for all that follows.
    pub(super) fn arrives(&self, origin: Origin) -> Result<(), Status> {
        taken(self.0.address.as_ref(), origin.address, "from this address")
    }

    /// Counts a request of nobody known.
    pub(super) fn anonymous(&self, origin: Origin) -> Result<(), Status> {
        taken(self.0.anonymous.as_ref(), origin.address, "from this address without a token")
    }

    /// Counts a request that says who calls and does not prove it.
    pub(super) fn failed(&self, origin: Origin) -> Result<(), Status> {
        taken(self.0.failures.as_ref(), origin.address, "from this address that name nobody")
    }

    /// Counts a request of an account: for its end user, and by what was shown.
    pub(super) fn known(&self, origin: Origin, account: AccountId, shown: &str) -> Result<(), Status> {
        // First the end user: what is refused to one must not be taken from all others of the portal.
        let end_user = origin.end_user.map(|named| self.0.key.hash_one((account, named)));
        taken(self.0.end_user.as_ref(), end_user, "for this end user")?;
        let token = self.0.token.as_ref().map(|_| self.0.key.hash_one(shown));
        taken(self.0.token.as_ref(), token, "with this token")
    }
}

fn taken(table: Option<&Table>, key: Option<u64>, of: &str) -> Result<(), Status> {
    let (Some(table), Some(key)) = (table, key) else { return Ok(()) };
    table.take(key).map_err(|wait| {
        // In whole milliseconds, and none too few.
        let wait = Duration::from_millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1));
        status::retry_in(wait, Code::ResourceExhausted, &format!("too many calls {of}"))
    })
}
