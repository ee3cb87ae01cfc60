//! An agent's pass for one connection, fetched over HTTP, where the cookie is.

use std::future::Future;
use std::pin::Pin;

use gloo_net::http::Request;
use rejoin_protocol::{Ticket, close};
use serde::Deserialize;
use web_sys::RequestCredentials;

use crate::carry::NEVER_MADE;
use crate::json;

/// Where tickets come from: given the server's origin, a ticket or the close code that its absence amounts to.
/// A function to be handed in, so that the customers' app does not carry an HTTP client that it never uses.
pub type TicketSource = fn(String) -> Pin<Box<dyn Future<Output = Result<Ticket, u16>>>>;

/// What the server answers.
#[derive(Deserialize)]
struct Issued {
    ticket: Ticket,
}

/// Asks for a ticket (`POST /v1/ticket`); the page must be of the server's origin and the agent signed in.
///
/// # Errors
/// 4001 if the agent is not signed in, 1006 if there is no answer that could be one.
pub fn fetch_ticket(server: String) -> Pin<Box<dyn Future<Output = Result<Ticket, u16>>>> {
    Box::pin(async move {
        // A header that neither a form nor a foreign page can send without being asked.
        let request = Request::post(&format!("{server}/v1/ticket"))
            .header("x-rejoin", "1")
            .credentials(RequestCredentials::SameOrigin)
            .send();
        let answer = request.await.map_err(|_| NEVER_MADE)?;
        if answer.status() == 401 {
            return Err(close::AUTH);
        }
        let text = answer.text().await.map_err(|_| NEVER_MADE)?;
        json::from_str::<Issued>(&text).map(|issued| issued.ticket).map_err(|_| NEVER_MADE)
    })
}
