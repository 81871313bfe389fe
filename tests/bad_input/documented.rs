//! What the contract documents of a field is what the server holds to: a required one that is missing is named, and so is
//! one that is longer or larger than it may be. The table of them is the contract itself.

use std::collections::HashMap;

use pakn::pb;
use prost::Message as _;
use prost_reflect::{DynamicMessage, Kind, Value};
use prost_types::FileDescriptorSet;
use tonic::{Code, Status};

use super::{
    everything::{named, rpcs},
    mutate::{Path, fields, name, put},
    server::{ALL, Server},
};

/// The comment of each field, by its full name.
fn comments() -> HashMap<String, String> {
    let set = FileDescriptorSet::decode(pb::DESCRIPTORS).unwrap();
    let mut comments = HashMap::new();
    for file in set.file.iter().filter(|file| file.name().starts_with("pakn/")) {
        for at in &file.source_code_info.as_ref().unwrap().location {
            // The fields of a message of the file.
            let [4, message, 2, field] = at.path[..] else { continue };
            let message = &file.message_type[usize::try_from(message).unwrap()];
            let field = &message.field[usize::try_from(field).unwrap()];
            let full = format!("{}.{}.{}", file.package(), message.name(), field.name());
            comments.insert(full, at.leading_comments().split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    comments
}

/// Whether it is required in any case, and not where something else is so.
fn required(comment: &str) -> bool {
    comment
        .split([';', '.'])
        .map(|part| part.trim().to_lowercase())
        .any(|part| part == "required" || part.strip_prefix("required, ").is_some_and(|rest| !rest.starts_with("for")))
}

/// The number that stands before a word, as in `1 to 5,000 characters`.
fn before(comment: &str, word: &str) -> Option<usize> {
    let (text, _) = comment.split_once(word)?;
    let number = text.rsplit(' ').next()?.replace(',', "");
    number.parse().ok()
}

/// The larger of the two numbers of a range, as in `1 to 5`.
fn range(comment: &str) -> Option<i32> {
    let words: Vec<&str> = comment.split([' ', ';', '.']).map(|word| word.trim_end_matches(',')).collect();
    let number = |word: &str| word.replace(',', "").parse::<i32>().ok();
    words.windows(3).find(|three| three[1] == "to" && number(three[0]).is_some()).and_then(|three| number(three[2]))
}

/// A text of so many characters that is well formed wherever one is wanted.
fn filled(path: &Path, length: usize) -> Value {
    let letter = match path.last().unwrap().name() {
        "phone" => "1",
        "purpose" => "A",
        _ => "a",
    };
    Value::String(letter.repeat(length))
}

/// Whether the field is named, and nothing that is not in it.
fn names(status: &Status, own: &str) -> bool {
    let named = named(status);
    named.iter().any(|field| field == own) && named.iter().all(|field| field.starts_with(own))
}

enum Became {
    Taken,
    Named,
    Otherwise(String),
}

pub async fn what_is_documented_is_held_to(server: &Server) {
    let comments = comments();
    let (mut missing, mut longer, mut larger) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (rpc, method) in rpcs() {
        let mut valid = server.valid(&rpc).await;
        for path in fields(&method.input()) {
            let field = path.last().unwrap();
            // Who comes after a unit is for its end to say.
            let elsewhere =
                !rpc.ends_with("CloseUnit") && path.iter().any(|field| field.name().starts_with("successor"));
            if elsewhere {
                continue;
            }
            let comment = comments.get(field.full_name()).map_or("", String::as_str);
            let own = name(&path);
            let mut tries: Vec<(String, Option<Value>, bool)> = Vec::new();
            if required(comment) {
                missing += 1;
                tries.push(("missing".to_owned(), None, true));
            }
            let most = before(comment, " characters").filter(|_| matches!(field.kind(), Kind::String));
            if let Some(most) = most.filter(|_| !field.is_list()) {
                longer += 1;
                tries.push((format!("of {most} characters"), Some(filled(&path, most)), false));
                tries.push((format!("of {most} characters and one"), Some(filled(&path, most + 1)), true));
            }
            let most = range(comment).filter(|_| matches!(field.kind(), Kind::Int32) && own != "page.size");
            if let Some(most) = most {
                larger += 1;
                tries.push((format!("{most}"), Some(Value::I32(most)), false));
                tries.push((format!("{most} and one"), Some(Value::I32(most + 1)), true));
            }
            for (what, value, refused) in tries {
                let mut message = DynamicMessage::decode(method.input(), valid.as_slice()).unwrap();
                put(&mut message, &path, value);
                let became = match server.send(ALL, &rpc, message.encode_to_vec()).await {
                    Ok(_) => Became::Taken,
                    Err(status) if status.code() == Code::InvalidArgument && names(&status, &own) => Became::Named,
                    Err(status) => Became::Otherwise(format!("{:?} {:?}", status.code(), named(&status))),
                };
                match became {
                    Became::Named if refused => {}
                    Became::Named => wrong.push(format!("{rpc}: {own} {what} is refused")),
                    Became::Taken if refused => wrong.push(format!("{rpc}: {own} {what} is taken")),
                    Became::Otherwise(how) if refused => wrong.push(format!("{rpc}: {own} {what}: {how}")),
                    // It may have moved what the next one needs. Or it is one of a kind, and there is none such.
                    Became::Taken | Became::Otherwise(_) => valid = server.valid(&rpc).await,
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let found = (missing, longer, larger);
    assert!(missing >= 50 && longer >= 50 && larger >= 15, "the contract was not read: {found:?}");
}
