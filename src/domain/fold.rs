//! Text as it is searched: lower case, without Vietnamese diacritics, words parted by one space.

use unicode_normalization::UnicodeNormalization as _;

/// Folds text so that "duong" finds "Đường", typed as NFC or NFD.
///
/// Folding twice changes nothing. Anything but letters and digits becomes a space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        match letter {
            'đ' => folded.push('d'),
            _ if unicode_normalization::char::is_combining_mark(letter) => {}
            _ if letter.is_alphanumeric() => folded.push(letter),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
