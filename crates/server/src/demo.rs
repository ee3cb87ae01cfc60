//! `rejoin demo`: everything that a person needs to try it, with the shop on another site than the chat server,
//! because that is how it is used.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::assets::Assets;
use crate::cli::{Failure, Prepared, prepare, runtime, say, stop_signal};
use crate::config::{Config, Given};
use crate::control::{Answer, Command};
use crate::http::shop::{Shop, shop};
use crate::office::Office;
use crate::serve_http;
use crate::telemetry::start_log;

/// The demo's site.
const SITE: &str = "demo";

/// The demo's agents: address and name.
const AGENTS: [(&str, &str); 2] =
    [("ada@example.com", "Ada Lindgren"), ("tomas@example.com", "Tomás Rivera")];

/// Runs the demo until it is told to stop. On data of an earlier demo the threads are still there; the links are new.
pub fn demo(given: Given) -> Result<(), Failure> {
    start_log();
    if !Assets::embedded().is_complete() {
        return Err(Failure::from("this build has no pages and no widget; run cargo xtask demo"));
    }
    let config = Config::load(given)?;
    runtime()?.block_on(async {
        let stop = stop_signal()?;
        let prepared = prepare(config).await?;
        let stand = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let lines = furnish(&prepared, &stand).await?;
        say(&lines);
        let app = prepared.app.clone();
        let state = Shop { assets: Assets::embedded(), rejoin: app.public.to_string() };
        let shopping = serve_http(stand, shop(Arc::new(state)), app.draining.subscribe());
        let (served, shopped) = tokio::join!(prepared.run(stop), shopping);
        shopped?;
        served
    })
}

/// Adds the site and the agents, and says where everything is.
async fn furnish(prepared: &Prepared, stand: &TcpListener) -> Result<String, Failure> {
    let shop = format!("http://localhost:{}", stand.local_addr()?.port());
    let office = &prepared.office;
    done(office, Command::SiteAdd { name: SITE.to_owned(), origins: vec![shop.clone()] }).await?;
    let mut lines = format!("\n  The shop, as a customer sees it:\n    {shop}/\n");
    for (email, name) in AGENTS {
        let link = link(office, email, name).await?;
        lines.push_str(&format!("\n  {name}'s inbox (this link works once):\n    {link}\n"));
    }
    lines.push_str("\n  Stop with Ctrl-C. Start again for new links; the conversations stay.\n");
    Ok(lines)
}

/// A sign-in link for an agent who may be there from an earlier demo.
async fn link(office: &Office, email: &str, name: &str) -> Result<String, Failure> {
    let link = Command::AgentLink { email: email.to_owned() };
    if let Answer::Done(link) = office.carry_out(link).await {
        return Ok(link);
    }
    done(office, Command::AgentAdd { email: email.to_owned(), site: SITE.to_owned(), name: name.to_owned() })
        .await
}

async fn done(office: &Office, command: Command) -> Result<String, Failure> {
    match office.carry_out(command).await {
        Answer::Done(line) => Ok(line),
        Answer::Refused(line) => Err(Failure::from(line)),
    }
}
