//! How callers reach a server: over a few HTTP/2 connections, with a bearer token.

use clap::Args;
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint},
};

use crate::failure::Failure;

/// Which server, over how many connections, as whom.
#[derive(Clone, Debug, Args)]
#[group(id = "server")]
pub struct Options {
    /// Port of the server on 127.0.0.1
    #[arg(long)]
    port: u16,
    /// Connections at the most; never more than callers
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Bearer token
    #[arg(long, env = "PAKN_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl Options {
    /// A server in this process.
    pub const fn new(port: u16, token: String) -> Self {
        Self { port, connections: 4, token: Some(token) }
    }
}

/// Connections, and the token's header.
#[derive(Clone, Debug)]
pub struct Server {
    channels: Vec<Channel>,
    token: Option<MetadataValue<Ascii>>,
}

impl Server {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens, or the token has characters that no token has.
    pub async fn connect(options: &Options, callers: usize) -> Result<Self, Failure> {
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{}", options.port))?;
        let mut channels = Vec::new();
        for _ in 0..options.connections.min(callers).max(1) {
            channels.push(endpoint.connect().await?);
        }
        let header = options.token.as_ref().map(|token| format!("Bearer {token}").parse());
        let token = header.transpose().map_err(|_| Failure::new("the token has characters that no token has"))?;
        Ok(Self { channels, token })
    }

    /// The connection of a caller.
    pub fn channel(&self, caller: usize) -> Channel {
        self.channels[caller % self.channels.len()].clone()
    }

    /// A message as a request with the token.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        request
    }
}
