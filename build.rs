//! Compiles the contract in `proto/` with protox, so that no protoc is needed, and keeps the descriptor set
//! for reflection.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const CONTRACT: &str = "proto/pakn/v1";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={CONTRACT}");
    let mut files: Vec<PathBuf> =
        fs::read_dir(CONTRACT)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    let descriptors = protox::compile(&files, ["proto"])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("pakn_descriptor.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
