//! How often may be called, by whom.

use serde::{Deserialize, Serialize};

/// Calls a second on the average, and at once after a pause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rate {
    /// On the average; 0 for no limit.
    pub a_second: f64,
    /// At once after a pause; 0 for as many as in a second.
    pub burst: u32,
}

/// The limits of one process.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Of one bearer token; of one account where a certificate or an issuer's token names it.
    pub token: Rate,
    /// From one address, whoever calls.
    pub address: Rate,
    /// From one address, by callers who are nobody known.
    pub anonymous: Rate,
    /// For one end user of an account, who is named by `x-end-user`.
    pub end_user: Rate,
    /// From one address, by callers who try to be somebody and are not.
    pub failures: Rate,
    /// Whether the limits of an address are for this machine's own, too.
    pub limit_loopback: bool,
}

impl Options {
    /// Whether every rate is one.
    pub(super) fn well(&self) -> bool {
        let rates = [self.token, self.address, self.anonymous, self.end_user, self.failures];
        rates.iter().all(|rate| rate.a_second.is_finite() && rate.a_second >= 0.0)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: Rate::default(),
            address: Rate::default(),
            anonymous: Rate { a_second: 100.0, burst: 200 },
            end_user: Rate { a_second: 20.0, burst: 100 },
            failures: Rate { a_second: 10.0, burst: 100 },
            limit_loopback: false,
        }
    }
}
