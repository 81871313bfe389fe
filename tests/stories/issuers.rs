//! Tokens of an OpenID Connect issuer: whom they name, how keys change, and what is never taken.

use hmac::{Hmac, KeyInit as _, Mac as _};
use pakn::{
    domain::words::Role,
    grpc::{self, Options},
    pb::{self, casework_service_client::CaseworkServiceClient},
};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

use super::faces::{Face, refused};
use crate::{
    call,
    issuer_server::{IssuerServer, Key, base64, unsigned},
    on_both,
    world::{World, minutes, pause},
};

/// A face that takes the tokens of an issuer: `more` lines of its configuration.
async fn trusting(world: &World, issuer: &IssuerServer, more: &str) -> (Face, Channel) {
    let face = Face::open(&world.app, options(&issuer.url(), more)).await;
    let channel = face.connect().await;
    (face, channel)
}

fn options(issuer: &str, more: &str) -> Options {
    let issuer: grpc::Issuer =
        toml::from_str(&format!("issuer = '{issuer}'\naudience = 'pakn'\nclaim = 'preferred_username'\n{more}"))
            .unwrap();
    Options { issuers: vec![issuer], ..Options::default() }
}

/// What a token says that is taken.
fn says(world: &World, issuer: &IssuerServer, login: &str) -> Value {
    let now = world.now().timestamp();
    json!({
        "iss": issuer.url(), "aud": "pakn", "sub": "f3a8", "preferred_username": login,
        "iat": now, "nbf": now, "exp": now + 300,
    })
}

fn but(claims: &Value, more: Value) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

async fn lists(channel: &Channel, token: &str) -> Result<(), Status> {
    let mut request = tonic::Request::new(pb::ListPetitionsRequest::default());
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    CaseworkServiceClient::new(channel.clone()).list_petitions(request).await.map(drop)
}

async fn told(channel: &Channel, token: &str) -> Code {
    lists(channel, token).await.err().map_or(Code::Ok, |status| status.code())
}

