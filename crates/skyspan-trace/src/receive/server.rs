//! The server: accepts connections, HTTP/1 and HTTP/2 alike, and closes those on which nothing goes on.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::body::within;
use super::exchange;
use super::intake::Intake;

const CONNECTIONS_MAX: usize = 256;
/// So many calls of gRPC are under way on one connection.
const STREAMS_MAX: u32 = 64;
const HEADERS_TIME: Duration = Duration::from_secs(10);
const HEADER_BYTES_MAX: u32 = 16 << 10;
/// A connection on which nothing has gone on for one such time, from its beginning to its end, is closed.
const IDLE: Duration = Duration::from_secs(60);
/// So long may it take to answer what is under way when a connection is closed.
const GRACE: Duration = Duration::from_secs(1);
/// Where no connection can be accepted, as there are no more files to be had, it is tried again after this.
const RETRY: Duration = Duration::from_millis(100);

/// Serves until it is stopped.
pub(super) async fn serve(listeners: Vec<TcpListener>, intake: Arc<Intake>, stop: watch::Receiver<bool>) {
    let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut doors = JoinSet::new();
    for listener in listeners {
        doors.spawn(accept(listener, Arc::clone(&intake), stop.clone(), Arc::clone(&free)));
    }
    while doors.join_next().await.is_some() {}
}

/// Accepts connections until it is stopped.
async fn accept(listener: TcpListener, intake: Arc<Intake>, mut stop: watch::Receiver<bool>, free: Arc<Semaphore>) {
    let mut connections = JoinSet::new();
    loop {
        let of_connection = stop.clone();
        let accepted = async {
            let place = Arc::clone(&free).acquire_owned().await;
            (listener.accept().await, place)
        };
        tokio::select! {
            _ = stopped(&mut stop) => break,
            (accepted, place) = accepted => match accepted {
                Ok((stream, _)) => {
                    let intake = Arc::clone(&intake);
                    connections.spawn(async move {
                        connection(stream, intake, of_connection).await;
                        drop(place);
                    });
                }
                Err(_) => {
                    within(RETRY, std::future::pending::<()>()).await;
                }
            },
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    within(2 * GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

/// Waits until it is to stop, or nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What goes on on a connection.
#[derive(Default)]
struct Activity {
    begun: AtomicU64,
    under_way: AtomicUsize,
}

async fn connection(stream: TcpStream, intake: Arc<Intake>, mut stop: watch::Receiver<bool>) {
    // Answers are short, and waited for.
    let _ = stream.set_nodelay(true);
    let is_by_loopback = stream.local_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback());
    let activity = Arc::new(Activity::default());
    let of_requests = Arc::clone(&activity);
    let service = service_fn(move |request| {
        let (intake, activity) = (Arc::clone(&intake), Arc::clone(&of_requests));
        async move {
            activity.begun.fetch_add(1, Ordering::Relaxed);
            activity.under_way.fetch_add(1, Ordering::Relaxed);
            let answer = exchange::answer(request, is_by_loopback, &intake).await;
            activity.under_way.fetch_sub(1, Ordering::Relaxed);
            Ok::<_, Infallible>(answer)
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIME)
        .max_buf_size(4 * HEADER_BYTES_MAX as usize);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS_MAX).max_header_list_size(HEADER_BYTES_MAX);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut begun = 0;
    loop {
        tokio::select! {
            ended = within(IDLE, connection.as_mut()) => {
                // What a client does wrong is its own affair, and ends its connection.
                if ended.is_some() {
                    return;
                }
                let before = std::mem::replace(&mut begun, activity.begun.load(Ordering::Relaxed));
                if before == begun && activity.under_way.load(Ordering::Relaxed) == 0 {
                    break;
                }
            }
            _ = stopped(&mut stop) => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    within(GRACE, connection).await;
}
