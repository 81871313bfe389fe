//! Pages: sizes, and tokens that are bound to what was asked.

use chrono::Datelike as _;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::error::Result;
use crate::domain::{
    refusal::{Fault, Refusal},
    text::hex,
    time::Instant,
};

/// A page asked for.
#[derive(Debug, Clone)]
pub struct Page {
    /// Rows wanted.
    pub size: u64,
    /// Where the page before ended.
    pub after: Option<Place>,
    /// Hash of what is asked; a token of another question is refused.
    question: [u8; 8],
}

/// Where a page ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First key; the epoch where the order has none.
    pub at: Instant,
    /// Second key.
    pub id: Uuid,
    /// Third key; 0 where the order has none.
    pub seq: i64,
}

const DEFAULT: u64 = 50;
const LARGEST: u64 = 200;

impl Page {
    /// Reads a page request. `question` names the RPC, the caller and the filter.
    ///
    /// # Errors
    /// `Invalid` for a negative size, or a token that was not given for this question.
    pub fn read(size: i32, token: &str, question: &[&[u8]]) -> Result<Self> {
        let mut faults = Vec::new();
        let size = u64::try_from(size).unwrap_or_else(|_| {
            faults.push(Fault::new("page.size", "must not be negative"));
            0
        });
        let size = if size == 0 { DEFAULT } else { size.min(LARGEST) };
        let mut hash = Sha256::new();
        for part in question {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let mut bound = [0; 8];
        bound.copy_from_slice(&hash.finalize()[..8]);
        let after = place(token, bound);
        if after.is_none() && !token.is_empty() {
            faults.push(Fault::new("page.token", "was not given for this question"));
        }
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults).into());
        }
        Ok(Self { size, after, question: bound })
    }

    /// One row more than wanted tells whether there is a next page.
    pub const fn limit(&self) -> u64 {
        self.size + 1
    }

    /// Cuts the extra row off; returns the token of the next page, empty on the last.
    pub fn cut<T>(&self, rows: &mut Vec<T>, place: impl Fn(&T) -> Place) -> String {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if rows.len() <= size {
            return String::new();
        }
        rows.truncate(size);
        rows.last().map(|last| self.token(place(last))).unwrap_or_default()
    }

    /// The page of a list that is at hand whole, by the id of each row; with the token of the next.
    ///
    /// # Errors
    /// `Invalid` when the row that the page before ended with is no longer there.
    pub fn of<T>(&self, rows: impl IntoIterator<Item = T>, id: impl Fn(&T) -> Uuid) -> Result<(Vec<T>, String)> {
        let mut rows = rows.into_iter();
        if let Some(after) = self.after {
            let gone = || Refusal::Invalid(vec![Fault::new("page.token", "names a row that is gone; begin again")]);
            rows.find(|row| id(row) == after.id).ok_or_else(gone)?;
        }
        let limit = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        let mut rows: Vec<T> = rows.take(limit).collect();
        let next = self.cut(&mut rows, |row| Place { at: Instant::UNIX_EPOCH, id: id(row), seq: 0 });
        Ok((rows, next))
    }

    fn token(&self, place: Place) -> String {
        let mut bytes = self.question.to_vec();
        bytes.extend(place.at.timestamp_micros().to_be_bytes());
        bytes.extend(place.id.as_bytes());
        bytes.extend(place.seq.to_be_bytes());
        hex(&bytes)
    }
}

fn place(token: &str, question: [u8; 8]) -> Option<Place> {
    if token.len() != 80 || !token.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> =
        (0..80).step_by(2).map(|n| u8::from_str_radix(&token[n..n + 2], 16).ok()).collect::<Option<_>>()?;
    if bytes[..8] != question {
        return None;
    }
    // Anyone can make a token up. An instant that a database cannot hold was in none that was given.
    let at = Instant::from_timestamp_micros(i64::from_be_bytes(bytes[8..16].try_into().ok()?))?;
    if !(0..=9_999).contains(&at.year()) {
        return None;
    }
    Some(Place {
        at,
        id: Uuid::from_slice(&bytes[16..32]).ok()?,
        seq: i64::from_be_bytes(bytes[32..40].try_into().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_bound_to_its_question() {
        let page = Page::read(1, "", &[b"list", b"a"]).unwrap();
        let place = Place { at: Instant::from_timestamp_micros(7).unwrap(), id: Uuid::from_u128(9), seq: 3 };
        let token = page.cut(&mut vec![(), ()], |()| place);
        assert_eq!(Page::read(1, &token, &[b"list", b"a"]).unwrap().after, Some(place));
        assert!(Page::read(1, &token, &[b"list", b"b"]).is_err());
        assert!(Page::read(1, "rubbish", &[b"list", b"a"]).is_err());
        assert!(Page::read(-1, "", &[]).is_err());
        assert_eq!(Page::read(9_999, "", &[]).unwrap().size, LARGEST);
    }
}
