//! Sealing what tells who somebody is: AES-256-GCM under a key of each record's own, made of a versioned master key.
//! The record's id and the version are bound to what is sealed, so that no record can be put in another's place.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::{SecureRandom as _, SystemRandom},
};
use uuid::Uuid;

/// Versions are kept as numbers with a sign.
const LARGEST: u32 = i32::MAX as u32;

/// The master keys of an installation, by version from 1. One of them seals; those before it open what they sealed.
pub struct Keys {
    masters: BTreeMap<u32, hmac::Key>,
    /// The version that seals, as the database has it; 0 before it was asked.
    sealing: AtomicU32,
    /// The key of that version is not given, or is another one than the database is under.
    unfit: AtomicBool,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("versions", &self.masters.keys()).finish_non_exhaustive()
    }
}

/// Why something was not sealed, or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no master key of the version.
    #[error("master key {0} is not given")]
    Missing(u32),
    /// The master key given for the version is not the one that the database is under.
    #[error("master key {0} is not the one that identities are sealed with")]
    Wrong(u32),
    /// What was sealed is not whole, or is not this record's.
    #[error("what is kept was not sealed for this record, or is broken")]
    Broken,
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    Randomness,
}

impl Keys {
    /// Reads master keys: `VERSION:HEX` with 64 hexadecimal digits each, parted by commas or white space; lines that
    /// begin with `#` say nothing.
    ///
    /// # Errors
    /// What is wrong with them; never a key.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let mut masters = BTreeMap::new();
        let lines = typed.lines().filter(|line| !line.trim_start().starts_with('#'));
        for (n, word) in
            lines.flat_map(|line| line.split([',', ' ', '\t'])).filter(|w| !w.trim().is_empty()).enumerate()
        {
            let n = n + 1;
            let (version, key) = word.trim().split_once(':').ok_or_else(|| format!("key {n} is not VERSION:HEX"))?;
            let version = version.parse().ok().filter(|version| (1..=LARGEST).contains(version));
            let version: u32 = version.ok_or_else(|| format!("key {n}: the version is not a number from 1 on"))?;
            let key = bytes(key).ok_or_else(|| format!("key {n} (version {version}) is not 64 hexadecimal digits"))?;
            if key.iter().all(|byte| *byte == key[0]) {
                return Err(format!("key {n} (version {version}) is one byte over and over; draw it from chance"));
            }
            if masters.insert(version, hmac::Key::new(hmac::HMAC_SHA256, &key)).is_some() {
                return Err(format!("version {version} is given twice"));
            }
        }
        if masters.is_empty() {
            return Err("there is none".to_owned());
        }
        Ok(Self { masters, ..Self::none() })
    }

    /// No keys: nothing can be sealed or opened.
    pub(super) const fn none() -> Self {
        Self { masters: BTreeMap::new(), sealing: AtomicU32::new(0), unfit: AtomicBool::new(false) }
    }

    /// The highest version given.
    pub fn highest(&self) -> u32 {
        self.masters.keys().next_back().copied().unwrap_or(0)
    }

    /// The version that seals.
    pub fn sealing(&self) -> u32 {
        self.sealing.load(Ordering::Acquire)
    }

    /// From now on this version seals, whose mark the database has, unless a later one does already. If the key given
    /// is not that one nothing is sealed any more.
    pub(super) fn seal_with(&self, version: u32, mark: &[u8]) {
        if version >= self.sealing() {
            let fits = self.check(version).is_some_and(|given| given.as_slice() == mark);
            self.unfit.store(!fits, Ordering::Release);
            self.sealing.fetch_max(version, Ordering::AcqRel);
        }
    }

    /// Whether identities can be sealed.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn fit(&self) -> Result<u32, Fault> {
        let version = self.sealing();
        match self.masters.get(&version) {
            None => Err(Fault::Missing(version)),
            Some(_) if self.unfit.load(Ordering::Acquire) => Err(Fault::Wrong(version)),
            Some(_) => Ok(version),
        }
    }

    /// Tells a master key from others without giving anything of it away; none if it is not given.
    pub(super) fn check(&self, version: u32) -> Option<[u8; 32]> {
        self.masters.get(&version).map(|master| derive(master, b"pakn master key", &[]))
    }

    /// Seals a record, with the version that seals.
    pub(super) fn seal(&self, record: Uuid, plain: &[u8]) -> Result<(u32, Vec<u8>), Fault> {
        let version = self.fit()?;
        let key = self.key(version, record)?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| Fault::Randomness)?;
        let mut sealed = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound(version, record), &mut sealed)
            .map_err(|_| Fault::Broken)?;
        sealed.splice(..0, nonce);
        Ok((version, sealed))
    }

    /// Opens a record that a version has sealed.
    pub(super) fn open(&self, version: u32, record: Uuid, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let key = self.key(version, record)?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or(Fault::Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Fault::Broken)?;
        let mut opened = sealed.to_vec();
        let length = key.open_in_place(nonce, bound(version, record), &mut opened).map_err(|_| Fault::Broken)?.len();
        opened.truncate(length);
        Ok(opened)
    }

    /// A keyed hash by which equal values are found without opening anything. `what` keeps kinds of values apart.
    pub(super) fn lookup(&self, version: u32, what: &str, value: &[u8]) -> Result<[u8; 32], Fault> {
        let master = self.masters.get(&version).ok_or(Fault::Missing(version))?;
        Ok(derive(master, b"pakn lookup", &[what.as_bytes(), value]))
    }

    /// [`Keys::lookup`] of each version given: how a value may stand in the database.
    pub(super) fn lookups(&self, what: &str, value: &[u8]) -> Vec<Vec<u8>> {
        let hash = |master| derive(master, b"pakn lookup", &[what.as_bytes(), value]).to_vec();
        self.masters.values().map(hash).collect()
    }

    fn key(&self, version: u32, record: Uuid) -> Result<LessSafeKey, Fault> {
        let master = self.masters.get(&version).ok_or(Fault::Missing(version))?;
        let key = derive(master, b"pakn record", &[record.as_bytes()]);
        UnboundKey::new(&AES_256_GCM, &key).map(LessSafeKey::new).map_err(|_| Fault::Broken)
    }
}

