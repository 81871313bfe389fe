//! Which texts resemble each other: how many pairs of neighbouring words they share.
//!
//! Texts that share many have a key in common, so that they are found among millions without comparing any (MinHash, in
//! bands). Of texts that share six pairs of ten 99 in 100 are found, of five of ten 93; of one in ten 2.

use std::collections::HashSet;

/// From how many pairs of a hundred in common texts are said to resemble each other.
pub const LEAST: u32 = 50;

/// Keys of a text.
const BANDS: u64 = 20;
/// Smallest numbers that make a key.
const ROWS: u64 = 3;

/// The pairs of neighbouring words of a folded text, as numbers that never change.
fn pairs(folded: &str) -> HashSet<u64> {
    let words: Vec<u64> = folded.split_whitespace().map(number).collect();
    match words.as_slice() {
        [word] => HashSet::from([*word]),
        words => words.windows(2).map(|pair| mixed(pair[0].rotate_left(17) ^ pair[1])).collect(),
    }
}

/// FNV-1a.
fn number(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The last step of splitmix64.
const fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The keys of a folded text; none of an empty one. Texts that resemble each other have one in common.
pub fn keys(folded: &str) -> Vec<i64> {
    let pairs = pairs(folded);
    if pairs.is_empty() {
        return Vec::new();
    }
    let smallest = |row: u64| {
        let seed = mixed(row + 1);
        pairs.iter().map(|pair| mixed(pair ^ seed)).min().unwrap_or(0)
    };
    let key = |band: u64| (0..ROWS).fold(band, |key, row| mixed(key.rotate_left(23) ^ smallest(band * ROWS + row)));
    (0..BANDS).map(key).map(u64::cast_signed).collect()
}

/// A text that others are compared with.
#[derive(Debug)]
pub struct Compared(HashSet<u64>);

impl Compared {
    /// A folded text.
    pub fn new(folded: &str) -> Self {
        Self(pairs(folded))
    }

    /// How much another folded text resembles it: of a hundred pairs of either those that are in both.
    pub fn resemblance(&self, other: &str) -> u32 {
        let other = pairs(other);
        let both = self.0.intersection(&other).count();
        let either = self.0.len() + other.len() - both;
        u32::try_from((100 * both).checked_div(either).unwrap_or(0)).unwrap_or(0)
    }
}

/// How much two folded texts resemble each other: of a hundred pairs of either those that are in both.
pub fn resemblance(one: &str, other: &str) -> u32 {
    Compared::new(one).resemblance(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fold::fold;

    const TEXT: &str = "Từ đầu tháng, mỗi tối mạng cáp quang ở khu tôi chậm đến mức không học trực tuyến được.";

    fn shared(one: &str, other: &str) -> usize {
        let (one, other) = (keys(&fold(one)), keys(&fold(other)));
        one.iter().zip(&other).filter(|(one, other)| one == other).count()
    }

    #[test]
    fn changed_words_and_missing_marks_are_seen_through() {
        let other = "tu dau thang moi toi mang cap quang o khu tôi chậm đến nỗi không học trực tuyến được";
        let score = resemblance(&fold(TEXT), &fold(other));
        assert!((70..100).contains(&score), "{score}");
        assert!(shared(TEXT, other) > 0);
        assert_eq!((shared(TEXT, TEXT), resemblance(&fold(TEXT), &fold(TEXT))), (20, 100));
    }

    #[test]
    fn another_text_has_nothing_in_common() {
        let other = "Bưu điện xã không nhận bưu phẩm vào sáng thứ Bảy dù có niêm yết giờ mở cửa.";
        assert_eq!((shared(TEXT, other), resemblance(&fold(TEXT), &fold(other))), (0, 0));
        assert_eq!((keys(""), resemblance("", "")), (Vec::new(), 0));
        assert_eq!(keys("mot").len(), 20);
    }

    /// Keys are kept: they must not change from one program to the next.
    #[test]
    fn keys_stay_as_they_are() {
        assert_eq!(keys("mang cham buoi toi")[..2], KEPT);
    }

    const KEPT: [i64; 2] = [501_014_817_342_421_880, -6_046_276_126_234_610_036];

    /// What the file says of how many are found.
    #[test]
    fn as_many_are_found_as_is_said() {
        let text = |from: usize| (from..from + 41).map(|word| format!("tu{word}")).collect::<Vec<_>>().join(" ");
        // Of 40 pairs 30, 27 and 7 in common: six, five and one of ten.
        for (common, least, most) in [(30, 97, 100), (27, 88, 100), (7, 0, 6)] {
            let found = (0..400).filter(|n| {
                let (one, other) = (text(n * 1_000), text(n * 1_000 + 40 - common));
                keys(&one).iter().zip(&keys(&other)).any(|(one, other)| one == other)
            });
            let found = found.count() * 100 / 400;
            assert!((least..=most).contains(&found), "{common} pairs in common: {found} of 100");
        }
    }
}
