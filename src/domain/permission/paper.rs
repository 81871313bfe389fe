//! The table as people read it.

use std::fmt::Write as _;

use super::{super::words::Role, Entry, May, Others, Reach, TABLE, When};

/// What an RPC takes, in words.
pub(super) fn needs(entry: &Entry) -> String {
    let mut ways: Vec<String> = match entry.others {
        Others::Petitioner => vec!["the petitioner's access key or portal_subject".to_owned()],
        Others::Nobody | Others::Accounts | Others::Anyone => Vec::new(),
    };
    for Way { roles, reaches, when } in ways_of(entry) {
        let roles: Vec<String> = roles.into_iter().map(|role| role.as_str().to_lowercase()).collect();
        let reaches: Vec<String> = reaches.into_iter().map(|reach| reach.in_words().to_owned()).collect();
        let (comma, when) = if when == When::Always { ("", "") } else { (", ", when.in_words()) };
        ways.push(format!("the {} role over {}{comma}{when}", either(&roles), either(&reaches)));
    }
    ways.join("; or ")
}

/// Some roles that reach as far as each other, at the same time.
struct Way {
    roles: Vec<Role>,
    reaches: Vec<Reach>,
    when: When,
}

fn ways_of(entry: &Entry) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for May { role, reach, when } in entry.may {
        match ways.iter_mut().find(|way| way.roles == [*role] && way.when == *when) {
            Some(way) => way.reaches.push(*reach),
            None => ways.push(Way { roles: vec![*role], reaches: vec![*reach], when: *when }),
        }
    }
    let mut merged: Vec<Way> = Vec::new();
    for way in ways {
        match merged.iter_mut().find(|other| other.reaches == way.reaches && other.when == way.when) {
            Some(other) => other.roles.extend(way.roles),
            None => merged.push(way),
        }
    }
    merged
}

/// "a", "a or b", "a, b or c".
fn either(words: &[String]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

impl Reach {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Somewhere => "any unit",
            Self::Everything => "the whole tree",
            Self::Named => "the unit concerned",
            Self::Focal => "the focal unit",
            Self::Holder => "the unit that has it",
            Self::HolderWithin => "the unit that has it, to give it to one inside",
            Self::AboveHolder => "the focal unit or the parent of the unit that has it, from outside of that unit",
            Self::CoHandling => "a unit that contributes",
            Self::Concerned => "the unit complained of, from inside of it",
            Self::Delegated => "what is delegated to them",
        }
    }
}

impl When {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Always => "",
            Self::BeforeAcceptance => "before it is accepted",
            Self::AfterAcceptance => "once it has been accepted",
            Self::InWork => "once somebody works on it",
            Self::Online => "for the channels of portals",
            Self::Assisted => "for channels where a clerk types it in",
            Self::OfPetitions => "for steps on petitions",
            Self::OfDirectory => "for steps on the directory",
            Self::Raised => "once it was raised after returns",
            Self::OfOne => "for one petition",
            Self::OfAll => "for the whole trail",
            Self::OfOneself => "for oneself",
        }
    }
}

/// The table as Markdown.
pub fn paper() -> String {
    let mut text = String::from(
        "Who may call which RPC. Written by the program from its permission table, which every call asks; what the\n\
         table does not name is denied. A role reaches the unit that it was granted over and those below it; lists show\n\
         what it covers. In a conduct case nobody who stands in the unit complained of, or below it, or stood there when it\n\
         was received and was moved away since, gets through to the petition, whatever their roles and with the\n\
         petitioner's access key too: to them it does not exist, but for the redacted copy that a person wrote for those who\n\
         stand there. An account with the portal role alone is no person's, and passes on what anybody brings.\n\n\
         | RPC | who may |\n\
         |---|---|\n",
    );
    for entry in TABLE {
        let who = match entry.others {
            Others::Anyone => "anyone, without a token".to_owned(),
            Others::Accounts => "every account".to_owned(),
            Others::Petitioner | Others::Nobody => needs(entry),
        };
        let _ = writeln!(text, "| {} | {who} |", entry.rpc);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documentation shows the table as it is. `PAKN_BLESS=1 cargo test permission` writes it anew.
    #[test]
    fn the_documentation_shows_the_table() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md");
        if std::env::var_os("PAKN_BLESS").is_some() {
            std::fs::write(file, paper()).unwrap();
        }
        assert_eq!(include_str!("../../../docs/permissions.md"), paper(), "PAKN_BLESS=1 cargo test permission");
    }

    #[test]
    fn each_rpc_is_named_once() {
        for (n, entry) in TABLE.iter().enumerate() {
            assert!(TABLE[n + 1..].iter().all(|other| other.rpc != entry.rpc), "{}", entry.rpc);
        }
    }
}
