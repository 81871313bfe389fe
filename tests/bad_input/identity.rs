//! Valid requests about who brought a petition.

use pakn::pb::{self, PetitionState as S};
use prost::Message as _;
use prost_types::Timestamp;

use super::{
    server::{ALL, NOW, Server},
    stage::target,
};

pub async fn valid(server: &Server, path: &str) -> Vec<u8> {
    let instant = || Some(Timestamp { seconds: NOW - 60, nanos: 0 });
    match path.split('/').nth(1).unwrap() {
        "ListReveals" => {
            let (account, code) = (ALL.to_owned(), server.petition(S::Submitted).await);
            let page = Some(pb::PageRequest { size: 1, token: String::new() });
            pb::ListRevealsRequest { account, code, from: instant(), until: instant(), page }.encode_to_vec()
        }
        "RevealPetitioner" => {
            let (code, reason) = (server.petition(S::Submitted).await, "Vì lý do sau đây.".to_owned());
            pb::RevealPetitionerRequest { code, reason, ..Default::default() }.encode_to_vec()
        }
        "ListSimilarPetitions" => {
            pb::ListSimilarPetitionsRequest { code: server.petition(S::Submitted).await }.encode_to_vec()
        }
        "ErasePetition" => {
            let (ground, document_number) = (pb::ErasureGround::Request.into(), "12/YC".to_owned());
            let target = target(&server.petition(S::Answered).await);
            pb::ErasePetitionRequest { target, ground, document_number }.encode_to_vec()
        }
        rpc => panic!("{rpc} is not about who brought a petition"),
    }
}
