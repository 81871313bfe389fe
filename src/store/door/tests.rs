//! What becomes of a batch that fails, on a real database.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sea_orm::{ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, TransactionTrait as _};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::{
    domain::{
        account::{Account, Grant},
        change::Request,
        command::{Command, Submit},
        decide::{Context, decide, submit},
        ids::{AccountId, GrantId, Source, UnitId},
        petition::Petition,
        petitioner::Petitioner,
        reference::Reference,
        text::Submission,
        time::{Instant, Zone},
        unit::Unit,
        words::{Channel, Kind, Language, Medium, PetitionerType, Role, UnitLevel, UnitState},
    },
    store::{Direction, DirectoryStep, Keys, Store, connect::immediate, entity},
};

/// Counts.
struct Draws(AtomicU64);

impl Source for Draws {
    fn id(&self, _: Instant) -> Uuid {
        Uuid::from_u128(self.0.fetch_add(1, Ordering::Relaxed).into())
    }

    fn random(&self) -> [u8; 16] {
        // A tracking code is made of the first bytes.
        let mut random = [0; 16];
        random[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        random
    }
}

/// A database with one unit and one account in it.
struct House {
    store: Store,
    reference: Arc<Reference>,
    account: AccountId,
    draws: Draws,
    _folder: TempDir,
}

fn now() -> Instant {
    Instant::from_timestamp(1_795_230_000, 0).unwrap()
}

async fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/pakn.db", folder.path().display());
    Store::migrate(&url).await.unwrap();
    let options = Options { acquire_seconds: 1, ..Options::default() };
    let store = Store::open(&url, &options, Zone(chrono_tz::Asia::Ho_Chi_Minh), Keys::none()).await.unwrap();
    let draws = Draws(AtomicU64::new(1));
    let (unit, account) = (UnitId(draws.id(now())), AccountId(draws.id(now())));
    let steps = [
        DirectoryStep::Unit(Unit {
            id: unit,
            code: "VP".to_owned(),
            parent: None,
            level: UnitLevel::Ministry,
            name: "Văn phòng".to_owned(),
            national_code: String::new(),
            short_name: String::new(),
            name_en: String::new(),
            short_name_en: String::new(),
            mailbox: String::new(),
            focal: true,
            valid_from: None,
            closed_on: None,
            state: UnitState::Open,
            successors: None,
        }),
        DirectoryStep::Account(Account {
            id: account,
            login: "an".to_owned(),
            unit,
            name: "An".to_owned(),
            email: String::new(),
            closed_at: None,
            former: Vec::new(),
        }),
        DirectoryStep::Grant(Grant {
            id: GrantId(draws.id(now())),
            account,
            role: Role::Portal,
            unit,
            from: None,
            until: None,
        }),
        DirectoryStep::Grant(Grant {
            id: GrantId(draws.id(now())),
            account,
            role: Role::Dispatcher,
            unit,
            from: None,
            until: None,
        }),
    ];
    store.direct(&steps, &Direction::default(), now()).await.unwrap();
    House { reference: store.reference(), store, account, draws, _folder: folder }
}

impl House {
    fn context<'a>(&'a self, actor: &'a crate::domain::account::Actor) -> Context<'a> {
        Context {
            now: now(),
            actor,
            reference: &self.reference,
            source: &self.draws,
            version: None,
            request: None,
            delivered: None,
        }
    }

    /// A petition's first change.
    fn submission(&self) -> Change {
        let command = Submit {
            kind: Kind::Feedback,
            class: None,
            field: None,
            channel: Channel::Portal,
            submission: Submission { title: "Mạng chậm".to_owned(), ..Submission::default() },
            petitioner: Petitioner {
                kind: PetitionerType::Individual,
                name: "Lan".to_owned(),
                email: String::new(),
                phone: String::new(),
                address: "Huế".to_owned(),
                representative: String::new(),
                signatories: 1,
                consents: Vec::new(),
                portal_user: None,
            },
            medium: Medium::Portal,
            language: Language::Vi,
            received_at: None,
            focal: None,
        };
        let actor = self.reference.actor(self.account, now()).unwrap();
        let mut change = submit(command, &self.context(&actor)).unwrap();
        // No master key is given here.
        change.subjects[0].petitioner = None;
        change
    }

    /// A note on a petition.
    fn note(&self, petition: &Petition) -> Change {
        let actor = self.reference.actor(self.account, now()).unwrap();
        decide(petition, Command::AddNote { text: "Đã gọi.".to_owned() }, &self.context(&actor)).unwrap()
    }

