//! Mutual TLS: a connection speaks for the account that its certificate is written down for, and for no other.

use pakn::{
    grpc::{self, ClientCertificate, Options},
    pb::{self, casework_service_client::CaseworkServiceClient, intake_service_client::IntakeServiceClient},
};
use tonic::{
    Code, Request, Status,
    transport::{Channel, Endpoint, Error, Identity},
};

use super::{
    faces::{Face, refused},
    tls::Authority,
};
use crate::{
    on_both,
    world::{World, feedback},
};

fn options(authority: &Authority, certificates: &[ClientCertificate]) -> Options {
    Options {
        tls_client_ca: Some(authority.file("ca.pem")),
        client_certificates: certificates.to_vec(),
        ..authority.options()
    }
}

fn named(name: &str, account: &str) -> ClientCertificate {
    ClientCertificate { name: Some(name.to_owned()), account: account.to_owned(), ..ClientCertificate::default() }
}

async fn connects(authority: &Authority, face: &Face, identity: Option<&Identity>) -> Result<Channel, Error> {
    let mut tls = authority.trusted();
    if let Some(identity) = identity {
        tls = tls.identity(identity.clone());
    }
    Endpoint::from_shared(format!("https://{}", face.address)).unwrap().tls_config(tls).unwrap().connect().await
}

async fn lists(channel: &Channel, ask: Request<pb::ListPetitionsRequest>) -> Result<(), Status> {
    CaseworkServiceClient::new(channel.clone()).list_petitions(ask).await.map(drop)
}

/// How listing ends without a token.
async fn told(channel: &Channel) -> Code {
    lists(channel, Request::new(pb::ListPetitionsRequest::default()))
        .await
        .err()
        .map_or(Code::Ok, |status| status.code())
}

