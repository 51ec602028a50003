//! [`Refusal`]: why a request is not taken, as HTTP and gRPC say it.

use hyper::StatusCode;

/// Why a request is not taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Refusal {
    pub(super) because: Because,
    /// For who looks for the reason in the log of the program.
    pub(super) message: String,
}

/// What sort of reason it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Because {
    /// It is no OTLP.
    Malformed,
    /// It has more bytes than are taken.
    TooLarge,
    /// It is in a form or a compression that is not read.
    MediaType,
    /// There is nothing there.
    NoSuchPath,
    /// There is, but it is asked for in another way.
    Method,
    /// It comes from a page of the web, or by a name that is not this machine's.
    Forbidden,
    /// Its body did not come in time.
    Late,
}

impl Because {
    pub(super) fn says(self, message: impl Into<String>) -> Refusal {
        Refusal { because: self, message: message.into() }
    }

    pub(super) const fn http(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// The number of `google.rpc.Code`.
    pub(super) const fn grpc(self) -> i32 {
        match self {
            Self::Malformed => 3,
            Self::Late => 4,
            Self::Forbidden => 7,
            Self::TooLarge => 8,
            Self::MediaType | Self::NoSuchPath | Self::Method => 12,
        }
    }
}
