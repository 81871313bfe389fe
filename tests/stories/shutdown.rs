//! Stopping: whoever watches is told, and nothing that only watches holds it up.

use std::time::Duration;

use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::on_both;

on_both! {
    /// Well before the deadline at which requests in progress would be cut off.
    async fn who_watches_is_told_and_let_go(world: World) {
        let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{}", world.address)).unwrap();
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
}
