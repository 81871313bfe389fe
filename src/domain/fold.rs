//! Text as it is searched: lower case, without Vietnamese diacritics, words parted by one space.

use std::sync::LazyLock;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Folds text so that "duong" finds "Đường", typed as NFC or NFD.
///
/// Folding twice changes nothing. Anything but letters and digits becomes a space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for typed in text.chars() {
        match LETTERS.get(typed as usize) {
            _ if typed.is_ascii() => push(&mut folded, typed.to_ascii_lowercase()),
            Some(letter) if *letter != 0 => folded.push(char::from(*letter)),
            _ => spell(&mut folded, typed),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The plain letter of each character that comes down to one, up to the end of the block of Vietnamese letters: looking
/// it up costs a tenth of taking the character apart. Zero for the others.
static LETTERS: LazyLock<[u8; 0x1F00]> = LazyLock::new(|| {
    std::array::from_fn(|code| {
        let mut folded = String::new();
        let typed = u32::try_from(code).ok().and_then(char::from_u32).filter(|typed| !typed.is_ascii());
        typed.inspect(|typed| spell(&mut folded, *typed));
        match folded.as_bytes() {
            [letter] if letter.is_ascii_alphanumeric() => *letter,
            _ => 0,
        }
    })
});

/// Folds a character by taking it apart.
fn spell(folded: &mut String, typed: char) {
    // Marks are left out, so it does not matter that they are not put in order.
    decompose_compatible(typed, |part| {
        if part.is_ascii() {
            push(folded, part.to_ascii_lowercase());
        } else if !is_combining_mark(part) {
            part.to_lowercase().for_each(|letter| push(folded, letter));
        }
    });
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

    #[test]
    fn what_is_looked_up_is_what_taking_apart_gives() {
        for typed in ('\u{80}'..'\u{2000}').chain("ﬁ㎏đĐＡ１".chars()) {
            let mut spelled = String::from("a");
            spell(&mut spelled, typed);
            assert_eq!(fold(&format!("a{typed}")), spelled.trim_end(), "{typed:?}");
        }
        assert_eq!(LETTERS['Ậ' as usize], b'a');
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