on_both! {
    /// By a host, an address, a URI, the subject or the fingerprint: without a token, and as that account.
    async fn a_certificate_speaks_for_its_account(world: World) {
        let authority = Authority::new();
        let (identity, digest) = authority.signs_for_client("Portal 1", &["portal.example", "it@portal.example", "spiffe://portal/1"]);
        let marks = [
            named("Portal.Example", "dispatcher"),
            named("it@portal.example", "dispatcher"),
            named("spiffe://portal/1", "dispatcher"),
            ClientCertificate { common_name: Some("Portal 1".to_owned()), ..named("", "dispatcher") },
            ClientCertificate { sha256: Some(digest.to_uppercase()), ..named("", "dispatcher") },
        ];
        for mut mark in marks {
            mark.name = mark.name.filter(|name| !name.is_empty());
            let face = Face::open(&world.app, options(&authority, &[named("other.example", "admin"), mark.clone()])).await;
            let channel = connects(&authority, &face, Some(&identity)).await.unwrap();
            assert_eq!(told(&channel).await, Code::Ok, "{mark:?}");
            // It has the roles of the account, and no others.
            let refused = IntakeServiceClient::new(channel).submit_petition(Request::new(feedback())).await.unwrap_err();
            assert_eq!(refused.code(), Code::PermissionDenied, "{mark:?}");
        }
    }

    /// A token goes first, and must be of the same account; without a certificate all is as without mutual TLS.
    async fn a_token_beside_a_certificate(world: World) {
        let authority = Authority::new();
        let (identity, _) = authority.signs_for_client("a", &["portal.example"]);
        let face = Face::open(&world.app, options(&authority, &[named("portal.example", "portal")])).await;
        let channel = connects(&authority, &face, Some(&identity)).await.unwrap();
        let ask = |login: &str| world.who(login).ask(feedback());
        let mut intake = IntakeServiceClient::new(channel.clone());
        intake.submit_petition(Request::new(feedback())).await.unwrap();
        intake.submit_petition(ask("portal")).await.unwrap();
        let other = lists(&channel, world.dispatcher().ask(pb::ListPetitionsRequest::default())).await.unwrap_err();
        assert_eq!(other.code(), Code::Unauthenticated, "{other:?}");
        assert!(other.message().contains("different accounts"), "{other:?}");
        let mut bad = Request::new(feedback());
        bad.metadata_mut().insert("authorization", "Bearer pakn_0".parse().unwrap());
        assert_eq!(intake.submit_petition(bad).await.unwrap_err().code(), Code::Unauthenticated, "it is not made good");
        let plain = connects(&authority, &face, None).await.unwrap();
        assert_eq!(told(&plain).await, Code::Unauthenticated);
        lists(&plain, world.dispatcher().ask(pb::ListPetitionsRequest::default())).await.unwrap();
    }

    /// Signed by the authority and written down for nobody: it opens the door and names nobody.
    async fn a_certificate_of_nobody(world: World) {
        let authority = Authority::new();
        let options = Options {
            tls_client_required: true,
            ..options(&authority, &[named("portal.example", "portal"), named("gone.example", "nobody")])
        };
        let face = Face::open(&world.app, options).await;
        for names in [&["else.example"][..], &["portal.example.evil.example"], &["sub.portal.example"], &[], &["gone.example"]] {
            let (identity, _) = authority.signs_for_client("portal.example", names);
            let channel = connects(&authority, &face, Some(&identity)).await.unwrap();
            assert_eq!(told(&channel).await, Code::Unauthenticated, "{names:?}");
            let listed = lists(&channel, world.dispatcher().ask(pb::ListPetitionsRequest::default())).await;
            // Where the account that it is written down for is gone, no other may use it.
            assert_eq!(listed.is_ok(), names != ["gone.example"], "{names:?}: {listed:?}");
        }
    }

    /// Whoever brings none where it is required, or one of another authority, is not let in at all.
    async fn strangers_are_not_let_in(world: World) {
        let (authority, another) = (Authority::new(), Authority::new());
        let mut options = options(&authority, &[named("portal.example", "dispatcher")]);
        let (forged, _) = another.signs_for_client("a", &["portal.example"]);
        let (identity, _) = authority.signs_for_client("a", &["portal.example"]);
        for required in [false, true] {
            options.tls_client_required = required;
            let face = Face::open(&world.app, options.clone()).await;
            for (stranger, let_in) in [(Some(&forged), false), (None, !required), (Some(&identity), true)] {
                let got_through = match connects(&authority, &face, stranger).await {
                    Ok(channel) => told(&channel).await != Code::Unavailable && {
                        let listed = lists(&channel, world.dispatcher().ask(pb::ListPetitionsRequest::default())).await;
                        listed.is_ok()
                    },
                    Err(_) => false,
                };
                assert_eq!(got_through, let_in, "required: {required}, with one: {}", stranger.is_some());
            }
        }
    }

    /// A connection that outlives its certificate speaks for nobody.
    async fn a_certificate_ends(world: World) {
        let authority = Authority::new();
        let (identity, _) = authority.signs_for_client("a", &["portal.example"]);
        let face = Face::open(&world.app, options(&authority, &[named("portal.example", "dispatcher")])).await;
        let channel = connects(&authority, &face, Some(&identity)).await.unwrap();
        assert_eq!(told(&channel).await, Code::Ok);
        world.when("4096-01-02 09:00");
        assert_eq!(told(&channel).await, Code::Unauthenticated);
    }
}

/// Better closed than open to whoever comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_of_it_opens_nothing() {
    let world = World::on_sqlite().await;
    let authority = Authority::new();
    let whole = options(&authority, &[named("portal.example", "portal")]);
    let told = "grpc.tls_client_required and grpc.client_certificates need grpc.tls_client_ca, and that needs TLS";
    for half in [
        Options { tls_client_ca: None, ..whole.clone() },
        Options { tls_client_ca: None, client_certificates: Vec::new(), tls_client_required: true, ..whole.clone() },
        Options { tls_certificate: None, tls_key: None, ..whole.clone() },
    ] {
        assert_eq!(refused(&world.app, half).await.to_string(), told);
    }
    let error = refused(&world.app, options(&authority, &[named("", "portal")])).await;
    assert_eq!(error.to_string(), "grpc.client_certificates: each needs one of sha256, name and common_name");
    let error = refused(&world.app, Options { tls_client_ca: Some(authority.file("tls.key")), ..whole }).await;
    assert!(matches!(error, grpc::Error::Transport(_)), "{error:?}");
}
