//! Sites and the origins they may be embedded on.

use rejoin_protocol::SiteName;

use super::super::request::Reply;
use super::super::tx::{Tx, TxError};

pub(super) fn add(tx: &mut dyn Tx, name: &SiteName, origins: &[String], now: u64) -> Result<Reply, TxError> {
    let key = match tx.site(name)? {
        Some(site) => site.key,
        None => tx.insert_site(name, now)?,
    };
    origins.iter().try_for_each(|origin| tx.add_origin(key, origin))?;
    Ok(Reply::Done)
}
