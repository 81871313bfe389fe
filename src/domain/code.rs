//! Tracking codes and access keys: what a petitioner holds.

use chrono::NaiveDate;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use uuid::Uuid;

use super::ids::{AccountId, PetitionId};

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &str = "PAKN";
const RANDOM_LENGTH: usize = 8;
const KEY_LENGTH: usize = 16;

/// `PAKN.20261121.7K3F9Q2M`: the local date, then 40 random bits; not guessable, not countable.
pub fn tracking_code(date: NaiveDate, random: [u8; 16]) -> String {
    format!("{PREFIX}.{}.{}", date.format("%Y%m%d"), base32(&random, RANDOM_LENGTH))
}

/// Reads a tracking code as a person types it: case, spaces, missing dots, O for 0, I and L for 1.
///
/// `None` when it cannot be one.
pub fn parse_tracking_code(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let bare = plain(typed);
    let rest = bare.strip_prefix(PREFIX)?;
    if rest.len() != 8 + RANDOM_LENGTH || !rest.is_ascii() {
        return None;
    }
    let (date, random) = rest.split_at(8);
    NaiveDate::parse_from_str(date, "%Y%m%d").ok()?;
    let random = crockford(random)?;
    Some(format!("{PREFIX}.{date}.{random}"))
}

/// Whether a text leads to a tracking code, however it is typed there: its random part is enough.
pub fn is_told_in(code: &str, text: &str) -> bool {
    let meant = |c| match c {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let text: String = plain(text).chars().map(meant).collect();
    code.rsplit('.').next().is_some_and(|random| text.contains(random))
}

/// 80 bits of HMAC-SHA-256(secret, petition id, generation), base 32. Stored nowhere.
pub fn access_key(secret: &[u8], petition: PetitionId, generation: i32) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(b"pakn access key");
    mac.update(petition.0.as_bytes());
    mac.update(&generation.to_be_bytes());
    base32(&mac.finalize().into_bytes(), KEY_LENGTH)
}

/// 256 bits of HMAC-SHA-256(secret, account, request id, content): what is secret and told once, and told again to the
/// same request. HMAC takes a secret of any length: there is always one.
pub fn once(secret: &[u8], account: AccountId, request: Uuid, content: &[u8; 32]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(b"pakn told once");
    mac.update(account.0.as_bytes());
    mac.update(request.as_bytes());
    mac.update(content);
    Some(mac.finalize().into_bytes().into())
}

/// HMAC-SHA-256 of what is kept only to be compared: who has the database and not the secret cannot guess from it.
pub fn keyed(secret: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return [0; 32] };
    mac.update(b"pakn compared");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Compares a typed key in constant time.
pub fn access_key_matches(expected: &str, typed: &str) -> bool {
    if typed.len() > 64 || expected.is_empty() {
        return false;
    }
    let Some(typed) = crockford(&plain(typed)) else { return false };
    expected.as_bytes().ct_eq(typed.as_bytes()).into()
}

fn plain(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

fn crockford(text: &str) -> Option<String> {
    text.chars()
        .map(|c| match c {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            c if c.is_ascii() && ALPHABET.contains(&(c as u8)) => Some(c),
            _ => None,
        })
        .collect()
}

/// The first `length` base-32 letters of the bytes, most significant bit first.
fn base32(bytes: &[u8], length: usize) -> String {
    let bit = |n: usize| bytes.get(n / 8).map_or(0, |byte| (byte >> (7 - n % 8)) & 1);
    (0..length)
        .map(|letter| {
            let index = (0..5).fold(0u8, |value, n| (value << 1) | bit(letter * 5 + n));
            char::from(ALPHABET[usize::from(index)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let code = tracking_code(date, [0x08; 16]);
        assert_eq!(code, "PAKN.20261121.1040G208");
        let typed = "pakn 20261121 lO4o-g2o8 ";
        assert_eq!(parse_tracking_code(typed).as_deref(), Some(code.as_str()));
        for bad in ["", "PAKN", "PAKN.20261399.7K3F9Q2M", "PAKN.20261121.7K3F9Q2U", "PAKN.20261121.7K3F9Q2"] {
            assert_eq!(parse_tracking_code(bad), None, "{bad}");
        }
        for leads in [code.as_str(), "mã PAKN-20261121-lO4o g2o8.", "số 1040G208"] {
            assert!(is_told_in(&code, leads), "{leads}");
        }
        assert!(!is_told_in(&code, "PAKN.20261121, 1040 hồ sơ"));
    }

    #[test]
    fn a_key_opens_its_own_petition_and_generation_only() {
        let (a, b) = (PetitionId(Uuid::from_u128(1)), PetitionId(Uuid::from_u128(2)));
        let key = access_key(b"secret", a, 0);
        assert_eq!(key.len(), 16);
        assert!(access_key_matches(&key, &key.to_lowercase()));
        for other in
            [access_key(b"secret", b, 0), access_key(b"secret", a, 1), access_key(b"other", a, 0), String::new()]
        {
            assert!(!access_key_matches(&key, &other));
        }
    }
}
