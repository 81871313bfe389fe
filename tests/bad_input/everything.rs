//! Every field of every request, with everything bad that can be put there.

use pakn::pb;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{
    mutate::{bads, fields, name, put},
    server::{ALL, Server},
};

/// Every RPC of the contract as `Service/Method`.
pub fn rpcs() -> Vec<(String, MethodDescriptor)> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let services: Vec<_> = pool.services().collect();
    let of = |service: &prost_reflect::ServiceDescriptor| {
        let name = service.name().to_owned();
        service.methods().map(move |rpc| (format!("{name}/{}", rpc.name()), rpc)).collect::<Vec<_>>()
    };
    services.iter().flat_map(of).collect()
}

/// The fields that a refusal names.
pub fn named(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}

/// The answers that a caller may get for whatever it sends.
pub fn known(code: Code) -> bool {
    matches!(
        code,
        Code::Ok
            | Code::InvalidArgument
            | Code::NotFound
            | Code::FailedPrecondition
            | Code::PermissionDenied
            | Code::Aborted
            | Code::AlreadyExists
            | Code::OutOfRange
            | Code::ResourceExhausted
    )
}

pub async fn every_field_of_every_request(server: &Server) {
    let mut sent = 0;
    let mut wrong = Vec::new();
    for (rpc, method) in rpcs() {
        let mut valid = server.valid(&rpc).await;
        if let Err(status) = server.send(ALL, &rpc, valid.clone()).await {
            panic!("{rpc} refuses what should be valid: {status:?}");
        }
        valid = server.valid(&rpc).await;
        for path in fields(&method.input()) {
            for bad in bads(path.last().unwrap()) {
                let mut message = DynamicMessage::decode(method.input(), valid.as_slice()).unwrap();
                put(&mut message, &path, bad.value);
                let what = format!("{rpc}: {} = {}", name(&path), bad.what);
                sent += 1;
                match server.send(ALL, &rpc, message.encode_to_vec()).await {
                    Ok(_) if bad.certain => wrong.push(format!("{what}: was taken")),
                    // It may have moved what the next one needs.
                    Ok(_) => valid = server.valid(&rpc).await,
                    Err(status) if !known(status.code()) => wrong.push(format!("{what}: {status:?}")),
                    Err(status) if bad.certain => {
                        let (code, fields) = (status.code(), named(&status));
                        let own = name(&path);
                        if code != Code::InvalidArgument
                            || !fields.iter().all(|field| field.starts_with(&own))
                            || fields.is_empty()
                        {
                            wrong.push(format!("{what}: {code:?} naming {fields:?}"));
                        }
                    }
                    Err(status) if status.code() == Code::InvalidArgument && named(&status).is_empty() => {
                        wrong.push(format!("{what}: names no field"));
                    }
                    Err(_) => {}
                }
            }
        }
    }
    assert!(sent > 3_000, "only {sent} were sent");
    assert!(wrong.is_empty(), "{} of {sent}: {wrong:#?}", wrong.len());
    server.app.ping().await.unwrap();
}
