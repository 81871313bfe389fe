//! The contract as data: its messages by name, its enumerations by their short names. Calls nothing.

use std::sync::LazyLock;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use prost_reflect::{DescriptorPool, EnumDescriptor, MessageDescriptor, MethodDescriptor};

use super::failure::Failure;
use crate::pb;

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| DescriptorPool::decode(pb::DESCRIPTORS).unwrap_or_default());

/// The method of a path such as `CaseworkService/StartPetition`.
pub fn method(path: &str) -> Result<MethodDescriptor, Failure> {
    let (service, name) = path.split_once('/').unwrap_or((path, ""));
    POOL.get_service_by_name(&format!("pakn.v1.{service}"))
        .and_then(|service| service.methods().find(|method| method.name() == name))
        .ok_or_else(|| Failure::broken(format!("the contract has no {path}")))
}

/// The message of a name without its package.
pub fn message(name: &str) -> Result<MessageDescriptor, Failure> {
    POOL.get_message_by_name(&format!("pakn.v1.{name}"))
        .ok_or_else(|| Failure::broken(format!("the contract has no message {name}")))
}

/// The short name of a value: `IN_PROGRESS`. Nothing for UNSPECIFIED; the number for one that is newer than this client.
pub fn short_name(kind: &EnumDescriptor, number: i32) -> Option<String> {
    match kind.get_value(number) {
        _ if number == 0 => None,
        Some(value) => {
            let name = value.name();
            Some(name.strip_prefix(&prefix(kind)).unwrap_or(name).to_owned())
        }
        None => Some(number.to_string()),
    }
}

/// The value of a short or full name.
pub fn number(kind: &EnumDescriptor, name: &str) -> Option<i32> {
    let full = format!("{}{name}", prefix(kind));
    kind.get_value_by_name(&full).or_else(|| kind.get_value_by_name(name)).map(|value| value.number())
}

/// Every enumeration's names begin with its own name: `PETITION_STATE_`.
fn prefix(kind: &EnumDescriptor) -> String {
    let unspecified = kind.default_value();
    let name = unspecified.name();
    name.strip_suffix("UNSPECIFIED").unwrap_or(name).to_owned()
}

/// An enumeration of the contract that a command line may name.
pub trait Named: TryFrom<i32> {
    /// The full name.
    fn name(&self) -> &'static str;
}

macro_rules! named {
    ($($kind:ident),+ $(,)?) => {$(
        impl Named for pb::$kind {
            fn name(&self) -> &'static str {
                self.as_str_name()
            }
        }
    )+};
}

named!(
    CalendarFormat,
    Capacity,
    Channel,
    DataRight,
    ErasureGround,
    Finding,
    Language,
    LetterStatus,
    Medium,
    OutcomeKind,
    PetitionKind,
    PetitionOrder,
    PetitionState,
    PetitionerType,
    Priority,
    RefusalReason,
    Role,
    SubjectClass,
    UnitLevel,
);

/// Reads one of an enumeration's short names into its number. Set `ignore_case` on the argument.
pub fn one_of<E: Named>() -> impl TypedValueParser<Value = i32> {
    let names = names::<E>();
    PossibleValuesParser::new(names.clone()).map(move |given: String| {
        let at = names.iter().position(|name| given.eq_ignore_ascii_case(name));
        at.and_then(|at| i32::try_from(at + 1).ok()).unwrap_or_default()
    })
}

/// The short names from number 1 on; numbers have no gaps.
fn names<E: Named>() -> Vec<&'static str> {
    let prefix = E::try_from(0).ok().and_then(|zero| zero.name().strip_suffix("UNSPECIFIED"));
    (1..)
        .map_while(|number| E::try_from(number).ok())
        .map(|value| {
            let name = value.name();
            prefix.and_then(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enumerations_have_short_names_and_no_gaps() {
        for kind in POOL.all_enums().filter(|kind| kind.package_name() == "pakn.v1") {
            for (at, value) in kind.values().enumerate() {
                assert_eq!(usize::try_from(value.number()).unwrap(), at, "{}", value.full_name());
                assert!(value.name().starts_with(&prefix(&kind)));
            }
        }
        let state = POOL.get_enum_by_name("pakn.v1.PetitionState").unwrap();
        assert_eq!(short_name(&state, 5).as_deref(), Some("IN_PROGRESS"));
        assert_eq!(short_name(&state, 0), None);
        assert_eq!(short_name(&state, 99).as_deref(), Some("99"));
        assert_eq!(number(&state, "IN_PROGRESS"), Some(5));
        assert_eq!(names::<pb::PetitionState>()[4], "IN_PROGRESS");
    }
}
