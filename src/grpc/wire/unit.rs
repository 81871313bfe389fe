//! Messages of DirectoryService about units.

use super::{directory::under, parse::Faults, words::Numbered as _};
use crate::{
    app::{App, Caller, ClosurePreview, Error},
    domain::{
        closing::{Closing, close},
        ids::UnitId,
        reference::Reference,
        refusal::Refusal,
        text::line,
        unit::{Edit, Given, Places, Successors, Unit},
        words::UnitLevel,
    },
    pb,
};

pub(crate) fn new_unit(r: &pb::CreateUnitRequest, app: &App, caller: &Caller) -> Result<Unit, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let none = pb::Unit::default();
    if r.unit.is_none() {
        f.note("unit", "is required");
    }
    let given = r.unit.as_ref().unwrap_or(&none);
    let level = f.required::<UnitLevel>("unit.level", given.level);
    let valid_from = if given.valid_from.is_empty() { None } else { f.date("unit.valid_from", &given.valid_from) };
    ending(&mut f, given);
    let given = Given {
        code: &given.code,
        national_code: &given.national_code,
        parent: &given.parent,
        level: level.unwrap_or(UnitLevel::Department),
        name: &given.name,
        short_name: &given.short_name,
        name_en: &given.name_en,
        short_name_en: &given.short_name_en,
        mailbox: &given.mailbox,
        focal: given.focal,
        valid_from,
        closed_on: None,
    };
    let now = app.clock().now();
    let mut places = Places::of(&caller.reference.units, caller.reference.zone.date(now));
    let unit = under(&mut f, "unit", places.admit(UnitId(app.source().id(now)), &given));
    f.or_some(unit)
}

/// A unit ends by a command of its own.
fn ending(f: &mut Faults, given: &pb::Unit) {
    const SET: &str = "is set by CloseUnit";
    for (field, is_given) in [
        ("unit.closed_on", !given.closed_on.is_empty()),
        ("unit.successor", !given.successor.is_empty()),
        ("unit.closed", given.closed),
    ] {
        if is_given {
            f.note(field, SET);
        }
    }
    // The first is enough to say so.
    match given.successors_by_field.first().map(|next| (next.field.is_empty(), next.unit.is_empty())) {
        None => {}
        Some((true, true)) => f.note("unit.successors_by_field", SET),
        Some((true, false)) => f.note("unit.successors_by_field[0].unit", SET),
        Some((false, _)) => f.note("unit.successors_by_field[0].field", SET),
    }
}

pub(crate) fn unit(unit: &Unit, reference: &Reference) -> pb::Unit {
    let code = |unit| reference.units.code(unit).to_owned();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let by_field = unit.successors.iter().flat_map(|successors| &successors.by_field);
    pb::Unit {
        code: unit.code.clone(),
        parent: unit.parent.map(code).unwrap_or_default(),
        level: unit.level.number(),
        name: unit.name.clone(),
        short_name: unit.short_name.clone(),
        name_en: unit.name_en.clone(),
        mailbox: unit.mailbox.clone(),
        focal: unit.focal,
        national_code: unit.national_code.clone(),
        short_name_en: unit.short_name_en.clone(),
        valid_from: day(unit.valid_from),
        closed_on: day(unit.closed_on),
        successor: unit.successors.as_ref().map(|successors| code(successors.default)).unwrap_or_default(),
        successors_by_field: by_field
            .map(|(field, unit)| pb::FieldSuccessor { field: field.clone(), unit: code(*unit) })
            .collect(),
        closed: reference.units.is_closed(unit.id),
    }
}

/// The fields of a unit that can be said anew.
const EDITED: [&str; 10] = [
    "national_code",
    "parent",
    "level",
    "name",
    "short_name",
    "name_en",
    "short_name_en",
    "mailbox",
    "focal",
    "valid_from",
];