    /// Hands changes over as a batch that failed; what their callers are told.
    async fn failed(&self, changes: Vec<Change>) -> Vec<Result<Change, Lost>> {
        let (mut batch, mut answers) = (Vec::new(), Vec::new());
        for change in changes {
            let (answer, answered) = oneshot::channel();
            batch.push(Waiting { change, answer });
            answers.push(answered);
        }
        each_alone(&self.store.connections, batch, DbErr::Custom("the line broke".to_owned())).await;
        join_all(answers).await.into_iter().map(|answer| answer.unwrap()).collect()
    }

    async fn events(&self) -> u64 {
        entity::event::Entity::find().count(&self.store.connections.read).await.unwrap()
    }
}

fn petition(change: &Change) -> Petition {
    change.subjects[0].after.clone()
}

/// Through the door itself: the database refuses one of a group.
#[tokio::test]
async fn one_bad_change_takes_no_other_down() {
    let house = house().await;
    let changes: Vec<Change> = (0..5).map(|_| house.submission()).collect();
    let bad = petition(&changes[2]).id.0.simple().to_string();
    let trigger = format!(
        "create trigger bad before insert on event when lower(hex(new.petition)) = '{bad}' \
         begin select raise(abort, 'not this one'); end"
    );
    house.store.connections.write.execute_unprepared(&trigger).await.unwrap();
    let became = house.store.commit_all(changes).await;
    for (place, became) in became.iter().enumerate() {
        match became {
            Ok(_) => assert_ne!(place, 2),
            Err(Lost::Failed(error)) => assert!(place == 2 && !error.transient(), "{place}: {error:?}"),
            Err(lost) => panic!("{place}: {lost:?}"),
        }
    }
    assert_eq!(house.events().await, 4);
}

/// The line broke after the commit: the callers are told that it is done, and it is not done again; also where the
/// petition has moved on meanwhile.
#[tokio::test]
async fn what_is_durable_is_not_done_twice() {
    let house = house().await;
    let written = house.store.commit(house.submission()).await.unwrap();
    let note = house.store.commit(house.note(&petition(&written))).await.unwrap();
    let another = house.store.commit(house.note(&petition(&note))).await.unwrap();
    for batch in [vec![note.clone()], vec![note.clone(), house.submission()], vec![another, house.submission()]] {
        let became = house.failed(batch).await;
        assert!(became.iter().all(Result::is_ok), "{became:?}");
    }
    assert_eq!(house.events().await, 5);
    // Another note upon the same petition as it was is no such change.
    let other = house.note(&petition(&written));
    let became = house.failed(vec![other, house.submission()]).await;
    assert!(matches!(became[..], [Err(Lost::Moved), Ok(_)]), "{became:?}");
}

/// Whether it was written cannot be asked: it is not run again, and the caller is told to come back.
#[tokio::test]
async fn what_nobody_can_tell_of_is_not_run_again() {
    let house = house().await;
    let write = house.store.connections.write.clone();
    let holding = write.begin_with_options(immediate()).await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        holding.rollback().await.unwrap();
    };
    let (became, ()) = tokio::join!(house.failed(vec![house.submission(), house.submission()]), release);
    let [Err(Lost::Failed(error)), Ok(_)] = &became[..] else { panic!("{became:?}") };
    assert!(error.transient(), "{error:?}");
    assert_eq!(house.events().await, 1);
}

/// A tracking code that is taken keeps nobody else from being taken in.
#[tokio::test]
async fn a_code_that_is_taken_is_drawn_again() {
    let house = house().await;
    let first = house.store.commit(house.submission()).await.unwrap();
    let (mut second, third) = (house.submission(), house.submission());
    second.subjects[0].after.code = petition(&first).code;
    let became = house.store.commit_all(vec![second, third]).await;
    assert!(matches!(became[..], [Err(Lost::CodeTaken), Ok(_)]), "{became:?}");
    assert_eq!(house.events().await, 2);
}

/// A request id that is taken keeps nobody else from being taken in: neither who has another, nor whose is the same by
/// chance.
#[tokio::test]
async fn an_id_that_is_taken_is_lost_alone() {
    let house = house().await;
    let ask = |account, id| {
        let request = Request { account, rpc: "SubmitPetition", id: Uuid::from_u128(id), content: [0; 32], at: now() };
        Change { request: Some(request), ..house.submission() }
    };
    let (own, other) = (house.account.0, Uuid::from_u128(99));
    house.store.commit(ask(own, 1)).await.unwrap();
    let became = house.store.commit_all(vec![ask(own, 1), ask(other, 1), ask(own, 2), ask(own, 2)]).await;
    assert!(matches!(became[..], [Err(Lost::Requested), Ok(_), Ok(_), Err(Lost::Requested)]), "{became:?}");
    assert_eq!(house.events().await, 3);
}
