//! Agents, their links and sessions; sites.

use rejoin_protocol::AgentId;
use rejoin_server::domain::request::{Agent, Site};
use rejoin_server::domain::{Reply, Request};

use crate::world::*;

/// Ada's first link, which [`World::new`] made, works until then.
const LINK_UNTIL: u64 = NOW + 1_000;

fn spend(link: u8, session: u8, now: u64) -> Request {
    Request::SpendLink { link_hash: [link; 32], session_hash: [session; 32], session_until: NOW + 9_000, now }
}

fn ada(world: &World) -> Reply {
    Reply::Agent(Agent {
        id: world.ada,
        site: site("demo"),
        name: "Ada".to_owned(),
        email: "Ada@demo.example".to_owned(),
    })
}

fn session(n: u8, now: u64) -> Request {
    Request::Session { session_hash: [n; 32], now }
}

pub(crate) fn a_link_works_once_and_begins_a_session(world: &World) {
    assert_eq!(world.ask(session(1, NOW)), Reply::NotFound);
    assert_eq!(world.ask(spend(0x77, 1, NOW)), Reply::NotFound, "no such link");
    assert_eq!(world.ask(spend(0xa, 1, NOW)), ada(world));
    assert_eq!(world.ask(session(1, NOW)), ada(world));
    assert_eq!(world.ask(spend(0xa, 2, NOW)), Reply::NotFound, "spent");
    assert_eq!(world.ask(session(2, NOW)), Reply::NotFound);
}

pub(crate) fn a_link_expires(world: &World) {
    assert_eq!(world.ask(spend(0xa, 1, LINK_UNTIL)), Reply::NotFound);
    assert_eq!(world.ask(session(1, NOW)), Reply::NotFound);
    assert_eq!(world.ask(spend(0xa, 1, LINK_UNTIL - 1)), ada(world));
}

pub(crate) fn a_new_link_replaces_the_old(world: &World) {
    let link = |email: &str, n: u8| Request::AddLink {
        email: email.to_owned(),
        link_hash: [n; 32],
        link_until: LINK_UNTIL,
    };
    assert_eq!(world.ask(link("nobody@demo.example", 1)), Reply::NotFound);
    assert_eq!(world.ask(link(" ADA@demo.example ", 2)), Reply::Done);
    assert_eq!(world.ask(spend(0xa, 1, NOW)), Reply::NotFound, "the first one died unspent");
    assert_eq!(world.ask(spend(0xb, 3, NOW)), {
        let id = AgentId::from_bytes([0xb; 16]);
        let (name, email) = ("Bob".to_owned(), "Bob@other.example".to_owned());
        Reply::Agent(Agent { id, site: site("other"), name, email })
    });
    assert_eq!(world.ask(spend(2, 1, NOW)), ada(world));
    assert_eq!(world.ask(session(1, NOW)), ada(world));
    world.done(link("ada@demo.example", 4));
    assert_eq!(world.ask(session(1, NOW)), ada(world), "a new link leaves sessions alone");
}

pub(crate) fn a_session_ends_by_time_and_by_will(world: &World) {
    world.ask(spend(0xa, 1, NOW));
    assert_eq!(world.ask(session(1, NOW + 8_999)), ada(world));
    assert_eq!(world.ask(session(1, NOW + 9_000)), Reply::NotFound);
    assert_eq!(world.ask(session(1, NOW)), ada(world));
    world.done(Request::EndSession { session_hash: [1; 32] });
    assert_eq!(world.ask(session(1, NOW)), Reply::NotFound);
    world.done(Request::EndSession { session_hash: [1; 32] });
}

pub(crate) fn an_address_names_one_agent(world: &World) {
    let add = |email: &str, name: &str| Request::AddAgent {
        id: AgentId::from_bytes([0xc; 16]),
        email: email.to_owned(),
        site: site(name),
        name: "Carol".to_owned(),
        link_hash: [0xc; 32],
        link_until: LINK_UNTIL,
        now: NOW,
    };
    assert_eq!(world.ask(add("ADA@DEMO.example", "other")), Reply::Exists);
    assert_eq!(world.ask(add("carol@demo.example", "nowhere")), Reply::NotFound);
    assert_eq!(world.ask(spend(0xc, 1, NOW)), Reply::NotFound, "neither made a link");
    assert_eq!(world.ask(add("carol@demo.example", "demo")), Reply::Done);
    assert!(matches!(world.ask(spend(0xc, 1, NOW)), Reply::Agent(agent) if agent.name == "Carol"));
}

pub(crate) fn sites_gather_origins(world: &World) {
    let add = |name, origins: &[&str]| Request::AddSite {
        name: site(name),
        origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        now: NOW,
    };
    world.done(add("demo", &["https://b.example", "https://a.example"]));
    world.done(add("demo", &["https://a.example"]));
    world.done(add("bare", &[]));
    let sites = |name: &str, origins: &[&str]| Site {
        name: site(name),
        origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
    };
    assert_eq!(
        world.ask(Request::Sites),
        Reply::Sites(vec![
            sites("bare", &[]),
            sites("demo", &["https://a.example", "https://b.example", "https://demo.example"]),
            sites("other", &["https://other.example"]),
        ])
    );
}

pub(crate) fn a_store_that_can_commit_says_so(world: &World) {
    world.done(Request::Ready);
    world.done(Request::Ready);
}
