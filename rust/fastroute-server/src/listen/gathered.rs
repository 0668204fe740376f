//! A stream that gathers small writes, so that answers that are ready together leave together.
//!
//! Every answer of HTTP/2 is flushed twice, its head and then its message with the trailers, and each by
//! itself, because an answer's task wakes the connection's task at once. On a busy connection those system calls are
//! a third of all that a decision costs. So a flush is put off once: the connection's task wakes itself, which puts it behind
//! the tasks that are ready now, and what those have written by its next turn goes out in one call. A connection that
//! has nothing else to do takes that turn at once, so a single answer leaves no later, and in one piece.
//!
//! What is gathered is bounded; beyond that, writes wait for the peer as they would without this.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are gathered at most.
const MOST: usize = 32 << 10;

/// Bytes of an emptied buffer that is kept for the next writes; idle connections hold no more.
const KEPT: usize = 4 << 10;

pub(crate) struct Gathered<S> {
    stream: S,
    gathered: Vec<u8>,
    sent: usize,
    is_put_off: bool,
}

impl<S> Gathered<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            gathered: Vec::new(),
            sent: 0,
            is_put_off: false,
        }
    }
}

impl<S: AsyncWrite + Unpin> Gathered<S> {
    /// Has the next flush send at once.
    pub fn hurry(&mut self) {
        self.is_put_off = true;
    }

    /// Sends what was gathered.
    fn send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self
            .gathered
            .get(self.sent..)
            .filter(|rest| !rest.is_empty())
        {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(context, rest))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += sent;
        }
        self.sent = 0;
        self.is_put_off = false;
        if self.gathered.capacity() > KEPT {
            self.gathered = Vec::new();
        } else {
            self.gathered.clear();
        }
        Poll::Ready(Ok(()))
    }

    /// Makes room for at least one byte, and returns for how many.
    fn room(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.gathered.len() >= MOST {
            ready!(self.send(context))?;
        }
        Poll::Ready(Ok(MOST - self.gathered.len()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let room = ready!(this.room(context))?;
        let mut left = room;
        for slice in slices {
            let taken = slice.len().min(left);
            this.gathered.extend_from_slice(&slice[..taken]);
            left -= taken;
        }
        Poll::Ready(Ok(room - left))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.gathered.is_empty() {
            return Pin::new(&mut this.stream).poll_flush(context);
        }
        if !this.is_put_off {
            // The protocol flushes whenever its task is polled, so this is called again.
            this.is_put_off = true;
            context.waker().wake_by_ref();
            return Poll::Ready(Ok(()));
        }
        ready!(this.send(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.send(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn what_is_flushed_once_is_gathered_and_what_is_flushed_twice_is_sent() {
        let (near, mut far) = duplex(1 << 20);
        let mut gathered = Gathered::new(near);
        for part in ["head ", "message ", "trailers"] {
            gathered.write_all(part.as_bytes()).await.expect("room");
        }
        let mut buffer = [0; 64];
        gathered.flush().await.expect("put off");
        let early = poll_fn(|context| Poll::Ready(pin!(far.read(&mut buffer)).poll(context))).await;
        assert!(early.is_pending());
        gathered.flush().await.expect("sent");
        let count = far.read(&mut buffer).await.expect("bytes");
        assert_eq!(&buffer[..count], b"head message trailers");
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_stops_the_writer_and_gets_everything_in_order() {
        let (near, mut far) = duplex(1000);
        let sent: Vec<u8> = (0..300_000_u32).map(|number| number as u8).collect();
        let mut gathered = Gathered::new(near);
        let expected = sent.clone();
        let writing = async move {
            gathered.write_all(&sent).await.expect("written");
            gathered.shutdown().await.expect("sent");
        };
        let mut received = Vec::new();
        let reading = far.read_to_end(&mut received);
        let (read, ()) = tokio::join!(reading, writing);
        assert_eq!(read.expect("read"), expected.len());
        assert!(received == expected, "the order changed");
    }

    #[tokio::test]
    async fn no_more_than_the_bound_is_gathered() {
        let (near, _far) = duplex(1);
        let mut gathered = Gathered::new(near);
        let whole = vec![0; 2 * MOST];
        assert_eq!(gathered.write(&whole).await.expect("room"), MOST);
        let blocked = poll_fn(|context| {
            Poll::Ready(
                Pin::new(&mut gathered)
                    .poll_write(context, &whole)
                    .is_pending(),
            )
        });
        assert!(blocked.await);
    }
}
