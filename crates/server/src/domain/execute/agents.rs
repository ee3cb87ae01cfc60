//! Agents: sign-in links that work once, and the inbox sessions they begin.

use rejoin_protocol::{AgentId, SiteName};

use super::super::request::{Agent, Reply};
use super::super::tx::{Pass, Tx, TxError};

/// An agent to add.
pub(super) struct NewAgent {
    pub(super) id: AgentId,
    pub(super) email: String,
    pub(super) site: SiteName,
    pub(super) name: String,
}

pub(super) fn add(
    tx: &mut dyn Tx,
    new: NewAgent,
    link_hash: &[u8; 32],
    link_until: u64,
    now: u64,
) -> Result<Reply, TxError> {
    let Some(site) = tx.site(&new.site)? else { return Ok(Reply::NotFound) };
    let key = email_key(&new.email);
    if tx.agent_by_email(&key)?.is_some() {
        return Ok(Reply::Exists);
    }
    let agent = Agent { id: new.id, site: new.site, name: new.name, email: new.email };
    tx.insert_agent(&agent, site.key, &key, now)?;
    tx.insert_link(link_hash, &Pass { agent: agent.id, until: link_until })?;
    Ok(Reply::Done)
}

pub(super) fn add_link(
    tx: &mut dyn Tx,
    email: &str,
    link_hash: &[u8; 32],
    link_until: u64,
) -> Result<Reply, TxError> {
    let Some(agent) = tx.agent_by_email(&email_key(email))? else { return Ok(Reply::NotFound) };
    tx.delete_links(agent)?;
    tx.insert_link(link_hash, &Pass { agent, until: link_until })?;
    Ok(Reply::Done)
}

pub(super) fn spend_link(
    tx: &mut dyn Tx,
    link_hash: &[u8; 32],
    session_hash: &[u8; 32],
    session_until: u64,
    now: u64,
) -> Result<Reply, TxError> {
    let Some(link) = tx.link(link_hash)?.filter(|link| now < link.until) else {
        return Ok(Reply::NotFound);
    };
    let Some(agent) = tx.agent(link.agent)? else { return Ok(Reply::NotFound) };
    tx.delete_links(agent.id)?;
    tx.delete_old_sessions(now)?;
    tx.insert_session(session_hash, &Pass { agent: agent.id, until: session_until })?;
    Ok(Reply::Agent(agent))
}

pub(super) fn session(tx: &mut dyn Tx, session_hash: &[u8; 32], now: u64) -> Result<Reply, TxError> {
    let Some(session) = tx.session(session_hash)?.filter(|session| now < session.until) else {
        return Ok(Reply::NotFound);
    };
    Ok(tx.agent(session.agent)?.map_or(Reply::NotFound, Reply::Agent))
}

/// Addresses are compared without case: people do not type them as they were entered.
fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}
