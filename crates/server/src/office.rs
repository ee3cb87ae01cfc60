//! What an operator can have done, whether through the running server or on the data directly: the same code, so
//! the same answers.

use std::path::Path;
use std::sync::Arc;

use rejoin_protocol::{AgentId, SiteName};

use crate::app::{App, SystemIds, now_ms};
use crate::control::{Answer, Command};
use crate::domain::{Ids as _, Reply, Request};
use crate::origin::Origin;
use crate::store::sqlite::Sqlite;
use crate::store::{Store as _, StoreError};
use crate::tickets::hash;

/// A sign-in link may wait in a mailbox for a weekend.
const LINK_MS: u64 = 3 * 24 * 60 * 60 * 1_000;

/// A name is shown beside every message.
const NAME_CHARS_MAX: usize = 60;

/// The longest address that mail allows (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;

/// The place where commands are carried out.
pub struct Office {
    /// The data.
    pub store: Arc<Sqlite>,
    /// Where sign-in links lead.
    pub public: Origin,
    /// The running server, if there is one: it must learn of new sites.
    pub app: Option<Arc<App>>,
}

/// Why a command is refused, as the line to print.
type Refusal = String;

impl Office {
    /// Carries a command out.
    pub async fn carry_out(&self, command: Command) -> Answer {
        let outcome = match command {
            Command::SiteAdd { name, origins } => self.add_site(&name, &origins).await,
            Command::AgentAdd { email, site, name } => self.add_agent(&email, &site, &name).await,
            Command::AgentLink { email } => self.add_link(&email).await,
            Command::Backup { file } => self.backup(&file).await,
            Command::Check => self.check().await,
        };
        outcome.map_or_else(Answer::Refused, Answer::Done)
    }

    async fn add_site(&self, name: &str, origins: &[String]) -> Result<String, Refusal> {
        let name = site_name(name)?;
        if origins.is_empty() {
            return Err("a site needs at least one --origin, e.g. --origin https://shop.example".to_owned());
        }
        let origins: Vec<String> = origins
            .iter()
            .map(|text| text.parse::<Origin>().map(|origin| origin.to_string()))
            .zip(origins)
            .map(|(origin, text)| origin.map_err(|error| format!("the origin {text:?} {error}")))
            .collect::<Result<_, _>>()?;
        let list = origins.join(", ");
        self.ask(Request::AddSite { name: name.clone(), origins, now: now_ms() }).await?;
        if let Some(app) = &self.app {
            app.reload_sites().await.map_err(failed)?;
        }
        Ok(format!("site {name} may be embedded on {list}"))
    }

    async fn add_agent(&self, email: &str, site: &str, name: &str) -> Result<String, Refusal> {
        let (email, site, name) = (address(email)?, site_name(site)?, shown_name(name)?);
        let secret = SystemIds.secret();
        let now = now_ms();
        let request = Request::AddAgent {
            id: AgentId::from_bytes(SystemIds.bytes16()),
            email: email.clone(),
            site: site.clone(),
            name,
            link_hash: hash(&secret),
            link_until: now + LINK_MS,
            now,
        };
        let reply = self.ask(request).await?;
        if reply == Reply::Exists {
            return Err(format!(
                "there is an agent {email} already; for a new link: rejoin agent link {email}"
            ));
        }
        if reply != Reply::Done {
            return Err(format!(
                "there is no site {site}; add it first: rejoin site add {site} --origin URL"
            ));
        }
        Ok(self.link(&secret))
    }

    async fn add_link(&self, email: &str) -> Result<String, Refusal> {
        let email = address(email)?;
        let secret = SystemIds.secret();
        let now = now_ms();
        let request =
            Request::AddLink { email: email.clone(), link_hash: hash(&secret), link_until: now + LINK_MS };
        if self.ask(request).await? != Reply::Done {
            return Err(format!(
                "there is no agent {email}; add one first: rejoin agent add {email} --site NAME --name NAME"
            ));
        }
        Ok(self.link(&secret))
    }

    async fn backup(&self, file: &Path) -> Result<String, Refusal> {
        if file.exists() {
            return Err(format!(
                "{} exists already; a backup overwrites nothing, choose another name",
                file.display()
            ));
        }
        let (store, target) = (self.store.clone(), file.to_owned());
        blocking(move || store.backup(&target)).await.map_err(|error| {
            format!("cannot write the backup {}: {error}; is the folder there, and writable?", file.display())
        })?;
        Ok(format!("backed up to {}", file.display()))
    }

    async fn check(&self) -> Result<String, Refusal> {
        let store = self.store.clone();
        blocking(move || store.check()).await
    }

    async fn ask(&self, request: Request) -> Result<Reply, Refusal> {
        self.store.ask(request).await.map_err(failed)
    }

    /// The secret is in the fragment, which browsers keep to themselves.
    fn link(&self, secret: &rejoin_protocol::Secret) -> String {
        format!("{}/inbox/#signin={}", self.public, secret.expose_text())
    }
}

/// Runs what takes the database's time and not the runtime's.
async fn blocking<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn failed(error: StoreError) -> Refusal {
    match error {
        StoreError::Busy => "the database is busy; try again".to_owned(),
        StoreError::Full => "the disk is full; make room and try again".to_owned(),
        StoreError::Failed(_) => format!("{error}; see rejoin check"),
    }
}

fn site_name(text: &str) -> Result<SiteName, Refusal> {
    text.parse().map_err(|error| format!("{text:?} is no name for a site: {error}"))
}

fn address(text: &str) -> Result<String, Refusal> {
    let whole = text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !host.contains('@')
    });
    let plain =
        text.len() <= EMAIL_BYTES_MAX && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if whole && plain {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no e-mail address; want NAME@HOST"))
    }
}

fn shown_name(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= NAME_CHARS_MAX && !text.contains(char::is_control);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!("--name: want 1 to {NAME_CHARS_MAX} characters on one line"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_an_address_when_it_sees_one() {
        assert!(address("ada@example.com").is_ok());
        for text in
            ["", "ada", "@example.com", "ada@", "ada@localhost.", "a b@example.com", "a@b@c.d", "a@b\n.c"]
        {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(shown_name(" Tomás Rivera "), Ok("Tomás Rivera".to_owned()));
        for text in ["", "  ", "a\nb", &"x".repeat(NAME_CHARS_MAX + 1)] {
            assert!(shown_name(text).is_err());
        }
    }
}
