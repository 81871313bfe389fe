//! Identifiers, one type for each thing, and the source that makes them.

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A petition.
    PetitionId,
    /// A unit.
    UnitId,
    /// An account.
    AccountId,
    /// A text.
    TextId,
    /// A letter.
    LetterId,
    /// A notice to a person.
    NoticeId,
    /// A grant.
    GrantId,
    /// A delegation of approval.
    DelegationId,
    /// A token.
    TokenId,
    /// A redacted copy; random, so that nothing leads from it to the tracking code.
    CopyId,
    /// A publication; random, so that nothing leads from it to the tracking code.
    PublicationId,
}

/// Where fresh ids and randomness come from. The application injects the secure one, tests a seeded one.
pub trait Source: Send + Sync {
    /// A UUIDv7 made at `now`.
    fn id(&self, now: super::time::Instant) -> Uuid;
    /// Secure random bytes.
    fn random(&self) -> [u8; 16];
}
