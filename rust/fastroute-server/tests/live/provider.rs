//! A provider on loopback that answers as a test says, or does not.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What it does with a question.
#[derive(Clone)]
pub enum Reply {
    /// Answers with a status, further headers and a body.
    With(u16, &'static str, String),
    /// Says nothing, ever.
    Hang,
    /// Closes in the middle of the body.
    Cut,
}

/// What it was asked.
#[derive(Clone)]
pub struct Heard {
    pub head: String,
    pub body: Value,
}

#[derive(Clone)]
pub struct Provider {
    pub address: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Provider {
    /// Listens, and answers the n-th question by `script`.
    pub async fn start(script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::over(None, script).await
    }

    pub async fn over(
        tls: Option<TlsAcceptor>,
        script: impl Fn(usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(script);
        let all = Arc::clone(&heard);
        let scheme = if tls.is_some() { "https" } else { "http" };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, heard, tls) = (Arc::clone(&script), Arc::clone(&all), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &*script, &heard).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, &*script, &heard).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self {
            address: format!("{scheme}://localhost:{port}/v1"),
            heard,
        }
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("no panic").clone()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    script: &(dyn Fn(usize) -> Reply + Send + Sync),
    heard: &Mutex<Vec<Heard>>,
) -> Option<()> {
    loop {
        let question = read(&mut stream).await?;
        let number = {
            let mut heard = heard.lock().expect("no panic");
            heard.push(question);
            heard.len() - 1
        };
        match script(number) {
            Reply::Hang => std::future::pending::<()>().await,
            Reply::Cut => {
                let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"choices\": [";
                stream.write_all(head.as_bytes()).await.ok()?;
                return None;
            }
            Reply::With(status, headers, body) => {
                let head = format!(
                    "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(head.as_bytes()).await.ok()?;
                stream.write_all(body.as_bytes()).await.ok()?;
                stream.flush().await.ok()?;
            }
        }
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Heard> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length?.trim().parse().ok()?;
    while bytes.len() < end + length {
        stream
            .read_buf(&mut bytes)
            .await
            .ok()
            .filter(|read| *read > 0)?;
    }
    Some(Heard {
        head,
        body: serde_json::from_slice(&bytes[end..]).ok()?,
    })
}
