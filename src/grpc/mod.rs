//! A face: gRPC. The contract's messages become commands, views become messages, errors become statuses.
//! No rule is decided here.

mod caller;
mod casework;
mod certificate;
mod credential;
mod deadline;
mod delivery;
mod directory;
mod intake;
mod issuer;
mod malformed;
mod options;
mod publication;
mod rates;
mod status;
mod supervision;
mod wire;

use std::{future::Future, sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tonic::{
    Response, Status,
    transport::{Certificate, Identity, Server, ServerTlsConfig, server::TcpIncoming},
};
use tonic_health::server::HealthReporter;
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use self::{
    caller::Authenticate,
    casework::Casework,
    certificate::Certificates,
    credential::Vouchers,
    deadline::Deadline,
    delivery::Delivery,
    directory::Directory,
    intake::Intake,
    issuer::Issuers,
    publication::{Public, Publication},
    rates::Rates,
    supervision::Supervision,
};
pub use self::{
    certificate::Options as ClientCertificate,
    issuer::Options as Issuer,
    options::Options,
    rates::{Options as Limits, Rate},
    wire::explanation,
};
use crate::{app::App, pb};

/// What an RPC gives.
type Answer<T> = Result<Response<T>, Status>;

/// Why the face could not be opened, or broke.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A certificate file cannot be read.
    #[error("cannot read {path}")]
    Certificate {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// One of the two TLS files is missing from the configuration.
    #[error("grpc.tls_certificate and grpc.tls_key go together")]
    HalfTls,
    /// Client certificates are spoken of without an authority that signs them, or without TLS.
    #[error("grpc.tls_client_required and grpc.client_certificates need grpc.tls_client_ca, and that needs TLS")]
    HalfMutual,
    /// A client certificate that cannot be one.
    #[error("grpc.client_certificates: {0}")]
    ClientCertificate(String),
    /// An origin that is not one.
    #[error("grpc.cors_origins: {0:?} is not an origin as browsers say it, such as https://portal.example")]
    Origin(String),
    /// A proxy that cannot be one.
    #[error("grpc.trusted_proxies: {0:?} is neither an address nor ADDRESS/BITS")]
    Proxy(String),
    /// A rate that is none.
    #[error("grpc.rates: a_second must be a number from 0 on")]
    Rate,
    /// An issuer that cannot be one.
    #[error("grpc.issuers: {issuer}: {fault}")]
    Issuer {
        /// Which.
        issuer: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The transport failed.
    #[error("the gRPC transport failed")]
    Transport(#[from] tonic::transport::Error),
    /// Reflection could not be set up.
    #[error("the descriptor set cannot be read")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// How long those that are cut off have to be told.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Serves until `stop` resolves, then stops gracefully: health first, then streams, then connections; what has
/// not ended by the deadline is cut off.
///
/// # Errors
/// When the face cannot be opened, or its transport fails.
pub async fn serve(
    app: App,
    options: &Options,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Error> {
    let limit = options.message_bytes.get();
    let (mut health, health_service) = tonic_health::server::health_reporter();
    announce(&mut health, true).await;
    let described = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(pb::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // Python's grpcio-reflection and older tools ask for the alpha version still.
    let (reflection, reflection_alpha) = (described().build_v1()?, described().build_v1alpha()?);
    let seconds = Duration::from_secs;
    let mut server = Server::builder()
        .accept_http1(true)
        .http2_keepalive_interval(Some(seconds(options.keepalive_seconds.get())))
        .http2_keepalive_timeout(Some(seconds(20)))
        .tcp_keepalive(Some(seconds(60)))
        .max_connection_age(seconds(options.connection_age_seconds.get()))
        .max_concurrent_streams(Some(options.streams.get()))
        .tcp_nodelay(true);
    if let Some(tls) = tls(options)? {
        server = server.tls_config(tls)?;
    }
    macro_rules! limited {
        ($server:ident, $service:expr) => {
            $server::new($service).max_decoding_message_size(limit)
        };
    }
    use pb::{
        casework_service_server::CaseworkServiceServer, deadline_service_server::DeadlineServiceServer,
        delivery_service_server::DeliveryServiceServer, directory_service_server::DirectoryServiceServer,
        intake_service_server::IntakeServiceServer, public_service_server::PublicServiceServer,
        publication_service_server::PublicationServiceServer, supervision_service_server::SupervisionServiceServer,
    };
    let issuers = Issuers::open(&options.issuers).map_err(|(issuer, fault)| Error::Issuer { issuer, fault })?;
    // Ends with the face, however that ends.
    let mut background = JoinSet::new();
    background.spawn(issuers.clone().keep_up());
    let certificates = Certificates::open(&options.client_certificates).map_err(Error::ClientCertificate)?;
    let vouchers = Vouchers { issuers, certificates };
    let rates = Rates::new(&options.rates, &options.trusted_proxies)?;
    let room = Arc::new(Semaphore::new(options.concurrency.get()));
    let (closing, closed) = tokio::sync::oneshot::channel::<()>();
    let (cutting, cut) = watch::channel(false);
    let serving = server
        .layer(cors(&options.cors_origins)?)
        .layer(GrpcWebLayer::new())
        .layer(Authenticate {
            app: app.clone(),
            vouchers,
            rates,
            room,
            limit: seconds(options.timeout_seconds.get()),
            cut,
        })
        .add_service(health_service)
        .add_service(reflection)
        .add_service(reflection_alpha)
        .add_service(limited!(IntakeServiceServer, Intake(app.clone())))
        .add_service(limited!(CaseworkServiceServer, Casework(app.clone())))
        .add_service(limited!(PublicationServiceServer, Publication(app.clone())))
        .add_service(limited!(PublicServiceServer, Public(app.clone())))
        .add_service(limited!(SupervisionServiceServer, Supervision(app.clone())))
        .add_service(limited!(DirectoryServiceServer, Directory(app.clone())))
        .add_service(limited!(DeadlineServiceServer, Deadline(app.clone())))
        .add_service(limited!(DeliveryServiceServer, Delivery(app)))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), async {
            let _ = closed.await;
        });
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return Ok(ended?),
        () = stop => {}
    }
    announce(&mut health, false).await;
    let _ = closing.send(());
    let deadline = seconds(options.shutdown_seconds.get());
    match tokio::time::timeout(deadline, serving).await {
        Ok(ended) => Ok(ended?),
        Err(_) => {
            tracing::warn!("requests were still in progress at the deadline; they are cut off");
            // They are told; what is not gone in a moment, as an idle stream, goes with the process.
            let _ = cutting.send(true);
            tokio::time::sleep(LAST_WORDS).await;
            Ok(())
        }
    }
}

/// Says whether the service serves; the empty name stands for all of it. Who watches is told that it serves no more, and
/// then the watching ends: it would keep the connection open.
async fn announce(health: &mut HealthReporter, serving: bool) {
    let status = if serving { tonic_health::ServingStatus::Serving } else { tonic_health::ServingStatus::NotServing };
    for service in [
        "",
        "pakn.v1.IntakeService",
        "pakn.v1.CaseworkService",
        "pakn.v1.PublicationService",
        "pakn.v1.PublicService",
        "pakn.v1.SupervisionService",
        "pakn.v1.DirectoryService",
        "pakn.v1.DeadlineService",
        "pakn.v1.DeliveryService",
    ] {
        health.set_service_status(service, status).await;
        if !serving {
            health.clear_service_status(service).await;
        }
    }
}

fn tls(options: &Options) -> Result<Option<ServerTlsConfig>, Error> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).map_err(|source| Error::Certificate { path: path.display().to_string(), source })
    };
    let tls = match (&options.tls_certificate, &options.tls_key) {
        (Some(certificate), Some(key)) => {
            ServerTlsConfig::new().identity(Identity::from_pem(read(certificate)?, read(key)?))
        }
        (None, None) if options.speaks_of_clients() => return Err(Error::HalfMutual),
        (None, None) => return Ok(None),
        _ => return Err(Error::HalfTls),
    };
    match &options.tls_client_ca {
        Some(file) => {
            let tls = tls.client_ca_root(Certificate::from_pem(read(file)?));
            Ok(Some(tls.client_auth_optional(!options.tls_client_required)))
        }
        None if options.speaks_of_clients() => Err(Error::HalfMutual),
        None => Ok(Some(tls)),
    }
}

