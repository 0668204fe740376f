//! The settings of one server: one command line for the binary, the wheel and the container.
//!
//! Each flag has an environment variable, `FASTROUTE_` and its name, for hosts that prefer those.
//! Defaults are limits of an edge that anybody may reach: they are stated here and nowhere else.
//! What cannot be served safely is refused before a socket is opened, see [`Settings::check`].

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Parser;
use clap::builder::BoolishValueParser;

/// Serves decisions over gRPC and HTTP.
///
/// Prints one line when it serves, and logs JSON lines to the standard error. SIGHUP reads the
/// configuration again; SIGTERM and Ctrl-C finish the calls in flight and end with code 0.
#[derive(Clone, Debug, Parser)]
#[command(name = "fastroute", version, max_term_width = 100)]
pub struct Settings {
    /// Configuration: YAML, TOML or JSON, told apart by its ending; the embedded default when absent.
    #[arg(short, long, value_name = "FILE", env = "FASTROUTE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where gRPC listens: HOST:PORT or unix:/PATH; may be given more than once.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FASTROUTE_LISTEN",
        value_delimiter = ',',
        default_value = "127.0.0.1:50051"
    )]
    pub listen: Vec<Address>,
    /// Where HTTP listens; `none` turns it off.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FASTROUTE_HTTP",
        default_value = "127.0.0.1:8080"
    )]
    pub http: Address,
    /// Where the admin service listens; `none` turns it off.
    #[arg(
        long,
        value_name = "ADDR",
        env = "FASTROUTE_ADMIN",
        default_value = "127.0.0.1:50052"
    )]
    pub admin: Address,
    /// Callers: their tokens or certificates, roles and rates. Without it anybody who connects may do everything.
    #[arg(long, value_name = "FILE", env = "FASTROUTE_CALLERS")]
    pub callers: Option<PathBuf>,
    /// Listens beyond this machine although nobody has to say who they are.
    #[arg(long, env = "FASTROUTE_ALLOW_UNAUTHENTICATED", value_parser = BoolishValueParser::new())]
    pub allow_unauthenticated: bool,
    /// Certificate chain in PEM, read again when it changes; TLS on every TCP listener.
    #[arg(
        long,
        value_name = "FILE",
        env = "FASTROUTE_TLS_CERT",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,
    /// Private key in PEM.
    #[arg(
        long,
        value_name = "FILE",
        env = "FASTROUTE_TLS_KEY",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,
    /// Authorities in PEM whose client certificates are accepted; then every client needs one. Without callers it may decide only.
    #[arg(
        long,
        value_name = "FILE",
        env = "FASTROUTE_TLS_CLIENT_CA",
        requires = "tls_cert"
    )]
    pub tls_client_ca: Option<PathBuf>,
    /// Keeps the last good configuration and the revisions here; in memory only when absent.
    #[arg(long, value_name = "DIR", env = "FASTROUTE_STATE_DIR")]
    pub state_dir: Option<PathBuf>,
    /// Revisions to keep for going back.
    #[arg(long, value_name = "COUNT", env = "FASTROUTE_KEEP_REVISIONS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub keep_revisions: u32,
    /// Does not fall back to the last good configuration when the file is refused at the start.
    #[arg(long, env = "FASTROUTE_REQUIRE_CONFIG", value_parser = BoolishValueParser::new())]
    pub require_config: bool,
    /// Does not read the configuration again when its file changes.
    #[arg(long, env = "FASTROUTE_NO_WATCH", value_parser = BoolishValueParser::new())]
    pub no_watch: bool,
    /// Refuses a configuration that lacks more than this share of the routes, rules or models that serve; one of a kind may always go, unless it is 0.
    #[arg(long, value_name = "SHARE", env = "FASTROUTE_MAX_REMOVED", default_value = "0.5", value_parser = share)]
    pub max_removed: f64,
    /// Largest message, in bytes.
    #[arg(long, value_name = "BYTES", env = "FASTROUTE_MAX_MESSAGE_BYTES", default_value_t = 4 << 20, value_parser = clap::value_parser!(u32).range(1024..=64 << 20))]
    pub max_message_bytes: u32,
    /// Connections at once over all listeners; more are closed at once.
    #[arg(long, value_name = "COUNT", env = "FASTROUTE_MAX_CONNECTIONS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,
    /// Calls at once on one connection.
    #[arg(long, value_name = "COUNT", env = "FASTROUTE_MAX_STREAMS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_streams: u32,
    /// Requests that are decided at once; more are refused with OVERLOADED.
    #[arg(long, value_name = "COUNT", env = "FASTROUTE_MAX_IN_FLIGHT", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_in_flight: u32,
    /// Age at which a connection is asked to go, give or take a tenth, so that load spreads over new replicas.
    #[arg(long, value_name = "TIME", env = "FASTROUTE_MAX_CONNECTION_AGE", default_value = "1h", value_parser = duration)]
    pub max_connection_age: Duration,
    /// Time without a call after which a connection is closed.
    #[arg(long, value_name = "TIME", env = "FASTROUTE_MAX_CONNECTION_IDLE", default_value = "10m", value_parser = duration)]
    pub max_connection_idle: Duration,
    /// Time after which a silent peer is pinged.
    #[arg(long, value_name = "TIME", env = "FASTROUTE_KEEPALIVE_INTERVAL", default_value = "1m", value_parser = duration)]
    pub keepalive_interval: Duration,
    /// Time within which a pinged peer must answer.
    #[arg(long, value_name = "TIME", env = "FASTROUTE_KEEPALIVE_TIMEOUT", default_value = "20s", value_parser = duration)]
    pub keepalive_timeout: Duration,
    /// Time for a TLS handshake, and for a peer to open its protocol; HTTP/1 has it for each head of a request too.
    #[arg(long, value_name = "TIME", env = "FASTROUTE_HANDSHAKE_TIMEOUT", default_value = "5s", value_parser = duration)]
    pub handshake_timeout: Duration,
    /// Time for a request's message to arrive, from its head to its last byte.
    #[arg(long, value_name = "TIME", env = "FASTROUTE_READ_TIMEOUT", default_value = "10s", value_parser = duration)]
    pub read_timeout: Duration,
    /// Time for calls in flight to end when the server stops.
    #[arg(long, value_name = "TIME", env = "FASTROUTE_DRAIN", default_value = "30s", value_parser = duration)]
    pub drain: Duration,
    /// Time between telling health checks and turning calls away when the server stops, for balancers to look elsewhere.
    #[arg(long, value_name = "TIME", env = "FASTROUTE_DRAIN_DELAY", default_value = "0s", value_parser = delay)]
    pub drain_delay: Duration,
    /// Accepts gzip from gRPC clients and answers in it; off, because it costs more than it saves on a local network.
    #[arg(long, env = "FASTROUTE_ACCEPT_GZIP", value_parser = BoolishValueParser::new())]
    pub accept_gzip: bool,
    /// 32 bytes that replicas share, so that each accepts reports on decisions of the others; random when absent.
    #[arg(long, value_name = "FILE", env = "FASTROUTE_REPORT_KEY_FILE")]
    pub report_key_file: Option<PathBuf>,
    /// Asks no model: questions to the meta-LLM are declined, or sent back to callers that want them.
    #[arg(long, env = "FASTROUTE_NO_ASK", value_parser = BoolishValueParser::new())]
    pub no_ask: bool,
    /// Threads that serve; as many as there are cores when absent.
    #[arg(long, value_name = "COUNT", env = "FASTROUTE_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Least severe level that is logged.
    #[arg(long, value_name = "LEVEL", env = "FASTROUTE_LOG", default_value = "info", value_parser = ["error", "warn", "info", "debug"])]
    pub log: String,
}

