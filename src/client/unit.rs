//! `pakn units`: what administrators do to units and grants. Lists are in `directory`.

use clap::{Args, Subcommand};
use prost_types::{FieldMask, Timestamp};

use super::{Run, cell, contract::one_of, failure::Failure, instant, output, session::Session, shared::Once};
use crate::pb;

const MOVED: &[&str] = &["code", "from_unit", "to_unit", "from_focal_unit", "to_focal_unit"];

/// What to do to units and grants.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Shows a unit, with the etag for `update`
    Show {
        /// Code of the unit
        code: String,
    },
    /// Adds a unit
    Create(Box<Create>),
    /// Says something anew of a unit; what is not given stays
    Update(Box<Update>),
    /// Says which open petitions the end of a unit would move, and to whom
    PreviewClose {
        #[command(flatten)]
        closing: Closing,
        /// How many petitions to list
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=1_000))]
        size: i32,
    },
    /// Says when a unit ends and who comes after it; its open petitions then move
    Close {
        #[command(flatten)]
        closing: Closing,
        #[command(flatten)]
        once: Once,
    },
    /// Says something anew of a field; what is not given stays
    UpdateField {
        /// Code of the field
        code: String,
        /// Code of the field above; empty puts it at the top
        #[arg(long, value_name = "CODE")]
        parent: Option<String>,
        /// Vietnamese name
        #[arg(long)]
        name: Option<String>,
        /// English name
        #[arg(long, value_name = "NAME")]
        name_en: Option<String>,
        /// Whether the routing rule that decides assigns what is accepted in it
        #[arg(long, value_name = "true|false")]
        assigns_itself: Option<bool>,
        /// The etag that was read; refused if the field has moved since
        #[arg(long)]
        etag: Option<String>,
        #[command(flatten)]
        once: Once,
    },
    /// Gives an account a role over a unit and those below it
    Grant {
        /// Login of the account
        account: String,
        /// The role
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::Role>())]
        role: i32,
        /// Code of the top unit
        #[arg(long, value_name = "CODE")]
        unit: String,
        /// From when on it counts
        #[arg(long, value_name = "TIME", value_parser = instant::parse)]
        from: Option<Timestamp>,
        /// Until when it counts, exclusive
        #[arg(long, value_name = "TIME", value_parser = instant::parse)]
        until: Option<Timestamp>,
        #[command(flatten)]
        once: Once,
    },
    /// Ends a grant at once
    Revoke {
        /// Its id, from `grants`
        id: String,
        #[command(flatten)]
        once: Once,
    },
}

/// What a unit is called, and where it lies.
#[derive(Debug, Args)]
pub struct Said {
    /// Code in the national list
    #[arg(long, value_name = "CODE")]
    national_code: Option<String>,
    /// Code of the unit above
    #[arg(long, value_name = "CODE")]
    parent: Option<String>,
    /// Level
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::UnitLevel>())]
    level: Option<i32>,
    /// Vietnamese name
    #[arg(long)]
    name: Option<String>,
    /// Short name
    #[arg(long, value_name = "NAME")]
    short_name: Option<String>,
    /// English name
    #[arg(long, value_name = "NAME")]
    name_en: Option<String>,
    /// Short English name
    #[arg(long, value_name = "NAME")]
    short_name_en: Option<String>,
    /// Where letters to it go
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Option<String>,
    /// Whether it receives for the unit above it
    #[arg(long, value_name = "true|false")]
    focal: Option<bool>,
    /// Its first day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    valid_from: Option<String>,
}

/// A unit to add.
#[derive(Debug, Args)]
pub struct Create {
    /// Code of the unit
    code: String,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    once: Once,
}

/// What to say anew.
#[derive(Debug, Args)]
pub struct Update {
    /// Code of the unit
    code: String,
    #[command(flatten)]
    said: Said,
    /// The etag that was read; refused if the unit has moved since
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    once: Once,
}

/// How a unit ends.
#[derive(Debug, Args)]
pub struct Closing {
    /// Code of the unit
    code: String,
    /// Its last day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    on: String,
    /// Code of the unit that comes after it
    #[arg(long, value_name = "CODE")]
    successor: String,
    /// Who comes after it in a field instead; as often as wanted
    #[arg(long = "in-field", value_name = "FIELD=CODE", value_parser = pair)]
    by_field: Vec<pb::FieldSuccessor>,
    /// Ends with it what lies below it
    #[arg(long)]
    with_units_below: bool,
}

