//! How often the face lets itself be called: by token, by address, by a portal's end user, and by whoever fails to be
//! anybody. Whoever calls too often is told when to come back, and nobody else feels it.

use std::time::Duration;

use pakn::{
    grpc::{Limits, Options, Rate},
    pb::{self, casework_service_client::CaseworkServiceClient, public_service_client::PublicServiceClient},
};
use tonic::{Code, Request, Status, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;

use super::faces::{Face, refused};
use crate::{on_both, world::World};

/// So few that no test lasts long enough for one more.
const FEW: Rate = Rate { a_second: 0.01, burst: 3 };
const NO_LIMIT: Rate = Rate { a_second: 0.0, burst: 0 };

fn limits() -> Limits {
    Limits {
        token: NO_LIMIT,
        address: NO_LIMIT,
        anonymous: NO_LIMIT,
        end_user: NO_LIMIT,
        failures: NO_LIMIT,
        limit_loopback: true,
    }
}

async fn opens(world: &World, rates: Limits) -> (Face, Channel) {
    let face = Face::open(&world.app, Options { rates, ..Options::default() }).await;
    let channel = face.connect().await;
    (face, channel)
}

/// Metadata of a call.
type More<'m> = &'m [(&'static str, &'m str)];

fn with<T>(mut request: Request<T>, more: More<'_>) -> Request<T> {
    for (name, value) in more {
        request.metadata_mut().append(*name, value.parse().unwrap());
    }
    request
}

/// Needs a token.
async fn lists(channel: &Channel, world: &World, login: &str, more: More<'_>) -> Result<(), Status> {
    let ask = match login {
        "" => Request::new(pb::ListPetitionsRequest::default()),
        login => world.who(login).ask(pb::ListPetitionsRequest::default()),
    };
    CaseworkServiceClient::new(channel.clone()).list_petitions(with(ask, more)).await.map(drop)
}

/// Needs none.
async fn looks(channel: &Channel, ask: Request<pb::ListFieldsRequest>) -> Result<(), Status> {
    PublicServiceClient::new(channel.clone()).list_fields(ask).await.map(drop)
}

fn nobody() -> Request<pb::ListFieldsRequest> {
    Request::new(pb::ListFieldsRequest::default())
}

/// Whether a call was let through; one that was not says when to come back, and no more.
fn through(ended: Result<(), Status>) -> bool {
    match ended {
        Err(refused) if refused.code() == Code::ResourceExhausted => {
            let wait = refused.get_details_retry_info().and_then(|info| info.retry_delay).expect("it says when");
            assert!(wait > Duration::ZERO && wait <= Duration::from_millis(100_001), "{wait:?}");
            assert!(refused.message().starts_with("too many calls"), "{refused:?}");
            false
        }
        ended => {
            ended.unwrap();
            true
        }
    }
}

on_both! {
    /// Two tokens of one account are two; the wait that was told is enough.
    async fn a_token_has_its_share(world: World) {
        let (_face, channel) = opens(&world, Limits { token: FEW, ..limits() }).await;
        for _ in 0..3 {
            assert!(through(lists(&channel, &world, "dispatcher", &[]).await));
        }
        assert!(!through(lists(&channel, &world, "dispatcher", &[]).await));
        assert!(through(lists(&channel, &world, "supervisor", &[]).await), "another's token");
        let account = world.app.reference().logins["dispatcher"];
        let (token, secret) = world.app.new_token(account, "second".to_owned(), 1);
        world.app.direct_as(None, &[pakn::app::DirectoryStep::Token(token)]).await.unwrap();
        let second = format!("Bearer {secret}");
        assert!(through(lists(&channel, &world, "", &[("authorization", second.as_str())]).await), "another token");
        // What needs no token takes from the same share where one is shown.
        let shown = world.dispatcher().ask(pb::ListFieldsRequest::default());
        assert!(!through(looks(&channel, shown).await));
        assert!(through(looks(&channel, nobody()).await));
    }

    /// The wait that is told is enough, and hardly more.
    async fn whoever_comes_back_when_told_is_heard(world: World) {
        let (_face, channel) = opens(&world, Limits { token: Rate { a_second: 0.5, burst: 1 }, ..limits() }).await;
        lists(&channel, &world, "dispatcher", &[]).await.unwrap();
        let refused = lists(&channel, &world, "dispatcher", &[]).await.unwrap_err();
        let wait = refused.get_details_retry_info().unwrap().retry_delay.unwrap();
        assert!(wait <= Duration::from_millis(2_001) && !through(Err(refused)), "{wait:?}");
        tokio::time::sleep(wait).await;
        assert!(through(lists(&channel, &world, "dispatcher", &[]).await));
    }

    async fn an_address_has_its_share(world: World) {
        let (face, channel) = opens(&world, Limits { address: FEW, ..limits() }).await;
        assert!(through(lists(&channel, &world, "dispatcher", &[]).await));
        assert!(through(looks(&channel, nobody()).await));
        assert!(through(lists(&face.connect().await, &world, "supervisor", &[]).await));
        assert!(!through(lists(&channel, &world, "admin", &[]).await));
        // Nobody but a proxy of ours is believed.
        assert!(!through(looks(&channel, with(nobody(), &[("x-forwarded-for", "203.0.113.9")])).await));
        let mut health = HealthClient::new(channel);
        health.check(HealthCheckRequest { service: String::new() }).await.expect("health is told");
    }

    /// Unless it is said otherwise, this machine's own addresses are not limited, and known callers by no address.
    async fn what_is_limited_by_itself(world: World) {
        let channel = world.channel();
        let many = futures::future::join_all((0..300).map(|_| looks(&channel, nobody()))).await;
        assert!(many.into_iter().all(through), "loopback");
        let options = Options { trusted_proxies: vec!["127.0.0.0/8".to_owned()], ..Options::default() };
        let face = Face::open(&world.app, options).await;
        let channel = face.connect().await;
        let from = [("x-forwarded-for", "198.51.100.7, 203.0.113.9")];
        let many = futures::future::join_all((0..600).map(|_| looks(&channel, with(nobody(), &from)))).await;
        let passed = many.into_iter().map(through).filter(|through| *through).count();
        assert!((200..590).contains(&passed), "{passed}");
        assert!(through(looks(&channel, with(nobody(), &[("x-forwarded-for", "203.0.113.10")])).await), "another's");
        let known = world.dispatcher().ask(pb::ListFieldsRequest::default());
        assert!(through(looks(&channel, with(known, &from)).await), "whoever shows a token is not nobody");
    }

    async fn callers_without_a_token_have_a_share(world: World) {
        let (_face, channel) = opens(&world, Limits { anonymous: FEW, ..limits() }).await;
        for _ in 0..3 {
            assert!(through(looks(&channel, nobody()).await));
        }
        assert!(!through(looks(&channel, nobody()).await));
        // A token that is none is none.
        assert!(!through(looks(&channel, with(nobody(), &[("authorization", "Bearer pakn_0")])).await));
        assert!(!through(looks(&channel, with(nobody(), &[("authorization", "Bearer a.b.c")])).await));
        for _ in 0..5 {
            assert!(through(looks(&channel, world.citizen().ask(pb::ListFieldsRequest::default())).await));
            assert!(through(lists(&channel, &world, "dispatcher", &[]).await));
        }
    }

    /// One end user who calls too often hurts no other, not the portal, and not who is called the same elsewhere.
    async fn an_end_user_has_a_share(world: World) {
        let (_face, channel) = opens(&world, Limits { end_user: FEW, token: Rate { a_second: 0.01, burst: 9 }, ..limits() }).await;
        let lan = [("x-end-user", "lan@example.vn")];
        for _ in 0..3 {
            assert!(through(lists(&channel, &world, "dispatcher", &lan).await));
        }
        for _ in 0..20 {
            assert!(!through(lists(&channel, &world, "dispatcher", &lan).await));
        }
        let refused = lists(&channel, &world, "dispatcher", &lan).await.unwrap_err();
        assert!(!format!("{refused:?}").contains("lan@"), "{refused:?}");
        assert!(through(lists(&channel, &world, "dispatcher", &[("x-end-user", "hoa@example.vn")]).await));
        assert!(through(lists(&channel, &world, "dispatcher", &[]).await), "the portal itself");
        assert!(through(lists(&channel, &world, "supervisor", &lan).await), "of another portal");
        // Whoever is nobody names nobody.
        for _ in 0..5 {
            assert!(through(looks(&channel, with(nobody(), &lan)).await));
        }
    }

    /// Whoever fails to be anybody too often is told so, and whoever is somebody at the same address is heard.
    async fn failures_have_a_limit(world: World) {
        let (_face, channel) = opens(&world, Limits { failures: FEW, ..limits() }).await;
        for bad in ["Bearer pakn_0", "Bearer ", "Basic cGFrbg=="] {
            let refused = lists(&channel, &world, "", &[("authorization", bad)]).await.unwrap_err();
            assert_eq!(refused.code(), Code::Unauthenticated, "{bad}");
        }
        assert!(!through(lists(&channel, &world, "", &[]).await));
        assert!(!through(lists(&channel, &world, "", &[("authorization", "Bearer pakn_1")]).await));
        for _ in 0..5 {
            assert!(through(lists(&channel, &world, "dispatcher", &[]).await));
        }
        // To be somebody who may not is no failure.
        for _ in 0..5 {
            assert_eq!(lists(&channel, &world, "portal", &[]).await.unwrap_err().code(), Code::PermissionDenied);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_opens_nothing() {
    let world = World::on_sqlite().await;
    for wrong in ["proxy.example", "10.0.0.0/40", ""] {
        let error =
            refused(&world.app, Options { trusted_proxies: vec![wrong.to_owned()], ..Options::default() }).await;
        assert!(error.to_string().starts_with("grpc.trusted_proxies"), "{error}");
    }
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        let rates = Limits { token: Rate { a_second: wrong, burst: 0 }, ..limits() };
        let error = refused(&world.app, Options { rates, ..Options::default() }).await;
        assert_eq!(error.to_string(), "grpc.rates: a_second must be a number from 0 on");
    }
}
