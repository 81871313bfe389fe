//! Making tokens: the secret is kept nowhere.

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use super::{App, caller::Caller, perform::Asked, source::secure_bytes};
use crate::domain::{
    account::Token,
    code,
    ids::{AccountId, TokenId},
    text::hex,
};

/// What the secret of a token begins with, so that it is recognised where it leaks.
const PREFIX: &str = "pakn_";

impl App {
    /// The secret of a token that a caller asks for. The same request id gives the same secret again: it is made of the
    /// server's secret then, and of chance else.
    pub fn token_secret(&self, caller: &Caller, asked: &Asked) -> String {
        let again = asked.request.and_then(|id| code::once(&self.secret, caller.account, id, &asked.content));
        secret(again.unwrap_or_else(secure_bytes))
    }

    /// A new token with its secret.
    pub fn new_token(&self, account: AccountId, label: String, days: u32) -> (Token, String) {
        let secret = secret(secure_bytes());
        (self.token_of(&secret, account, label, days), secret)
    }

    /// A token with a secret.
    pub fn token_of(&self, secret: &str, account: AccountId, label: String, days: u32) -> Token {
        let now = self.clock.now();
        Token {
            id: TokenId(self.source.id(now)),
            account,
            hash: Sha256::digest(secret).into(),
            label,
            created_at: now,
            expires_at: now + TimeDelta::days(i64::from(days)),
            revoked_at: None,
        }
    }
}

fn secret(bytes: [u8; 32]) -> String {
    format!("{PREFIX}{}", hex(&bytes))
}
