//! The server: accepts connections, HTTP/1 and HTTP/2 alike, and closes those on which nothing goes on.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::body::within;
use super::exchange;
use super::intake::Intake;
use crate::sync::lock;

const CONNECTIONS_MAX: usize = 256;
/// So many calls of gRPC are under way on one connection.
const STREAMS_MAX: u32 = 64;
const HEADERS_TIME: Duration = Duration::from_secs(10);
const HEADER_BYTES_MAX: u32 = 16 << 10;
/// A connection on which nothing has gone on for one such time, from its beginning to its end, is closed.
const IDLE: Duration = Duration::from_secs(60);
/// So long may it take to answer what is under way when a connection is closed.
const GRACE: Duration = Duration::from_secs(1);
/// Where all connections are taken and another one comes, one is closed on which nothing is under way and nothing has come for so long.
const AT_REST: Duration = Duration::from_millis(250);
/// If there is none, one from which nothing has come for so long, whatever is under way.
const STALLED: Duration = Duration::from_secs(3);
/// Where no connection can be accepted, as there are no more files to be had, it is tried again after this.
const RETRY: Duration = Duration::from_millis(100);

/// Serves until it is stopped.
pub(super) async fn serve(listeners: Vec<TcpListener>, intake: Arc<Intake>, stop: watch::Receiver<bool>) {
    let places = Arc::new(Places { free: Arc::new(Semaphore::new(CONNECTIONS_MAX)), taken: Mutex::default() });
    let mut doors = JoinSet::new();
    for listener in listeners {
        doors.spawn(accept(listener, Arc::clone(&intake), stop.clone(), Arc::clone(&places)));
    }
    while doors.join_next().await.is_some() {}
}

/// Accepts connections until it is stopped.
async fn accept(listener: TcpListener, intake: Arc<Intake>, mut stop: watch::Receiver<bool>, places: Arc<Places>) {
    let mut connections = JoinSet::new();
    loop {
        let of_connection = stop.clone();
        let accepted = async {
            let (stream, _) = listener.accept().await?;
            Ok::<_, std::io::Error>((stream, places.one().await))
        };
        tokio::select! {
            _ = stopped(&mut stop) => break,
            accepted = accepted => match accepted {
                Ok((stream, place)) => {
                    let (intake, activity) = (Arc::clone(&intake), places.taken_by());
                    connections.spawn(async move {
                        connection(stream, intake, activity, of_connection).await;
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

/// The places for connections, and who has them.
struct Places {
    free: Arc<Semaphore>,
    taken: Mutex<Vec<Weak<Activity>>>,
}

impl Places {
    /// A place for a connection. Where all are taken, who does least gives his up: clients that stall keep no others waiting for long.
    async fn one(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
                return Some(place);
            }
            self.free_one();
            if let Some(place) = within(RETRY, Arc::clone(&self.free).acquire_owned()).await {
                // It is never closed.
                return place.ok();
            }
        }
    }

    /// Notes a connection that has a place.
    fn taken_by(&self) -> Arc<Activity> {
        let activity = Arc::new(Activity::new());
        let mut taken = lock(&self.taken);
        taken.retain(|other| other.strong_count() > 0);
        taken.push(Arc::downgrade(&activity));
        activity
    }

    /// Asks the connection to go from which nothing has come for longest.
    fn free_one(&self) {
        let all: Vec<Arc<Activity>> = lock(&self.taken).iter().filter_map(Weak::upgrade).collect();
        let is_at_rest = |activity: &&Arc<Activity>| activity.under_way.load(Ordering::Relaxed) == 0;
        let at_rest = all.iter().filter(is_at_rest).max_by_key(|activity| activity.silence());
        let at_rest = at_rest.filter(|activity| activity.silence() >= AT_REST);
        let stalled = || all.iter().max_by_key(|activity| activity.silence());
        if let Some(activity) = at_rest.or_else(|| stalled().filter(|activity| activity.silence() >= STALLED)) {
            activity.go.notify_one();
        }
    }
}

/// Waits until it is to stop, or nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What goes on on a connection.
struct Activity {
    begun: AtomicU64,
    under_way: AtomicUsize,
    /// When something came last.
    heard: Mutex<Instant>,
    /// Told when its place is needed.
    go: Notify,
}

impl Activity {
    fn new() -> Self {
        Self {
            begun: AtomicU64::default(),
            under_way: AtomicUsize::default(),
            heard: Mutex::new(Instant::now()),
            go: Notify::new(),
        }
    }

    /// For how long nothing has come.
    fn silence(&self) -> Duration {
        lock(&self.heard).elapsed()
    }
}

/// A stream that notes when something comes.
struct Heard {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl AsyncRead for Heard {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            *lock(&self.activity.heard) = Instant::now();
        }
        read
    }
}

impl AsyncWrite for Heard {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

async fn connection(stream: TcpStream, intake: Arc<Intake>, activity: Arc<Activity>, mut stop: watch::Receiver<bool>) {
    // Answers are short, and waited for.
    let _ = stream.set_nodelay(true);
    let is_by_loopback = stream.local_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback());
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
    let heard = Heard { stream, activity: Arc::clone(&activity) };
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIME)
        .max_buf_size(4 * HEADER_BYTES_MAX as usize);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS_MAX).max_header_list_size(HEADER_BYTES_MAX);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(heard), service));
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
            // Whoever comes next is not to wait for it.
            () = activity.go.notified() => return,
        }
    }
    connection.as_mut().graceful_shutdown();
    within(GRACE, connection).await;
}
