//! pakn (phản ánh, kiến nghị): takes in what citizens and businesses bring before the administration, holds it to
//! its legal deadline, brings it to the responsible unit, sends the answer and publishes it.
//!
//! # The map
//!
//! | room | what belongs there |
//! |---|---|
//! | [`domain`] | what is true: the petition's life, clocks and calendars, who may do what; pure |
//! | [`store`] | what is kept; the only room that says sea_orm, or speaks to a database |
//! | [`app`] | what one may ask: a verb a place; faces and workers come through here |
//! | [`grpc`] | a face: tonic; messages to commands, views to messages, who is calling and how often |
//! | [`workers`] | what runs by itself: letters, lapses, closings, levels raised and told, counting anew, what dissolved units had, comparing, sweeping |
//! | [`client`] | the admin client: talks gRPC to a server, knows [`pb`] alone |
//! | [`cli`] | start and stop: the command line, configuration, shutdown, telemetry, the demo |
//! | [`pb`] | generated from `proto/`, nothing else |
//!
//! Imports go one way: `domain <- store <- app <- {grpc, workers} <- cli <- main`, and `client <- cli`. Siblings
//! never meet; faces and workers never see `store`. `tests/rooms.rs` reads the source and fails on a crossing.
//!
//! A request: `pb -> grpc::wire -> app -> domain::decide -> store.commit -> view -> pb`. Deciding is pure and
//! holds no transaction; `store.commit` is the only door through which petitions are written.

pub mod app;
pub mod cli;
pub mod client;
pub mod domain;
pub mod grpc;
pub mod pb;
pub mod store;
pub mod workers;
