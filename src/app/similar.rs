//! What may be the same matter, or of the same sender.

use super::{App, caller::Caller, error::Result};
use crate::{
    domain::{permission, refusal::Refusal},
    store::Similar,
};

const RPC: &str = "ListSimilarPetitions";
/// Petitions that are named at the most.
const NAMED: usize = 20;
/// Petitions that one step compares.
const STRIDE: u64 = 128;

impl App {
    /// Petitions that may be the same matter as one, or of the same sender, likeliest first: of those that the caller sees;
    /// and whether some that came in lately are still to be compared.
    ///
    /// # Errors
    /// `NotFound` when the caller may not know that the petition exists, else `Forbidden`.
    pub async fn similar(&self, caller: &Caller, code: &str) -> Result<(Vec<Similar>, bool)> {
        let units = &caller.reference.units;
        let petition = self.store.petition(code).await?.filter(|one| permission::sees(&caller.actor, one, units));
        let petition = petition.ok_or(Refusal::NotFound)?;
        if !permission::may_see(RPC, &caller.actor, &petition, units) {
            return Err(permission::denied(RPC).into());
        }
        if petition.is_data_request() {
            return Ok((Vec::new(), false));
        }
        let comparing = self.store.comparing().await?;
        let mut similar = self.store.similar(&petition, |other| permission::sees(&caller.actor, other, units)).await?;
        // That two are of one sender says of either who brought it: it is for those who may know that of both.
        for one in &mut similar {
            if !permission::may_see(RPC, &caller.actor, &one.petition, units) {
                one.conceal_sender();
            }
        }
        similar.retain(Similar::is_alike);
        let likely =
            |one: &Similar| (one.text + 100 * u32::from(one.same_sender()), one.petition.received_at, one.petition.id);
        similar.sort_by_key(|one| std::cmp::Reverse(likely(one)));
        similar.truncate(NAMED);
        Ok((similar, comparing))
    }

    /// Takes one step of comparing petitions that came in; returns how many. Begun by any number of processes, and broken
    /// off anywhere.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn compare(&self) -> Result<usize> {
        Ok(self.store.compare(STRIDE).await?)
    }
}