fn bound(version: u32, record: Uuid) -> Aad<[u8; 20]> {
    let mut bound = [0; 20];
    bound[..16].copy_from_slice(record.as_bytes());
    bound[16..].copy_from_slice(&version.to_be_bytes());
    Aad::from(bound)
}

/// HMAC-SHA-256 of a purpose and values, each with its length before it.
fn derive(master: &hmac::Key, purpose: &[u8], values: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(master);
    for part in std::iter::once(purpose).chain(values.iter().copied()) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut derived = [0; 32];
    derived.copy_from_slice(context.sign().as_ref());
    derived
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const TWO: &str = "2:f00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn keys(typed: &str, sealing: u32) -> Keys {
        let keys = Keys::parse(typed).unwrap();
        keys.seal_with(sealing, &keys.check(sealing).unwrap());
        keys
    }

    #[test]
    fn what_is_sealed_opens_for_its_record_alone() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let keys = keys(&format!("# first\n{ONE}\n{TWO}\n"), 1);
        let (version, sealed) = keys.seal(a, b"Lan").unwrap();
        assert_eq!((version, sealed.len()), (1, NONCE_LEN + 3 + 16));
        assert_eq!(keys.open(1, a, &sealed).unwrap(), b"Lan");
        assert_ne!(keys.seal(a, b"Lan").unwrap().1, sealed, "nobody sees that two are equal");
        assert_eq!(keys.open(1, b, &sealed), Err(Fault::Broken));
        assert_eq!(keys.open(2, a, &sealed), Err(Fault::Broken));
        assert_eq!(keys.open(3, a, &sealed), Err(Fault::Missing(3)));
        for n in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[n] ^= 1;
            assert_eq!(keys.open(1, a, &broken), Err(Fault::Broken), "byte {n}");
            assert_eq!(keys.open(1, a, &sealed[..n]), Err(Fault::Broken), "{n} bytes");
        }
    }

    #[test]
    fn the_version_that_seals_never_goes_back() {
        let keys = keys(&format!("{ONE},{TWO}"), 2);
        keys.seal_with(1, &keys.check(1).unwrap());
        assert_eq!(keys.seal(Uuid::nil(), b"").unwrap().0, 2);
        // The database is under another key of the same version.
        keys.seal_with(2, &[0; 32]);
        assert_eq!(keys.seal(Uuid::nil(), b""), Err(Fault::Wrong(2)));
        keys.seal_with(9, &[0; 32]);
        assert_eq!(keys.seal(Uuid::nil(), b""), Err(Fault::Missing(9)));
    }

    #[test]
    fn values_are_found_by_version_and_kind() {
        let keys = keys(&format!("{ONE} {TWO}"), 1);
        let one = keys.lookup(1, "email", b"lan@dan.vn").unwrap();
        assert_ne!(one, keys.lookup(2, "email", b"lan@dan.vn").unwrap());
        assert_ne!(one, keys.lookup(1, "phone", b"lan@dan.vn").unwrap());
        assert_eq!(keys.lookups("email", b"lan@dan.vn")[0], one);
    }

    #[test]
    fn faults_of_keys_are_told_without_the_key() {
        let zeros = format!("1:{}", "0".repeat(64));
        for (typed, told) in [
            ("", "there is none"),
            ("# none\n", "there is none"),
            ("12", "key 1 is not VERSION:HEX"),
            ("0:ab", "key 1: the version is not a number from 1 on"),
            ("2611221030:ab", "key 1: the version is not a number from 1 on"),
            ("1:ab", "key 1 (version 1) is not 64 hexadecimal digits"),
            (&format!("{ONE} {ONE}"), "version 1 is given twice"),
            (&zeros, "key 1 (version 1) is one byte over and over; draw it from chance"),
        ] {
            assert_eq!(Keys::parse(typed).unwrap_err(), told);
        }
        assert!(!format!("{:?}", Keys::parse(ONE).unwrap()).contains("0a0b"));
    }
}
