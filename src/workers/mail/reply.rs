//! Replies made fit to be kept: servers quote addresses back, and nobody's address belongs in the record.

/// Characters kept of a reply.
const LONGEST: usize = 500;
/// What stands where an address stood.
const ADDRESS: &str = "<address>";

/// The reply in one line of at most 500 characters, each address replaced by `<address>`, control characters gone.
#[must_use]
pub fn tidy(reply: &str) -> String {
    let line: String = reply.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    hide_addresses(&line).chars().take(LONGEST).collect()
}

fn hide_addresses(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('@') {
        let before = rest.get(..at).unwrap_or_default();
        let after = rest.get(at + 1..).unwrap_or_default();
        let start = local_part_start(before);
        let end = after.find(ends_word).unwrap_or(after.len());
        let mut kept = before.get(..start).unwrap_or_default();
        let mut next = after.get(end..).unwrap_or_default();
        // "<a@b>" becomes one mark, not a mark within brackets.
        if let (Some(k), Some(n)) = (kept.strip_suffix('<'), next.strip_prefix('>')) {
            (kept, next) = (k, n);
        }
        out.push_str(kept);
        out.push_str(ADDRESS);
        rest = next;
    }
    out.push_str(rest);
    out
}

/// Where in `before` the local part begins: at an opening quote if it is quoted, else at the last separator.
fn local_part_start(before: &str) -> usize {
    if let Some(inner) = before.strip_suffix('"') {
        return inner.rfind('"').unwrap_or(0);
    }
    before.char_indices().rev().find(|(_, c)| ends_word(*c)).map_or(0, |(i, c)| i + c.len_utf8())
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_go_and_the_rest_stays() {
        for (reply, kept) in [
            ("550 5.1.1 <lan@dan.vn>: unknown", "550 5.1.1 <address>: unknown"),
            ("451 lan@dan.vn, hoa@dan.vn", "451 <address>, <address>"),
            ("550 \"lan hoa\"@dan.vn no", "550 <address> no"),
            ("550 rcpt:<lan@[127.0.0.1]>", "550 rcpt:<address>"),
            ("452 dân+x@đt.vn đầy", "452 <address> đầy"),
            ("250 2.0.0 Ok:\r\n queued", "250 2.0.0 Ok: queued"),
            ("a@b@c", "<address>"),
            ("@", "<address>"),
        ] {
            assert_eq!(tidy(reply), kept);
        }
    }

    proptest! {
        #[test]
        fn one_bounded_line_without_an_at(reply in "(\\PC|[@<>\"\r\n\u{1b} ]){0,700}") {
            let kept = tidy(&reply);
            prop_assert!(kept.chars().count() <= LONGEST);
            prop_assert!(!kept.contains('@') && !kept.chars().any(char::is_control));
        }
    }
}