/// Which unit, the etag that was read, and what is said anew.
pub(crate) fn edit<'a>(
    r: &'a pb::UpdateUnitRequest,
    app: &App,
    caller: &Caller,
) -> Result<(String, String, Edit<'a>), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let etag = f.text("etag", &r.etag, line(0, 100));
    let paths = r.update_mask.as_ref().map_or(&[][..], |mask| mask.paths.as_slice());
    if paths.len() > EDITED.len() {
        f.note("update_mask.paths", format!("must be at most {}", EDITED.len()));
    }
    for (n, path) in paths.iter().take(EDITED.len()).enumerate() {
        let field = format!("update_mask.paths[{n}]");
        if !EDITED.contains(&path.as_str()) {
            f.note(&field, format!("must be one of {}", EDITED.join(", ")));
        } else if paths[..n].contains(path) {
            f.note(&field, "is named twice");
        }
    }
    let Some(given) = &r.unit else {
        f.note("unit", "is required");
        return f.or_some(None);
    };
    ending(&mut f, given);
    let code = f.text("unit.code", &given.code, line(1, 100));
    let named = |path: &str, is_given: bool| match paths {
        [] => is_given,
        paths => paths.iter().any(|named| named == path),
    };
    let typed = |path: &str, typed: &'a str| Some(typed).filter(|typed| named(path, !typed.is_empty()));
    let mut edit = Edit {
        national_code: typed("national_code", &given.national_code),
        parent: typed("parent", &given.parent),
        name: typed("name", &given.name),
        short_name: typed("short_name", &given.short_name),
        name_en: typed("name_en", &given.name_en),
        short_name_en: typed("short_name_en", &given.short_name_en),
        mailbox: typed("mailbox", &given.mailbox),
        focal: Some(given.focal).filter(|focal| named("focal", *focal)),
        ..Edit::default()
    };
    if named("level", given.level != 0) {
        edit.level = f.required("unit.level", given.level);
    }
    if let Some(day) = typed("valid_from", &given.valid_from) {
        edit.valid_from = Some(if day.is_empty() { None } else { f.date("unit.valid_from", day) });
    }
    let reference = &caller.reference;
    if let Some(unit) = reference.units.by_code(&code) {
        under(&mut f, "unit", edit.of(unit, &reference.units, reference.zone.date(app.clock().now())));
    }
    f.or((code, etag, edit))
}

/// Which unit is to end, and how.
fn closing(f: &mut Faults, given: Option<&pb::UnitClosing>, app: &App, caller: &Caller) -> Option<(String, Closing)> {
    let reference = &caller.reference;
    let Some(given) = given else {
        f.note("closing", "is required");
        return None;
    };
    let code = f.text("closing.code", &given.code, line(1, 100));
    let on = f.date("closing.closed_on", &given.closed_on);
    let mut unit = |field: &str, code: &str| {
        if code.is_empty() {
            f.note(field, "is required");
        }
        f.unit(field, code, reference)
    };
    let default = unit("closing.successor", &given.successor);
    let mut by_field = Vec::new();
    for (n, other) in given.successors_by_field.iter().take(MOST).enumerate() {
        let place = |field: &str| format!("closing.successors_by_field[{n}].{field}");
        let unit = unit(&place("unit"), &other.unit);
        by_field.push((place("field"), &other.field, unit));
    }
    if given.successors_by_field.len() > MOST {
        f.note("closing.successors_by_field", format!("must be at most {MOST}"));
    }
    let mut read = Vec::new();
    for (place, field, unit) in by_field {
        if field.is_empty() {
            f.note(&place, "is required");
        }
        read.extend(f.field(&place, field, reference).zip(unit));
    }
    let closing = on.zip(default).map(|(on, default)| Closing {
        on,
        successors: Successors { default, by_field: read },
        subtree: given.with_units_below,
    });
    let today = reference.zone.date(app.clock().now());
    if let (Some(closing), Some(unit)) = (&closing, reference.units.by_code(&code))
        && let Err(Refusal::Invalid(faults)) = close(unit, closing, &reference.units, today)
    {
        under::<()>(f, "closing", Err(faults));
    }
    closing.map(|closing| (code, closing))
}

/// Successors by field that a unit has at the most.
const MOST: usize = 100;

pub(crate) fn closed(r: &pb::CloseUnitRequest, app: &App, caller: &Caller) -> Result<(String, Closing), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let closing = closing(&mut f, r.closing.as_ref(), app, caller);
    f.or_some(closing)
}

/// As [`closed`], with how many petitions to list.
pub(crate) fn previewed(
    r: &pb::PreviewCloseUnitRequest,
    app: &App,
    caller: &Caller,
) -> Result<(String, Closing, usize), Error> {
    let mut f = Faults::default();
    let size = f.amount("size", r.size, Some(50), (1, 1_000));
    let closing = closing(&mut f, r.closing.as_ref(), app, caller);
    f.or_some(closing.map(|(code, closing)| (code, closing, usize::try_from(size).unwrap_or(0))))
}

pub(crate) fn preview(preview: ClosurePreview, reference: &Reference) -> pb::PreviewCloseUnitResponse {
    let code = |unit| reference.units.code(unit).to_owned();
    let load = |(unit, petitions)| pb::SuccessorLoad { unit: code(unit), petitions };
    pb::PreviewCloseUnitResponse {
        units: preview.units.into_iter().map(|unit| unit.code).collect(),
        looked_at: preview.looked_at,
        moved: preview.moved,
        successors: preview.by_successor.into_iter().map(load).collect(),
        petitions: preview
            .petitions
            .into_iter()
            .map(|petition| pb::SucceededPetition {
                code: petition.code,
                from_unit: code(petition.holder.0),
                to_unit: code(petition.holder.1),
                from_focal_unit: code(petition.focal.0),
                to_focal_unit: code(petition.focal.1),
            })
            .collect(),
    }
}
