//! Bytes that are no message, and page tokens that nobody gave.

use pakn::pb;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tonic::Code;

use super::{
    everything::{known, named, rpcs},
    server::{ALL, Server},
};

/// Random bytes that are the same in every run.
fn bytes(seed: u32, length: usize) -> Vec<u8> {
    let block = |n: usize| Sha256::digest([seed.to_be_bytes(), u32::try_from(n).unwrap().to_be_bytes()].concat());
    (0..length.div_ceil(32)).flat_map(block).take(length).collect()
}

pub async fn bytes_that_are_no_message(server: &Server) {
    for (rpc, _) in rpcs() {
        let valid = server.valid(&rpc).await;
        for seed in 0..24 {
            let length = [1, 2, 7, 33, 200, 5_000][seed as usize % 6];
            let garbage = bytes(seed, length);
            let cut = valid.get(..valid.len() * seed as usize / 24).unwrap_or_default().to_vec();
            let mut turned = valid.clone();
            if let Some(byte) = turned.get_mut(seed as usize * 7) {
                *byte ^= 0x55;
            }
            for message in [garbage, cut, turned, [valid.clone(), bytes(seed, 40)].concat()] {
                if let Err(status) = server.send(ALL, &rpc, message).await {
                    assert!(known(status.code()), "{rpc}, seed {seed}: {status:?}");
                }
            }
        }
    }
    let mut deep = Vec::new();
    for _ in 0..5_000 {
        deep = [vec![0x72], varint(deep.len()), deep].concat();
    }
    for (rpc, _) in rpcs() {
        if let Err(status) = server.send(ALL, &rpc, deep.clone()).await {
            assert!(known(status.code()), "{rpc}: {status:?}");
        }
    }
    // Text that is not UTF-8 is a fault of its field like any other.
    let petitioner = [vec![0x12, 2], vec![0xc3, 0x28]].concat();
    let message = [vec![0x72, u8::try_from(petitioner.len()).unwrap()], petitioner].concat();
    let status = server.send(ALL, "IntakeService/SubmitPetition", message).await.unwrap_err();
    assert_eq!(
        (status.code(), named(&status)),
        (Code::InvalidArgument, vec!["petitioner.name".to_owned()]),
        "{status:?}"
    );
    // Nobody is told more by sending rubbish.
    let status = server.send("", "CaseworkService/GetPetition", Vec::new()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let huge = vec![0; 9 * 1_048_576];
    let status = server.send(ALL, "CaseworkService/GetPetition", huge).await.unwrap_err();
    assert!(known(status.code()), "{status:?}");
}

fn varint(mut n: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while n > 127 {
        out.push(u8::try_from(n & 127).unwrap() | 128);
        n >>= 7;
    }
    out.push(u8::try_from(n).unwrap());
    out
}

/// How a page token is bound is no secret: whoever reads the source can make one that leads anywhere.
pub async fn forged_page_tokens(server: &Server) {
    let text = "sóng".to_owned();
    let question = pb::SearchPublicationsRequest { text, ..Default::default() };
    let mut hash = Sha256::new();
    for part in [b"SearchPublications".as_slice(), &[], &question.encode_to_vec()] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let bound = hash.finalize()[..8].to_vec();
    let years = |n: i64| n * 31_557_600_000_000;
    for at in [
        0,
        i64::MIN,
        i64::MAX,
        years(8_000),
        years(8_200),
        years(200_000),
        -years(2_100),
        -years(6_700),
        -years(200_000),
    ] {
        for tail in [0x00, 0x80, 0xff] {
            let bytes = [bound.clone(), at.to_be_bytes().to_vec(), vec![tail; 24]].concat();
            let token = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let page = Some(pb::PageRequest { size: 5, token });
            let request = pb::SearchPublicationsRequest { page, ..question.clone() };
            let answer =
                server.ask::<pb::SearchPublicationsResponse>("", "PublicService/SearchPublications", &request).await;
            if let Err(status) = answer {
                assert!(known(status.code()), "{at}: {status:?}");
            }
        }
    }
}
