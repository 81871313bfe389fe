//! Phrases in a text: whole words, one after the other, folded.

use std::collections::HashMap;

use crate::domain::fold::fold;

/// A text whose words can be looked up: a thousand rules ask for a few words each.
#[derive(Debug, Default)]
pub(super) struct Text<'t> {
    words: Vec<&'t str>,
    places: HashMap<&'t str, Vec<usize>>,
}

impl<'t> Text<'t> {
    pub(super) fn new(folded: &'t str) -> Self {
        let words: Vec<&str> = folded.split_whitespace().collect();
        let mut places: HashMap<&str, Vec<usize>> = HashMap::with_capacity(words.len());
        for (place, word) in words.iter().enumerate() {
            places.entry(word).or_default().push(place);
        }
        Self { words, places }
    }

    pub(super) fn has(&self, phrase: &Phrase) -> bool {
        let Some(first) = phrase.0.first() else { return false };
        let begins = self.places.get(first.as_str()).into_iter().flatten();
        begins.copied().any(|at| {
            let there = self.words.get(at..at + phrase.0.len());
            there.is_some_and(|there| there.iter().zip(&phrase.0).all(|(one, other)| one == other))
        })
    }
}

/// The words of a phrase.
#[derive(Debug, Clone)]
pub(super) struct Phrase(Vec<String>);

impl Phrase {
    pub(super) fn new(typed: &str) -> Self {
        Self(fold(typed).split_whitespace().map(str::to_owned).collect())
    }

    pub(super) const fn words(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_one_after_the_other() {
        let folded = fold("Mạng CÁP QUANG chậm; cáp đồng còn chậm hơn");
        let text = Text::new(&folded);
        let has = |typed| text.has(&Phrase::new(typed));
        assert!(has("cáp quang") && has("CAP  dong") && has("hơn") && has("quang, chậm"));
        assert!(!has("cáp chậm") && !has("quan") && !has("hơn nữa") && !has("") && !has("!"));
        assert!(!Text::new("").has(&Phrase::new("a")));
    }
}
