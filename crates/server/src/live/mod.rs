//! Live connections: the upgrade, the socket, and the loop that joins a socket to its session.

pub mod connection;
pub mod pulse;
pub mod socket;
pub mod upgrade;
