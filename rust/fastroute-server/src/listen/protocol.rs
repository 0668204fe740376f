//! The limits of HTTP/1 and HTTP/2 that a peer meets, whoever it is.
//!
//! Windows and streams are those that Envoy recommends for an edge; the rest are what h2 has found
//! to stop known attacks: pending resets (rapid reset), header lists (header and continuation
//! floods), errors of the peer's that we answer with a reset, and bytes that wait to be sent (slow
//! readers). They bound what one connection can hold to a few MiB in the worst case.

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use crate::settings::Settings;

/// Bytes that a peer may send on one stream before we have read them.
pub const STREAM_WINDOW: u32 = 64 << 10;
/// Bytes that a peer may send on one connection before we have read them.
pub const CONNECTION_WINDOW: u32 = 1 << 20;
/// Bytes of headers of one request, after decompression, as HTTP/2 counts them.
pub const MAX_HEADER_BYTES: u32 = 16 << 10;
/// Headers of one request of HTTP/1.
pub const MAX_HEADERS: usize = 64;
/// Bytes that HTTP/1 buffers for one connection.
const MAX_BUFFER: usize = 64 << 10;
/// Streams that a peer reset before we took them; more end the connection.
pub const MAX_PENDING_RESETS: usize = 20;
/// Streams that we reset for errors of the peer's; more end the connection.
pub const MAX_ERROR_RESETS: usize = 256;
/// Bytes of one stream's answer that wait to be sent.
const MAX_SEND_BUFFER: usize = 256 << 10;

/// Makes the protocol of the doors that speak gRPC: HTTP/2 only.
pub(crate) fn rpc(settings: &Settings) -> Builder<TokioExecutor> {
    builder(settings).http2_only()
}

/// Makes the protocol of the HTTP door: both versions, told apart by the preface.
pub(crate) fn web(settings: &Settings) -> Builder<TokioExecutor> {
    builder(settings)
}

fn builder(settings: &Settings) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http2()
        .timer(TokioTimer::new())
        .adaptive_window(false)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(settings.max_streams)
        .max_header_list_size(MAX_HEADER_BYTES)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(MAX_ERROR_RESETS)
        .max_send_buf_size(MAX_SEND_BUFFER)
        .keep_alive_interval(settings.keepalive_interval)
        .keep_alive_timeout(settings.keepalive_timeout);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.handshake_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER)
        .half_close(false);
    builder
}
