//! Makes what others typed harmless: for a terminal, for a line, for a spreadsheet. Decides nothing about layout.

/// Text without terminal escapes, control characters and bidirectional controls. Line ends and tabs stay.
///
/// A whole escape sequence goes; of a broken one only the character that would start it, so that nobody can
/// hide what follows.
pub fn text(typed: &str) -> String {
    let mut kept = String::with_capacity(typed.len());
    let mut rest = typed;
    while let Some(first) = rest.chars().next() {
        let escape = escape_length(rest);
        if escape > 0 {
            rest = &rest[escape..];
            continue;
        }
        match first {
            '\n' | '\t' => kept.push(first),
            '\u{2028}' | '\u{2029}' => kept.push('\n'),
            '\r' if !rest.starts_with("\r\n") => kept.push('\n'),
            _ if is_unsafe(first) => {}
            _ => kept.push(first),
        }
        rest = &rest[first.len_utf8()..];
    }
    kept
}

/// The same on one line, with single spaces.
pub fn line(typed: &str) -> String {
    let typed = text(typed);
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same as a spreadsheet cell that cannot be taken for a formula.
pub fn sheet(typed: &str) -> String {
    let cell = text(typed);
    if typed.starts_with('\r') || cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

/// Whether a character acts on a terminal or turns the reading direction instead of standing for itself.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Bytes of the whole escape sequence that the text begins with; 0 if none does.
fn escape_length(text: &str) -> usize {
    let mut chars = text.char_indices();
    let introducer = match chars.next() {
        Some((_, '\u{1b}')) => match chars.next() {
            Some((_, c @ ('[' | ']' | 'P' | 'X' | '^' | '_'))) => c,
            // Two characters, with intermediates such as those that choose a character set.
            Some((_, ' '..='/')) => {
                return chars
                    .find(|(_, c)| !matches!(c, ' '..='/'))
                    .filter(|(_, c)| matches!(c, '0'..='~'))
                    .map_or(0, |(at, c)| at + c.len_utf8());
            }
            Some((at, c @ '0'..='~')) => return at + c.len_utf8(),
            _ => return 0,
        },
        Some((_, '\u{9b}')) => '[',
        Some((_, '\u{9d}')) => ']',
        Some((_, '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}')) => 'P',
        _ => return 0,
    };
    let body = chars.as_str();
    let start = text.len() - body.len();
    let length = match introducer {
        '[' => control_sequence(body),
        _ => string_sequence(body),
    };
    length.map_or(0, |length| start + length)
}

/// Parameters, then one final character.
fn control_sequence(body: &str) -> Option<usize> {
    let (at, end) = body.char_indices().find(|(_, c)| !matches!(c, ' '..='?'))?;
    matches!(end, '@'..='~').then(|| at + end.len_utf8())
}

/// Up to BEL or the string terminator, on one line.
fn string_sequence(body: &str) -> Option<usize> {
    let ends = ["\u{7}", "\u{1b}\\", "\u{9c}"];
    let (at, end) = ends.iter().filter_map(|end| Some((body.find(end)?, end))).min()?;
    (!body[..at].contains('\n')).then(|| at + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_go_whole() {
        assert_eq!(text("a\u{1b}[1;31mred\u{1b}[0m b"), "ared b");
        assert_eq!(text("\u{1b}]0;title\u{7}x"), "x");
        assert_eq!(text("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\"), "link");
        assert_eq!(text("\u{9b}2Jx\u{9d}52;c;AAAA\u{9c}y"), "xy");
        assert_eq!(text("\u{1b}Pq#0\u{1b}\\x\u{1b}(Bz\u{1b}cw"), "xzw");
    }

    #[test]
    fn a_broken_escape_hides_nothing() {
        assert_eq!(text("\u{1b}]0;never ended"), "]0;never ended");
        assert_eq!(text("\u{1b}"), "");
        assert_eq!(text("\u{1b}[12"), "[12");
        assert_eq!(text("\u{1b}]0;a\nb\u{7}"), "]0;a\nb");
        assert_eq!(text("\u{1b}đ"), "đ");
    }

    #[test]
    fn controls_and_direction_marks_go() {
        assert_eq!(text("a\u{202e}b\u{2066}c\u{200f}\u{8}\u{0}\u{7f}d"), "abcd");
        assert_eq!(text("một\r\nhai\rba\tbốn"), "một\nhai\nba\tbốn");
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line(" a\n\n b\tc\u{2028}d "), "a b c d");
    }

    #[test]
    fn formulas_are_defused() {
        for cell in ["=1+1", "+84", "-1", "@SUM(A1)", "\tx"] {
            assert_eq!(sheet(cell), format!("'{cell}"));
        }
        assert_eq!(sheet("\rx"), "'\nx");
        assert_eq!(sheet("\u{1b}[0m=1"), "'=1");
        assert_eq!(sheet("a=1"), "a=1");
        assert_eq!(sheet(""), "");
    }
}
