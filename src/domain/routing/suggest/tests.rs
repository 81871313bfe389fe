//! Rules as people would write them, and whatever else they may be.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    fold::fold,
    routing::{Conditions, Given, among, phrases::Text},
    time::Instant,
    unit::{Successors, Unit, Units, tests::unit},
    words::{Channel, PetitionerType, SubjectClass, UnitState},
};

fn id(n: u128) -> UnitId {
    UnitId(Uuid::from_u128(n))
}

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 0).unwrap()
}

/// 1 above all, 2 its focal unit; 3 with 4 below it; 5; 6, dissolved, with 5 after it and 3 in LAND; 7, not in force yet.
fn units() -> Units {
    let successors = Successors { default: id(5), by_field: vec![("LAND".to_owned(), id(3))] };
    Units::new(vec![
        unit(1, None, false),
        unit(2, Some(1), true),
        unit(3, Some(1), false),
        unit(4, Some(3), false),
        unit(5, Some(1), false),
        Unit { state: UnitState::Closed, successors: Some(successors), ..unit(6, Some(1), false) },
        Unit { state: UnitState::Planned, ..unit(7, Some(1), false) },
    ])
}

fn rule(code: &str, unit: u128, priority: u32, conditions: Conditions) -> Rule {
    let (focal, unit, code, name) = (id(2), id(unit), code.to_owned(), String::new());
    Rule { code, name, focal, unit, priority, from: None, until: None, conditions }
}

fn any() -> Conditions {
    Conditions::default()
}

fn field(code: &str) -> Conditions {
    Conditions { field: Some(code.to_owned()), ..any() }
}

/// An individual's petition about LAND-TAX in 00190 through the portal.
fn facts<'a>(units: &'a Units, folded: &'a str) -> Facts<'a> {
    Facts {
        focal: id(2),
        fields: ["LAND-TAX", "LAND"].map(str::to_owned).into(),
        class: Some(SubjectClass::Other),
        channel: Channel::Portal,
        accused: None,
        place: "00190",
        petitioner: Some(PetitionerType::Individual),
        text: Text::new(folded),
        units,
        now: at(1_000),
    }
}

fn codes<'r>(suggestion: &Suggestion<'r>) -> (UnitId, Vec<&'r str>, Vec<&'r str>) {
    let matched = suggestion.matched.iter().map(|matched| matched.rule.code.as_str()).collect();
    (suggestion.unit, matched, suggestion.failed.iter().map(|failed| failed.rule.code.as_str()).collect())
}

#[test]
fn units_are_ranked_by_the_rule_on_top_then_by_what_they_answered() {
    let units = units();
    let facts = facts(&units, "");
    let rules = Rules::new([
        rule("LOW", 3, 10, any()),
        rule("HIGH", 5, 20, field("LAND")),
        rule("ALSO", 3, 5, field("LAND-TAX")),
        rule("POST", 3, 30, field("POST")),
        rule("ELSEWHERE", 4, 30, Conditions { channels: vec![Channel::Post], ..field("POST") }),
        Rule { focal: id(3), ..rule("OF-OTHERS", 4, 99, any()) },
        Rule { until: Some(at(1_000)), ..rule("ENDED", 4, 99, any()) },
    ]);
    let answered = |unit, resemblance| Answered { unit: id(unit), resemblance };
    let past = [answered(1, 60), answered(2, 90), answered(1, 70), answered(7, 99)];
    let found = suggest(&rules, &past, &facts);
    let told: Vec<_> = found.units.iter().map(codes).collect();
    assert_eq!(
        told,
        [
            (id(5), vec!["HIGH"], vec![]),
            (id(3), vec!["LOW", "ALSO"], vec!["POST"]),
            (id(1), vec![], vec![]),
            (id(2), vec![], vec![])
        ]
    );
    let learnt: Vec<_> = found.units.iter().map(|one| (one.learnt.petitions, one.learnt.resemblance)).collect();
    assert_eq!(learnt, [(0, 0), (0, 0), (2, 70), (1, 90)]);
    assert_eq!((found.nearest.len(), found.weighed), (1, 5));
    assert_eq!(found.nearest[0].conditions, [Condition::Channel, Condition::Field]);
    assert!(matches!(found.decision, Decision::Unit(rule, unit) if rule.code == "HIGH" && unit == id(5)));
}

