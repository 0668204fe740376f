//! The service with scripted answers to the meta-LLM's questions: each takes one millisecond and is the first label.
//!
//! So a decision's time is set, and with it how many decisions a limit in flight allows a second: what
//! overload does can then be told from what the machine does. It takes the settings of `fastroute-server` and
//! serves until its standard input ends.
//!
//! ```text
//! scripted --config meta.json --max-in-flight 16 --listen 127.0.0.1:0 --http none --admin none
//! ```

use std::{error::Error, io, sync::Arc, time::Duration};

use fastroute_core::Question;
use fastroute_server::{Answerer, Answering, CallContext, Hosts, Server, Settings};

/// What a small model would take, were it this fast.
const THINKS: Duration = Duration::from_millis(1);

struct Scripted;

impl Answerer for Scripted {
    fn answer<'a>(&'a self, question: &'a Question, _: &'a CallContext) -> Answering<'a> {
        Box::pin(async move {
            tokio::time::sleep(THINKS).await;
            question.labels.first().cloned()
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::parse_from(std::env::args_os())?;
    let hosts = Hosts {
        answerer: Arc::new(Scripted),
    };
    let server = Server::start(&settings, hosts)?;
    println!("{}", server.line());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    server.stop(Some(Duration::ZERO))?;
    Ok(())
}
