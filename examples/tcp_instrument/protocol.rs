//! What is said over the line: a request, and its answer, each a line of text. And [`Link`], which asks.
//!
//! | request | answer |
//! |---|---|
//! | `where` | `at 1.5 moving`, or `at 2 still` |
//! | `move 2` | the same, at its beginning |
//! | `stop` | the same, when it stands |
//! | `count` | `counts 42` |
//! | any | `error TEXT`, where the instrument does not do it |

use std::fmt;
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use skyspan::device::DeviceError;

/// What is asked of the instrument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Request {
    Where,
    Move(f64),
    Stop,
    Count,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Where => f.write_str("where"),
            Self::Move(target) => write!(f, "move {target}"),
            Self::Stop => f.write_str("stop"),
            Self::Count => f.write_str("count"),
        }
    }
}

/// Where the motor is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct At {
    pub(crate) position: f64,
    pub(crate) is_moving: bool,
}

/// What goes wrong between a device and its instrument. It says what was asked, of whom, and what came instead of the
/// answer, for it is read by somebody who stands at a beamline at night.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum InstrumentError {
    #[error("cannot connect to the instrument at {address}: {reason}")]
    Unreachable { address: SocketAddr, reason: String },
    #[error("the instrument at {address} did not answer `{request}` within {timeout:?}")]
    NoAnswer { address: SocketAddr, request: Request, timeout: Duration },
    #[error("the instrument at {address} closed the connection in place of an answer to `{request}`")]
    Closed { address: SocketAddr, request: Request },
    #[error("the instrument at {address} answered `{request}` with {found:?}; expected {expected}")]
    Malformed { address: SocketAddr, request: Request, expected: &'static str, found: String },
    #[error("the instrument at {address} refused `{request}`: {reason}")]
    Refused { address: SocketAddr, request: Request, reason: String },
}

/// As the plan gets it: under the name of Python's exception, by which plans and documents tell errors apart.
impl From<InstrumentError> for DeviceError {
    fn from(error: InstrumentError) -> Self {
        let name = match error {
            InstrumentError::Unreachable { .. } | InstrumentError::Closed { .. } => "ConnectionError",
            InstrumentError::NoAnswer { .. } => "TimeoutError",
            InstrumentError::Malformed { .. } => "ValueError",
            InstrumentError::Refused { .. } => "RuntimeError",
        };
        Self::other(name, error.to_string())
    }
}

/// The line to the instrument. It connects when it is needed; after an error it connects anew, so that an answer that
/// comes too late is not taken for that of the next request.
#[derive(Debug)]
pub(crate) struct Link {
    address: SocketAddr,
    timeout: Duration,
    stream: Option<BufReader<TcpStream>>,
}

impl Link {
    pub(crate) const fn new(address: SocketAddr, timeout: Duration) -> Self {
        Self { address, timeout, stream: None }
    }

    /// Asks for a position: `where`, `move` or `stop`.
    pub(crate) fn ask_position(&mut self, request: Request) -> Result<At, InstrumentError> {
        let answer = self.ask(request)?;
        let words: Vec<&str> = answer.split(' ').collect();
        let at = match *words {
            ["at", position, "moving"] => position.parse().ok().map(|position| At { position, is_moving: true }),
            ["at", position, "still"] => position.parse().ok().map(|position| At { position, is_moving: false }),
            _ => None,
        };
        at.ok_or_else(|| self.malformed(request, "`at POSITION moving` or `at POSITION still`", answer))
    }

    /// Asks for counts.
    pub(crate) fn ask_counts(&mut self) -> Result<u64, InstrumentError> {
        let answer = self.ask(Request::Count)?;
        let counts = answer.strip_prefix("counts ").and_then(|number| number.parse().ok());
        counts.ok_or_else(|| self.malformed(Request::Count, "`counts NUMBER`", answer))
    }

    fn malformed(&mut self, request: Request, expected: &'static str, found: String) -> InstrumentError {
        self.stream = None;
        InstrumentError::Malformed { address: self.address, request, expected, found }
    }

    /// The line that answers a request, without its end.
    fn ask(&mut self, request: Request) -> Result<String, InstrumentError> {
        let address = self.address;
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let mut answer = String::new();
        let asked = writeln!(stream.get_mut(), "{request}").and_then(|()| stream.read_line(&mut answer));
        match asked {
            Ok(_) if answer.ends_with('\n') => {}
            // An end in the midst of a line is an end, too.
            Ok(_) => return Err(InstrumentError::Closed { address, request }),
            // Which of the two it is depends on the operating system.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(InstrumentError::NoAnswer { address, request, timeout: self.timeout });
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                let found = "bytes that are no text".to_owned();
                return Err(InstrumentError::Malformed { address, request, expected: "a line of text", found });
            }
            Err(_) => return Err(InstrumentError::Closed { address, request }),
        }
        self.stream = Some(stream);
        let answer = answer.trim_end();
        match answer.strip_prefix("error ") {
            Some(reason) => Err(InstrumentError::Refused { address, request, reason: reason.to_owned() }),
            None => Ok(answer.to_owned()),
        }
    }

    fn connect(&self) -> Result<BufReader<TcpStream>, InstrumentError> {
        let connected = TcpStream::connect_timeout(&self.address, self.timeout).and_then(|stream| {
            stream.set_read_timeout(Some(self.timeout))?;
            stream.set_write_timeout(Some(self.timeout))?;
            stream.set_nodelay(true)?;
            Ok(BufReader::new(stream))
        });
        connected.map_err(|error| InstrumentError::Unreachable { address: self.address, reason: error.to_string() })
    }
}