/// An origin, if it is said as browsers do, who are compared with it letter by letter: scheme, host and port, in small
/// letters, nobody before the host and no path behind it.
fn as_browsers_say(origin: &str) -> Option<HeaderValue> {
    let uri: http::Uri = origin.parse().ok()?;
    let said = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
    let whole = said == origin && !origin.contains('@') && !origin.contains(char::is_uppercase);
    if whole { HeaderValue::from_str(origin).ok() } else { None }
}

fn cors(origins: &[String]) -> Result<CorsLayer, Error> {
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let parsed = origins.iter().map(|origin| as_browsers_say(origin).ok_or_else(|| Error::Origin(origin.clone())));
        AllowOrigin::list(parsed.collect::<Result<Vec<_>, _>>()?)
    };
    let names = |names: &[&'static str]| names.iter().map(|name| HeaderName::from_static(name)).collect::<Vec<_>>();
    Ok(CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([http::Method::POST])
        .allow_headers(names(&["authorization", "content-type", "x-grpc-web", "x-user-agent", "grpc-timeout"]))
        .expose_headers(names(&["grpc-status", "grpc-message", "grpc-status-details-bin"]))
        .max_age(Duration::from_secs(3_600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_said_as_browsers_say_them() {
        for origin in ["https://portal.example", "http://localhost:8080", "https://[::1]:8443", "capacitor://localhost"]
        {
            assert!(as_browsers_say(origin).is_some(), "{origin}");
        }
        let never = ["", "portal.example", "https://portal.example/", "https://Portal.example", "https://a@b.example"];
        for origin in never.into_iter().chain(["https://a.example,https://b.example", "null", "https://"]) {
            assert!(as_browsers_say(origin).is_none(), "{origin}");
        }
    }
}