#[test]
fn each_condition_is_named_that_is_not_met() {
    let (units, folded) = (units(), fold("Sổ đỏ chậm trả"));
    let facts = facts(&units, &folded);
    let text = |typed: &[&str]| typed.iter().map(|typed| (*typed).to_owned()).collect::<Vec<_>>();
    use Condition as C;
    let cases = [
        (Conditions { places: text(&["00191", "002*"]), ..any() }, vec![C::Place]),
        (Conditions { places: text(&["00191", "001*"]), ..any() }, vec![]),
        (Conditions { classes: vec![SubjectClass::Regulation], ..any() }, vec![C::SubjectClass]),
        (Conditions { petitioners: vec![PetitionerType::Organisation], ..any() }, vec![C::PetitionerType]),
        (Conditions { channels: vec![Channel::Post, Channel::Portal], ..any() }, vec![]),
        (Conditions { all_phrases: text(&["so do", "chậm TRẢ"]), ..any() }, vec![]),
        (Conditions { all_phrases: text(&["so do", "trả chậm"]), ..any() }, vec![C::AllPhrases]),
        (Conditions { any_phrases: text(&["sổ hồng", "SỔ ĐỎ"]), ..any() }, vec![]),
        (Conditions { any_phrases: text(&["sổ hồng"]), ..field("POST") }, vec![C::Field, C::AnyPhrase]),
    ];
    for (conditions, expected) in cases {
        let rules = Rules::new([rule("ONE", 3, 1, conditions.clone())]);
        let failed = rules.weighed(&facts).remove(0).failed;
        assert_eq!(failed, expected, "{conditions:?}");
        assert_eq!(matches!(decide(&rules, &facts), Decision::Unit(..)), expected.is_empty());
    }
    let later = Rules::new([Rule { from: Some(at(1_001)), ..rule("LATER", 3, 1, any()) }]);
    assert_eq!(later.weighed(&facts)[0].failed, [C::Validity]);
    // Nothing known is none of what is asked for.
    let unknown = Facts { class: None, petitioner: None, place: "", fields: Vec::new(), ..facts };
    let asks = Conditions {
        classes: vec![SubjectClass::Other],
        petitioners: vec![PetitionerType::Individual],
        places: text(&["001*"]),
        ..field("LAND")
    };
    let rules = Rules::new([rule("ASKS", 3, 1, asks)]);
    assert_eq!(rules.weighed(&unknown)[0].failed, [C::SubjectClass, C::PetitionerType, C::Field, C::Place]);
}

#[test]
fn a_successor_stands_where_a_dissolved_unit_is_named() {
    let units = units();
    let rules = Rules::new([rule("GONE", 6, 1, any()), rule("PLANNED", 7, 9, any())]);
    let found = suggest(&rules, &[Answered { unit: id(6), resemblance: 80 }], &facts(&units, ""));
    assert_eq!((found.units.len(), found.units[0].unit, found.units[0].learnt.petitions), (1, id(3), 1));
    assert_eq!(found.units[0].matched[0].in_place_of, Some(id(6)));
    assert_eq!((found.nearest[0].unit, &found.nearest[0].conditions[..]), (id(7), &[Condition::Unit][..]));
    let elsewhere = Facts { fields: vec!["POST".to_owned()], ..facts(&units, "") };
    assert_eq!(suggest(&rules, &[], &elsewhere).units[0].unit, id(5));
    // What the focal unit had comes to the one that receives for its successor.
    let of_focal = Rules::new([Rule { focal: id(6), ..rule("FOCAL", 3, 1, any()) }]);
    assert!(matches!(decide(&of_focal, &facts(&units, "")), Decision::Unit(_, unit) if unit == id(3)));
}

#[test]
fn what_is_complained_of_is_never_suggested() {
    let units = units();
    let rules = Rules::new([rule("ITS-OWN", 3, 9, any()), rule("BELOW", 4, 8, any()), rule("APART", 5, 1, any())]);
    let accused = Facts { accused: Some(id(3)), ..facts(&units, "") };
    let past = [3, 4, 5].map(|unit| Answered { unit: id(unit), resemblance: 90 });
    let found = suggest(&rules, &past, &accused);
    assert_eq!(found.units.iter().map(|one| one.unit).collect::<Vec<_>>(), [id(5)]);
    assert!(found.nearest.iter().all(|failed| failed.conditions == [Condition::UnitComplainedOf]));
}

