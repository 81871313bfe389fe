//! What is shipped, and which policy wins.

use super::*;
use crate::domain::unit::tests::unit;

#[test]
fn what_is_shipped_is_whole_and_says_its_law() {
    for policy in Policy::shipped() {
        assert!(policy.terms.faults().is_empty(), "{}", policy.name);
    }
}

#[test]
fn the_more_specific_wins_in_the_order_of_the_fields() {
    let id = |n| UnitId(uuid::Uuid::from_u128(n));
    let units = Units::new(vec![unit(1, None, false), unit(2, Some(1), true), unit(3, Some(2), true)]);
    let none = Scope::default;
    let weakest_first = [
        Scope { channel: Some(Channel::Portal), ..none() },
        Scope { kind: Some(Kind::Feedback), ..none() },
        Scope { class: Some(SubjectClass::Other), ..none() },
        Scope { priority: Some(Priority::Normal), ..none() },
        Scope { unit: Some(id(1)), ..none() },
        Scope { unit: Some(id(2)), ..none() },
    ];
    let [general, ..] = Policy::shipped();
    let named = |(n, scope)| Policy { version: format!("p{n}-1"), name: format!("p{n}"), scope, ..general.clone() };
    let written: Vec<Policy> = weakest_first.into_iter().enumerate().map(named).collect();
    let matter = Matter {
        received_at: Instant::UNIX_EPOCH,
        focal: id(3),
        priority: Priority::Normal,
        class: Some(SubjectClass::Other),
        kind: Kind::Feedback,
        channel: Channel::Portal,
    };
    for n in 0..written.len() {
        // In whatever order they were written.
        let some: Vec<Policy> = written[..=n].iter().rev().cloned().collect();
        assert_eq!(Policies::new(some, &[]).choose(&matter, &units).name, format!("p{n}"));
    }
    let elsewhere = Matter { focal: id(1), ..matter };
    assert_eq!(Policies::new(written, &[]).choose(&elsewhere, &units).name, "p4");
}

#[test]
fn what_data_subjects_ask_is_under_its_own_alone() {
    let focal = UnitId(uuid::Uuid::from_u128(1));
    let units = Units::new(vec![unit(1, None, true)]);
    let matter = |kind| Matter {
        received_at: Instant::UNIX_EPOCH,
        focal,
        priority: Priority::Urgent,
        class: Some(SubjectClass::Regulation),
        kind,
        channel: Channel::Portal,
    };
    let chosen = |policies: &Policies, kind| policies.choose(&matter(kind), &units).version.clone();
    let shipped = Policies::new(Vec::new(), &[]);
    assert_eq!(chosen(&shipped, Kind::DataRequest), "data-1");
    assert_eq!(chosen(&shipped, Kind::Proposal), "urgent-1");
    let [general, ..] = Policy::shipped();
    // One of that name that was there before: the ledgers that name it are explained by it still.
    let scope = Scope { unit: Some(focal), ..Scope::default() };
    let ours = Policy { version: "data-1".to_owned(), name: "data".to_owned(), scope, ..general };
    let both = Policies::new(vec![ours.clone()], &[]);
    assert_eq!(both.version("data-1"), Some(&ours));
    assert_eq!(chosen(&both, Kind::Feedback), "data-1");
    assert_eq!(chosen(&both, Kind::DataRequest), "data-shipped-1");
    // Closed, it is what is left still.
    let ended = Policies::new(Vec::new(), &[("data-1".to_owned(), Instant::UNIX_EPOCH)]);
    assert_eq!(chosen(&ended, Kind::DataRequest), "data-1");
}
