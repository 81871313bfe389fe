//! Reading messages: every fault is noted with its field, and all are told at once.

use chrono::{Datelike as _, NaiveDate};
use prost::Message;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::words::Numbered;
use crate::{
    app::{Asked, Error, Page},
    domain::{
        code::parse_tracking_code,
        fold::fold,
        ids::{AccountId, UnitId},
        reference::Reference,
        refusal::{Fault, Refusal},
        text::{self, Bounds},
        time::{Instant, truncate},
    },
    pb,
};

/// Faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

/// Words that a search takes at the most.
const WORDS: usize = 20;

/// Years in which instants and dates may lie.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

impl Faults {
    /// Notes a fault.
    pub(crate) fn note(&mut self, field: &str, what: impl Into<String>) {
        self.0.push(Fault::new(field, what));
    }

    /// Notes faults that the domain found.
    pub(crate) fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.0.extend(faults);
    }

    /// Notes what the domain would find amiss among fields, if each of them could be read. Where nothing is at fault so
    /// far, the domain is asked itself, and knows the petition too.
    pub(crate) fn among(&mut self, fields: &[&str], amiss: impl IntoIterator<Item = Fault>) {
        let at_fault = |fault: &Fault| fields.iter().any(|field| fault.field.starts_with(field));
        if !self.0.is_empty() && !self.0.iter().any(at_fault) {
            self.0.extend(amiss);
        }
    }

    /// Tells them all, or gives what was read.
    pub(crate) fn or<T>(self, read: T) -> Result<T, Error> {
        if self.0.is_empty() { Ok(read) } else { Err(Refusal::Invalid(self.0).into()) }
    }

    /// What was read if it could be; tells all faults otherwise.
    pub(crate) fn or_some<T>(self, read: Option<T>) -> Result<T, Error> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            _ => Err(Refusal::Invalid(self.0).into()),
        }
    }

    /// A text within bounds; empty when it is not.
    pub(crate) fn text(&mut self, field: &str, typed: &str, bounds: Bounds) -> String {
        text::parse(typed, bounds).unwrap_or_else(|what| {
            self.note(field, what);
            String::new()
        })
    }

    /// Words to look for. Each costs the database a pass over what is searched, and few letters can fold into many.
    pub(crate) fn sought_words(&mut self, field: &str, typed: &str) -> String {
        let text = self.text(field, typed, text::line(0, 200));
        if fold(&text).split_whitespace().count() > WORDS {
            self.note(field, format!("must be at most {WORDS} words"));
        }
        text
    }

    /// A text that may be left out.
    pub(crate) fn optional_text(&mut self, field: &str, typed: &str, bounds: Bounds) -> Option<String> {
        Some(self.text(field, typed, bounds)).filter(|text| !text.is_empty())
    }

    /// A value that must be given.
    pub(crate) fn required<W: Numbered>(&mut self, field: &str, number: i32) -> Option<W> {
        match W::of(number) {
            Some(Some(word)) => Some(word),
            Some(None) => {
                self.note(field, "is required");
                None
            }
            None => {
                self.note(field, format!("{number} is not a value of it"));
                None
            }
        }
    }

    /// A value that may be left out.
    pub(crate) fn optional<W: Numbered>(&mut self, field: &str, number: i32) -> Option<W> {
        W::of(number).unwrap_or_else(|| {
            self.note(field, format!("{number} is not a value of it"));
            None
        })
    }

    /// A number within bounds; 0 means `default`.
    pub(crate) fn amount(&mut self, field: &str, number: i32, default: Option<u32>, (min, max): (u32, u32)) -> u32 {
        match (u32::try_from(number), default) {
            (Ok(0), Some(default)) => default,
            (Ok(amount), _) if (min..=max).contains(&amount) => amount,
            _ => {
                self.note(field, format!("must be {min} to {max}"));
                min
            }
        }
    }

    /// A tracking code as people type it.
    pub(crate) fn tracking_code(&mut self, field: &str, typed: &str) -> String {
        if typed.trim().is_empty() {
            self.note(field, "is required");
        }
        parse_tracking_code(typed).unwrap_or_else(|| {
            if !typed.trim().is_empty() {
                self.note(field, "is not a tracking code: PAKN.YYYYMMDD.XXXXXXXX");
            }
            String::new()
        })
    }

    /// The petition a command is about, and how it was asked for.
    pub(crate) fn target(
        &mut self,
        target: Option<&pb::Target>,
        rpc: &'static str,
        request: &impl Message,
    ) -> (String, Asked) {
        let Some(target) = target else {
            self.note("target", "is required");
            return (String::new(), Asked::once(rpc));
        };
        let code = self.tracking_code("target.code", &target.code);
        if target.version < 0 {
            self.note("target.version", "must not be negative");
        }
        let request_id = self.uuid("target.request_id", &target.request_id);
        let version = (target.version > 0).then_some(target.version);
        (code, asked(rpc, request_id, version, request))
    }

    /// A UUID that may be left out.
    pub(crate) fn uuid(&mut self, field: &str, typed: &str) -> Option<Uuid> {
        if typed.is_empty() {
            return None;
        }
        let id = (typed.len() <= 45).then(|| Uuid::parse_str(typed).ok()).flatten().filter(|id| !id.is_nil());
        if id.is_none() {
            self.note(field, "is not a UUID");
        }
        id
    }

    /// A unit by code that may be left out.
    pub(crate) fn unit(&mut self, field: &str, code: &str, reference: &Reference) -> Option<UnitId> {
        if code.is_empty() {
            return None;
        }
        let unit = reference.units.by_code(code).map(|unit| unit.id);
        if unit.is_none() {
            self.note(field, "is not the code of a unit");
        }
        unit
    }

    /// A round that may be left out; that a petition was in it, others see.
    pub(crate) fn round(&mut self, field: &str, given: i32) -> Option<i32> {
        if given < 0 {
            self.note(field, "must not be negative");
        }
        (given > 0).then_some(given)
    }

    /// An account by login that may be left out.
    pub(crate) fn account(&mut self, field: &str, login: &str, reference: &Reference) -> Option<AccountId> {
        if login.is_empty() {
            return None;
        }
        let account = reference.account(login).map(|account| account.id);
        if account.is_none() {
            self.note(field, "is not the login of an account");
        }
        account
    }

    /// A field by code that may be left out.
    pub(crate) fn field(&mut self, field: &str, code: &str, reference: &Reference) -> Option<String> {
        if code.is_empty() {
            return None;
        }
        let known = reference.field(code).map(|field| field.code.clone());
        if known.is_none() {
            self.note(field, "is not the code of a field");
        }
        known
    }

    /// An instant that may be left out.
    pub(crate) fn instant(&mut self, field: &str, stamp: Option<&prost_types::Timestamp>) -> Option<Instant> {
        let stamp = stamp?;
        let instant = u32::try_from(stamp.nanos)
            .ok()
            .filter(|nanos| *nanos < 1_000_000_000)
            .and_then(|nanos| Instant::from_timestamp(stamp.seconds, nanos))
            .filter(|instant| YEARS.contains(&instant.year()))
            .map(truncate);
        if instant.is_none() {
            self.note(field, "is not an instant of the years 1900 to 2200");
        }
        instant
    }

    /// A local day.
    pub(crate) fn date(&mut self, field: &str, typed: &str) -> Option<NaiveDate> {
        let day = (typed.len() == 10).then(|| NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok()).flatten();
        let day = day.filter(|day| YEARS.contains(&day.year()) && day.to_string() == typed);
        if day.is_none() {
            self.note(field, "is not a day of the years 1900 to 2200 as YYYY-MM-DD");
        }
        day
    }

    /// An e-mail address that may be left out.
    pub(crate) fn email(&mut self, field: &str, typed: &str) -> String {
        self.read(field, text::email(typed))
    }

    /// A stable code: letters, digits, `-`, `_`, `.`.
    pub(crate) fn stable_code(&mut self, field: &str, typed: &str) -> String {
        self.read(field, text::stable_code(typed))
    }

    fn read(&mut self, field: &str, read: Result<String, String>) -> String {
        read.unwrap_or_else(|what| {
            self.note(field, what);
            String::new()
        })
    }
}

