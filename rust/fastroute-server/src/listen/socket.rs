//! Listeners and the streams that they accept: TCP or Unix domain sockets.
//!
//! A Unix socket is made with mode 0660, so its directory and group say who reaches it. A socket
//! that a dead process left behind is replaced; one that answers, and a file that is no socket, are
//! not. The file is removed when the listener ends, unless another has taken its place meanwhile.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::server::TlsStream;

use crate::settings::Address;

/// Who may open a Unix socket: the user and the group of the server.
const SOCKET_MODE: u32 = 0o660;

/// An open listener.
#[derive(Debug)]
pub struct Listener(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpListener),
    Unix {
        listener: UnixListener,
        file: SocketFile,
    },
}

/// A Unix socket's file, told from a later one at the same path by its number.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    inode: u64,
}

impl Listener {
    pub(crate) async fn bind(address: &Address) -> io::Result<Self> {
        match address {
            Address::None => Err(io::Error::new(
                io::ErrorKind::AddrNotAvailable,
                "`none` is no address",
            )),
            Address::Tcp(address) => Ok(Self(Kind::Tcp(TcpListener::bind(address).await?))),
            Address::Unix(path) => Self::bind_unix(path),
        }
    }

    fn bind_unix(path: &Path) -> io::Result<Self> {
        if let Ok(metadata) = fs::symlink_metadata(path) {
            let taken = |what: &str| Err(io::Error::new(io::ErrorKind::AddrInUse, what));
            if !metadata.file_type().is_socket() {
                return taken("a file that is no socket is there");
            }
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return taken("another process serves it");
            }
            fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(SOCKET_MODE))?;
        let file = SocketFile {
            path: path.to_owned(),
            inode: fs::symlink_metadata(path)?.ino(),
        };
        Ok(Self(Kind::Unix { listener, file }))
    }

    /// Returns where it listens, with the port that the system chose: `127.0.0.1:50051` or `unix:/path`.
    #[must_use]
    pub fn address(&self) -> String {
        match &self.0 {
            Kind::Tcp(listener) => match listener.local_addr() {
                Ok(address) => address.to_string(),
                Err(_) => String::new(),
            },
            Kind::Unix { file, .. } => format!("unix:{}", file.path.display()),
        }
    }

    pub(crate) async fn accept(&mut self) -> io::Result<Stream> {
        match &self.0 {
            Kind::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Without it, a small answer may wait for the peer's acknowledgement of the last.
                let _ = stream.set_nodelay(true);
                Ok(Stream::Tcp(stream))
            }
            Kind::Unix { listener, .. } => Ok(Stream::Unix(listener.accept().await?.0)),
        }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|there| there.ino() == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// An accepted stream.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

macro_rules! each {
    ($stream:expr, $inner:ident => $run:expr) => {
        match $stream.get_mut() {
            Stream::Tcp($inner) => $run,
            Stream::Tls($inner) => $run,
            Stream::Unix($inner) => $run,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_shutdown(context))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(inner) => inner.is_write_vectored(),
            Self::Tls(inner) => inner.is_write_vectored(),
            Self::Unix(inner) => inner.is_write_vectored(),
        }
    }
}
