//! Connections that many calls share, and one call over them.
//!
//! Calls take the connections in turn, as a client that balances does. A connection has as many
//! streams open as its server allows; a call beyond that waits, and its waiting is counted, because
//! latency runs from the intended time. Flow-control windows are large, so that they never pace.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use h2::client::SendRequest;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version, header};
use tokio::net::TcpStream;
use tonic_types::StatusExt as _;

/// Status of a call that got no gRPC status: the connection or the stream broke.
pub const BROKEN: i32 = -1;

const WINDOW: u32 = 1 << 20;

/// Connections to one server.
pub struct Connections {
    senders: Vec<SendRequest<Bytes>>,
    next: AtomicUsize,
    uri: Uri,
}

/// What came back from one call.
#[derive(Debug)]
pub struct Reply {
    /// gRPC status, or [`BROKEN`].
    pub status: i32,
    /// The message, without its frame; empty when there is none.
    pub message: Bytes,
    /// When the server says to try again.
    pub retry_after: Option<Duration>,
    /// What went wrong, for a person.
    pub error: Option<String>,
}

impl Connections {
    /// Connects `count` times to `address` for calls of `method`, such as `/package.Service/Method`.
    ///
    /// # Errors
    ///
    /// Fails when a connection cannot be made or `method` is no path.
    pub async fn open(address: &str, method: &str, count: usize) -> io::Result<Self> {
        let mut senders = Vec::with_capacity(count);
        for _ in 0..count {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = h2::client::Builder::new()
                .initial_window_size(WINDOW)
                .initial_connection_window_size(WINDOW)
                .enable_push(false)
                .handshake(stream)
                .await
                .map_err(io::Error::other)?;
            // It ends when the server closes; calls on it then fail and are counted.
            tokio::spawn(connection);
            senders.push(sender);
        }
        let uri = format!("http://{address}{method}");
        Ok(Self {
            senders,
            next: AtomicUsize::new(0),
            uri: uri.parse().map_err(io::Error::other)?,
        })
    }

    /// Calls with a framed message, see [`frame`], and waits for the whole reply.
    pub async fn call(&self, framed: Bytes) -> Reply {
        let turn = self.next.fetch_add(1, Relaxed) % self.senders.len();
        match self.exchange(self.senders[turn].clone(), framed).await {
            Ok(reply) => reply,
            Err(error) => Reply {
                status: BROKEN,
                message: Bytes::new(),
                retry_after: None,
                error: Some(error.to_string()),
            },
        }
    }

    async fn exchange(
        &self,
        sender: SendRequest<Bytes>,
        framed: Bytes,
    ) -> Result<Reply, h2::Error> {
        let mut sender = sender.ready().await?;
        let (response, mut stream) = sender.send_request(self.request(), false)?;
        stream.send_data(framed, true)?;
        let (head, mut body) = response.await?.into_parts();
        let mut message = Bytes::new();
        while let Some(chunk) = body.data().await {
            let chunk = chunk?;
            body.flow_control().release_capacity(chunk.len())?;
            message = if message.is_empty() {
                chunk
            } else {
                [&message[..], &chunk[..]].concat().into()
            };
        }
        let trailers = match body.trailers().await? {
            Some(trailers) => trailers,
            // A refusal is one block of headers.
            None => head.headers,
        };
        Ok(reply(&trailers, message))
    }

    fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.version_mut() = Version::HTTP_2;
        let headers = request.headers_mut();
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/grpc"),
        );
        headers.insert(
            header::USER_AGENT,
            HeaderValue::from_static("fastroute-load"),
        );
        request
    }
}

fn reply(trailers: &HeaderMap, message: Bytes) -> Reply {
    const STATUS: HeaderName = HeaderName::from_static("grpc-status");
    if trailers.get(STATUS).is_some_and(|status| status == "0") {
        return Reply {
            status: 0,
            message: message.slice(message.len().min(5)..),
            retry_after: None,
            error: None,
        };
    }
    let status = tonic::Status::from_header_map(trailers);
    Reply {
        status: status
            .as_ref()
            .map_or(BROKEN, |status| status.code() as i32),
        message: Bytes::new(),
        retry_after: status
            .as_ref()
            .and_then(|status| status.get_details_retry_info()?.retry_delay),
        error: Some(status.map_or_else(
            || "no gRPC status".to_owned(),
            |status| status.message().to_owned(),
        )),
    }
}

/// Returns a message in the frame of gRPC: not compressed, its length, itself.
///
/// # Panics
///
/// Panics if it has 4 GiB or more.
#[must_use]
pub fn frame(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).expect("messages of the bench are short"));
    framed.put_slice(message);
    framed.freeze()
}