/// How something was asked for; the hash of its content is needed only where there is a request id.
pub(crate) fn asked(rpc: &'static str, request: Option<Uuid>, version: Option<i64>, message: &impl Message) -> Asked {
    let content = request.map_or([0; 32], |_| Sha256::digest(message.encode_to_vec()).into());
    Asked { rpc, request, content, version }
}

/// As [`asked`], before the message is read: a request id that is none is a fault of the message, to be named with the
/// others.
pub(crate) fn asked_as(rpc: &'static str, request_id: &str, message: &impl Message) -> Asked {
    asked(rpc, Faults::default().uuid("request_id", request_id), None, message)
}

/// Both, or the faults of both.
pub(crate) fn both<A, B>(a: Result<A, Error>, b: Result<B, Error>) -> Result<(A, B), Error> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(Error::Refused(Refusal::Invalid(mut faults))), Err(Error::Refused(Refusal::Invalid(more)))) => {
            faults.extend(more);
            Err(Refusal::Invalid(faults).into())
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// A page asked for, bound to the RPC, the caller and the filter.
pub(crate) fn page(
    page: Option<&pb::PageRequest>,
    rpc: &str,
    caller: Option<AccountId>,
    filter: &impl Message,
) -> Result<Page, Error> {
    let none = pb::PageRequest::default();
    let page = page.unwrap_or(&none);
    let caller = caller.map(|account| account.0.into_bytes()).unwrap_or_default();
    Page::read(page.size, &page.token, &[rpc.as_bytes(), &caller, &filter.encode_to_vec()])
}