/// Where a listener listens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// Nowhere.
    None,
    /// A host, by name or number, and a port; port 0 lets the system choose.
    Tcp(String),
    /// A Unix domain socket.
    Unix(PathBuf),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::None);
        }
        if let Some(path) = text.strip_prefix("unix:") {
            if path.is_empty() {
                return Err("`unix:` needs a path".to_owned());
            }
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        let (host, port) = text
            .rsplit_once(':')
            .ok_or_else(|| format!("`{text}` is no HOST:PORT, unix:/PATH or `none`"))?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(format!("`{text}` is no HOST:PORT, unix:/PATH or `none`"));
        }
        Ok(Self::Tcp(text.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Tcp(text) => f.write_str(text),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Address {
    /// Whether only this machine reaches it: a Unix socket, a loopback number, or `localhost`.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::None | Self::Unix(_) => true,
            Self::Tcp(text) => match text.parse::<SocketAddr>() {
                Ok(address) => address.ip().is_loopback(),
                Err(_) => text
                    .rsplit_once(':')
                    .is_some_and(|(host, _)| host == "localhost"),
            },
        }
    }
}

/// Settings that are not served.
#[derive(Debug)]
pub struct SettingsError(Kind);

#[derive(Debug)]
enum Kind {
    CommandLine(clap::Error),
    Unauthenticated(String),
}

