//! The instrument: a motor and a counter behind a TCP port of this computer. In a laboratory this is a box with a cable.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// What it does once in place of an answer to `count`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Misdeed {
    /// It says nothing.
    Silence,
    /// It closes the connection.
    HangUp,
    /// It answers something else.
    Nonsense,
}

/// How far the motor may go.
const LIMIT: f64 = 1e6;
/// How far it goes from one question to the next. A real one would go by the time; this one needs no clock.
const STEP: f64 = 0.5;

#[derive(Debug, Default)]
struct State {
    position: f64,
    target: f64,
    misdeed: Option<Misdeed>,
}

impl State {
    /// The answer to a request; nothing where it hangs up, an empty text where it says nothing.
    fn answer(&mut self, request: &str) -> Option<String> {
        let mut words = request.split(' ');
        match (words.next(), words.next().map(str::parse::<f64>)) {
            (Some("where"), None) => {
                self.position += (self.target - self.position).clamp(-STEP, STEP);
            }
            (Some("move"), Some(Ok(target))) if target.abs() <= LIMIT => self.target = target,
            (Some("move"), Some(Ok(target))) => {
                return Some(format!("error {target} is beyond the end switch at {LIMIT}\n"));
            }
            (Some("stop"), None) => self.target = self.position,
            (Some("count"), None) => {
                return match self.misdeed.take() {
                    None => Some(format!("counts {}\n", 1000 - 10 * self.position.abs().round() as i64)),
                    Some(Misdeed::Silence) => Some(String::new()),
                    Some(Misdeed::HangUp) => None,
                    Some(Misdeed::Nonsense) => Some("counts many\n".to_owned()),
                };
            }
            _ => return Some(format!("error expected a request, found {request:?}\n")),
        }
        let motion = if self.position == self.target { "still" } else { "moving" };
        Some(format!("at {} {motion}\n", self.position))
    }
}

/// The instrument, as long as this lives.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    is_off: Arc<AtomicBool>,
    /// Those who have called.
    callers: Arc<Mutex<Vec<TcpStream>>>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Switches it on, at a free port.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (state, is_off) = (Arc::<Mutex<State>>::default(), Arc::<AtomicBool>::default());
        let callers = Arc::<Mutex<Vec<TcpStream>>>::default();
        let (shared, told, calling) = (Arc::clone(&state), Arc::clone(&is_off), Arc::clone(&callers));
        let listening = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if told.load(Ordering::Relaxed) {
                    return;
                }
                calling.lock().unwrap_or_else(PoisonError::into_inner).extend(stream.try_clone());
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &state));
            }
        });
        Ok(Self { address, state, is_off, callers, listening: Some(listening) })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes it do that in place of its next answer to `count`.
    pub(crate) fn misbehave(&self, misdeed: Misdeed) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).misdeed = Some(misdeed);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_off.store(true, Ordering::Relaxed);
        // It looks at that when somebody calls.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
        for caller in self.callers.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // One that has hung up already is gone all the same.
            let _ = caller.shutdown(Shutdown::Both);
        }
    }
}

/// Answers one caller, until one of the two hangs up.
fn serve(stream: TcpStream, state: &Mutex<State>) {
    let Ok(mut answers) = stream.try_clone() else { return };
    for request in BufReader::new(stream).lines().map_while(Result::ok) {
        let answer = state.lock().unwrap_or_else(PoisonError::into_inner).answer(&request);
        let said = answer.map(|answer| answers.write_all(answer.as_bytes()));
        if !matches!(said, Some(Ok(()))) {
            break;
        }
    }
    let _ = answers.shutdown(Shutdown::Both);
}
