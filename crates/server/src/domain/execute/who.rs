//! Devices: who is admitted.

use rejoin_protocol::{DeviceId, SiteName};

use super::super::request::{DeviceAnswer, Reply};
use super::super::tx::{DeviceRow, SiteKey, Tx, TxError};

/// What is known of a device, with its row where it is admitted.
pub(super) enum Known {
    Stranger,
    Device(DeviceRow),
    Refused(DeviceAnswer),
}

/// Looks a device up and checks its secret. A removed device is told so only if it can prove who it is.
pub(super) fn look_up(
    tx: &mut dyn Tx,
    site: SiteKey,
    did: DeviceId,
    secret_hash: &[u8; 32],
) -> Result<Known, TxError> {
    let Some(row) = tx.device(site, did)? else { return Ok(Known::Stranger) };
    Ok(if !same(&row.secret_hash, secret_hash) {
        Known::Refused(DeviceAnswer::WrongSecret)
    } else if row.revoked.is_some() {
        Known::Refused(DeviceAnswer::Revoked)
    } else {
        Known::Device(row)
    })
}

pub(super) fn device(
    tx: &mut dyn Tx,
    site: &SiteName,
    did: DeviceId,
    secret_hash: &[u8; 32],
) -> Result<Reply, TxError> {
    let Some(site) = tx.site(site)? else { return Ok(Reply::NotFound) };
    Ok(Reply::Device(match look_up(tx, site.key, did, secret_hash)? {
        Known::Stranger => DeviceAnswer::Unknown,
        Known::Refused(answer) => answer,
        Known::Device(row) => {
            let thread = tx.thread_by_key(row.thread)?;
            let thread =
                thread.ok_or_else(|| TxError::Failed(format!("device {did}: its thread is missing")))?;
            DeviceAnswer::Known(thread.id)
        }
    }))
}

pub(super) fn revoke(tx: &mut dyn Tx, site: &SiteName, did: DeviceId, now: u64) -> Result<Reply, TxError> {
    let Some(site) = tx.site(site)? else { return Ok(Reply::NotFound) };
    let Some(device) = tx.device(site.key, did)? else { return Ok(Reply::NotFound) };
    if device.revoked.is_none() {
        tx.revoke_device(site.key, did, now)?;
    }
    let thread = tx.thread_by_key(device.thread)?;
    let thread = thread.ok_or_else(|| TxError::Failed(format!("device {did}: its thread is missing")))?;
    Ok(Reply::Revoked(thread.id))
}

/// Compares without telling by its duration how much was right.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |different, (a, b)| different | (a ^ b)) == 0
}
