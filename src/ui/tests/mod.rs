//! The screens as people see them: snapshots, and promises that hold at every size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fixture;
mod look;
mod promises;
mod promises_presenter;
mod screens;
mod states;
mod states_codes;
mod states_health;
mod states_profiles;
mod states_recorded;
mod states_typed;