fn pair(typed: &str) -> Result<pb::FieldSuccessor, String> {
    let (field, unit) = typed.split_once('=').ok_or("expected FIELD=CODE")?;
    Ok(pb::FieldSuccessor { field: field.to_owned(), unit: unit.to_owned() })
}

impl Closing {
    fn message(self) -> Option<pb::UnitClosing> {
        let Self { code, on: closed_on, successor, by_field: successors_by_field, with_units_below } = self;
        Some(pb::UnitClosing { code, closed_on, successor, successors_by_field, with_units_below })
    }
}

impl Said {
    /// The unit, and the names of what is said of it.
    fn unit(self, code: String) -> (pb::Unit, Vec<String>) {
        let mut paths = Vec::new();
        let mut given = |path: &str, value: Option<String>| {
            paths.extend(value.is_some().then(|| path.to_owned()));
            value.unwrap_or_default()
        };
        let unit = pb::Unit {
            code,
            national_code: given("national_code", self.national_code),
            parent: given("parent", self.parent),
            name: given("name", self.name),
            short_name: given("short_name", self.short_name),
            name_en: given("name_en", self.name_en),
            short_name_en: given("short_name_en", self.short_name_en),
            mailbox: given("mailbox", self.mailbox),
            valid_from: given("valid_from", self.valid_from),
            level: self.level.unwrap_or_default(),
            focal: self.focal.unwrap_or_default(),
            ..pb::Unit::default()
        };
        paths.extend(self.level.map(|_| "level".to_owned()));
        paths.extend(self.focal.map(|_| "focal".to_owned()));
        (unit, paths)
    }
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Show { code } => session.show(pb::GetUnitRequest { code }).await,
            Self::Create(create) => {
                let unit = Some(create.said.unit(create.code).0);
                session.show(pb::CreateUnitRequest { unit, request_id: create.once.id() }).await
            }
            Self::Update(update) => {
                let (unit, paths) = update.said.unit(update.code);
                if paths.is_empty() {
                    return Err(Failure::usage("nothing is said anew; see --help".to_owned()));
                }
                let (etag, request_id) = (update.etag.unwrap_or_default(), update.once.id());
                let (unit, update_mask) = (Some(unit), Some(FieldMask { paths }));
                session.show(pb::UpdateUnitRequest { unit, update_mask, etag, request_id }).await
            }
            Self::PreviewClose { closing, size } => {
                let answer = session.call(pb::PreviewCloseUnitRequest { closing: closing.message(), size }).await?;
                session.output.rows(&answer, "petitions", MOVED)?;
                let text = |field: &str| cell::text(&answer, field, cell::Style::Exact);
                let said = "open petitions move; units that end:";
                output::remark(&format!("{} of {} {said} {}", text("moved"), text("looked_at"), text("units")));
                Ok(())
            }
            Self::Close { closing, once } => {
                let request = pb::CloseUnitRequest { closing: closing.message(), request_id: once.id() };
                session.show(request).await
            }
            Self::UpdateField { code, parent, name, name_en, assigns_itself, etag, once } => {
                let given = [
                    ("parent", parent.is_some()),
                    ("name", name.is_some()),
                    ("name_en", name_en.is_some()),
                    ("assigns_itself", assigns_itself.is_some()),
                ];
                let paths: Vec<String> = given.into_iter().filter(|one| one.1).map(|one| one.0.to_owned()).collect();
                if paths.is_empty() {
                    return Err(Failure::usage("nothing is said anew; see --help".to_owned()));
                }
                let field = Some(pb::Field {
                    code,
                    parent: parent.unwrap_or_default(),
                    name: name.unwrap_or_default(),
                    name_en: name_en.unwrap_or_default(),
                    assigns_itself: assigns_itself.unwrap_or_default(),
                });
                let (update_mask, etag) = (Some(FieldMask { paths }), etag.unwrap_or_default());
                session.show(pb::UpdateFieldRequest { field, update_mask, etag, request_id: once.id() }).await
            }
            Self::Grant { account, role, unit, from, until, once } => {
                let (id, valid_from, valid_until) = (String::new(), from, until);
                let grant = Some(pb::Grant { id, account, role, unit, valid_from, valid_until });
                session.show(pb::CreateGrantRequest { grant, request_id: once.id() }).await
            }
            Self::Revoke { id, once } => session.show(pb::RevokeGrantRequest { id, request_id: once.id() }).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("SucceededPetition", MOVED);
    }
}