on_both! {
    /// By each algorithm; and what the account may do stands in the directory, whatever the token says.
    async fn a_token_of_a_trusted_issuer_names_an_account(world: World) {
        for key in [Key::rsa("a", false), Key::p256("b"), Key::ed25519("c")] {
            let issuer = IssuerServer::start(&[&key]).await;
            let (_face, channel) = trusting(&world, &issuer, "").await;
            let claims = says(&world, &issuer, "dispatcher");
            lists(&channel, &key.token(&claims)).await.unwrap();
            lists(&channel, &key.token(&but(&claims, json!({ "aud": ["account", "pakn"] })))).await.unwrap();
            let access = json!({ "typ": "at+jwt", "alg": key.algorithm(), "kid": key.id });
            lists(&channel, &key.token_by(&access, &claims)).await.unwrap();
            let nameless = json!({ "alg": key.algorithm() });
            lists(&channel, &key.token_by(&nameless, &claims)).await.unwrap();
            let boast = but(&says(&world, &issuer, "portal"), json!({ "role": "DISPATCHER", "roles": ["dispatcher", "admin"] }));
            assert_eq!(told(&channel, &key.token(&boast)).await, Code::PermissionDenied);
            // Our own tokens are taken as before.
            let ours = world.dispatcher().ask(pb::ListPetitionsRequest::default());
            CaseworkServiceClient::new(channel).list_petitions(ours).await.unwrap();
        }
    }

    /// Whoever's account is closed is nobody, whatever the issuer says; opened again, somebody without a role.
    async fn who_is_closed_is_nobody(world: World) {
        let key = Key::p256("a");
        let issuer = IssuerServer::start(&[&key]).await;
        let there = world.another_process().await;
        let face = Face::open(&there, options(&issuer.url(), "")).await;
        let channel = face.connect().await;
        let token = key.token(&says(&world, &issuer, "dispatcher"));
        assert_eq!(told(&channel, &token).await, Code::Ok);
        for (closed, expected) in [(true, Code::Unauthenticated), (false, Code::PermissionDenied)] {
            let account = Some(pb::Account { login: "dispatcher".to_owned(), closed, ..pb::Account::default() });
            let update_mask = Some(prost_types::FieldMask { paths: vec!["closed".to_owned()] });
            let update = pb::UpdateAccountRequest { account, update_mask, ..Default::default() };
            call!(world.who("admin"), directory.update_account, update).unwrap();
            there.refresh().await.unwrap();
            assert_eq!(told(&channel, &token).await, expected, "closed: {closed}");
        }
    }

    async fn only_an_account_is_somebody(world: World) {
        let key = Key::p256("a");
        let issuer = IssuerServer::start(&[&key]).await;
        let (_face, channel) = trusting(&world, &issuer, "").await;
        world.add_account("sso.lan", "BTTTT-VP", &[Role::Dispatcher]).await;
        for nobody in ["nobody", "Dispatcher", "dispatcher ", "", "lan", "*"] {
            let token = key.token(&says(&world, &issuer, nobody));
            assert_eq!(told(&channel, &token).await, Code::Unauthenticated, "{nobody:?}");
        }
        // An issuer that is given a part of the logins names none outside it.
        let (_face, channel) = trusting(&world, &issuer, "login_prefix = 'sso.'").await;
        assert_eq!(told(&channel, &key.token(&says(&world, &issuer, "lan"))).await, Code::Ok);
        assert_eq!(told(&channel, &key.token(&says(&world, &issuer, "dispatcher"))).await, Code::Unauthenticated);
    }

    async fn what_does_not_hold_is_not_taken(world: World) {
        let (key, stranger, other) = (Key::rsa("a", false), Key::rsa("a", true), Key::p256("b"));
        let issuer = IssuerServer::start(&[&key, &other]).await;
        let (_face, channel) = trusting(&world, &issuer, "").await;
        let claims = says(&world, &issuer, "dispatcher");
        let (now, good) = (world.now().timestamp(), key.token(&claims));
        lists(&channel, &good).await.unwrap();
        let head = json!({ "typ": "JWT", "alg": "RS256", "kid": "a" });
        let (message, signature) = good.rsplit_once('.').unwrap();
        let (first, _) = message.split_once('.').unwrap();
        let hmac = |alg: &str, secret: &[u8]| {
            let message = unsigned(&json!({ "typ": "JWT", "alg": alg, "kid": "a" }), &claims);
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
            mac.update(message.as_bytes());
            format!("{message}.{}", base64(&mac.finalize().into_bytes()))
        };
        let said = |more: Value| key.token(&but(&claims, more));
        let headed = |more: Value| key.token_by(&but(&head, more), &claims);
        let none = |alg: &str| unsigned(&json!({ "typ": "JWT", "alg": alg }), &claims);
        let bad = [
            ("forged", stranger.token(&claims)),
            ("claims of another", format!("{first}.{}.{signature}", base64(but(&claims, json!({ "preferred_username": "admin" })).to_string().as_bytes()))),
            ("no signature", format!("{message}.")),
            ("half a signature", good[..good.len() - 40].to_owned()),
            ("none", none("none") + "."),
            ("None", none("None") + "."),
            ("none, signed", format!("{}.{signature}", none("none"))),
            ("HS256 by the public key", hmac("HS256", &key.public())),
            ("HS256 by the public key as shown", hmac("HS256", key.shown().to_string().as_bytes())),
            ("HS256 said to be RS256", hmac("RS256", &key.public())),
            ("RS512 in the head", headed(json!({ "alg": "RS512" }))),
            ("ES256 by an RSA key", headed(json!({ "alg": "ES256" }))),
            ("the id of another's key", headed(json!({ "kid": "b" }))),
            ("a key that it brings itself", stranger.token_by(&but(&head, json!({ "jwk": stranger.shown() })), &claims)),
            ("another kind", headed(json!({ "typ": "logout+jwt" }))),
            ("what must be understood", headed(json!({ "crit": ["exp"], "exp": now }))),
            ("expired", said(json!({ "exp": now - 60 }))),
            ("without an end", said(json!({ "exp": null }))),
            ("an end in words", said(json!({ "exp": "2099-01-01" }))),
            ("not valid yet", said(json!({ "nbf": now + 61 }))),
            ("another audience", said(json!({ "aud": "portal" }))),
            ("no audience", said(json!({ "aud": null }))),
            ("another issuer", said(json!({ "iss": "https://sso.example" }))),
            ("almost the issuer", said(json!({ "iss": format!("{}/", issuer.url()) }))),
            ("no issuer", said(json!({ "iss": null }))),
            ("no account", said(json!({ "preferred_username": null }))),
            ("a list of accounts", said(json!({ "preferred_username": ["dispatcher"] }))),
            ("a notice of signing out", said(json!({ "events": {} }))),
            ("huge", said(json!({ "more": "x".repeat(8_192) }))),
            ("no token", "a.b.c".to_owned()),
            ("dots", "..".to_owned()),
        ];
        for (what, token) in bad {
            let refused = lists(&channel, &token).await.expect_err(what);
            assert_eq!((refused.code(), refused.details()), (Code::Unauthenticated, &[][..]), "{what}: {refused:?}");
        }
        lists(&channel, &good).await.expect("the good one still holds");
        assert!(issuer.asked() <= 3, "none of these needs a look at the keys: {}", issuer.asked());
        // To the second, by our clock and the skew.
        world.advance(minutes(6) - chrono::TimeDelta::seconds(1));
        assert_eq!(told(&channel, &good).await, Code::Ok);
        world.advance(chrono::TimeDelta::seconds(1));
        assert_eq!(told(&channel, &good).await, Code::Unauthenticated);
    }

    /// A key for something else signs nothing, even where it is shown.
    async fn keys_are_for_what_they_say(world: World) {
        let key = Key::rsa("a", false);
        let issuer = IssuerServer::start(&[&Key::p256("x")]).await;
        let token = key.token(&says(&world, &issuer, "dispatcher"));
        for more in [json!({ "use": "enc" }), json!({ "alg": "RS512" }), json!({ "alg": "HS256" }), json!({ "key_ops": ["encrypt"] })] {
            issuer.shows(vec![but(&key.shown(), more.clone()), Key::p256("x").shown()]);
            let (_face, channel) = trusting(&world, &issuer, "").await;
            assert_eq!(told(&channel, &token).await, Code::Unauthenticated, "{more}");
        }
        issuer.shows(vec![but(&key.shown(), json!({ "use": null, "alg": null })), json!("no key"), json!({ "kty": "new" })]);
        let (_face, channel) = trusting(&world, &issuer, "").await;
        assert_eq!(told(&channel, &token).await, Code::Ok);
    }

    /// A new key is asked for when a token names it, once however many do; one that is shown no more is gone.
    async fn keys_change(world: World) {
        let (old, new) = (Key::rsa("2026-01", false), Key::rsa("2026-02", true));
        let issuer = IssuerServer::start(&[&old]).await;
        let (_face, channel) = trusting(&world, &issuer, "").await;
        let claims = says(&world, &issuer, "dispatcher");
        lists(&channel, &old.token(&claims)).await.unwrap();
        let before = issuer.asked();
        issuer.shows(vec![old.shown(), new.shown()]);
        let token = new.token(&claims);
        let all = futures::future::join_all((0..20).map(|_| told(&channel, &token))).await;
        assert!(all.iter().all(|code| *code == Code::Ok), "{all:?}");
        assert!(issuer.asked() <= before + 2, "it was asked {} times", issuer.asked() - before);
        lists(&channel, &old.token(&claims)).await.expect("both are shown");
        issuer.shows(vec![new.shown()]);
        // Whoever names keys that there are not makes it look, and not often.
        let before = issuer.asked();
        let unknown = Key::rsa("mislaid", true).token(&claims);
        let all = futures::future::join_all((0..20).map(|_| told(&channel, &unknown))).await;
        assert!(all.iter().all(|code| *code == Code::Unauthenticated), "{all:?}");
        assert!(issuer.asked() <= before + 2, "it was asked {} times", issuer.asked() - before);
        assert_eq!(told(&channel, &old.token(&claims)).await, Code::Unauthenticated, "it is shown no more");
        assert_eq!(told(&channel, &token).await, Code::Ok);
    }

    /// By itself too, without anybody asking.
    async fn keys_are_looked_at_again(world: World) {
        let (old, new) = (Key::ed25519("a"), Key::ed25519("b"));
        let issuer = IssuerServer::start(&[&old]).await;
        let (_face, channel) = trusting(&world, &issuer, "refresh_seconds = 1").await;
        let claims = says(&world, &issuer, "dispatcher");
        lists(&channel, &old.token(&claims)).await.unwrap();
        issuer.shows(vec![new.shown()]);
        let gone = async {
            while told(&channel, &old.token(&claims)).await == Code::Ok {
                pause(50).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(6), gone).await.expect("it is gone by itself");
    }

    /// The service starts without its issuer and goes on without it; who cannot be asked about says to come back.
    async fn an_issuer_that_is_away(world: World) {
        let (key, new) = (Key::p256("a"), Key::p256("b"));
        let issuer = IssuerServer::start(&[&key]).await;
        issuer.goes();
        let (_face, channel) = trusting(&world, &issuer, "").await;
        let claims = says(&world, &issuer, "dispatcher");
        let ours = world.dispatcher().ask(pb::ListPetitionsRequest::default());
        CaseworkServiceClient::new(channel.clone()).list_petitions(ours).await.expect("our own tokens are taken");
        let away = lists(&channel, &key.token(&claims)).await.unwrap_err();
        let told_when = away.get_details_retry_info().and_then(|info| info.retry_delay).is_some();
        assert_eq!((away.code(), told_when), (Code::Unavailable, true), "{away:?}");
        // What is bad whoever signed it is bad.
        assert_eq!(told(&channel, &key.token(&but(&claims, json!({ "aud": "portal" })))).await, Code::Unauthenticated);
        issuer.comes_back().await;
        assert_eq!(told(&channel, &key.token(&claims)).await, Code::Ok);
        issuer.goes();
        assert_eq!(told(&channel, &key.token(&claims)).await, Code::Ok, "a key that is known goes on");
        assert_eq!(told(&channel, &new.token(&claims)).await, Code::Unavailable, "it might be a new one");
        assert_eq!(told(&channel, &key.token(&claims)).await, Code::Ok);
    }

    /// Whoever answers in its place is not it.
    async fn another_issuer_in_its_place(world: World) {
        let key = Key::p256("a");
        let issuer = IssuerServer::start(&[&key]).await;
        issuer.says_it_is("http://127.0.0.1:1");
        let (_face, channel) = trusting(&world, &issuer, "").await;
        assert_eq!(told(&channel, &key.token(&says(&world, &issuer, "dispatcher"))).await, Code::Unavailable);
    }

    /// An account that goes is out on every process within five seconds, whatever its token says; without its roles
    /// it may do nothing.
    async fn the_directory_has_the_last_word(world: World) {
        let key = Key::ed25519("a");
        let issuer = IssuerServer::start(&[&key]).await;
        let other = world.another_process().await;
        let face = Face::open(&other, options(&issuer.url(), "")).await;
        let channel = face.connect().await;
        let (dispatcher, supervisor): (String, String) = ["dispatcher", "supervisor"].map(|login| key.token(&says(&world, &issuer, login))).into();
        lists(&channel, &dispatcher).await.unwrap();
        lists(&channel, &supervisor).await.unwrap();
        let database = world.database().await;
        let of = "(select id from account where login = 'supervisor')";
        for gone in [
            "delete from account_grant where account = (select id from account where login = 'dispatcher')".to_owned(),
            format!("delete from account_grant where account = {of}"),
            format!("delete from token where account = {of}"),
            "delete from account where login = 'supervisor'".to_owned(),
        ] {
            assert!(database.execute_unprepared(&gone).await.unwrap().rows_affected() > 0, "{gone}");
        }
        database.execute_unprepared("update reference set version = version + 1 where id = 1").await.unwrap();
        // As every process does each second.
        other.refresh().await.unwrap();
        assert_eq!(told(&channel, &dispatcher).await, Code::PermissionDenied);
        assert_eq!(told(&channel, &supervisor).await, Code::Unauthenticated);
    }
}

/// What an issuer cannot be is told before the face opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_an_issuer_opens_nothing() {
    let world = World::on_sqlite().await;
    let told = async |options: Options| refused(&world.app, options).await.to_string();
    let plain = told(options("http://sso.example", "")).await;
    assert!(plain.contains("grpc.issuers: http://sso.example") && plain.contains("https://"), "{plain}");
    let mislaid = told(options("https://sso.example", "ca = '/nowhere/ca.pem'")).await;
    assert!(mislaid.contains("cannot read /nowhere/ca.pem"), "{mislaid}");
    let skew = told(options("https://sso.example", "skew_seconds = 301")).await;
    assert!(skew.contains("skew_seconds is 300 at the most"), "{skew}");
    let mut twice = options("https://sso.example", "");
    twice.issuers.push(twice.issuers[0].clone());
    assert!(told(twice).await.contains("is there twice"));
    // One that is before nothing can name anybody; so with one that another's begins with.
    for (one, other, may) in [("", "", false), ("", "b.", false), ("a.", "a.b.", false), ("a.", "b.", true)] {
        let mut two = options("https://sso.example", &format!("login_prefix = '{one}'"));
        two.issuers.extend(options("https://other.example", &format!("login_prefix = '{other}'")).issuers);
        if may {
            Face::open(&world.app, two).await;
        } else {
            let shared = told(two).await;
            assert!(shared.contains("login_prefix begins that of another issuer"), "{one} {other}: {shared}");
        }
    }
    let mut nobody = options("https://sso.example", "");
    nobody.issuers[0].audience.clear();
    assert!(told(nobody).await.contains("audience and claim must not be empty"));
}