impl SettingsError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::CommandLine(_) => "INVALID_SETTING",
            Kind::Unauthenticated(_) => "UNAUTHENTICATED_LISTENER",
        }
    }

    /// Whether it is what was asked for: the help or the version, for the standard output and code 0.
    #[must_use]
    pub fn is_help(&self) -> bool {
        matches!(&self.0, Kind::CommandLine(error) if !error.use_stderr())
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::CommandLine(error) => write!(f, "{}", error.render()),
            Kind::Unauthenticated(address) => write!(
                f,
                "`{address}` is reached from beyond this machine and nobody has to say who they are; give --callers or \
                 --tls-client-ca, or say --allow-unauthenticated"
            ),
        }
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Reads a command line, the name of the program first, and the environment; checks it.
    ///
    /// # Errors
    ///
    /// Flags that are unknown or out of range, a request for help, and what [`check`](Self::check) refuses.
    pub fn parse_from<I, T>(arguments: I) -> Result<Self, SettingsError>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let settings = Self::try_parse_from(arguments)
            .map_err(|error| SettingsError(Kind::CommandLine(error)))?;
        settings.check()?;
        Ok(settings)
    }

    /// Refuses what cannot be served safely: a listener beyond this machine without authentication.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED_LISTENER`.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.allow_unauthenticated || self.callers.is_some() || self.tls_client_ca.is_some() {
            return Ok(());
        }
        let mut addresses = self.listen.iter().chain([&self.http, &self.admin]);
        match addresses.find(|address| !address.is_local()) {
            Some(address) => Err(SettingsError(Kind::Unauthenticated(address.to_string()))),
            None => Ok(()),
        }
    }
}

impl Default for Settings {
    /// The defaults of the command line, and what the environment says.
    fn default() -> Self {
        Self::parse_from(["fastroute"]).unwrap_or_else(|error| panic!("{error}"))
    }
}

fn delay(text: &str) -> Result<Duration, String> {
    let parsed = fastroute_core::config::Duration::parse(text)?;
    Ok(Duration::from_micros(parsed.as_micros()))
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = delay(text)?;
    if duration.is_zero() {
        return Err("must be longer than nothing".to_owned());
    }
    Ok(duration)
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(format!("`{text}` is no share from 0 to 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Settings, SettingsError> {
        Settings::parse_from(["fastroute"].iter().chain(arguments))
    }

    #[test]
    fn the_defaults_stay_on_this_machine() {
        let settings = parse(&[]).expect("defaults that hold");
        assert!(settings.listen.iter().all(Address::is_local));
        assert!(settings.http.is_local() && settings.admin.is_local());
    }

    #[test]
    fn a_listener_of_the_network_needs_authentication_or_the_one_flag() {
        for flag in ["--listen", "--http", "--admin"] {
            let refused = parse(&[flag, "0.0.0.0:0"]).expect_err("nobody is authenticated");
            assert_eq!(refused.code(), "UNAUTHENTICATED_LISTENER", "{flag}");
            parse(&[flag, "0.0.0.0:0", "--allow-unauthenticated"]).expect("the flag says so");
            parse(&[flag, "[::]:0", "--callers", "callers.yaml"]).expect("callers are named");
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused_with_its_name() {
        for (flag, value) in [
            ("--max-in-flight", "0"),
            ("--max-removed", "1.5"),
            ("--drain", "0s"),
            ("--drain", "soon"),
            ("--listen", "50051"),
            ("--log", "loud"),
        ] {
            let refused = parse(&[flag, value]).expect_err(flag);
            assert_eq!(refused.code(), "INVALID_SETTING");
            assert!(refused.to_string().contains(flag), "{refused}");
        }
        assert!(
            parse(&["--help"])
                .expect_err("help is no settings")
                .is_help()
        );
    }
}
