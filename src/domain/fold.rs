//! Text as it is searched: lower case, without Vietnamese diacritics, words parted by one space.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Folds text so that "duong" finds "Đường", typed as NFC or NFD.
///
/// Folding twice changes nothing. Anything but letters and digits becomes a space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for typed in text.chars() {
        if typed.is_ascii() {
            push(&mut folded, typed.to_ascii_lowercase());
        } else {
            // Marks are left out, so it does not matter that they are not put in order.
            decompose_compatible(typed, |part| {
                if part.is_ascii() {
                    push(&mut folded, part.to_ascii_lowercase());
                } else if !is_combining_mark(part) {
                    part.to_lowercase().for_each(|letter| push(&mut folded, letter));
                }
            });
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

fn push(folded: &mut String, letter: char) {
    match letter {
        'đ' => folded.push('d'),
        _ if letter.is_ascii_alphanumeric() => folded.push(letter),
        _ if !letter.is_ascii() && is_combining_mark(letter) => {}
        _ if !letter.is_ascii() && letter.is_alphanumeric() => folded.push(letter),
        _ if folded.ends_with(' ') || folded.is_empty() => {}
        _ => folded.push(' '),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    #[test]
    fn case_and_diacritics_do_not_matter() {
        assert_eq!(fold("Đường  Nguyễn-Huệ,"), "duong nguyen hue");
        let decomposed: String = "Đường".nfd().collect();
        assert_eq!(fold(&decomposed), "duong");
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
