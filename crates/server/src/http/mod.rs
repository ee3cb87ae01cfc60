//! Plain HTTP, one resource per file.

pub mod assets;
pub mod health;
pub mod inbox;
pub mod metrics;
pub mod pages;
pub mod shop;
pub mod ticket;