#[test]
fn of_equal_rules_for_different_units_none_decides() {
    let units = units();
    let decide = |rules: &Rules| match decide(rules, &facts(&units, "")) {
        Decision::Unit(rule, unit) => format!("{} {}", rule.code, units.code(unit)),
        Decision::Tied => "tied".to_owned(),
        Decision::Uncaught => "uncaught".to_owned(),
    };
    let two = |unit, conditions| Rules::new([rule("B", 3, 5, any()), rule("A", unit, 5, conditions)]);
    assert_eq!(decide(&two(5, any())), "tied");
    assert_eq!(decide(&two(3, any())), "A U3");
    assert_eq!(decide(&two(6, any())), "A U3", "its successor");
    assert_eq!(decide(&two(5, field("POST"))), "B U3");
    assert_eq!(decide(&Rules::new([rule("A", 3, 5, field("POST"))])), "uncaught");
    assert_eq!(decide(&Rules::default().changed(&[], vec![rule("NEW", 5, 0, any())])), "NEW U5");
    assert_eq!(decide(&two(5, any()).changed(&["B".to_owned()], Vec::new())), "A U5");
}

#[test]
fn every_fault_of_a_rule_is_named_at_once() {
    let units = units();
    let long = "dài ".repeat(21);
    let given = Given {
        code: "no code".to_owned(),
        focal: "U3".to_owned(),
        unit: "U6".to_owned(),
        priority: 1_001,
        from: Some(at(9)),
        until: Some(at(9)),
        field: "NONE".to_owned(),
        places: ["001*", "0 1", "*", "001*"].map(str::to_owned).into(),
        channels: vec![Channel::Post, Channel::Post],
        all_phrases: vec!["!!".to_owned(), long, "a|b".to_owned()],
        any_phrases: vec!["a".to_owned(); 51],
        ..Given::default()
    };
    let faults = given.rule(among(&units), |field| field == "LAND").unwrap_err();
    let mut named: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    named.dedup_by_key(|field| field.split('[').next().unwrap().to_owned());
    let expected = [
        "focal_unit",
        "code",
        "unit",
        "priority",
        "valid_until",
        "field",
        "places[1]",
        "channels[1]",
        "all_phrases[0]",
        "any_phrases",
    ];
    named.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(named, expected, "{faults:?}");
    let closed = faults.iter().find(|fault| fault.field == "unit").unwrap();
    assert_eq!(closed.what, "is closed; U5 came after it");
    let whole = Given { code: "OK".to_owned(), focal: "U2".to_owned(), unit: "U7".to_owned(), ..Given::default() };
    let rule = whole.rule(among(&units), |_| false).unwrap();
    assert_eq!((rule.unit, Given::of(&rule, &units).unit), (id(7), "U7".to_owned()));
}

proptest! {
    /// What decides is on top of what is suggested; where nothing decides, the top is at odds or empty.
    #[test]
    fn the_decision_is_what_stands_on_top(
        rules in prop::collection::vec((1u128..8, 0u32..4, 0u8..4, prop::option::of(0i64..2_000)), 0..12),
        accused in prop::option::of(1u128..8),
    ) {
        let units = units();
        let facts = Facts { accused: accused.map(id), ..facts(&units, "mot hai ba") };
        let rules = rules.into_iter().enumerate().map(|(n, (unit, priority, asks, until))| {
            let conditions = match asks {
                0 => any(),
                1 => field("LAND"),
                2 => field("POST"),
                _ => Conditions { any_phrases: vec!["hai ba".to_owned()], ..any() },
            };
            Rule { until: until.map(at), ..rule(&format!("R{n}"), unit, priority, conditions) }
        });
        let rules = Rules::new(rules);
        let found = suggest(&rules, &[], &facts);
        prop_assert!(found.units.iter().all(|one| !one.matched.is_empty() && !facts.is_accused(one.unit)));
        let tops: Vec<u32> = found.units.iter().map(|one| one.matched[0].rule.priority).collect();
        prop_assert!(tops.is_sorted_by(|one, other| one >= other));
        match found.decision {
            Decision::Unit(rule, unit) => {
                prop_assert_eq!((unit, rule.priority), (found.units[0].unit, tops[0]));
                prop_assert!(tops.get(1).is_none_or(|next| *next < tops[0]));
            }
            Decision::Tied => prop_assert_eq!(tops[0], tops[1]),
            Decision::Uncaught => prop_assert!(found.units.is_empty()),
        }
        let failed = found.units.iter().flat_map(|one| &one.failed).chain(&found.nearest);
        prop_assert!(failed.into_iter().all(|failed| !failed.conditions.is_empty()));
    }
}
