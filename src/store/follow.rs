//! Following a petition's events to its row: what they say, and what is there.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{entity, rows};
use crate::domain::{
    apply::apply,
    chain,
    event::{Event, Recorded},
    ids::TextId,
    petition::Petition,
    reveal::Looks,
    text::Text,
    words,
};

/// Texts by id.
pub(super) type Texts = HashMap<Uuid, entity::text::Model>;

/// Follows a petition's events to its row; gives the event by which it was erased, with the looks that it pins.
pub(super) fn follow(
    row: &entity::petition::Model,
    events: &[entity::event::Model],
    texts: &Texts,
) -> Result<Option<(i64, Looks)>, (i64, String)> {
    let mut head = [0; 32];
    let mut replayed: Option<Petition> = None;
    let mut erased = None;
    let mut named_since = HashSet::new();
    let mut gone = None;
    for (expected, event) in (1i64..).zip(events) {
        let at = |problem: &str| (event.seq, problem.to_owned());
        if event.seq != expected {
            return Err((expected, "is missing".to_owned()));
        }
        head = chain::link(&head, &event.stored);
        if head.as_slice() != event.hash {
            return Err(at("its hash is not that of its stored bytes after the event before"));
        }
        let recorded: Recorded =
            serde_json::from_str(&event.stored).map_err(|_| at("its stored form cannot be read"))?;
        let columns = (recorded.seq, recorded.at, recorded.actor.account().map(|a| a.0), recorded.event.name());
        if columns != (event.seq, event.at, event.actor, event.kind.as_str()) {
            return Err(at("its columns do not say what its stored form says"));
        }
        if let Event::Erased { looks, .. } = &recorded.event {
            erased = Some((event.seq, looks.clone()));
            named_since.clear();
            gone = None;
        }
        for named in recorded.event.texts() {
            named_since.insert(named.id.0);
            match texts.get(&named.id.0) {
                Some(text) if stored_text(text).is_none_or(|text| text.reference() != *named) => {
                    return Err(at("a text that it names has been changed"));
                }
                Some(_) => {}
                // Unless an event that follows says that all texts so far were erased.
                None => gone = gone.or(Some(event.seq)),
            }
        }
        let mut after = apply(replayed.as_ref(), &recorded).map_err(|unfit| at(unfit.what))?;
        after.head = head;
        replayed = Some(after);
    }
    if let Some(seq) = gone {
        return Err((seq, "a text that it names is gone, and no event says that it was erased".to_owned()));
    }
    if let Some((seq, _)) = &erased
        && texts.values().any(|text| text.petition == row.id && !named_since.contains(&text.id))
    {
        return Err((*seq, "a text that it says was erased is there".to_owned()));
    }
    match replayed {
        Some(replayed) if says(row, &replayed) => Ok(erased),
        Some(replayed) if replayed.seq != row.seq => Err((replayed.seq + 1, "is missing at the end".to_owned())),
        Some(_) => Err((row.seq, "the petition's row is not what its events give".to_owned())),
        None => Err((1, "is missing".to_owned())),
    }
}

/// Whether a row says what a petition is, in its detail and in the columns that repeat it.
fn says(row: &entity::petition::Model, petition: &Petition) -> bool {
    let columns = |row: entity::petition::Model| entity::petition::Model {
        clocks: String::new(),
        detail: String::new(),
        // One older than watching is to be looked at, and its events do not say so.
        watch_at: row.watch_at.filter(|_| petition.watch_at.is_some()),
        ..row
    };
    let whole = (row.id, row.head.clone(), row.clocks.clone(), row.detail.clone());
    rows::petition(whole).is_ok_and(|read| read == *petition)
        && columns(row.clone()) == columns(rows::petition_row(petition))
}

pub(super) fn stored_text(row: &entity::text::Model) -> Option<Text> {
    Some(Text {
        id: TextId(row.id),
        kind: words::read(&row.kind)?,
        salt: row.salt.as_slice().try_into().ok()?,
        title: row.title.clone(),
        body: row.body.clone(),
        folded: String::new(),
    })
}
