//! Rules without I/O: what may be appended, what a connection is told, who is admitted. Everything here is given its
//! time and its ids and runs the same over SQLite, over memory and inside the simulation.

pub mod execute;
pub mod ids;
pub mod rate;
pub mod request;
pub mod session;
pub mod tx;

pub use execute::execute;
pub use ids::Ids;
pub use request::{Reply, Request};
pub use tx::{Tx, TxError};
