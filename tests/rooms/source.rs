//! Rust source as words: what a file names, without its comments and strings.

use std::{fs, path::Path};

/// A source file; its path is below the package, with `/`.
pub struct File {
    pub path: String,
    pub text: String,
}

/// Every Rust file at or below a place.
pub fn files(root: &Path, place: &Path) -> Vec<File> {
    if place.extension().is_some_and(|extension| extension == "rs") {
        let path = place.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        return vec![File { path, text: fs::read_to_string(place).unwrap() }];
    }
    let Ok(entries) = fs::read_dir(place) else { return Vec::new() };
    let mut below: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    below.retain(|path| !path.ends_with("target"));
    below.sort();
    below.iter().flat_map(|path| files(root, path)).collect()
}

impl File {
    /// The room it stands in; none outside `src/` and for the entry and the map.
    pub fn room(&self) -> Option<&str> {
        let below = self.path.strip_prefix("src/")?;
        let first = below.split('/').next()?.trim_end_matches(".rs");
        (!matches!(first, "main" | "lib")).then_some(first)
    }

    /// How many modules lie between the file and the root of the crate.
    fn depth(&self) -> usize {
        let below = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        below.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main")).count()
    }

    /// What follows the root of the crate in every path, however the root is reached; `*` for all of it.
    pub fn rooms_named(&self) -> Vec<String> {
        let words = tokens(&self.text);
        let mut named = Vec::new();
        let (mut at, mut braces, mut inline) = (0, 0, Vec::new());
        while at < words.len() {
            match words[at].as_str() {
                "{" => {
                    braces += 1;
                    if at >= 2 && words[at - 2] == "mod" {
                        inline.push(braces);
                    }
                }
                "}" => {
                    if inline.last() == Some(&braces) {
                        inline.pop();
                    }
                    braces -= 1;
                }
                _ => {}
            }
            let (root, next) = self.root(&words, at, inline.len());
            if root && words.get(next).is_some_and(|word| word == "::") {
                named.extend(heads(&words, next + 1));
            } else if root && words.get(next).is_some_and(|word| word == "as") {
                named.push("*".to_owned());
            }
            at = next;
        }
        named
    }

    /// Whether the root of the crate is named at a place inside so many inline modules, and the place after it.
    fn root(&self, words: &[String], at: usize, inline: usize) -> (bool, usize) {
        if at > 0 && words[at - 1] == "::" {
            return (false, at + 1);
        }
        match words[at].as_str() {
            "crate" | "pakn" => (true, at + 1),
            "super" => {
                let more = words[at + 1..].chunks(2).take_while(|pair| *pair == ["::", "super"]).count();
                (1 + more == self.depth() + inline, at + 1 + 2 * more)
            }
            _ => (false, at + 1),
        }
    }
}

/// The first words of what follows `::`: one, or each one of a group.
fn heads(words: &[String], at: usize) -> Vec<String> {
    match words.get(at).map(String::as_str) {
        Some("{") => {}
        Some(word) => return vec![word.to_owned()],
        None => return Vec::new(),
    }
    let (mut depth, mut heads, mut first) = (0, Vec::new(), false);
    for word in &words[at..] {
        match word.as_str() {
            "{" => {
                depth += 1;
                first = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," => first = depth == 1,
            word => {
                if first {
                    heads.push(word.to_owned());
                }
                first = false;
            }
        }
    }
    heads
}

/// Identifiers and keywords, without comments and strings.
pub fn words(text: &str) -> Vec<String> {
    let word = |token: &String| token.starts_with(|c: char| c.is_alphabetic() || c == '_');
    tokens(text).into_iter().filter(word).collect()
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c == '"' {
            string(rest)
        } else if let Some(hashes) = raw(rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            let from = rest.find('"').unwrap() + 1;
            rest[from..].find(&close).map_or(rest.len(), |end| from + end + close.len())
        } else if c == '\'' {
            character(rest)
        } else if c.is_alphanumeric() || c == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            c.len_utf8()
        };
        rest = &rest[taken..];
    }
    tokens
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// A character, or the mark of a lifetime.
fn character(rest: &str) -> usize {
    let inner = &rest[1..];
    if let Some(escaped) = inner.strip_prefix('\\') {
        let first = escaped.chars().next().map_or(0, char::len_utf8);
        return escaped[first..].find('\'').map_or(rest.len(), |end| 2 + first + end + 1);
    }
    match inner.chars().next() {
        Some(c) if inner[c.len_utf8()..].starts_with('\'') => c.len_utf8() + 2,
        _ => 1,
    }
}
