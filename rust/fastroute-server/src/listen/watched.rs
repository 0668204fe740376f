//! A stream that tells its connection when the peer has greeted, and ends when the peer floods.
//!
//! The greeting of HTTP/2 is a preface of 24 bytes and a SETTINGS frame of at least 9. A request of HTTP/1 may
//! be shorter, but then a call begins, which is a greeting too. Counting costs a comparison for each read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::Connection;
use super::frames::Frames;
use super::gathered::Gathered;
use super::socket::Stream;

/// Bytes of the shortest greeting of HTTP/2.
const GREETING: usize = 24 + 9;

pub(crate) struct Watched {
    stream: Gathered<Stream>,
    connection: Arc<Connection>,
    missing: usize,
    frames: Frames,
}

impl Watched {
    pub fn new(stream: Stream, connection: Arc<Connection>) -> Self {
        Self {
            stream: Gathered::new(stream),
            connection,
            missing: GREETING,
            frames: Frames::new(Instant::now()),
        }
    }

    /// Notes what was written.
    fn note(&mut self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(bytes)) = written {
            self.frames.sent(*bytes);
            if self.connection.is_leaving() {
                self.connection.moved(false);
            }
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let poll = Pin::new(&mut this.stream).poll_read(context, buffer);
        let read = buffer.filled().get(before..).unwrap_or_default();
        if this.missing > 0 {
            this.missing = this.missing.saturating_sub(read.len());
            if this.missing == 0 {
                this.connection.greeted();
            }
        }
        if !read.is_empty() && this.connection.is_leaving() {
            this.connection.moved(true);
        }
        if !this.frames.take(read) {
            this.connection.edge.closed("flood");
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        poll
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.note(&poll);
        poll
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.connection.is_leaving() {
            // Answers go ahead of the farewell: some clients take one that comes with it for a failure of their next call.
            this.stream.hurry();
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.note(&poll);
        poll
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
