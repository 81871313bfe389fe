//! Stopping: whoever watches is told, and nothing that only watches holds it up.

use std::time::{Duration, Instant};

use pakn::{
    grpc::{self, Options},
    pb::intake_service_client::IntakeServiceClient,
};
use tonic::{Code, transport::Endpoint};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{ServerReflectionRequest, server_reflection_client::ServerReflectionClient};

use crate::{
    faces::hold,
    on_both,
    world::{feedback, pause},
};

on_both! {
    /// Well before the deadline at which requests in progress would be cut off.
    async fn who_watches_is_told_and_let_go(world: World) {
        let endpoint = Endpoint::from_shared(format!("http://{}", world.address)).unwrap();
        let mut health = HealthClient::new(endpoint.connect().await.unwrap());
        let service = "pakn.v1.IntakeService".to_owned();
        let mut watching = health.watch(HealthCheckRequest { service }).await.unwrap().into_inner();
        let told = watching.message().await.unwrap().unwrap();
        assert_eq!(told.status(), ServingStatus::Serving);
        let stopped = world.stop();
        let told = watching.message().await.unwrap().unwrap();
        assert_eq!(told.status(), ServingStatus::NotServing);
        assert!(watching.message().await.unwrap().is_none(), "the watching ends");
        tokio::time::timeout(Duration::from_secs(5), stopped).await.expect("it stops").unwrap();
    }

    /// A call that is held, and a stream that nobody reads, keep the server no longer than the deadline. Whoever called is
    /// told; what was acknowledged is there, and what was not is there whole or not at all.
    async fn what_is_held_is_cut_off_at_the_deadline(world: World) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let options = Options { shutdown_seconds: 1.try_into().unwrap(), ..Options::default() };
        let app = world.app.clone();
        let serving = tokio::spawn(async move {
            grpc::serve(app, &options, listener, async { stopped.await.unwrap_or(()) }).await
        });
        let connect = async || Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
        let citizen = world.citizen();
        let submit = async || {
            let request = citizen.ask(feedback());
            IntakeServiceClient::new(connect().await).submit_petition(request).await
        };
        let kept = submit().await.unwrap().into_inner();
        let (asking, idle) = tokio::sync::mpsc::channel::<ServerReflectionRequest>(1);
        let mut reflection = ServerReflectionClient::new(connect().await);
        let mut watching = tokio::spawn(async move {
            let asked = futures::stream::unfold(idle, async |mut idle| idle.recv().await.map(|ask| (ask, idle)));
            reflection.server_reflection_info(asked).await
        });
        let slow = hold(&world).await;
        let stopping = async {
            pause(300).await;
            let begun = Instant::now();
            stop.send(()).unwrap();
            tokio::time::timeout(Duration::from_secs(8), serving).await.expect("it stops").unwrap().unwrap();
            begun.elapsed()
        };
        let calling = async {
            let begun = Instant::now();
            (submit().await, begun.elapsed())
        };
        let ((held, waited), took) = futures::future::join(calling, stopping).await;
        assert_eq!(held.unwrap_err().code(), Code::Unavailable);
        assert!(waited < Duration::from_secs(5), "told at the deadline, not when the database gives up: {waited:?}");
        assert!((1_000..5_000).contains(&took.as_millis()), "{took:?}");
        let _ = tokio::time::timeout(Duration::from_millis(10), &mut watching).await;
        drop((asking, watching));
        slow.rollback().await.unwrap();
        pause(300).await;
        let verified = world.app.verify_offline(None).await.unwrap();
        assert_eq!(verified.broken, None);
        assert!((1..=2).contains(&verified.petitions), "{verified:?}");
        assert_eq!(world.dispatcher().reads(&kept.code).await.unwrap().content, feedback().content);
    }
}
