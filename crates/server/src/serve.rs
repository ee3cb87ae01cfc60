//! A server's life: accept until told to stop, then see everybody out.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rejoin_protocol::limits::SERVER_BATCH_BYTES_MAX;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use crate::app::App;
use crate::extract::Peer;
use crate::router::router;

/// A client that takes longer to say what it wants is not a browser.
const HEADER_WAIT: Duration = Duration::from_secs(10);

/// Requests are small; a cookie and an origin fit many times.
const HEADER_BYTES_MAX: usize = 16 * 1024;

/// After an error of `accept`, usually that no file handle is left: the cure takes a moment.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Connections that do not end when told to are cut after this.
const STOP_WAIT: Duration = Duration::from_secs(10);

/// What the system keeps of what a client does not take; left to itself it keeps 4 MB for each. One batch fits.
const SEND_BUFFER_BYTES: u32 = SERVER_BATCH_BYTES_MAX as u32;

/// Connections that wait to be accepted, as many as come back at once after a restart.
const BACKLOG: u32 = 1024;

/// Listens for [`run`].
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for the last connections of the server before it to be forgotten.
    socket.set_reuseaddr(true)?;
    // Inherited by the connections.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `shutdown`, then stops: nobody new, every connection told when to come back, all answers out. Returns
/// when the last connection has ended, or after ten seconds.
pub async fn run(listener: TcpListener, app: Arc<App>, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let mut ended = app.admit();
    let requests = serve_http(listener, router(app.clone()), app.draining.subscribe());
    tokio::pin!(requests, shutdown);
    tokio::select! {
        outcome = &mut requests => return outcome,
        () = &mut shutdown => {}
    }
    tracing::info!("stopping");
    app.shut();
    let everybody = async {
        let outcome = requests.await;
        // Nothing is ever sent: this waits for the last sender to go.
        ended.recv().await;
        outcome
    };
    match timeout(STOP_WAIT, everybody).await {
        Ok(outcome) => outcome,
        Err(_) => {
            tracing::warn!("some connections did not end in time");
            Ok(())
        }
    }
}

/// Serves plain requests until `stop` becomes true and the last answer is out. Upgraded connections live on.
pub async fn serve_http(
    listener: TcpListener,
    router: Router,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let (alive, mut ended) = tokio::sync::mpsc::channel::<()>(1);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (alive, serving) =
                    (alive.clone(), serve_stream(stream, peer, router.clone(), stop.clone()));
                tokio::spawn(async move {
                    serving.await;
                    drop(alive);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop((listener, alive));
    ended.recv().await;
    Ok(())
}

async fn serve_stream(stream: TcpStream, peer: SocketAddr, router: Router, mut stop: watch::Receiver<bool>) {
    // An answer is one write; waiting to fill a packet would only delay it. A socket that refuses is slow, not wrong.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        let request: Request = request.map(Body::new);
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_WAIT)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        // What goes wrong on one connection is between hyper and that client: it is answered or cut.
        _ = connection.as_mut() => return,
        () = stopped(&mut stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Waits for the word to stop, which a vanished speaker also means.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
